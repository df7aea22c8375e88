"""Faults that the tests must notice: a text of the product, what stands in its place, and the tests that must
fail then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`old` stands once in `path`; `tests` are files, of which one fails where `new` stands instead."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


def _fault(name: str, path: str, old: str, new: str, *tests: str) -> Fault:
    return Fault(name, f"services/{path}", old, new, tuple(f"tests/{test}.py" for test in tests))


FAULTS = [
    _fault(
        "an attempt more than is allowed",
        "store/ledger/settling.py", "spent = ticket.attempt >= policy.max_attempts",
        "spent = ticket.attempt > policy.max_attempts",
        "store/test_ledger",
    ),
    _fault(
        "a backoff without its cap",
        "store/ledger/settling.py", "backoff = min(self.cap_s, self.base_s * 2 ** max(0, attempt - 1))",
        "backoff = self.base_s * 2 ** max(0, attempt - 1)",
        "store/test_ledger",
    ),
    _fault(
        "a dead letter for a copy that came late",
        "store/ledger/settling.py", 'letters = [d for d in dead if d["submission_id"] in settled]',
        "letters = dead",
        "store/test_ledger",
    ),
    _fault(
        "an earlier attempt settles a later one",
        "store/sql/submissions_settle.sql",
        "s.attempts = r.attempt AND s.state = 'in_flight'\n    AND s.dispatched_at = r.dispatched_at",
        "s.state = 'in_flight'",
        "store/test_ledger",
    ),
    _fault(
        "a lost URL is tried for ever",
        "store/sql/submissions_stuck.sql",
        "state = CASE WHEN attempts >= %(max_attempts)s THEN 'failed' ELSE 'pending' END",
        "state = 'pending'",
        "store/test_ledger",
    ),
    _fault(
        "a changed article counts as unchanged",
        "store/articles.py", "known[h][1] == m.article.content_hash\n", "known[h][1]\n",
        "store/test_articles",
    ),
    _fault(
        "a copy replaces the original",
        "store/articles.py", "    if canonical == article.canonical_url:\n", "    if canonical:\n",
        "hostile/test_store", "store/test_articles",
    ),
    _fault(
        "a CHECK that is not made",
        "store/migrations/versions/0009_bounds.py", "_SCORE = \"score BETWEEN 0 AND 1\"",
        "_SCORE = \"score IS NOT NULL\"",
        "store/test_migrations", "hostile/test_bounds", "store/test_filled_migrations",
    ),
    _fault(
        "a change is told twice",
        "store/changes.py", "c.seq > %(cursor)s", "c.seq >= %(cursor)s",
        "store/test_changes", "desk/test_api",
    ),
    _fault(
        "a deleted article comes back",
        "store/deletion.py", "    _bar(connection, barred, reason, who)\n", "",
        "store/test_deletion",
    ),
    _fault(
        "addresses inside the network are fetched",
        "net/guard.py", "for address in () if own else addresses:", "for address in ():",
        "ingest/test_ssrf",
    ),
    _fault(
        "any port is fetched",
        "net/guard.py", "if not own and port not in gate.allow_ports:", "if not own and not port:",
        "ingest/test_ssrf",
    ),
    _fault(
        "redirects without end",
        "ingest/fetch/client.py", "return len(seen) <= _MAX_REDIRECTS and not", "return not",
        "ingest/test_wire", "ingest/test_hostile",
    ),
    _fault(
        "an answer that inflates without end",
        "ingest/fetch/inflate.py", "        if len(whole) > most:\n            if cut:",
        "        if False:\n            if cut:",
        "ingest/test_fetch",
    ),
    _fault(
        "robots.txt is not obeyed",
        "ingest/fetch/robots.py", "if rule := rules.forbidding(url):", "if rule := None:",
        "ingest/test_politeness",
    ),
    _fault(
        "a host is asked at any pace",
        "ingest/fetch/politeness.py", "    next = slot + interval\n", "    next = slot\n",
        "ingest/test_politeness",
    ),
    _fault(
        "a zone east instead of west",
        "ingest/dates/zones.py", 'minutes=-total if sign == "-" else total',
        'minutes=total if sign == "-" else -total',
        "ingest/test_dates",
    ),
    _fault(
        "a temporary failure is final",
        "ingest/handler.py", 'ticket, "failed" if again else "retry", error', 'ticket, "failed", error',
        "ingest/test_isolation", "hostile/test_pages",
    ),
    _fault(
        "a result is acknowledged that the broker did not take",
        "ingest/batcher.py", "                future.set_exception(error)\n",
        "                future.set_result(None)\n",
        "ingest/test_batcher",
    ),
    _fault(
        "an item that cannot be encoded is dropped",
        "runtime/publish.py", "for kind in (UrlSettled, SourcePolled):", "for kind in ():",
        "runtime/test_received",
    ),
    _fault(
        "a message from before a lost connection is acknowledged",
        "runtime/redis_transport.py",
        "        if self.channel.connection is not None:\n            super().ack(delivery_tag)",
        "        super().ack(delivery_tag)",
        "runtime/test_redis_transport",
    ),
    _fault(
        "the desk is open under any name",
        "desk/access.py", "    named = name in _LOCAL_NAMES or name in settings.hosts\n",
        "    named = True\n",
        "desk/test_access", "desk/test_proxies",
    ),
    _fault(
        "another site's page may submit",
        "desk/access.py", "    if foreign or (kind and", "    if (kind and",
        "desk/test_access",
    ),
    _fault(
        "a token may do anything",
        "desk/access.py", '        if scope not in found.scopes and "admin" not in found.scopes:',
        "        if not found.scopes:",
        "desk/test_access",
    ),
    _fault(
        "a webhook is signed without its time",
        "desk/delivery.py", 'f"{at}.".encode() + body', "body",
        "desk/test_webhooks",
    ),
    _fault(
        "a feed without copies passes what may be one",
        "store/changes.py", "    last = newest if collapse else _LAST\n", "    last = _LAST\n",
        "desk/test_stories", "desk/test_webhooks",
    ),
    _fault(
        "passages are told of a text that has changed",
        "store/copies.py", 'parts = flat if relation["current"] else []', "parts = flat",
        "desk/test_stories",
    ),
    _fault(
        "a copy stands for its text",
        "desk/finding.py", "(not copied, int(", "(copied, int(",
        "desk/test_stories",
    ),
    _fault(
        "a parameter of advertising makes another page",
        "contract/urls.py", '_TRACKING_PREFIXES = ("utm_", ', "_TRACKING_PREFIXES = (",
        "contract/test_urls",
    ),
    _fault(
        "a deleted article's copies have no other root",
        "stories/batches.py", "        _take_again(window, ", "        list(",
        "stories/test_service",
    ),
    _fault(
        "a restarted service has forgotten how rare words are",
        "stories/state.py", "            frequencies.replay(bytes(counts))\n", "            pass\n",
        "stories/test_crashes",
    ),
    _fault(
        "stories pass over what is being written",
        "stories/reader.py", "coalesce(min(xact_start), clock_timestamp())", "clock_timestamp()",
        "stories/test_horizon",
    ),
]  # fmt: skip
