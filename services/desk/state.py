"""Shared state of requests: settings, connection pool, columns and the thread that updates them, Redis."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from psycopg_pool import ConnectionPool
from redis import Redis

from services.contract.errors import DatelineError
from services.desk.columns import Columns
from services.desk.finding import Finder
from services.desk.settings import DeskSettings
from services.runtime import logs
from services.runtime.queue_depth import Queues
from services.store import desk_sessions, tokens
from services.store.changes import ChangeEntry
from services.store.database import AWAY
from services.store.tokens import Token

_PACE_S = 0.25
_KEPT = 1_000
_FRESH_S = 0.2
_MOST_TOKENS = 1_000
EXPORTS_AT_ONCE = 4
log = logs.get(__name__)


class Follower:
    """A thread that applies the change feed to the columns, and keeps the latest changes for live streams."""

    def __init__(self, pool: ConnectionPool[Any], columns: Columns, heartbeat_file: str = "") -> None:
        self._pool, self._columns, self._heartbeat = pool, columns, heartbeat_file
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._at = 0.0
        self._lock = threading.Lock()
        self.recent: deque[ChangeEntry] = deque(maxlen=_KEPT)

    def start(self) -> None:
        """Starts the thread: it loads the stored articles, then follows the change feed."""
        self._thread.start()

    def signal_stop(self) -> None:
        """Signals the shutdown to the thread and to live streams."""
        self._stop.set()

    def stop(self) -> None:
        """Stops the thread."""
        self.signal_stop()
        self._thread.join(10)

    @property
    def ended(self) -> bool:
        """Whether the desk is shutting down."""
        return self._stop.is_set()

    @property
    def behind_s(self) -> float:
        """Seconds since the columns were last up to date."""
        return time.monotonic() - self._at if self._at else 0.0

    def refresh(self) -> None:
        """Applies new changes now, unless that was done within the last 0.2 s."""
        if not self._columns.ready or (self._at and self.behind_s < _FRESH_S):
            return
        with self._lock:
            if self._at and self.behind_s < _FRESH_S:  # another thread was faster
                return
            self._catch_up()

    def _catch_up(self) -> None:
        with self._pool.connection() as connection:
            self.recent.extend(self._columns.catch_up(connection))
            self._at = time.monotonic()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if not self._columns.ready:
                    started = time.monotonic()
                    with self._pool.connection() as connection:
                        self._columns.load(connection)
                    elapsed_ms = round((time.monotonic() - started) * 1000)
                    log.info("columns_loaded", articles=self._columns.data.sizes[0], elapsed_ms=elapsed_ms)
                self.refresh()
                if self._heartbeat:
                    Path(self._heartbeat).touch()
            except (*AWAY, DatelineError) as error:
                log.warning("desk_without_database", error=str(error)[:200])
                self._stop.wait(1.0)
            except Exception:
                log.exception("desk_cannot_follow")
                self._stop.wait(5.0)
            self._stop.wait(_PACE_S)


@dataclass(slots=True)
class Desk:
    """The state that requests share."""

    settings: DeskSettings
    pool: ConnectionPool[Any]
    redis: Redis
    queues: Queues
    columns: Columns
    finder: Finder
    follower: Follower
    watchers: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _valid: dict[tuple[int, bytes], tuple[float, bool]] = field(default_factory=dict)
    exports: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(EXPORTS_AT_ONCE)
    )

    def release_watcher(self) -> None:
        """Releases the place of a live stream."""
        with self._lock:
            self.watchers -= 1

    def is_valid(self, token: Token) -> bool:
        """Whether a client's token or session is still valid. Cached for a second; while the database is
        away, the last result stands."""
        if token.id == 0:  # local access without a token
            return True
        key = token.id, token.session
        with self._lock:
            until, valid = self._valid.get(key, (0.0, True))
        if time.monotonic() < until:
            return valid
        try:
            with self.pool.connection() as connection:
                if token.session:
                    valid = desk_sessions.is_valid(connection, token.session)
                else:
                    valid = tokens.is_valid(connection, token.id)
        except AWAY:
            pass
        with self._lock:
            if len(self._valid) >= _MOST_TOKENS:
                self._valid.clear()
            self._valid[key] = (time.monotonic() + 1.0, valid)
        return valid

    def current(self) -> Finder:
        """The finder, up to date. Raises 503 until the stored articles are loaded."""
        if not self.columns.ready:
            raise HTTPException(503, "the desk is still loading the stored articles", {"Retry-After": "1"})
        self.follower.refresh()
        return self.finder


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


TheDesk = Annotated[Desk, Depends(_desk)]
