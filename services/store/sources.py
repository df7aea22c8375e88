"""Sources (feeds, sitemaps, pages): adds, claims and settles polls, with an adaptive poll interval."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs
from psycopg import Connection
from psycopg.rows import dict_row

from services.contract.errors import BadUrl, DatelineError, PermanentError
from services.contract.limits import EARLIEST, MAX_DETAIL_CHARS, believable
from services.contract.messages import Hints, SourceDue, SourceKind, SourcePolled, Validators
from services.contract.unsendable import printable
from services.contract.urls import Url, parse_url
from services.store import ledger
from services.store.database import sql

MAX_TITLE_CHARS, MAX_REASON_CHARS = 500, 100
SHORTEST_S, LONGEST_S = 120.0, 6 * 3600.0
FIRST_S = 900.0
_LEASE_S = 600.0
_ITEMS_A_POLL = 2.0
_MEMORY = 0.3
_ERROR_CAP_S = 24 * 3600.0
"""Longest wait after failures or a Retry-After: a source that asks for a year is polled after a day."""
_SKEW = timedelta(minutes=10)
_IDS = range(1, 2**63)

_DUE = sql("sources_due")
_POLLED = sql("sources_polled")
_MORE = sql("sources_more")
_SURROGATES = re.compile("[\ud800-\udfff]")


def add(
    connection: Connection[Any], url: str, *, kind: SourceKind = "auto", title: str | None = None
) -> tuple[int, bool]:
    """Adds a source; returns its id, and whether it is new. Idempotent. Raises BadUrl."""
    found = parse_url(url)
    row = connection.execute(
        "INSERT INTO sources (url, kind, title, interval_s) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (url) DO NOTHING RETURNING id",
        (found.url, kind, title, FIRST_S),
    ).fetchone()
    if row:
        return int(row[0]), True
    known = connection.execute("SELECT id FROM sources WHERE url = %s", (found.url,)).fetchone()
    assert known is not None
    return int(known[0]), False


def listed(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All sources, failing ones first, then by title."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT id, url, kind, title, paused, added_at, next_poll_at, interval_s, last_polled_at, "
            "last_success_at, "
            "last_new_at, polls, items, items_a_day, errors_in_row, reason, detail FROM sources "
            "ORDER BY errors_in_row > 0 DESC, coalesce(title, url)"
        ).fetchall()


def find(connection: Connection[Any], which: str) -> int:
    """The id of a source, given its id or URL. Raises PermanentError if there is none."""
    url = which
    if not which.isdecimal() or len(which) > 18:
        url = parse_url(which).url
    row = connection.execute(
        "SELECT id FROM sources WHERE id::text = %s OR url = %s", (which, url)
    ).fetchone()
    if row is None:
        raise PermanentError("no_source", f"there is no source {which}: `dateline sources list` shows them")
    return int(row[0])


def pause(connection: Connection[Any], source_id: int, *, paused: bool) -> None:
    """Pauses a source, or resumes it with a poll that is due at once."""
    connection.execute(
        "UPDATE sources SET paused = %s, next_poll_at = now() WHERE id = %s", (paused, source_id)
    )


def remove(connection: Connection[Any], source_id: int) -> None:
    """Removes a source; its URLs stay in the ledger."""
    connection.execute("DELETE FROM sources WHERE id = %s", (source_id,))


def due(connection: Connection[Any], *, limit: int = 100) -> list[SourceDue]:
    """Claims up to `limit` due sources with FOR UPDATE SKIP LOCKED, under a lease of ten minutes: if the poll
    is lost, the source is due again.
    """
    rows = connection.execute(_DUE, {"limit": limit, "lease_s": _LEASE_S}).fetchall()
    now = datetime.now(UTC)
    return [
        SourceDue(
            source_id=row[0],
            url=row[1],
            kind=row[2],
            dispatched_at=now,
            validators=Validators(etag=row[3], last_modified=row[4]) if row[3] or row[4] else None,
            turn=row[5],
        )
        for row in rows
    ]


def unclaim(connection: Connection[Any], ids: Sequence[int]) -> None:
    """Gives back sources whose poll could not be published."""
    connection.execute("UPDATE sources SET next_poll_at = now() WHERE id = ANY(%s)", (list(ids),))


def settle(connection: Connection[Any], polled: SourcePolled) -> dict[str, int]:
    """Records a poll: puts its entries into the ledger, and updates the
    source's health and interval. Returns counts.

    Idempotent: a poll that is not newer than the last one is ignored. A message with `more` holds entries
    only; these are recorded in any order.
    """
    if polled.source_id not in _IDS:
        return {"late": 1}
    with connection.cursor(row_factory=dict_row) as cursor:
        source = cursor.execute(
            "SELECT * FROM sources WHERE id = %s FOR UPDATE", (polled.source_id,)
        ).fetchone()
    polled_at = _believed(polled.polled_at)
    if source is None or (
        not polled.more and source["last_polled_at"] and source["last_polled_at"] >= polled_at
    ):
        return {"late": 1}
    polled = structs.replace(polled, polled_at=polled_at)
    entries, refusals = _entries(polled)
    recorded = ledger.record(connection, entries, refusals)
    hashes = list({entry.url.hash for entry in entries})
    connection.execute(
        "INSERT INTO source_items (source_id, url_hash) SELECT %s, unnest(%s::bytea[]) "
        "ON CONFLICT DO NOTHING",
        (polled.source_id, hashes),
    )
    if polled.more:
        connection.execute(
            _MORE, {"id": polled.source_id, "new": recorded.new, "polled_at": polled.polled_at}
        )
    else:
        connection.execute(_POLLED, _health(source, polled, recorded.new))
    return {"items": len(polled.entries), "new": recorded.new}


def _believed(polled_at: datetime) -> datetime:
    """When a poll took place; now, if the worker's clock is wrong:
    later polls would be ignored as too old.
    """
    now = datetime.now(UTC)
    try:
        polled_at = polled_at.astimezone(UTC)
    except (OverflowError, ValueError):
        return now
    return polled_at if EARLIEST <= polled_at <= now + _SKEW else now


def _entries(polled: SourcePolled) -> tuple[list[ledger.Entry], list[ledger.Refusal]]:
    entries, refusals = [], []
    origin, now = f"source:{polled.source_id}", datetime.now(UTC)
    for entry in polled.entries:
        try:
            entries.append(ledger.Entry(_url(entry.url), origin, _hints(entry.hints, now)))
        except DatelineError as error:
            refusals.append(ledger.Refusal(entry.url, error, origin))
    return entries, refusals


def _url(raw: str) -> Url:
    try:
        found = parse_url(raw)
        found.hash, found.url.encode(), found.canonical.encode()
    except ValueError as error:
        raise BadUrl("malformed_url", f"{raw[:120]!r} is not a valid URL ({error})") from error
    return found


def _hints(hints: Hints, now: datetime) -> Hints:
    """Sanitises hints for Postgres; returns the same object if nothing changes, as for nearly all entries."""
    published_at = believable(hints.published_at, now)
    texts = [hints.title, hints.section, hints.language, *hints.authors, *hints.keywords]
    if published_at == hints.published_at and all(text is None or _storable(text) for text in texts):
        return hints
    return Hints(
        title=_text(hints.title),
        published_at=published_at,
        authors=[text for one in hints.authors if (text := _text(one))],
        section=_text(hints.section),
        language=_text(hints.language),
        keywords=[text for one in hints.keywords if (text := _text(one))],
    )


def _storable(text: str) -> bool:
    return "\x00" not in text and not _SURROGATES.search(text)


def _text(text: str | None) -> str | None:
    """Escapes what Postgres `text` cannot hold; None for an empty text."""
    if text is None or _storable(text):
        return text
    return printable(text) or None


def _wait_s(asked: float | None) -> float:
    """The source's Retry-After in seconds, at most a day; 0 if there is none."""
    return min(asked, _ERROR_CAP_S) if asked is not None and asked > 0 else 0.0


def _address(moved_to: str | None) -> str | None:
    try:
        return _url(moved_to).url if moved_to else None
    except DatelineError:
        return None


def _header(value: str | None) -> str | None:
    """A validator that can be sent back unchanged, else None."""
    return (
        value
        if value and len(value) <= MAX_DETAIL_CHARS and value.isprintable() and _storable(value)
        else None
    )


def _health(source: dict[str, Any], polled: SourcePolled, new: int) -> dict[str, Any]:
    failed = bool(polled.reason) and polled.reason != "host_wait"
    errors = source["errors_in_row"] + 1 if failed else source["errors_in_row"] if polled.reason else 0
    rate = source["items_a_day"] if polled.reason else _rate(source, polled, new)
    interval_s = source["interval_s"] if polled.reason else interval(rate, known=source["polls"] > 0)
    wait_s = interval_s
    if failed:
        wait_s = min(_ERROR_CAP_S, max(interval_s, SHORTEST_S) * 2 ** min(errors, 10))
    if polled.reason:
        wait_s = max(_wait_s(polled.retry_after_s), wait_s if failed else 1.0)
    validators = polled.validators or Validators()
    return {
        "id": polled.source_id,
        "polled_at": polled.polled_at,
        "ok": not polled.reason,
        "kind": polled.kind,
        "title": _text((polled.title or "")[:MAX_TITLE_CHARS]) or None,
        "url": _address(polled.moved_to),
        "etag": _header(validators.etag),
        "last_modified": _header(validators.last_modified),
        "new": new,
        "items_a_day": rate,
        "interval_s": interval_s,
        "wait_s": wait_s,
        "errors": errors,
        "reason": _text(polled.reason[:MAX_REASON_CHARS]) or None,
        "detail": _text(polled.detail[:MAX_DETAIL_CHARS]) or None,
    }


def _rate(source: dict[str, Any], polled: SourcePolled, new: int) -> float | None:
    """Items a day: at first from the dates of the entries, then an
    exponential moving average of new items.
    """
    if source["last_success_at"] is None:
        dates = sorted(e.hints.published_at for e in polled.entries if e.hints.published_at)
        span_days = (dates[-1] - dates[0]).total_seconds() / 86_400 if len(dates) > 1 else 0.0
        return (len(dates) - 1) / span_days if span_days > 0.01 else None
    days = max((polled.polled_at - source["last_success_at"]).total_seconds(), 1.0) / 86_400
    seen = new / days
    before = source["items_a_day"]
    # The weight grows with the observed time: a short interval says little about the rate.
    weight = min(_MEMORY, 4 * days) if before is not None else 1.0
    return float(seen if before is None else before + weight * (seen - before))


def interval(items_a_day: float | None, *, known: bool = True) -> float:
    """Seconds between polls: the expected time for two items, from SHORTEST_S to LONGEST_S."""
    if items_a_day is None:
        return FIRST_S
    if items_a_day <= 0 or not math.isfinite(items_a_day):
        return LONGEST_S if known else FIRST_S
    return float(min(LONGEST_S, max(SHORTEST_S, 86_400 / items_a_day * _ITEMS_A_POLL)))
