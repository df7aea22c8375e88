"""No test of fetching lets a packet leave the machine: a hole shows as a failed test, not as traffic."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ingest.hostile import HostileSite


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    try:
        found = ipaddress.ip_address(str(address[0]).split("%", 1)[0])
    except ValueError:
        return address[0] == "localhost"
    return found.is_loopback


@pytest.fixture(autouse=True)
def no_egress(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every connection beyond loopback is noted, refused, and fails the test."""
    escaped: list[Any] = []
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(call: Any) -> Any:
        def checked(self: socket.socket, address: Any) -> Any:
            if not _is_loopback(address):
                escaped.append(address)
                raise OSError(101, "a test may not leave the machine")
            return call(self, address)

        return checked

    def looked_up(host: Any, *more: Any, **named: Any) -> Any:
        """Addresses are read, names do not exist: no question goes to a name server."""
        if host in (None, "localhost", b"localhost"):
            return lookup(host, *more, **named)
        return lookup(host, *more, **{**named, "flags": named.get("flags", 0) | socket.AI_NUMERICHOST})

    monkeypatch.setattr(socket.socket, "connect", guarded(connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    yield escaped
    assert not escaped, f"left the machine: {escaped}"


@pytest.fixture(scope="module")
def hostile() -> Iterator[HostileSite]:
    with HostileSite() as site:
        yield site
