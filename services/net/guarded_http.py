"""An adapter for Requests that opens guarded connections: the address check runs where the socket opens.

So redirects and pooled connections pass it too. A deadline can end each request.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

from services.contract.errors import BadSettings, PermanentError
from services.net.deadline import ShutdownHandle, attach_current, remaining_s
from services.net.guard import AddressRefused, CheckedResolver, Gate, PortRefused
from services.net.http_answers import LenientResponse

_CONNECT_S = 10.0


def _open(connection: HTTPConnection, resolver: CheckedResolver) -> socket.socket:
    host = connection._dns_host  # type: ignore[attr-defined]
    within_s = min(connection.timeout or _CONNECT_S, _CONNECT_S)
    try:
        addresses = resolver.addresses(host, connection.port, min(within_s, remaining_s()))
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
    timeout_s = max(0.001, min(within_s, remaining_s()))
    last: OSError | None = None
    for address in addresses[:4]:
        try:
            return connected(address, connection.port, timeout_s, connection.socket_options or ())
        except TimeoutError as error:
            raise ConnectTimeoutError(
                connection, f"no connection to {host} within {timeout_s:g} s"
            ) from error
        except OSError as error:
            last = error
    raise NewConnectionError(connection, f"{last}") from last


def connected(address: str, port: int, timeout_s: float, options: Any) -> socket.socket:
    """Opens a TCP connection within `timeout_s`. Raises OSError."""
    family, kind, protocol, _, where = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )[0]
    opened = socket.socket(family, kind, protocol)
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
"""Hosts whose connections are pooled. With one pool per thread, each new host evicted another's
connections."""


_PROBES = ("http://169.254.169.254/", "http://127.0.0.1/", "https://127.0.0.1/", "http://[::1]/")


def check_gate(adapter_of: Callable[[str], BaseAdapter], gate: Gate) -> None:
    """Probes addresses that the gate must refuse, through the same adapter as pages. Raises BadSettings if
    one is not refused.

    Hosts that the settings allow are not probed.
    """
    for url in _PROBES:
        request = requests.Request("GET", url).prepare()
        parts = urlsplit(url)
        if gate.allows(parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]):
            continue
        try:
            with adapter_of(url).send(request, stream=True, timeout=1.0):
                error: Exception | None = None
        except (requests.RequestException, HTTPError, OSError, PermanentError) as failure:
            error = failure
        if not _is_refusal(error):
            raise BadSettings(
                f"the address check is not in place: {url} was requested and not refused; "
                "nothing is fetched without it"
            )


def _is_refusal(error: BaseException | None) -> bool:
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, (AddressRefused, PortRefused)):
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False


def guarded_adapter(gate: Gate, *, pool_size: int) -> HTTPAdapter:
    """A Requests adapter whose every new connection passes the gate, and whose requests a deadline can
    end.

    The connect timeout is the read timeout, at most ten seconds.
    """
    resolver = CheckedResolver(gate)

    class Guarded(HTTPConnection):
        handle: ShutdownHandle | None = None
        response_class = LenientResponse  # type: ignore[assignment]

        def _new_conn(self) -> socket.socket:
            opened = _open(self, resolver)
            self.handle = ShutdownHandle(opened)
            attach_current(self.handle)
            return opened

        def request(self, *args: Any, **kwargs: Any) -> None:
            attach_current(self.handle)
            super().request(*args, **kwargs)

        def close(self) -> None:
            handle, self.handle = self.handle, None
            try:
                super().close()
            finally:
                if handle is not None:
                    handle.release()

    class GuardedHTTPS(Guarded, HTTPSConnection):
        pass

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPS

    class Adapter(HTTPAdapter):
        def init_poolmanager(
            self, connections: int, maxsize: int, block: bool = False, **kwargs: Any
        ) -> None:
            self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": HTTPPool, "https": HTTPSPool}

    return Adapter(pool_connections=max(pool_size, _HOSTS), pool_maxsize=pool_size)
