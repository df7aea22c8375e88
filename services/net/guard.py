"""The address check: connections go to public addresses, and to hosts that the user allows.

A name is resolved once, and the connection goes to the very address that was checked, so that DNS rebinding
gains nothing. Checked addresses are cached for a minute.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from services.contract.errors import PermanentError
from services.net.lookups import Lookups
from services.net.special_addresses import Address, special

PORTS = (80, 443, 8080, 8443)
_KEEP_S = 60.0
_KEEP_MOST = 10_000
_WITHIN_S = 10.0


class AddressRefused(PermanentError):
    """The host has an address that is not public."""

    def __init__(self, host: str, address: str, why: str) -> None:
        super().__init__(
            "address_refused",
            f"{host} has the address {address}, which is not public ({why}); "
            "allow the host with DATELINE_ALLOW_HOSTS if it is yours",
        )


class PortRefused(PermanentError):
    """The port is not one on which sites serve pages."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            "port_refused",
            f"{host}:{port} is not a port on which sites serve pages; allow it with DATELINE_ALLOW_PORTS, "
            "or the host with DATELINE_ALLOW_HOSTS if it is yours",
        )


class NoContact(PermanentError):
    """DATELINE_CONTACT is not set, so nothing public is fetched."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "no_contact",
            f"{host} is on the public internet and DATELINE_CONTACT is not set: set it to a URL or "
            "an e-mail address at "
            "which site owners reach you, then `dateline dead replay --reason no_contact`",
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be connected to. `lookup` replaces the system's resolver in tests."""

    allow_hosts: tuple[str, ...] = ()
    allow_ports: tuple[int, ...] = PORTS
    public: bool = True
    lookup: Callable[[str, int], list[str]] | None = None

    def allows(self, host: str, port: int) -> bool:
        """Whether the user allows the host: neither its address nor its port is checked then."""
        return host in self.allow_hosts or f"{host}:{port}" in self.allow_hosts


def is_public(address: Address) -> bool:
    """Whether an address is public, looking also inside IPv6 forms that embed an IPv4 address."""
    return special(address) is None


class CheckedResolver:
    """Resolves names to checked addresses, and caches these for a minute."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._lock = threading.Lock()
        self._lookups = Lookups(gate.lookup or _lookup)

    def addresses(self, host: str, port: int, within_s: float = _WITHIN_S) -> list[str]:
        """The addresses of a host, all of which passed the check.

        Raises AddressRefused, PortRefused, NoContact, OSError, or TimeoutError when no name server answers
        within `within_s`.
        """
        key = (host.strip("[]"), port)
        with self._lock:
            until, found = self._known.get(key, (0.0, []))
        if time.monotonic() < until:
            return found
        found = self._checked(*key, within_s)
        with self._lock:
            if len(self._known) >= _KEEP_MOST:
                self._known.clear()
            self._known[key] = (time.monotonic() + _KEEP_S, found)
        return found

    def _checked(self, host: str, port: int, within_s: float) -> list[str]:
        gate = self._gate
        own = gate.allows(host, port)
        if not own and port not in gate.allow_ports:
            raise PortRefused(host, port)
        addresses = self._lookups.addresses(host, port, within_s)
        for address in () if own else addresses:
            if why := special(ipaddress.ip_address(address.split("%", 1)[0])):
                raise AddressRefused(host, address, why)
        if not own and not gate.public:
            raise NoContact(host)
        return addresses


def _lookup(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
