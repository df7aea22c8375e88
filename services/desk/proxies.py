"""The client's address: the peer of the connection, or the one that a trusted proxy reports."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from starlette.types import Scope

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
_LONGEST = 2_000


@lru_cache(maxsize=4096)
def is_within(address: str, networks: Networks) -> bool:
    """Whether an address is in one of the networks; False for what is no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("/")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return any((mapped or parsed) in network for network in networks)


@lru_cache(maxsize=4096)
def caller_key(address: str) -> str:
    """The key of rate and connection limits: an IPv4 address, or an IPv6 /64, which one subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv4Address) or parsed.is_loopback:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def apply_forwarded(scope: Scope, proxies: Networks) -> None:
    """Sets a request's client and scheme from X-Forwarded-For and X-Forwarded-Proto of a trusted proxy;
    ignores these headers from anyone else."""
    if not proxies or not scope.get("client") or not is_within(scope["client"][0], proxies):
        return
    given = {b"x-forwarded-for": "", b"x-forwarded-proto": ""}
    for name, value in scope["headers"]:
        if name in given:
            given[name] += "," + value.decode("latin-1")
    if len(given[b"x-forwarded-for"]) <= _LONGEST:
        _set_client(scope, given[b"x-forwarded-for"], proxies)
    scheme = given[b"x-forwarded-proto"].rpartition(",")[2].strip().lower()
    if scheme in ("http", "https"):
        scope["scheme"] = scheme


def _set_client(scope: Scope, forwarded: str, proxies: Networks) -> None:
    """The rightmost address that is not a trusted proxy's: everything left of it may be forged by the
    client."""
    for part in reversed([p.strip() for p in forwarded.split(",") if p.strip()]):
        address = part.strip("[]")
        try:
            ipaddress.ip_address(address)
        except ValueError:
            return
        scope["client"] = (address, 0)
        if not is_within(address, proxies):
            return
