"""One running export. It has a connection of its own, so that a slow client holds none of the pool's."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import Connection

from services.desk.state import Desk
from services.store import article_reader, exporting
from services.store.search_query import Query

_CANCEL_S = 5.0


class _ExportCancelled(Exception):
    """The client is gone."""


class Export:
    """A query's articles as blocks of a file. Holds a permit of the semaphore `desk.exports` until `over`."""

    def __init__(self, desk: Desk, query: Query, kind: str) -> None:
        self._desk, self._query = desk, query
        self._connection: Connection[Any] | None = None
        self._is_cut = threading.Event()
        self.blocks = self._made(kind)

    def _made(self, kind: str) -> Generator[bytes]:
        settings = self._desk.settings
        block_ms = round(settings.question_s * 4000)
        # If everything else fails, Postgres ends the transaction of a stalled client.
        options = (
            f"-c timezone=UTC -c statement_timeout={block_ms} -c idle_in_transaction_session_timeout=120s"
        )
        with psycopg.connect(
            settings.database_url, connect_timeout=5, application_name="dateline export", options=options
        ) as connection:
            self._connection = connection
            yield from exporting.encoded(self._rows(connection), kind)

    def _rows(self, connection: Connection[Any]) -> Iterator[dict[str, Any]]:
        for row in article_reader.stream(connection, self._query):
            if self._is_cut.is_set():
                raise _ExportCancelled
            yield row

    def cut(self) -> None:
        """Cancels the running query; called from another thread, repeatedly until the export's own thread
        has ended."""
        self._is_cut.set()
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=_CANCEL_S)

    def over(self) -> None:
        """Releases the transaction, the connection and the permit. To be called once."""
        try:
            self.blocks.close()
        finally:
            self._desk.exports.release()
