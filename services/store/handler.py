"""What the store does with a batch: write it whole or, where its data are bad, find the bad item and write the rest."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from psycopg_pool import ConnectionPool

from services.contract.messages import ArticleEnriched, SourcePolled, UrlSettled
from services.contract.unsendable import NOT_STORABLE, unsendable_poll, unsendable_url
from services.runtime import logs
from services.store import ledger, sources
from services.store.articles import write_articles
from services.store.database import AWAY, BAD_DATA, explain_connection_error

log = logs.get(__name__)


class Writer:
    """Writes to Postgres, each batch in one transaction of its own."""

    def __init__(self, pool: ConnectionPool[Any], policy: ledger.RetryPolicy) -> None:
        self._pool = pool
        self._policy = policy

    def write(self, batch: Sequence[ArticleEnriched]) -> dict[str, int]:
        """Store articles. An item that Postgres refuses is set apart by halving the batch; it fails alone.

        Raises Unavailable when Postgres is away: nothing of the batch is written then.
        """
        try:
            with self._pool.connection() as connection:
                return write_articles(connection, batch)
        except BAD_DATA as error:
            if len(batch) == 1:
                self.settle([_refused(batch[0], error)])
                return {"failed": 1}
            return self._halved(self.write, batch, error)
        except AWAY as error:
            raise explain_connection_error(error) from error

    def source(self, polled: SourcePolled) -> dict[str, int]:
        """Record a poll of a source, entries and all, in one transaction. A poll that Postgres refuses is a failed poll.

        Raises Unavailable when Postgres is away.
        """
        try:
            with self._pool.connection() as connection:
                return sources.settle(connection, polled)
        except BAD_DATA as error:
            log.error("poll_not_storable", source_id=polled.source_id, error=f"{type(error).__name__}: {error}"[:500])
            if polled.reason == NOT_STORABLE:
                raise
            return self.source(unsendable_poll(polled, NOT_STORABLE, error))
        except AWAY as error:
            raise explain_connection_error(error) from error

    def settle(self, batch: Sequence[UrlSettled]) -> dict[str, int]:
        """Record URLs that ended without an article. What Postgres refuses is set apart, and recorded without its texts.

        Raises Unavailable when Postgres is away.
        """
        try:
            with self._pool.connection() as connection:
                return ledger.settle(connection, batch, self._policy)
        except BAD_DATA as error:
            if len(batch) > 1:
                return self._halved(self.settle, batch, error)
            if batch[0].reason == NOT_STORABLE and not batch[0].stamps:
                raise
            return self.settle([unsendable_url(batch[0].ticket, "store", NOT_STORABLE, error)])
        except AWAY as error:
            raise explain_connection_error(error) from error

    @staticmethod
    def _halved(do: Callable[[Any], dict[str, int]], batch: Sequence[Any], error: Exception) -> dict[str, int]:
        log.warning("batch_halved", size=len(batch), error=str(error)[:200])
        middle = len(batch) // 2
        return dict(Counter(do(batch[:middle])) + Counter(do(batch[middle:])))


def _refused(message: ArticleEnriched, error: Exception) -> UrlSettled:
    return UrlSettled(
        ticket=message.ticket,
        stage="store",
        outcome="failed",
        reason=NOT_STORABLE,
        detail=f"Postgres refused the article: {' '.join(str(error).split())}",
        error=f"{type(error).__name__}: {error}",
        traceback="".join(traceback.format_exception(error)),
        payload={"url": message.article.url, "title": message.article.title, "text_chars": len(message.article.text)},
        stamps=message.stamps,
    )
