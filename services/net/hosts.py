"""Rate limits by host, shared by all workers: a default, and overrides for single hosts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.runtime.settings import setting

HOLDS_KEY = "dateline:holds"
"""A Redis sorted set: hosts not to be contacted before a time (milliseconds since the epoch)."""
BOOKED_KEY = "dateline:booked"
"""The same for hosts whose slots are booked so far ahead that more URLs need not be dispatched yet."""


@dataclass(frozen=True, slots=True)
class HostLimit:
    """Requests a second, and concurrent requests."""

    rate: float = 1.0
    concurrency: int = 2

    @property
    def in_flight(self) -> int:
        """How many of a host's URLs are worth having in flight: two seconds' worth."""
        return max(self.concurrency, math.ceil(2 * self.rate))


@dataclass(frozen=True, slots=True)
class HostLimits:
    """The limit of each host. An override holds for its subdomains too; the longest match wins."""

    default: HostLimit = HostLimit()
    overrides: Mapping[str, HostLimit] = field(default_factory=dict)

    def of(self, host: str) -> HostLimit:
        """The limit of a host; a port is ignored."""
        labels = (host.partition(":")[0] if host.count(":") == 1 else host).split(".")
        for start in range(len(labels)):
            if found := self.overrides.get(".".join(labels[start:])):
                return found
        return self.default


def _limit(raw: str) -> HostLimit:
    rate, _, concurrency = raw.partition("/")
    limit = HostLimit(float(rate), int(concurrency)) if concurrency else HostLimit(float(rate))
    if not (0 < limit.rate <= 10_000 and 1 <= limit.concurrency <= 1000):
        raise ValueError("the rate is not above 0, or the concurrency not at least 1")
    return limit


def _overrides(raw: str) -> dict[str, HostLimit]:
    found = {}
    for part in filter(None, (p.strip() for p in raw.split(","))):
        host, equals, limit = part.partition("=")
        if not equals or not host.strip():
            raise ValueError(f"{part!r} is not host=rate or host=rate/concurrency")
        found[host.strip().lower()] = _limit(limit)
    return found


def host_limit_setting() -> Any:
    """The default limit's setting."""
    return setting(
        "DATELINE_HOST_LIMIT",
        _limit,
        "requests a second to one host, and how many at the same time, as 1/2",
        HostLimit(),
    )


def host_limits_setting() -> Any:
    """The setting of overrides."""
    return setting(
        "DATELINE_HOST_LIMITS",
        _overrides,
        "limits of single hosts and their subdomains, as example.org=5/4,slow.example=0.2",
        {},
    )
