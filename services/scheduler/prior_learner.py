"""Learns source priors, a few sources at a time, after articles of theirs were stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg_pool import ConnectionPool

from services.store import source_priors

_AT_ONCE = 20
_OVERLAP = timedelta(hours=1)  # read again after a restart: the list of waiting sources is in memory only
_REST = timedelta(minutes=10)  # least time between two updates of a prior that rests on many articles


class PriorLearner:
    """Each tick updates up to `_AT_ONCE` priors; other sources wait for the next tick."""

    def __init__(self, pool: ConnectionPool[Any]) -> None:
        self._pool = pool
        self._after: datetime | None = None
        self._waiting: dict[str, None] = {}
        self._learned: dict[str, datetime] = {}

    def tick(self) -> dict[str, int] | None:
        """Returns how many priors were updated, or None."""
        with self._pool.connection() as connection:
            if self._after is None:
                last = source_priors.learned_until(connection)
                self._after = last - _OVERLAP if last else _LONG_AGO
            domains, self._after = source_priors.changed_since(connection, self._after)
            self._waiting.update(dict.fromkeys(domains))
            now = datetime.now(UTC)
            due = [d for d in self._waiting if now - self._learned.get(d, _LONG_AGO) > _REST][:_AT_ONCE]
            for domain in due:
                with connection.transaction():
                    found = source_priors.relearn(connection, domain)
                del self._waiting[domain]
                if found and found.articles >= 50:
                    self._learned[domain] = now
        return {"priors": len(due)} if due else None


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
