"""Delivers articles to webhooks: signed, retried with exponential backoff, receivers in parallel, one desk
at a time.

A delivery is a POST of JSON {webhook, id, articles: […], deleted: [ids], stories: […]}, signed as
`Dateline-Signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 of "SECONDS.BODY" with the webhook's secret.
Any 2xx acknowledges it; anything else is retried from the webhook's cursor. Delivery is at least once: a
repeated one has the same `id`. Deleted articles are reported to every webhook by id, since their tags are
gone and no query can match them. Stories are reported to webhooks that ask for their kinds of changes.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec
import requests
from psycopg import Connection
from psycopg_pool import ConnectionPool
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from services.contract.errors import DatelineError
from services.desk.settings import DeskSettings
from services.net.deadline import Deadlines
from services.net.guard import Gate
from services.net.guarded_http import check_gate, guarded_adapter
from services.runtime import logs
from services.store import changes, search, stories, webhooks
from services.store.database import AWAY
from services.store.search_query import Query

_PACE_S = 0.5
_AT_ONCE = 100  # changes in one delivery, at most
_BEHIND_S = 5.0  # a webhook that waits for the stories service is due again after so long
_SIDE_BY_SIDE = 16  # concurrent deliveries
log = logs.get(__name__)


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of the signature header."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def guarded(settings: DeskSettings) -> HTTPAdapter:
    """The HTTP adapter of deliveries, with the SSRF check. Raises BadSettings if the check is not
    effective."""
    gate = Gate(allow_hosts=settings.allow_hosts, allow_ports=tuple(range(1, 65536)))
    adapter = guarded_adapter(gate, pool_size=_SIDE_BY_SIDE)
    check_gate(lambda _: adapter, gate)
    return adapter


class Deliverer:
    """A thread that delivers to webhooks whose cursor is behind the change feed. A lease in the webhook's
    row excludes other desks."""

    def __init__(self, pool: ConnectionPool[Any], settings: DeskSettings) -> None:
        self._pool = pool
        self._timeout_s = settings.webhook_timeout_s
        self._adapter = guarded(settings)
        self._deadlines = Deadlines()
        self._free = threading.Event()
        self._threads = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="deliveries")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliverer", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stops after the deliveries in progress."""
        self._stop.set()
        self._free.set()
        self._thread.join(self._timeout_s + 5)
        self._threads.shutdown(wait=True)

    def tick(self) -> int:
        """Makes the deliveries that are due and waits for them; returns how many webhooks had any."""
        begun = self.begin(_SIDE_BY_SIDE)
        for delivery in begun:
            delivery.result()
        return len(begun)

    def begin(self, most: int) -> list[Future[None]]:
        """Starts up to `most` deliveries in threads of their own, so that a slow receiver delays no other."""
        with self._pool.connection() as connection:
            found = webhooks.due(connection, lease_s=3 * self._timeout_s + 10, limit=most)
        return [self._threads.submit(self._deliver, due) for due in found]

    def _run(self) -> None:
        under_way: set[Future[None]] = set()
        while not self._stop.is_set():
            self._free.clear()
            under_way = {delivery for delivery in under_way if not delivery.done()}
            try:
                begun = self.begin(free) if (free := _SIDE_BY_SIDE - len(under_way)) else []
            except (*AWAY, DatelineError) as error:
                log.warning("deliveries_without_database", error=str(error)[:200])
                begun = []
            except Exception:
                log.exception("delivery_failed")
                begun = []
            for delivery in begun:
                delivery.add_done_callback(self._done)
            under_way.update(begun)
            self._free.wait(_PACE_S)

    def _done(self, delivery: Future[None]) -> None:
        """Wakes the thread: the same webhook may have more to deliver."""
        error = delivery.exception()
        if isinstance(error, (*AWAY, DatelineError)):
            log.warning("deliveries_without_database", error=str(error)[:200])
        elif error is not None:
            log.error("delivery_failed", exc_info=error)
        self._free.set()

    def _deliver(self, due: webhooks.DueWebhook) -> None:
        with self._pool.connection() as connection:
            page = changes.page(
                connection, due.cursor, limit=_AT_ONCE, kinds=due.kinds, collapse=due.query.collapse
            )
            told = _told(connection, due.query, page.entries)
        error = self._post(due, page.cursor, told) if any(told.values()) else ""
        with self._pool.connection() as connection:
            if not error:
                many = len(told["articles"]) + len(told["stories"])
                wait_s = 0.0 if page.cursor > due.cursor else _BEHIND_S
                webhooks.delivered(connection, due.id, page.cursor, many, wait_s=wait_s)
                return
            again_at = webhooks.failed(connection, due, error)
        log.warning(
            "webhook_failed", webhook=due.id, error=error, again_at=str(again_at), paused=again_at is None
        )

    def _post(self, due: webhooks.DueWebhook, cursor: int, told: dict[str, list[Any]]) -> str:
        """Sends a delivery; returns the error, or an empty string."""
        body = msgspec.json.encode({"webhook": due.id, "id": f"{due.id}.{cursor}"} | told)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Dateline webhooks",
            "Dateline-Signature": signature(due.secret, body, int(time.time())),
        }
        request = requests.Request("POST", due.url, data=body, headers=headers).prepare()
        with self._deadlines.until(time.monotonic() + self._timeout_s) as watched:
            try:
                response = self._adapter.send(request, timeout=self._timeout_s, stream=True)
                response.close()  # the response's body is not read
            except (requests.RequestException, HTTPError, DatelineError, OSError, ValueError) as error:
                if watched.expired or isinstance(error, requests.ReadTimeout):  # whichever came first
                    return f"the receiver did not answer within {self._timeout_s:g} s"
                return f"{type(error).__name__}: {error}"
        return "" if 200 <= response.status_code < 300 else f"the receiver answered {response.status_code}"


def _told(
    connection: Connection[Any], query: Query, entries: list[changes.ChangeEntry]
) -> dict[str, list[Any]]:
    """The articles and stories of these entries that match, and the ids of deleted articles."""
    kinds = {c.article_id: c.kind for c in entries if c.article_id is not None}
    ids = [i for i, kind in kinds.items() if kind != "deleted"]
    wanted = search.matching(connection, query, ids) if ids else set()
    of_stories = [c for c in entries if c.story_id is not None]
    story_ids = list(dict.fromkeys(c.story_id for c in of_stories if c.story_id is not None))
    matching = stories.matching(connection, query, story_ids) if story_ids else set()
    known = {row["id"]: row for row in stories.summaries(connection, [i for i in story_ids if i in matching])}
    return {
        "articles": [
            row | {"change": kinds[row["id"]]}
            for row in search.summaries(connection, [i for i in ids if i in wanted])
        ],
        "deleted": [i for i, kind in kinds.items() if kind == "deleted"],
        "stories": [
            known[c.story_id] | {"change": c.kind, "other_id": c.other_id, "mark": c.mark}
            for c in of_stories
            if c.story_id in known
        ],
    }
