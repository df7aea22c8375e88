"""Heartbeat and watchdog of a worker: a file whose age a health check reads, and an entry in Redis.

A worker can be alive, connected and answering pings while it takes nothing from its queue. So the file is
touched only while the worker makes progress: it has work in hand, has taken messages since the last probe, or
its queue is empty. A worker that stays stuck, or a task that hangs, ends the process. The supervisor restarts
it, and the ledger sends again what it had in hand. A worker that has grown too large finishes what it has in
hand first: fragments of large pages' memory can be given back in no other way.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_ready, worker_shutdown
from redis.exceptions import RedisError

from services.contract.errors import Unavailable
from services.runtime import broker, logs
from services.runtime.queues import open_queues
from services.runtime.worker_states import STALE_AFTER_S, WorkerState, forget, report

INTERVAL_S = 5.0
STUCK_LIMIT_S = 60.0
"""A worker that is stuck for this long is restarted: twice the longest pause between two attempts to
reconnect."""
GRACE_S = 10.0
_END_S = 20.0
_DRAIN_S = 60.0
"""The longest shutdown; the same as the containers' grace period."""
LARGE_PROBES = 12
"""A worker counts as too large when it was so at this many probes in a row, which is a minute: one large page
passes."""
RENEWED_AFTER_S = 600.0
"""A worker is not replaced for its size before this age, so that a limit that is too low costs little."""
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
log = logs.get(__name__)


_running: dict[int, float] = {}
_ended: list[str] = []
_excuse: list[tuple[float, str]] = []


def extend(reason: str = "") -> None:
    """Resets this thread's hang timer. With `reason` (such as a wait for Postgres) the worker reports that
    it waits, instead of stuck."""
    if threading.get_ident() in _running:
        _running[threading.get_ident()] = time.monotonic()
    if reason:
        _excuse[:] = [(time.monotonic(), reason)]


@contextmanager
def watched() -> Iterator[None]:
    """Runs a hang timer for this thread, as for a task."""
    _running[threading.get_ident()] = time.monotonic()
    try:
        yield
    finally:
        _running.pop(threading.get_ident(), None)


@dataclass(slots=True)
class Watchdog:
    """Watches one worker: every INTERVAL_S it reports the state, and ends the process when it is stuck or
    a task hangs.

    `growth_bytes`: how far the process may grow beyond its size at the first probe until `renew` is called,
    once; 0: without limit.
    """

    service: str
    path: Path | None
    waiting: Callable[[], int]
    taken: Callable[[], int]
    busy: Callable[[], bool]
    say: Callable[[WorkerState], None]
    task_limit_s: float
    end: Callable[[str], None]
    folder: str = ""
    growth_bytes: int = 0
    renew: Callable[[str], None] = lambda _: None
    resident: Callable[[], int] = lambda: resident_bytes()  # noqa: PLW0108  defined below
    clock: Callable[[], float] = time.monotonic
    state: str = "starting"
    since: float = field(default_factory=time.time)
    _taken_before: int = -1
    _size_at_start: int = 0
    _started_at: float = 0.0
    _large_probes: int = 0

    def probe(self) -> None:
        """Determines and reports the state. Raises what `waiting` and `say` raise while the broker is
        away; then there is no beat."""
        if hung := self._hung():
            self.end(hung)
        waiting, taken = self.waiting(), self.taken()
        state = self._judge(waiting, taken)
        self._taken_before = taken
        if state != self.state:
            self.state, self.since = state, time.time()
        if state != "stuck" and self.path:
            touch(self.path)
        free = disk_free_bytes(self.folder) if self.folder else None
        self.say(
            WorkerState(
                service=self.service,
                state=state,
                at=time.time(),
                since=self.since,
                taken=taken,
                disk_free_bytes=free,
            )
        )
        if state == "stuck" and time.time() - self.since > STUCK_LIMIT_S:
            self.end(f"took nothing for {STUCK_LIMIT_S:.0f} s while {waiting:,} messages were waiting")
        self._weigh()

    def _weigh(self) -> None:
        """Calls `renew` when the process has been too large at LARGE_PROBES probes in a row."""
        if not self.growth_bytes:
            return
        size = self.resident()
        if not self._size_at_start:
            self._size_at_start, self._started_at = size, self.clock()
        grown = size - self._size_at_start
        self._large_probes = self._large_probes + 1 if grown > self.growth_bytes else 0
        if self._large_probes >= LARGE_PROBES and self.clock() - self._started_at >= RENEWED_AFTER_S:
            self.growth_bytes = 0
            self.renew(f"{size / 2**20:.0f} MiB, {grown / 2**20:.0f} more than at its start")

    def _judge(self, waiting: int, taken: int) -> str:
        if _excuse and time.monotonic() - _excuse[0][0] < 3 * INTERVAL_S:
            return f"waits: {_excuse[0][1]}"
        first = self._taken_before < 0
        if self.busy() or (taken != self._taken_before and not first):
            return "working"
        if first:
            return "idle"
        return "stuck" if waiting else "idle"

    def _hung(self) -> str | None:
        now = time.monotonic()
        for thread, started in list(_running.items()):
            if now - started > self.task_limit_s:
                frame = sys._current_frames().get(thread)
                where = "".join(traceback.format_stack(frame)[-4:]) if frame else ""
                return f"a task has hung for {now - started:.0f} s; it is at\n{where}"
        return None


def start_heartbeat(
    app: Celery,
    redis_url: str,
    service: str,
    queue: str,
    path: str,
    *,
    task_limit_s: float,
    folder: str = "",
    growth_bytes: int = 0,
) -> None:
    """Starts the watchdog thread when the worker is ready; it beats on the file `path`, if any, and in
    Redis.

    `folder`: where the service writes files, if it does; its free space is reported too.
    `growth_bytes`: see Watchdog.
    """
    _watch_threads()

    @worker_ready.connect(weak=False)
    def ready(sender: Any, **_: Any) -> None:
        from celery.bootsteps import RUN
        from celery.worker import state

        controller = sender.controller

        client, queues = broker.connect(redis_url), open_queues(app.conf.broker_url)
        watchdog = Watchdog(
            service=service,
            path=Path(path) if path else None,
            waiting=lambda: queues.waiting(queue),
            taken=lambda: int(state.all_total_count[0]),
            busy=lambda: bool(state.active_requests),
            say=lambda said: report(client, said),
            task_limit_s=task_limit_s,
            end=_end_process,
            folder=folder,
            growth_bytes=growth_bytes,
            renew=_renew_process,
        )
        ending = threading.Event()
        threading.Thread(
            target=_beat,
            args=(watchdog, ending, lambda: controller.blueprint.state != RUN),
            name="heartbeat",
            daemon=True,
        ).start()

        @worker_shutdown.connect(weak=False)
        def gone(**_: Any) -> None:
            ending.set()
            # The watchdog has stopped. A shutdown that hangs, as it may after a lost broker, is cut short by
            # this timer.
            faulthandler.dump_traceback_later(_END_S, exit=True)
            with suppress(RedisError):
                forget(client, service)


def _beat(watchdog: Watchdog, ending: threading.Event, closing: Callable[[], bool]) -> None:
    closes_at = 0.0
    while not ending.is_set():
        if closing():
            closes_at = closes_at or time.monotonic() + _DRAIN_S
            if time.monotonic() > closes_at:
                log.error(
                    "worker_ends_itself",
                    why=f"it has been ending for {_DRAIN_S:.0f} s; a lost broker can hang that",
                )
                os._exit(70)
        # A C library that never releases the GIL stops this thread too; then this timer, which needs no GIL,
        # ends the process.
        faulthandler.dump_traceback_later(watchdog.task_limit_s + STALE_AFTER_S, exit=True)
        try:
            watchdog.probe()
        except (RedisError, Unavailable) as error:  # no beat; the next probe tries again
            known = error if isinstance(error, Unavailable) else broker.explain(error)
            log.warning("heartbeat_missed", reason=known.reason, error=str(known)[:300])
        except Exception as error:  # noqa: BLE001  a watchdog that dies of a surprise watches nothing
            log.warning("heartbeat_missed", error=str(error)[:200])
        ending.wait(INTERVAL_S)


def _watch_threads() -> None:
    """Runs a hang timer for each thread that executes a task. In a process pool Celery's time limit does
    this instead."""

    @task_prerun.connect(weak=False)
    def began(**_: Any) -> None:
        _running[threading.get_ident()] = time.monotonic()

    @task_postrun.connect(weak=False)
    def ended(**_: Any) -> None:
        _running.pop(threading.get_ident(), None)


def _end_process(why: str) -> None:
    """Asks for a warm shutdown, and after GRACE_S ends the process whatever still hangs."""
    log.error("worker_ends_itself", why=why)
    _ended.append(why)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(70)


def exit_status() -> int:
    """The status with which a worker ends after a warm shutdown: 70 (EX_SOFTWARE) where its watchdog ended
    it, else 0."""
    return 70 if _ended else 0


def _renew_process(why: str) -> None:
    """Asks for a warm shutdown; the supervisor starts the worker anew."""
    log.info("worker_renews_itself", why=why)
    os.kill(os.getpid(), signal.SIGTERM)


def resident_bytes() -> int:
    """Resident memory of this process; 0 where the system has no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0


def disk_free_bytes(folder: str) -> int | None:
    """Free space on the disk of a folder, or None where the folder does not exist."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def touch(path: Path) -> None:
    """Sets the file's time to now; creates the file and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def check(path: Path, *, stale_after_s: float = STALE_AFTER_S) -> str | None:
    """None when the heartbeat is fresh, else a message that says what is wrong."""
    try:
        age_s = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return f"{path} does not exist: the worker has not become ready"
    if age_s > stale_after_s:
        return f"no progress for {age_s:.0f} s while work was waiting, or the broker is away ({path})"
    return None


def main() -> None:
    """`python -m services.runtime.heartbeat FILE`: exits with 0 when fresh, 1 when not (a container's
    health check)."""
    problem = check(Path(sys.argv[1]))
    print(problem or "ok")  # noqa: T201
    sys.exit(1 if problem else 0)


if __name__ == "__main__":
    main()
