"""Rate limits by host, shared by all workers: one Lua script in Redis before each request.

Each URL of a host gets a slot on the host's time line, one request interval after the last. A URL whose slot
is in the future goes back to the ledger until then; no worker sleeps on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import RedisError

from services.contract.errors import Deferred, TransientError
from services.ingest.fetch.scripts import Scripts
from services.net.hosts import BOOKED_KEY, HOLDS_KEY, HostLimit, HostLimits
from services.runtime import broker

HOST_WAIT = "host_wait"
_SLACK_MS = 60
"""Seconds before its time from which a slot may be used: less than a trip through the ledger."""
_BOOKED_MS = 10_000
"""Seconds ahead for which slots are given out; a host with a million URLs gets no more of them meanwhile."""
_MISSED_MS = 5_000
"""Seconds after which an unused slot is replaced by a new one, so that a backlog after an outage is spread
again."""
STATUS_FAILED, HOST_FAILED = 1, 4
"""Weight of a failure: a 5xx may be the page's fault, a missing response is the host's."""
_WEIGHT_BEFORE_HOLD = 10
_RETRY_AFTER_CAP_S = 24 * 3600.0  # a host that asks for a year is asked again after a day
_HOLD_BASE_S, _HOLD_CAP_S = 15.0, 3600.0

# KEYS: the host's hash, its slots, its running requests, all holds, all booked hosts.
# ARGV: the token, interval, concurrency, the longest a request may run, the host, whether it is a hop.
# Times in milliseconds. A hop (a redirect, a robots.txt) takes place at once, but moves the next slot away.
_ADMIT = f"""
local slack, missed, ahead = {_SLACK_MS}, {_MISSED_MS}, {_BOOKED_MS}
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
local token, interval, most, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local hold = tonumber(redis.call('ZSCORE', KEYS[4], ARGV[5]) or 0)
if hold > now then return hold - now end
local own = redis.call('HMGET', KEYS[1], 'next', 'last')
local next, last = tonumber(own[1] or 0), tonumber(own[2] or 0)
local slot = tonumber(redis.call('ZSCORE', KEYS[2], token) or 0)
local waited = slot > 0
if not waited or slot < now - missed or ARGV[6] == '1' then
    slot = math.max(now, next)
    next = slot + interval
    if next - now > ahead then redis.call('ZADD', KEYS[5], 'GT', next - ahead, ARGV[5]) end
end
if ARGV[6] == '1' then
    redis.call('HSET', KEYS[1], 'next', next, 'last', math.max(now, last))
    redis.call('ZADD', KEYS[3], now + lease, token .. ':hop')
    redis.call('PEXPIRE', KEYS[1], 86400000)
    redis.call('PEXPIRE', KEYS[3], lease + 60000)
    return 0
end
local wait = math.max(slot - now, last + interval - now)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
if wait <= slack and redis.call('ZCARD', KEYS[3]) >= most then wait = math.max(interval, 250) end
if wait > slack then
    redis.call('HSET', KEYS[1], 'next', next)
    redis.call('PEXPIRE', KEYS[1], 86400000)
    redis.call('ZADD', KEYS[2], slot, token)
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60000)
    redis.call('PEXPIRE', KEYS[2], math.max(86400000, slot - now + 60000))
    return wait
end
if waited then redis.call('ZREM', KEYS[2], token) end
redis.call('HSET', KEYS[1], 'next', next, 'last', math.max(now, last))
redis.call('PEXPIRE', KEYS[1], 86400000)
redis.call('ZADD', KEYS[3], now + lease, token)
redis.call('PEXPIRE', KEYS[3], lease + 60000)
return 0
"""
# ARGV: the token, what the failure weighs (0: the host answered, -1: neither), the wait that it asked for,
# the host. Returns for how long it is left alone now.
_RELEASE = f"""
redis.call('ZREM', KEYS[2], ARGV[1], ARGV[1] .. ':hop')
local hold = tonumber(ARGV[3])
if tonumber(ARGV[2]) > 0 then
    local over = redis.call('HINCRBY', KEYS[1], 'errors', ARGV[2]) - {_WEIGHT_BEFORE_HOLD}
    redis.call('PEXPIRE', KEYS[1], 86400000)
    if over >= 0 then
        hold = math.max(hold, math.min({_HOLD_CAP_S * 1000:.0f}, {_HOLD_BASE_S * 1000:.0f} * 2 ^ math.floor(over / {HOST_FAILED})))
    end
elseif ARGV[2] == '0' then
    redis.call('HDEL', KEYS[1], 'errors')
end
if hold > 0 then
    local t = redis.call('TIME')
    redis.call('ZADD', KEYS[3], 'GT', t[1] * 1000 + math.floor(t[2] / 1000) + math.ceil(hold), ARGV[4])
end
return math.ceil(hold)
"""  # noqa: E501


@dataclass(slots=True)
class HostRequest:
    """What a request under way turns out to be; set by whoever makes it, before it ends."""

    failed: int = 0
    answered: bool = False
    retry_after_s: float = 0.0


class Politeness(Protocol):
    """Asks before each request whether the host may be requested now."""

    def turn(self, host: str, token: str, *, crawl_delay_s: float = 0.0, hop: bool = False) -> Any:
        """Context manager of one request. Raises Deferred when the host must wait.

        A `hop` (a redirect, a robots.txt) is part of a fetch: it waits only while the host is on hold.
        """


class NoPoliteness:
    """For a single fetch from the command line: no limits."""

    @contextmanager
    def turn(
        self, host: str, token: str, *, crawl_delay_s: float = 0.0, hop: bool = False
    ) -> Iterator[HostRequest]:
        """Enters at once."""
        yield HostRequest()


class RedisPoliteness:
    """Limits shared by all workers through Redis."""

    def __init__(self, client: Redis, limits: HostLimits, *, lease_s: float) -> None:
        self._limits = limits
        self._lease_ms = int(lease_s * 1000)
        self._scripts = Scripts(client)
        self._admit, self._release = self._scripts.register(_ADMIT), self._scripts.register(_RELEASE)

    @contextmanager
    def turn(
        self, host: str, token: str, *, crawl_delay_s: float = 0.0, hop: bool = False
    ) -> Iterator[HostRequest]:
        """Context manager of one request to `host`; `token` identifies the URL, so that its slot is kept
        for it."""
        limit = self._limits.of(host)
        interval_s = max(1 / limit.rate, crawl_delay_s)
        if wait_ms := self._ask(host, token, limit, interval_s, hop):
            raise Deferred(
                HOST_WAIT,
                f"{host} must not be asked for {wait_ms / 1000:.1f} s yet",
                retry_after_s=wait_ms / 1000,
            )
        asked = HostRequest()
        try:
            yield asked
        finally:
            self._end(host, token, asked)

    def _ask(self, host: str, token: str, limit: HostLimit, interval_s: float, hop: bool) -> int:
        own = f"dateline:host:{host}"
        keys = [own, f"{own}:slots", f"{own}:running", HOLDS_KEY, BOOKED_KEY]
        values: list[str | int | float] = [
            token,
            max(1, round(interval_s * 1000)),
            limit.concurrency,
            self._lease_ms,
            host,
            int(hop),
        ]
        try:
            return int(self._scripts.call(self._admit, keys, values))
        except RedisError as error:
            raise _away(error) from error

    def _end(self, host: str, token: str, asked: HostRequest) -> None:
        keys = [f"dateline:host:{host}", f"dateline:host:{host}:running", HOLDS_KEY]
        how = asked.failed or (0 if asked.answered else -1)
        values: list[str | int | float] = [
            token,
            how,
            min(asked.retry_after_s, _RETRY_AFTER_CAP_S) * 1000,
            host,
        ]
        # A fetched page is kept when Redis is away: the lease then expires by itself.
        self._scripts.post(self._release, keys, values)


def _away(error: Exception) -> TransientError:
    known = broker.explain(error)
    return Deferred(known.reason, f"nobody says whether the host may be asked: {known}", retry_after_s=5.0)
