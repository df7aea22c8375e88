"""DNS lookups with a timeout, in background threads: a name server that does not answer delays only its
caller."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from concurrent.futures import Future

_MOST = 512
"""Maximum number of concurrent lookups. The system's own timeout, about ten seconds, cannot be shortened."""


class Lookups:
    """Runs one lookup per name, each in its own thread; concurrent callers share it."""

    def __init__(self, lookup: Callable[[str, int], list[str]], most: int = _MOST) -> None:
        self._lookup, self._most = lookup, most
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, int], Future[list[str]]] = {}

    def addresses(self, host: str, port: int, within_s: float) -> list[str]:
        """The result of `lookup`. Raises what it raises, and TimeoutError after `within_s`."""
        if is_address(host):
            return self._lookup(host, port)
        found = self._begun((host, port))
        try:
            return found.result(within_s)
        except TimeoutError as error:
            raise TimeoutError(f"no name server has answered for {host} within {within_s:.3g} s") from error

    def _begun(self, key: tuple[str, int]) -> Future[list[str]]:
        with self._lock:
            if (found := self._under_way.get(key)) is not None:
                return found
            if len(self._under_way) >= self._most:
                raise TimeoutError(f"{self._most} names are looked up already, and no name server answers")
            found = self._under_way[key] = Future()
        threading.Thread(target=self._ask, args=(key, found), name="lookup", daemon=True).start()
        return found

    def _ask(self, key: tuple[str, int], asked: Future[list[str]]) -> None:
        try:
            answer = self._lookup(*key)
        except BaseException as error:  # noqa: BLE001  raised where it is waited for
            self._end(key)
            asked.set_exception(error)
        else:
            self._end(key)
            asked.set_result(answer)

    def _end(self, key: tuple[str, int]) -> None:
        with self._lock:
            del self._under_way[key]


def is_address(host: str) -> bool:
    """Whether the host is an IP address, which needs no lookup."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
