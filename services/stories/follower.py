"""Follows the change feed: what the store has committed is taken in, batch by batch, by the one that leads.

There is one leader, by an advisory lock of the connection that also writes, so that whoever has lost the lock
can write nothing: an article costs about a millisecond, and one core keeps up with a thousand a second. The
cursor is written with what follows from the articles, so that each has its effect once. After any failure the
window is read again from Postgres.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import Connection

from services.contract.errors import DatelineError
from services.runtime import logs
from services.store.database import AWAY, BAD_DATA, explain_connection_error
from services.store.leadership import STORIES_LOCK, try_lead
from services.stories import housekeeping, reader, rebuild, state
from services.stories.batches import MOST, batches, take_in
from services.stories.reader import Entry, Texts
from services.stories.settings import StoriesSettings
from services.stories.window import METHOD, Window

_PAUSE_S = 1.0
_LEAST_PAUSE_S, _MOST_PAUSE_S = 0.25, 5.0
_READ = 20_000  # changes at a time
_CLEARED_EVERY_S = 60.0
log = logs.get(__name__)


def connect(database_url: str) -> Connection[Any]:
    """A connection of the service's own, whose statements never hang for ever."""
    return psycopg.connect(
        database_url,
        connect_timeout=5,
        autocommit=True,
        application_name="dateline stories",
        options="-c timezone=UTC -c statement_timeout=300000 -c lock_timeout=30000 "
        "-c idle_in_transaction_session_timeout=300000",
    )


class Follower:
    """The service's loop. `beat` is called with what it is doing, at least every few seconds."""

    def __init__(self, settings: StoriesSettings, *, beat: Callable[[str], None] = lambda _: None) -> None:
        self._settings = settings
        self._beat = beat
        self._stop = threading.Event()
        self._texts = Texts()
        self._window: Window | None = None
        self._cursor = 0
        self._most = MOST
        self._passed_over: set[int] = set()
        self._waits_until = 0.0
        self._cleared_at = 0.0

    def stop(self) -> None:
        """Ends the loop after the batch in hand."""
        self._stop.set()

    def run(self) -> None:
        """Runs until stopped; connects again to Postgres without a limit."""
        pause_s = _LEAST_PAUSE_S
        while not self._stop.is_set():
            try:
                with connect(self._settings.database_url) as connection:
                    while not self._stop.is_set() and not try_lead(connection, STORIES_LOCK):
                        self._beat("stands by")
                        self._stop.wait(_PAUSE_S)
                    while not self._stop.is_set():
                        self.follow(connection)
                        pause_s = _LEAST_PAUSE_S
                        self._stop.wait(_PAUSE_S)
            except (*AWAY, DatelineError) as error:
                known = error if isinstance(error, DatelineError) else explain_connection_error(error)
                log.warning("stories_wait", reason=known.reason, error=str(known), pause_s=pause_s)
                self._beat(f"waits: {known.reason}")
                self._stop.wait(pause_s)
                pause_s = min(2 * pause_s, _MOST_PAUSE_S)
            finally:
                self._window = None

    def follow(self, connection: Connection[Any]) -> int:
        """Takes in all that can be; returns how many articles. The caller's connection leads."""
        total = 0
        while not self._stop.is_set():
            window = self._window or self._restore(connection)
            entries, cursor = self._next(connection)
            if cursor == self._cursor:
                break
            total += self._take_in(connection, window, entries, cursor)
        self._beat("leads")
        if time.monotonic() - self._cleared_at > _CLEARED_EVERY_S:
            self._cleared_at = time.monotonic()
            if self._window is not None:
                housekeeping.clear(connection, self._window, keep_events_days=self._settings.keep_events_days)
        return total

    def _restore(self, connection: Connection[Any]) -> Window:
        self._beat("restores its window")
        started = time.monotonic()
        self._texts = Texts()
        at = state.progress(connection)
        self._texts.connection = connection
        if at.method != METHOD or at.rebuild_since is not None:
            since = at.rebuild_since or rebuild.window_begins(at, self._settings.window_days)
            log.info("stories_rebuild_begins", since=str(since))
            rebuild.run(connection, self._settings, since, told=self._rebuilds)
            at = state.progress(connection)
        with connection.transaction():
            window = state.restored(
                connection,
                self._texts,
                at,
                days=self._settings.window_days,
                beat=lambda: self._beat("restores its window"),
            )
        self._window, self._cursor, self._waits_until = window, at.cursor, 0.0
        log.info(
            "stories_restored",
            articles=len(window.copies),
            stories=len(window.stories),
            cursor=at.cursor,
            elapsed_ms=round((time.monotonic() - started) * 1000),
        )
        return window

    def _rebuilds(self, done: int, total: int) -> None:
        self._beat(f"rebuilds, {done:,} of {total:,}")

    def _next(self, connection: Connection[Any]) -> tuple[list[Entry], int]:
        """What can be taken in, and the cursor behind it; the same cursor when there is nothing yet."""
        if self._rebuild_is_asked_for(connection):
            self._window = None
            return [], -1
        until = reader.horizon(connection)
        if until < self._waits_until:
            return [], self._cursor
        entries, cursor = reader.entries(connection, self._cursor, until, self._settings.slice_s, _READ)
        if cursor == self._cursor:
            self._waits_until = (until // self._settings.slice_s + 1) * self._settings.slice_s
        return entries, cursor

    def _rebuild_is_asked_for(self, connection: Connection[Any]) -> bool:
        row = connection.execute("SELECT rebuild_since IS NOT NULL FROM stories_progress").fetchone()
        return bool(row and row[0])

    def _take_in(self, connection: Connection[Any], window: Window, entries: list[Entry], cursor: int) -> int:
        """Takes entries in; if one cannot be, the window is restored and they come one by one."""
        if self._window is None:
            return 0
        total = 0
        entries = [entry for entry in entries if entry.seq not in self._passed_over]
        parts = list(batches(entries, self._most)) or [[]]
        for n, batch in enumerate(parts):
            if self._stop.is_set():
                return total
            started = time.monotonic()
            behind = cursor if n + 1 == len(parts) else self._cursor
            try:
                taken = take_in(connection, window, self._texts, batch, behind)
            except AWAY as error:
                if not isinstance(error, BAD_DATA):
                    raise
                self._pass_over(batch, error)
                return total
            except Exception as error:  # noqa: BLE001  one article must not hold up the others
                self._pass_over(batch, error)
                return total
            self._cursor = behind
            total += taken
            if taken:
                log.info(
                    "articles_related",
                    articles=taken,
                    cursor=behind,
                    elapsed_ms=round((time.monotonic() - started) * 1000),
                )
            self._beat("leads")
        self._most = MOST
        return total

    def _pass_over(self, batch: list[Entry], error: BaseException) -> None:
        """An article that cannot be taken in is passed over, once it is known which."""
        self._window = None
        told = f"{type(error).__name__}: {error}"[:2000]
        if len(batch) > 1:
            self._most = 1
            log.warning("batch_taken_apart", articles=len(batch), error=told)
            return
        self._passed_over.update(entry.seq for entry in batch)
        log.error(
            "article_passed_over",
            article_id=batch[0].article if batch else None,
            error=told,
            traceback="".join(traceback.format_exception(error))[-4000:],
        )
        if not batch:
            self._stop.wait(_MOST_PAUSE_S)
