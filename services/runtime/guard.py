"""Connections to public addresses only.

A name is resolved once and the connection goes to the very address that was checked, so that a name
which answers differently the second time gains nothing. The check sits where the socket is opened:
redirects and pooled connections pass it too. Answers are kept for a minute; only checked ones are.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

from services.contract.errors import PermanentError
from services.runtime.connections import Socket, is_quiet
from services.runtime.deadline import Line, using
from services.runtime.http_answers import Answer

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = (80, 443, 8080, 8443)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
# Not every Python knows these as special: IETF assignments (a cloud's metadata service is among them), 6to4 relays.
_ALSO_SPECIAL = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("192.88.99.0/24"))
_KEEP_S = 60.0
_KEEP_MOST = 10_000
_SERVER = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?(?=[/?])")


class AddressRefused(PermanentError):
    """The host's address is not one that may be fetched."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(
            "address_refused",
            f"{host} has the address {address}, which is not public; allow the host with DATELINE_ALLOW_HOSTS if it is yours",
        )


class PortRefused(PermanentError):
    """A port on which sites do not serve pages."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            "port_refused",
            f"{host}:{port} is not a port on which sites serve pages; allow it with DATELINE_ALLOW_PORTS, "
            "or the host with DATELINE_ALLOW_HOSTS if it is yours",
        )


class NoContact(PermanentError):
    """Nobody has said whom site owners should ask."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "no_contact",
            f"{host} is on the public internet and DATELINE_CONTACT is not set: set it to a URL or an e-mail address at "
            "which site owners reach you, then `dateline dead replay --reason no_contact`",
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be connected to. `resolve` is the system's resolver unless a test brings its own."""

    allow_hosts: tuple[str, ...] = ()
    allow_ports: tuple[int, ...] = PORTS
    public: bool = True
    lookup: Callable[[str, int], list[str]] | None = None

    def allows(self, host: str, port: int) -> bool:
        """Whether the host is one of the user's own: its address and port are not looked at."""
        return host in self.allow_hosts or f"{host}:{port}" in self.allow_hosts


def is_public(address: Address) -> bool:
    """Whether an address is reachable on the public internet, also through the forms that embed an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if embedded is None and address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is None and int(address) < 2**32:  # the old IPv4-compatible form
            embedded = ipaddress.IPv4Address(int(address))
        if embedded is not None and not is_public(embedded):
            return False
        if address.is_site_local or address in _NAT64_LOCAL:
            return False
    if isinstance(address, ipaddress.IPv4Address) and any(address in network for network in _ALSO_SPECIAL):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    )


class Resolver:
    """Names to checked addresses, each kept for a minute."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._lock = threading.Lock()

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, all of them fit to be fetched. Raises what the gate refuses, or OSError."""
        key = (host.strip("[]"), port)
        with self._lock:
            until, found = self._known.get(key, (0.0, []))
        if time.monotonic() < until:
            return found
        found = self._checked(*key)
        with self._lock:
            if len(self._known) >= _KEEP_MOST:
                self._known.clear()
            self._known[key] = (time.monotonic() + _KEEP_S, found)
        return found

    def _checked(self, host: str, port: int) -> list[str]:
        gate = self._gate
        own = gate.allows(host, port)
        if not own and port not in gate.allow_ports:
            raise PortRefused(host, port)
        addresses = (gate.lookup or _lookup)(host, port)
        for address in () if own else addresses:
            if not is_public(ipaddress.ip_address(address.split("%", 1)[0])):
                raise AddressRefused(host, address)
        if not own and not gate.public:
            raise NoContact(host)
        return addresses


def _lookup(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


_CONNECT_S = 10.0


def _open(connection: HTTPConnection, resolver: Resolver) -> socket.socket:
    host = connection._dns_host  # type: ignore[attr-defined]
    try:
        addresses = resolver.addresses(host, connection.port)
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
    timeout_s = min(connection.timeout or _CONNECT_S, _CONNECT_S)
    last: OSError | None = None
    for address in addresses[:4]:
        try:
            return _connected(address, connection.port, timeout_s, connection.socket_options or ())
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, f"no connection to {host} within {timeout_s:g} s") from error
        except OSError as error:
            last = error
    raise NewConnectionError(connection, f"{last}") from last


def _connected(address: str, port: int, timeout_s: float, options: Any) -> socket.socket:
    family, kind, protocol, _, where = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )[0]
    opened = Socket(family, kind, protocol)
    try:
        for option in options:
            opened.setsockopt(*option)
        opened.settimeout(timeout_s)
        opened.connect(where)
    except BaseException:
        opened.close()
        raise
    return opened


_HOSTS = 256
"""Hosts whose connections are kept: with as few as there are threads, each new host closed another's."""


def guarded_adapter(gate: Gate, *, pool_size: int) -> HTTPAdapter:
    """A requests adapter whose every new connection passes the gate, and whose requests a deadline can end.

    A connection is waited for as long as an answer, at most ten seconds.
    """
    resolver = Resolver(gate)

    class Guarded(HTTPConnection):
        line: Line | None = None
        response_class = Answer  # type: ignore[assignment]

        def _new_conn(self) -> socket.socket:
            opened = _open(self, resolver)
            self.line = Line(opened)
            using(self.line)
            return opened

        @property
        def is_connected(self) -> bool:
            """Whether a kept connection still stands."""
            return is_quiet(self.sock) or super().is_connected

        def request(self, *args: Any, **kwargs: Any) -> None:
            using(self.line)
            super().request(*args, **kwargs)

        def close(self) -> None:
            line, self.line = self.line, None
            try:
                super().close()
            finally:
                if line is not None:
                    line.let_go()

    class GuardedHTTPS(Guarded, HTTPSConnection):
        pass

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPS

    class Pools(PoolManager):
        def connection_from_pool_key(self, pool_key: Any, request_context: Any) -> Any:
            pool: Any = super().connection_from_pool_key(pool_key, request_context)
            pool.found_by = pool_key
            return pool

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
            self.poolmanager: Pools = Pools(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": HTTPPool, "https": HTTPSPool}
            self._keys: dict[str, Any] = {}

        def get_connection_with_tls_context(
            self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
        ) -> Any:
            """A server's pool of connections is found again by its address, without taking that apart."""
            server = _SERVER.match(request.url)
            if server is None or verify is not True or proxies or cert:
                return super().get_connection_with_tls_context(request, verify, proxies, cert)
            key = self._keys.get(server[0])
            pool: Any = key and self.poolmanager.pools.get(key)
            if pool is None:
                pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
                if len(self._keys) >= _KEEP_MOST:
                    self._keys.clear()
                self._keys[server[0]] = pool.found_by
            return pool

    return Adapter(pool_connections=max(pool_size, _HOSTS), pool_maxsize=pool_size)
