"""The desk's settings."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from services.runtime.settings import (
    ServiceSettings,
    database_url,
    seconds,
    setting,
    text,
    whole,
    words,
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(raw: str) -> tuple[Network, ...]:
    """Parses a comma-separated list of networks or addresses."""
    return tuple(ipaddress.ip_network(word) for word in words(raw))


_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings(ServiceSettings):
    """Settings of the desk."""

    database_url: str = database_url()
    address: str = setting("DATELINE_DESK_ADDRESS", text, "the address that the desk listens on", "127.0.0.1")
    port: int = setting("DATELINE_DESK_PORT", whole(1, 65535), "the port that the desk listens on", 8080)
    open_to: tuple[Network, ...] = setting(
        "DATELINE_DESK_OPEN_TO",
        networks,
        "client networks that need no token in the development profile, such as 127.0.0.0/8,::1",
        _LOOPBACK,
    )
    hosts: tuple[str, ...] = setting(
        "DATELINE_DESK_HOSTS",
        words,
        "accepted Host headers besides localhost; any if empty",
        (),
    )
    trusted_proxies: tuple[Network, ...] = setting(
        "DATELINE_TRUSTED_PROXIES",
        networks,
        "proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
        (),
    )
    rate: int = setting(
        "DATELINE_DESK_RATE", whole(1, 100_000), "rate limit: requests per second from one address", 50
    )
    question_s: float = setting(
        "DATELINE_DESK_QUESTION_S",
        seconds(0.1, 600),
        "statement timeout of the desk's queries",
        15.0,
    )
    flower_url: str = setting(
        "DATELINE_FLOWER_URL", text, "where people find Flower; the page links there", ""
    )
    webhook_timeout_s: float = setting(
        "DATELINE_WEBHOOK_TIMEOUT_S", seconds(1, 60), "timeout of a delivery to a webhook", 10.0
    )
    allow_hosts: tuple[str, ...] = setting(
        "DATELINE_ALLOW_HOSTS", words, "hosts on private addresses that may be connected to", ()
    )
    metrics_address: str = setting(
        "DATELINE_METRICS_ADDRESS", text, "the address that /metrics listens on", "127.0.0.1"
    )
    metrics_port: int = setting(
        "DATELINE_METRICS_PORT", whole(0, 65535), "the port of /metrics for Prometheus; 0 serves none", 0
    )

    @property
    def is_open(self) -> bool:
        """Whether some clients need no token."""
        return self.profile == "development" and bool(self.open_to)
