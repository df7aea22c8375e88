"""The same work over many items with all cores, in order; an item that breaks, or kills its process, fails alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

J = TypeVar("J")
_CHUNK = 16


def run_all(
    work: Callable[[J], dict[str, Any]],
    jobs: Iterable[J],
    workers: int,
    *,
    label: str,
    name: Callable[[J], dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Results in the order of `jobs`. For one that fails, `name(job)` with an "error"; progress on a terminal."""
    console = Console(stderr=True)
    total = len(jobs) if hasattr(jobs, "__len__") else None  # type: ignore[arg-type]
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=total)
        one = workers == 1 or (total is not None and total <= 2)
        results = _here(work, jobs, name) if one else _in_processes(work, jobs, workers, name)
        for result in results:
            progress.advance(task)
            yield result


def _guarded(work: Callable[[J], dict[str, Any]], job: J, name: Callable[[J], dict[str, Any]]) -> dict[str, Any]:
    try:
        return work(job)
    except Exception as error:  # noqa: BLE001  a door: the error takes the result's place
        return name(job) | {"error": f"{type(error).__name__}: {error}"}


def _here(
    work: Callable[[J], dict[str, Any]], jobs: Iterable[J], name: Callable[[J], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for job in jobs:
        yield _guarded(work, job, name)


def _chunk(
    work: Callable[[J], dict[str, Any]], jobs: list[J], name: Callable[[J], dict[str, Any]]
) -> list[dict[str, Any]]:
    return [_guarded(work, job, name) for job in jobs]


def _in_processes(
    work: Callable[[J], dict[str, Any]], jobs: Iterable[J], workers: int, name: Callable[[J], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    source = iter(jobs)
    waiting: deque[tuple[list[J], Future[list[dict[str, Any]]]]] = deque()
    pool = _pool(workers)
    try:
        while True:
            while len(waiting) < 3 * workers and (chunk := list(islice(source, _CHUNK))):
                waiting.append((chunk, pool.submit(_chunk, work, chunk, name)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            try:
                yield from future.result()
            except BrokenProcessPool:
                # A process died: find the item, one process each, and take the rest up again.
                pool.shutdown(wait=False, cancel_futures=True)
                for job in chunk:
                    yield _alone(work, job, name)
                pool = _pool(workers)
                waiting = deque((c, pool.submit(_chunk, work, c, name)) for c, _ in waiting)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _alone(work: Callable[[J], dict[str, Any]], job: J, name: Callable[[J], dict[str, Any]]) -> dict[str, Any]:
    with _pool(1) as pool:
        try:
            return pool.submit(_guarded, work, job, name).result()
        except BrokenProcessPool:
            return name(job) | {"error": "the process that worked on it died (out of memory, or a crash in a library)"}


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
