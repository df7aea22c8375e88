"""The Redis list `dateline:urls` as an intake: its lines go into the ledger, as URLs or as refusals."""

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
# Returns the lines in CLAIMED, after moving up to ARGV[1] lines there if it was empty. Of a line over ARGV[2]
# bytes only the length and the first ARGV[3] bytes are returned: an oversized line must not be read into
# memory.
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
    """Moves lines from the list to the ledger, at least once: a line leaves Redis after the commit."""

    def __init__(self, pool: ConnectionPool[Any], client: Redis) -> None:
        self._pool = pool
        self._client = client

    def tick(self) -> ledger.Recorded:
        """Records up to 500 lines, first those that an interrupted tick left in CLAIMED. Idempotent.

        A line that cannot be recorded becomes a refusal; the others are not affected. Raises Unavailable if
        Redis does not answer.
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
    except Exception as error:  # noqa: BLE001  whatever a line makes the parser raise, the others must go on
        log.error("line_unreadable", error=f"{type(error).__name__}: {error}"[:500])
        return _unreadable(text, error)


def _unreadable(text: str, error: Exception) -> ledger.Refusal:
    told = f"the line cannot be recorded ({type(error).__name__}: {error}); push a URL, or JSON with a url"
    return ledger.Refusal(text, BadLine("unreadable_line", ascii(told)[1:-1]), "redis")


def _record(connection: Connection[Any], read: Sequence[ledger.Entry | ledger.Refusal]) -> ledger.Recorded:
    """Records lines in one transaction. If Postgres rejects it, bisects down to the bad line, which is
    refused.
    """
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
