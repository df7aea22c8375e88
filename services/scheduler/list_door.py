"""The Redis list `dateline:urls` as a door: whatever any program RPUSHes there goes into the ledger."""

from __future__ import annotations

from typing import Any

from psycopg_pool import ConnectionPool
from redis import Redis
from redis.exceptions import RedisError

from services.contract.routes import URL_LIST
from services.runtime import broker
from services.store import ledger
from services.store.door import parse_line

CLAIMED = f"{URL_LIST}:claimed"
_BATCH = 500


class ListDoor:
    """Moves lines from the list to the ledger; a line leaves Redis only after the ledger's commit."""

    def __init__(self, pool: ConnectionPool[Any], client: Redis) -> None:
        self._pool = pool
        self._client = client

    def tick(self) -> ledger.Recorded:
        """Record up to 500 lines. What an earlier tick had claimed and not finished is recorded first."""
        try:
            lines: list[Any] = self._client.lrange(CLAIMED, 0, -1) or self._claim()  # type: ignore[assignment]
            if not lines:
                return ledger.Recorded()
            results = [parse_line(raw.decode("utf-8", "backslashreplace"), "redis") for raw in lines if raw.strip()]
            entries = [r for r in results if isinstance(r, ledger.Entry)]
            refusals = [r for r in results if isinstance(r, ledger.Refusal)]
            with self._pool.connection() as connection:
                recorded = ledger.record(connection, entries, refusals)
            self._client.delete(CLAIMED)
        except RedisError as error:
            raise broker.explain(error) from error
        return recorded

    def _claim(self) -> list[Any]:
        if not self._client.exists(URL_LIST):
            return []
        pipe = self._client.pipeline(transaction=False)
        for _ in range(_BATCH):
            pipe.lmove(URL_LIST, CLAIMED, "LEFT", "RIGHT")
        return [line for line in pipe.execute() if line is not None]
