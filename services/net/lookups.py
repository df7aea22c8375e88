"""Names looked up beside whoever asks: a name server that does not answer costs its asker the time it has, and nobody else any."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from concurrent.futures import Future

_MOST = 512
"""Look-ups under way at once. The system's own ends by itself after some ten seconds, which nothing can shorten."""


class Lookups:
    """Look-ups in threads of their own, one a name, however many wait for it."""

    def __init__(self, lookup: Callable[[str, int], list[str]], most: int = _MOST) -> None:
        self._lookup, self._most = lookup, most
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, int], Future[list[str]]] = {}

    def addresses(self, host: str, port: int, within_s: float) -> list[str]:
        """What `lookup` says. Raises what it raises, and TimeoutError where that is not said in time."""
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
    """Whether there is nothing to be looked up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
