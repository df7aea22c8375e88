"""A heartbeat that means progress: a file whose age says whether a worker moves while work is waiting.

A worker can be alive, connected and answering pings while it takes nothing from its queue. So the file
is touched only when the worker has taken something since the last look, or nothing is waiting for it.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_ready

from services.runtime import logs

INTERVAL_S = 5.0
STALE_AFTER_S = 60.0
log = logs.get(__name__)


def start_heartbeat(app: Celery, queue: str, path: str) -> None:
    """Touch `path` every INTERVAL_S from when the worker is ready, as long as it makes progress on `queue`."""

    @worker_ready.connect(weak=False)
    def ready(**_: Any) -> None:
        threading.Thread(target=_beat, args=(app, queue, Path(path)), name="heartbeat", daemon=True).start()


def _beat(app: Celery, queue: str, path: Path) -> None:
    from celery.worker import state

    taken_before = -1
    while True:
        try:
            with app.connection_for_read() as connection:
                waiting = connection.default_channel.client.llen(queue)
            taken = state.all_total_count[0]
            if taken != taken_before or not waiting:
                touch(path)
            taken_before = taken
        except Exception as error:  # noqa: BLE001  the broker is away: no beat, and the next look will tell
            log.warning("heartbeat_missed", error=str(error)[:200])
        time.sleep(INTERVAL_S)


def touch(path: Path) -> None:
    """Set the file's time to now, creating it and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def check(path: Path, *, stale_after_s: float = STALE_AFTER_S) -> str | None:
    """None when the heartbeat is fresh, else what is wrong, for a person."""
    try:
        age_s = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return f"{path} does not exist: the worker has not become ready"
    if age_s > stale_after_s:
        return f"no progress for {age_s:.0f} s while work was waiting, or the broker is away ({path})"
    return None


def main() -> None:
    """`python -m services.runtime.heartbeat FILE`: exit status 0 when fresh, 1 when not (a container's health check)."""
    problem = check(Path(sys.argv[1]))
    print(problem or "ok")  # noqa: T201
    sys.exit(1 if problem else 0)


if __name__ == "__main__":
    main()
