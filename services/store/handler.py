"""What the store does with a batch: write it whole or, where its data are bad, find the bad item and write the rest."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from services.contract.messages import ArticleEnriched, SourcePolled, UrlSettled
from services.runtime import logs
from services.store import ledger, sources
from services.store.articles import write_articles
from services.store.database import AWAY, explain_connection_error

log = logs.get(__name__)
NOT_STORABLE = "not_storable"


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
        except AWAY as error:
            raise explain_connection_error(error) from error
        except (psycopg.Error, ValueError, KeyError, TypeError) as error:
            if len(batch) == 1:
                self.settle([_refused(batch[0], error)])
                return {"failed": 1}
            log.warning("batch_halved", size=len(batch), error=str(error)[:200])
            middle = len(batch) // 2
            return dict(Counter(self.write(batch[:middle])) + Counter(self.write(batch[middle:])))

    def source(self, polled: SourcePolled) -> dict[str, int]:
        """Record a poll of a source, entries and all, in one transaction. Raises Unavailable when Postgres is away.

        A poll that Postgres refuses is recorded as one that failed: the source is asked again later, and says why.
        """
        try:
            with self._pool.connection() as connection:
                return sources.settle(connection, polled)
        except AWAY as error:
            raise explain_connection_error(error) from error
        except (psycopg.Error, ValueError, KeyError, TypeError, OverflowError) as error:
            if polled.reason == NOT_STORABLE:
                log.error("poll_refused", source_id=polled.source_id, error=str(error)[:200])
                return {"failed": 1}
            detail = f"Postgres refused what the source lists: {' '.join(str(error).split())}"
            return self.source(
                SourcePolled(
                    source_id=polled.source_id, url="", kind="auto", dispatched_at=polled.dispatched_at,
                    polled_at=polled.polled_at, reason=NOT_STORABLE, detail=detail,
                )
            )  # fmt: skip

    def settle(self, batch: Sequence[UrlSettled]) -> dict[str, int]:
        """Record URLs that ended without an article. Raises Unavailable when Postgres is away."""
        try:
            with self._pool.connection() as connection:
                return ledger.settle(connection, batch, self._policy)
        except AWAY as error:
            raise explain_connection_error(error) from error


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
