"""Writes a batch in one transaction; if Postgres rejects it, bisects to isolate the invalid items."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg_pool import ConnectionPool

from services.contract.errors import PermanentError
from services.contract.messages import ArticleEnriched, SourcePolled, UrlSettled
from services.contract.unsendable import NOT_STORABLE, unsendable_poll, unsendable_url
from services.runtime import logs
from services.store import ledger, sources
from services.store.articles import write_articles
from services.store.database import AWAY, BAD_DATA, explain_connection_error
from services.store.mending import mended_article, mended_poll, mended_settled

log = logs.get(__name__)
_REFUSED = (*BAD_DATA, PermanentError)
"""Errors that mean the data are invalid. Catch these before AWAY."""


class Writer:
    """Writes to Postgres, each batch in a transaction of its own. All methods are idempotent."""

    def __init__(self, pool: ConnectionPool[Any], policy: ledger.RetryPolicy) -> None:
        self._pool = pool
        self._policy = policy

    def write(self, batch: Sequence[ArticleEnriched]) -> dict[str, int]:
        """Stores articles; returns counts. If Postgres rejects the batch, halves it until the invalid article
        is alone; that one is sanitised and retried once, and otherwise becomes a dead letter.

        Raises Unavailable if Postgres does not answer; part of a halved batch may then be written.
        """
        try:
            with self._pool.connection() as connection:
                return write_articles(connection, batch)
        except _REFUSED as error:
            if len(batch) == 1:
                return self._mended(batch[0], error)
            return self._halved(self.write, batch, error)
        except AWAY as error:
            raise explain_connection_error(error) from error

    def _mended(self, message: ArticleEnriched, error: Exception) -> dict[str, int]:
        mended = mended_article(message, datetime.now(UTC))
        if mended != message:
            try:
                with self._pool.connection() as connection:
                    return write_articles(connection, [mended])
            except _REFUSED as again:
                error = again
            except AWAY as away:
                raise explain_connection_error(away) from away
        self.settle([_refused(mended, error)])
        return {"failed": 1}

    def source(self, polled: SourcePolled) -> dict[str, int]:
        """Records a poll of a source with its entries; returns counts. Raises
        Unavailable if Postgres does not answer.

        A poll that Postgres rejects is sanitised and retried; if that fails too, a failed poll is recorded.
        """
        try:
            with self._pool.connection() as connection:
                return sources.settle(connection, polled)
        except _REFUSED as error:
            log.warning(
                "poll_not_storable",
                source_id=polled.source_id,
                error=f"{type(error).__name__}: {error}"[:500],
            )
            if (mended := mended_poll(polled, datetime.now(UTC))) != polled:
                return self.source(mended)
            if polled.reason != NOT_STORABLE:
                return self.source(unsendable_poll(polled, NOT_STORABLE, error))
            # Nothing is lost: the source is due again when its lease ends.
            log.error("poll_dropped", source_id=polled.source_id)
            return {"dropped": 1}
        except AWAY as error:
            raise explain_connection_error(error) from error

    def settle(self, batch: Sequence[UrlSettled]) -> dict[str, int]:
        """Records URLs that ended without an article; returns counts. Raises
        Unavailable if Postgres does not answer.

        A result that Postgres rejects is isolated, sanitised and retried; if that fails too, the URL fails
        with the reason `not_storable` and without texts.
        """
        try:
            with self._pool.connection() as connection:
                return ledger.settle(connection, batch, self._policy)
        except _REFUSED as error:
            if len(batch) > 1:
                return self._halved(self.settle, batch, error)
            if (mended := mended_settled(batch[0])) != batch[0]:
                return self.settle([mended])
            if batch[0].reason != NOT_STORABLE or batch[0].stamps:
                return self.settle([unsendable_url(batch[0].ticket, "store", NOT_STORABLE, error)])
            log.error(
                "url_not_recordable", submission_id=batch[0].ticket.submission_id, error=str(error)[:200]
            )
            return {"dropped": 1}
        except AWAY as error:
            raise explain_connection_error(error) from error

    @staticmethod
    def _halved(
        do: Callable[[Any], dict[str, int]], batch: Sequence[Any], error: Exception
    ) -> dict[str, int]:
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
        payload={
            "url": message.article.url,
            "title": message.article.title,
            "text_chars": len(message.article.text),
        },
        stamps=message.stamps,
    )
