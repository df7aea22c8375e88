"""Learns source priors, a few sources at a time, after articles of theirs were stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg_pool import ConnectionPool

from services.store import source_priors

_AT_ONCE = 20
_OVERLAP = timedelta(hours=1)  # read again after a restart: the list of waiting sources is in memory only
_GROWTH = 4  # a prior is learned again once its source has a fourth more articles
_MANY = 50  # articles
_REST = timedelta(minutes=10)  # least time between two updates of a prior that rests on many articles


class PriorLearner:
    """Each tick updates up to `_AT_ONCE` priors; other sources wait for the next tick.

    A prior is learned from all places of a source's articles, so that one article more costs as much as all
    before it: each waits until a fourth has come.
    """

    def __init__(self, pool: ConnectionPool[Any]) -> None:
        self._pool = pool
        self._after: datetime | None = None
        self._fresh: dict[str, int] = {}  # articles since the prior was learned
        self._learned: dict[str, tuple[datetime, int]] = {}  # when, and from how many articles

    def tick(self) -> dict[str, int] | None:
        """Returns how many priors were updated, or None."""
        with self._pool.connection() as connection:
            if self._after is None:
                last = source_priors.learned_until(connection)
                self._after = last - _OVERLAP if last else _LONG_AGO
            fresh, self._after = source_priors.changed_since(connection, self._after)
            for domain, count in fresh.items():
                self._fresh[domain] = self._fresh.get(domain, 0) + count
            now = datetime.now(UTC)
            due = [domain for domain in self._fresh if self._is_due(domain, now)][:_AT_ONCE]
            for domain in due:
                with connection.transaction():
                    found = source_priors.relearn(connection, domain)
                del self._fresh[domain]
                self._learned[domain] = now, found.articles if found else 0
        return {"priors": len(due)} if due else None

    def _is_due(self, domain: str, now: datetime) -> bool:
        at, articles = self._learned.get(domain, (_LONG_AGO, 0))
        return self._fresh[domain] * _GROWTH >= articles and (articles < _MANY or now - at > _REST)


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
