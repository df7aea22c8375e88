"""Look-ups of names: in time or not at all, one for all who wait for a name, and so many at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.net.guard import CheckedResolver, Gate
from services.net.lookups import Lookups
from tests.conftest import eventually


class Slow:
    """A resolver that answers for no host below `hangs.example` until it may."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host.endswith("hangs.example"):
            self.may.wait(60)
        if host.startswith("none."):
            raise socket.gaierror(socket.EAI_NONAME, "there is no such name")
        return ["192.0.2.1"]


@pytest.fixture
def slow() -> Iterator[Slow]:
    resolver = Slow()
    yield resolver
    resolver.may.set()


def test_one_that_hangs_ends_in_time_and_costs_no_other(slow: Slow) -> None:
    lookups = Lookups(slow)
    with pytest.raises(TimeoutError, match=r"no name server has answered for a.hangs.example within 0.05 s"):
        lookups.addresses("a.hangs.example", 80, 0.05)
    assert lookups.addresses("other.example", 80, 10) == ["192.0.2.1"]


def test_a_name_is_looked_up_once_for_all_who_wait(slow: Slow) -> None:
    lookups = Lookups(slow)
    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(lookups.addresses, "a.hangs.example", 80, 0.2) for _ in range(8)]
        assert {type(one.exception()) for one in waiting} == {TimeoutError}
    assert slow.asked == ["a.hangs.example"]
    slow.may.set()
    eventually("it is over", lambda: not lookups._under_way, within_s=20)
    assert lookups.addresses("a.hangs.example", 80, 10) == ["192.0.2.1"], "and asked for anew"


def test_more_than_so_many_are_not_begun(slow: Slow) -> None:
    lookups = Lookups(slow, most=3)
    for n in range(3):
        with pytest.raises(TimeoutError):
            lookups.addresses(f"{n}.hangs.example", 80, 0.01)
    with pytest.raises(TimeoutError, match="3 names are looked up already"):
        lookups.addresses("other.example", 80, 10)
    slow.may.set()
    eventually("there is room again", lambda: not lookups._under_way, within_s=20)
    assert lookups.addresses("other.example", 80, 10) == ["192.0.2.1"]


def test_what_the_resolver_raises_is_raised(slow: Slow) -> None:
    lookups = Lookups(slow)
    for _ in range(2):
        with pytest.raises(socket.gaierror, match="no such name"):
            lookups.addresses("none.example", 80, 10)


def test_the_gate_waits_no_longer_than_it_may(slow: Slow) -> None:
    resolver = CheckedResolver(Gate(lookup=slow))
    with pytest.raises(TimeoutError):
        resolver.addresses("a.hangs.example", 80, 0.05)
