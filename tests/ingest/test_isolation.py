"""Extraction apart: the same result as in the worker, and a page that takes its process down costs nothing
else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.contract.errors import Deferred, TransientError
from services.demo.pages import render, stories
from services.ingest.extract import extract
from services.ingest.isolation import Isolation

POISON = str(Path(__file__).parents[1] / "pipeline" / "poison")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _page(path: str) -> bytes:
    found = render(path, "https://courier.example")
    assert found is not None
    return found.encode()


def test_apart_gives_what_here_gives_from_many_threads() -> None:
    apart = Isolation()
    paths = list(stories())
    with ThreadPoolExecutor(6) as threads:
        pages = threads.map(
            lambda p: apart.extract(_page(p), None, f"https://courier.example{p}", NOW), paths
        )
        found = dict(zip(paths, pages, strict=True))
    assert found == {p: extract(_page(p), f"https://courier.example{p}", now=NOW) for p in stories()}


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("poison-ingest-crash", r"signal 11 \(SIGSEGV\)"),
        ("poison-ingest-memory", "more than 1,024 MiB of memory"),
        ("poison-ingest-loop", "took longer than 4 s"),
    ],
)
def test_a_page_that_takes_its_process_down_is_told_with_how_and_the_next_one_passes(
    marker: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", POISON)
    apart = Isolation(processes=1, deadline_s=4 if marker == "poison-ingest-loop" else 60)
    path = next(iter(stories()))
    with pytest.raises(TransientError, match=said) as raised:
        apart.extract(_page(path) + marker.encode(), None, None, NOW)
    assert raised.value.reason == "extraction_killed"
    assert apart.again(_page(path), None, None, NOW).text == stories()[path].text


def test_an_error_of_the_extractor_keeps_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", POISON)
    with pytest.raises(RuntimeError, match="ZeroDivisionError: a fault of ours"):
        Isolation(processes=1).extract(b"<p>poison-ingest-error</p>", None, None, NOW)


def test_a_suspect_has_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", POISON)
    apart = Isolation(processes=1, deadline_s=1, second_deadline_s=2)
    with pytest.raises(TransientError, match="longer than 2 s"):
        apart.again(b"<p>poison-ingest-loop</p>", None, None, NOW)


def test_a_page_that_would_wait_for_long_ones_comes_again_and_a_suspect_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", POISON)
    apart = Isolation(processes=1, deadline_s=3, patience_s=0)
    path = next(iter(stories()))
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(apart.extract, b"<p>poison-ingest-loop</p>", None, None, NOW)
        while not apart._slots.empty():
            pass
        with pytest.raises(Deferred, match="comes again") as raised:
            apart.extract(_page(path), None, "https://courier.example/a", NOW)
        suspect = threads.submit(apart.again, _page(path), None, None, NOW)
        assert suspect.result(timeout=60).text == stories()[path].text
        assert isinstance(slow.exception(), TransientError)
    assert raised.value.reason == "worker_busy"


def test_suspects_beyond_those_that_may_wait_come_again_so_that_other_pages_keep_their_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", POISON)
    apart = Isolation(processes=1, second_deadline_s=3, waiting=1)
    with ThreadPoolExecutor(3) as threads:
        work = [threads.submit(apart.again, b"<p>poison-ingest-loop</p>", None, None, NOW) for _ in range(3)]
        ended = [one.exception(30) for one in work]
    assert sorted(type(error).__name__ for error in ended) == ["Deferred", "TransientError", "TransientError"]
    assert isinstance(apart.again(_page(next(iter(stories()))), None, None, NOW).text, str)
