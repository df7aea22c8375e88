"""Connections to public addresses only.

A name is resolved once and the connection goes to the very address that was checked, so that a name
which answers differently the second time gains nothing. The check sits where the socket is opened:
redirects and pooled connections pass it too.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager
from urllib3.util.connection import create_connection

from services.contract.errors import PermanentError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")


class AddressRefused(PermanentError):
    """The host's address is not one that may be fetched."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(
            "address_refused",
            f"{host} has the address {address}, which is not public; allow the host with DATELINE_ALLOW_HOSTS if it is yours",
        )


def is_public(address: Address) -> bool:
    """Whether an address is reachable on the public internet, also through the forms that embed an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if embedded is None and address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None and not is_public(embedded):
            return False
        if address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    )


def resolve(host: str, port: int, allow_hosts: Collection[str]) -> list[str]:
    """The addresses of a host, each of them public unless the host is allowed. Raises AddressRefused or OSError."""
    bare = host.strip("[]")
    answers = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if bare not in allow_hosts and f"{bare}:{port}" not in allow_hosts:
        for address in addresses:
            if not is_public(ipaddress.ip_address(address.split("%", 1)[0])):
                raise AddressRefused(host, address)
    return addresses


def _open(connection: HTTPConnection, allow_hosts: Collection[str]) -> socket.socket:
    host = connection._dns_host  # type: ignore[attr-defined]
    try:
        addresses = resolve(host, connection.port, allow_hosts)
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
    last: OSError | None = None
    for address in addresses[:4]:
        try:
            return create_connection(
                (address, connection.port), connection.timeout, socket_options=connection.socket_options
            )
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, f"no connection to {host} within {connection.timeout} s") from error
        except OSError as error:
            last = error
    raise NewConnectionError(connection, f"{last}") from last


def guarded_adapter(allow_hosts: Collection[str], *, pool_size: int) -> HTTPAdapter:
    """A requests adapter whose every new connection passes the address check."""

    class GuardedHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _open(self, allow_hosts)

    class GuardedHTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _open(self, allow_hosts)

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = GuardedHTTP

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPS

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
            self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": HTTPPool, "https": HTTPSPool}

    return Adapter(pool_connections=pool_size, pool_maxsize=4)
