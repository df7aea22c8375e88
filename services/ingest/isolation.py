"""Extraction in a separate process: for pages that are much more work than others, and for suspects (pages
whose worker was lost).

`python -m services.ingest.isolation RULES` is the child: pages on standard input, extractions on standard
output, each as a length of four bytes and MessagePack. It lives while such pages come, within limits of
memory and time that ordinary pages stay far below.
"""

from __future__ import annotations

import os
import queue
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from services.contract.errors import Deferred, TransientError
from services.contract.messages import EXTRACTION_KILLED
from services.ingest.extract import Extraction, extract
from services.ingest.extract.rules import SiteRules, load_rules
from services.ingest.heap import HeapTrimmer
from services.runtime.heartbeat import extend

PAGE_DEADLINE_S = 5.0
"""Seconds for a page. The slowest of 20,000 mutated pages took 2 CPU seconds (`python -m
bench.extraction.mutate --count 20000`)."""
SECOND_DEADLINE_S = 15.0
"""Seconds for a page's second try: the machine may have been busy, and there is no third one."""
MEMORY_BYTES = 1024 * 1024 * 1024
"""Bytes of address space; the run above peaked at 0.6 GB."""
_PATIENCE_S = 15.0
_WAITING = 4
"""Pages that may wait for a child process: of the twelve messages that a worker has in hand by default, half
stay free for other pages."""
_IDLE_S = 60.0
_START_S = 30.0


class _Work(Struct, frozen=True):
    body: bytes
    charset: str | None
    url: str | None
    now: datetime


class _Failure(Struct, frozen=True, tag=True):
    kind: str
    error: str


class _Success(Struct, frozen=True, tag=True):
    extraction: Extraction


_Answer = _Success | _Failure


class Isolation:
    """A few child processes, started on demand. Thread-safe."""

    def __init__(
        self,
        *,
        rules_path: str = "",
        processes: int = 2,
        deadline_s: float = PAGE_DEADLINE_S,
        second_deadline_s: float = SECOND_DEADLINE_S,
        patience_s: float = _PATIENCE_S,
        waiting: int = _WAITING,
    ) -> None:
        """At most `waiting` threads wait for one of the `processes`; pages that find as many there are
        deferred."""
        self._places = threading.BoundedSemaphore(processes + waiting)
        self._rules_path = rules_path
        self._deadline_s = deadline_s
        self._second_deadline_s = second_deadline_s
        self._patience_s = patience_s
        self._slots: queue.SimpleQueue[_Child | None] = queue.SimpleQueue()
        for _ in range(processes):
            self._slots.put(None)

    def extract(self, body: bytes, charset: str | None, url: str | None, now: datetime) -> Extraction:
        """Extracts as `extract()` does.

        Raises TransientError when the page kills its process or takes too long, and Deferred where such pages
        already queue: a thread that waited here would be missing for others.
        """
        return self._extract(
            _Work(body, charset, url, now), self._deadline_s, time.monotonic() + self._patience_s
        )

    def again(self, body: bytes, charset: str | None, url: str | None, now: datetime) -> Extraction:
        """Extracts a suspect, with more time. Once it has a place in the queue it waits as long as needed."""
        return self._extract(_Work(body, charset, url, now), self._second_deadline_s, None)

    def _extract(self, page: _Work, deadline_s: float, latest: float | None) -> Extraction:
        if not self._places.acquire(blocking=False):
            raise self._busy(page)
        try:
            return self._in_turn(page, deadline_s, latest)
        finally:
            self._places.release()

    def _in_turn(self, page: _Work, deadline_s: float, latest: float | None) -> Extraction:
        child = self._waiting(page, latest)
        try:
            if child is None or not child.usable:
                child = _Child(self._rules_path)
            return child.work(page, deadline_s)
        finally:
            extend()
            self._slots.put(child if child is not None and child.usable else None)

    def _waiting(self, page: _Work, latest: float | None) -> _Child | None:
        while True:
            extend()  # waiting for a free process does not count as hanging
            left_s = 5.0 if latest is None else min(5.0, latest - time.monotonic())
            with suppress(queue.Empty):
                return self._slots.get(timeout=left_s) if left_s > 0 else self._slots.get_nowait()
            if latest is not None and time.monotonic() >= latest:
                raise self._busy(page)

    def _busy(self, page: _Work) -> Deferred:
        why = f"{page.url}: other pages that take long are being extracted; it comes again by itself"
        return Deferred("worker_busy", why, retry_after_s=self._patience_s)


class _Child:
    """One child process."""

    def __init__(self, rules_path: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.ingest.isolation", rules_path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        self._greeted = False

    @property
    def usable(self) -> bool:
        return self._process.poll() is None

    def work(self, page: _Work, deadline_s: float) -> Extraction:
        try:
            if not self._greeted:
                _read(self._out, time.monotonic() + _START_S)
                self._greeted = True
            _write(self._in, msgspec.msgpack.encode(page))
            raw = _read(self._out, time.monotonic() + deadline_s)
        except TimeoutError:
            self._end()
            raise _killed(page, f"took longer than {deadline_s:.0f} s and was stopped") from None
        except (EOFError, OSError):
            self._end()
            raise _killed(page, f"ended with {_how(self._process.returncode)}") from None
        answer: _Answer = msgspec.msgpack.decode(raw, type=_Answer)
        if isinstance(answer, _Failure):
            if answer.kind == "MemoryError":
                raise _killed(page, f"used more than {MEMORY_BYTES // 2**20:,} MiB of memory")
            raise RuntimeError(f"{answer.kind}: {answer.error}")
        return answer.extraction

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            with suppress(OSError):
                pipe.close()


def _killed(page: _Work, how: str) -> TransientError:
    return TransientError(
        EXTRACTION_KILLED, f"{page.url}: the process that extracted it, apart from others, {how}"
    )


def _how(status: int | None) -> str:
    if status is not None and status < 0:
        with suppress(ValueError):
            return f"signal {-status} ({signal.Signals(-status).name})"
    return f"status {status}"


def _write(pipe: IO[bytes], body: bytes) -> None:
    pipe.write(len(body).to_bytes(4, "big") + body)
    pipe.flush()


def _read(pipe: IO[bytes], deadline: float) -> bytes:
    """One complete reply. Raises TimeoutError past `deadline` (monotonic), EOFError when the child has
    ended."""
    size = int.from_bytes(_read_exactly(pipe, 4, deadline), "big")
    return _read_exactly(pipe, size, deadline)


def _read_exactly(pipe: IO[bytes], count: int, deadline: float) -> bytes:
    body = bytearray()
    while len(body) < count:
        if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError
        chunk = os.read(pipe.fileno(), count - len(body))
        if not chunk:
            raise EOFError
        body += chunk
    return bytes(body)


def main() -> None:
    """Extracts pages until none comes for a minute."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(
            number, signal.SIG_IGN
        )  # the worker finishes its pages first; when it ends, the pipe closes
    path = sys.argv[1] if len(sys.argv) > 1 else ""
    rules = load_rules(Path(path)) if path else SiteRules()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, out = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    _write(out, b"ready")
    heap = HeapTrimmer(pause_s=0)
    while True:
        try:
            page = msgspec.msgpack.decode(_read(source, time.monotonic() + _IDLE_S), type=_Work)
        except (EOFError, TimeoutError):
            return
        _write(out, msgspec.msgpack.encode(_answer(page, rules)))
        heap.page_done(len(page.body))


def _answer(page: _Work, rules: SiteRules) -> _Answer:
    try:
        return _Success(extract(page.body, page.url, now=page.now, rules=rules, charset=page.charset))
    except BaseException as error:  # noqa: BLE001  whatever a page does goes to the worker, which decides
        return _Failure(type(error).__name__, str(error)[:2000])


if __name__ == "__main__":
    main()
