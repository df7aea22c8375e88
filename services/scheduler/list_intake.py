"""The Redis list `dateline:urls` as an intake: whatever any program RPUSHes there goes into the ledger, or is refused there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool
from redis import Redis
from redis.exceptions import RedisError

from services.contract.errors import BadLine
from services.contract.routes import URL_LIST
from services.runtime import broker, logs
from services.store import ledger
from services.store.database import BAD_DATA
from services.store.intake import LINE_CAP_BYTES, parse_line

CLAIMED = f"{URL_LIST}:claimed"
_BATCH = 500
_HEAD_BYTES = 500
# What stands in CLAIMED, else up to ARGV[1] lines moved there. A line over ARGV[2] bytes stays in Redis: only its first ARGV[3]
# bytes and its length come out, so that no line is ever read whole because of its length.
_CLAIM = """
if redis.call('EXISTS', KEYS[2]) == 0 then
    for _ = 1, ARGV[1] do
        if not redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT') then break end
    end
end
local found = {}
for n, line in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
    local length = string.len(line)
    found[n] = {length, length > tonumber(ARGV[2]) and string.sub(line, 1, ARGV[3]) or line}
end
return found
"""
log = logs.get(__name__)


class ListIntake:
    """Moves lines from the list to the ledger; a line leaves Redis only after the ledger's commit."""

    def __init__(self, pool: ConnectionPool[Any], client: Redis) -> None:
        self._pool = pool
        self._client = client

    def tick(self) -> ledger.Recorded:
        """Record up to 500 lines. What an earlier tick had claimed and not finished is recorded first.

        A line that cannot be recorded, whatever it holds, becomes a refusal; it takes no other along.
        """
        try:
            claimed = self._claim()
            if not claimed:
                return ledger.Recorded()
            with self._pool.connection() as connection:
                recorded = _record(
                    connection, [_read(length, line) for length, line in claimed if line.strip()]
                )
            self._client.delete(CLAIMED)
        except RedisError as error:
            raise broker.explain(error) from error
        return recorded

    def _claim(self) -> list[Any]:
        if not self._client.exists(URL_LIST, CLAIMED):
            return []
        found: list[Any] = self._client.eval(  # type: ignore[assignment]
            _CLAIM, 2, URL_LIST, CLAIMED, str(_BATCH), str(LINE_CAP_BYTES), str(_HEAD_BYTES)
        )
        return found


def _read(length: int, line: bytes) -> ledger.Entry | ledger.Refusal:
    text = line.decode("utf-8", "backslashreplace")
    if length > LINE_CAP_BYTES:
        told = f"a line of {length:,} bytes; at most {LINE_CAP_BYTES:,} are read"
        return ledger.Refusal(text, BadLine("line_too_long", told), "redis")
    try:
        return parse_line(line, "redis")
    except Exception as error:  # noqa: BLE001  a line that breaks its reader is a bad line, not the end of the loop
        log.error("line_unreadable", error=f"{type(error).__name__}: {error}"[:500])
        return _unreadable(text, error)


def _unreadable(text: str, error: Exception) -> ledger.Refusal:
    told = f"the line cannot be recorded ({type(error).__name__}: {error}); push a URL or a JSON object with a url"
    return ledger.Refusal(text, BadLine("unreadable_line", ascii(told)[1:-1]), "redis")


def _record(connection: Connection[Any], read: Sequence[ledger.Entry | ledger.Refusal]) -> ledger.Recorded:
    """Record lines; where Postgres refuses some, each half by itself, down to the one that becomes a refusal."""
    entries = [r for r in read if isinstance(r, ledger.Entry)]
    refusals = [r for r in read if isinstance(r, ledger.Refusal)]
    try:
        with connection.transaction():
            return ledger.record(connection, entries, refusals)
    except BAD_DATA as error:
        if len(read) > 1:
            middle = len(read) // 2
            return _record(connection, read[:middle]) + _record(connection, read[middle:])
        if entries:
            return _record(connection, [_unreadable(ascii(entries[0].url.url)[1:-1], error)])
        log.error(
            "refusal_lost", line=ascii(refusals[0].raw)[:500], error=f"{type(error).__name__}: {error}"[:500]
        )
        return ledger.Recorded(refused=1)
