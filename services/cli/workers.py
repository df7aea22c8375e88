"""Runs work on many items on all cores, in order; an item that raises or kills its process fails alone."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

J = TypeVar("J")
Result = dict[str, Any]
_CHUNK = 16


def run_all(
    work: Callable[[J], Result], jobs: Iterable[J], workers: int, *, label: str, name: Callable[[J], Result]
) -> Iterator[Result]:
    """Yields results in the order of `jobs`. A failed job yields `name(job)` with an "error". Shows
    progress on a terminal."""
    return _run(partial(_each, work, name), jobs, workers, label=label, name=name, at_once=1)


def run_together(
    work: Callable[[list[J]], list[Result]],
    jobs: Iterable[J],
    workers: int,
    *,
    label: str,
    name: Callable[[J], Result],
) -> Iterator[Result]:
    """Like `run_all`, for work that is faster on several items at once. If a group fails, its items are
    run one by one."""
    return _run(partial(_together, work, name), jobs, workers, label=label, name=name, at_once=_CHUNK)


def _each(work: Callable[[J], Result], name: Callable[[J], Result], jobs: list[J]) -> list[Result]:
    results = []
    for job in jobs:
        try:
            results.append(work(job))
        except Exception as error:  # noqa: BLE001  the error takes the result's place
            results.append(name(job) | {"error": f"{type(error).__name__}: {error}"})
    return results


def _together(
    work: Callable[[list[J]], list[Result]], name: Callable[[J], Result], jobs: list[J]
) -> list[Result]:
    try:
        return work(jobs)
    except Exception:  # noqa: BLE001  caused by one of them, which is found below
        return _each(lambda job: work([job])[0], name, jobs)


def _run(
    work: Callable[[list[J]], list[Result]],
    jobs: Iterable[J],
    workers: int,
    *,
    label: str,
    name: Callable[[J], Result],
    at_once: int,
) -> Iterator[Result]:
    """Runs `work`, which must not raise. In this process `at_once` jobs form a group, so that results come
    soon; in others, more."""
    console = Console(stderr=True)
    total = len(jobs) if hasattr(jobs, "__len__") else None  # type: ignore[arg-type]
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=total)
        one = workers == 1 or (total is not None and total <= 2)
        results = _here(work, jobs, at_once) if one else _in_processes(work, jobs, workers, name)
        for result in results:
            progress.advance(task)
            yield result


def _here(work: Callable[[list[J]], list[Result]], jobs: Iterable[J], at_once: int) -> Iterator[Result]:
    source = iter(jobs)
    while chunk := list(islice(source, at_once)):
        yield from work(chunk)


def _in_processes(
    work: Callable[[list[J]], list[Result]], jobs: Iterable[J], workers: int, name: Callable[[J], Result]
) -> Iterator[Result]:
    source = iter(jobs)
    waiting: deque[tuple[list[J], Future[list[Result]]]] = deque()
    pool = _pool(workers)
    try:
        while True:
            while len(waiting) < 3 * workers and (chunk := list(islice(source, _CHUNK))):
                waiting.append((chunk, _submit(pool, work, chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            try:
                yield from future.result()
            except BrokenProcessPool:
                # A process died: find the item with one process each, then resume with the rest.
                pool.shutdown(wait=False, cancel_futures=True)
                for job in chunk:
                    yield _alone(work, job, name)
                pool = _pool(workers)
                waiting = deque((c, _submit(pool, work, c)) for c, _ in waiting)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _alone(work: Callable[[list[J]], list[Result]], job: J, name: Callable[[J], Result]) -> Result:
    with _pool(1) as pool:
        try:
            return _submit(pool, work, [job]).result()[0]
        except BrokenProcessPool:
            return name(job) | {
                "error": "the process that worked on it died (out of memory, or a crash in a library)"
            }


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def _submit(
    pool: ProcessPoolExecutor, work: Callable[[list[J]], list[Result]], jobs: list[J]
) -> Future[list[Result]]:
    """Submits jobs with SIGINT ignored in processes started here: Ctrl-C is handled by this process, and
    the others end with the pool."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(work, jobs)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
