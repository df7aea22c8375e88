"""Runs the whole pipeline on one machine: embedded servers, workers, scheduler, desk and Flower under one
supervisor."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psycopg
from redis import Redis

from services.contract.errors import DatelineError, PermanentError, Unavailable
from services.local.port_holder import holder
from services.local.postgres import EmbeddedPostgres
from services.local.server import free_port, wait_for
from services.local.supervised import Supervised
from services.local.valkey import EmbeddedRedis

WORKERS = ("ingest", "enrich", "store", "scheduler", "stories")


def fitting() -> dict[str, int]:
    """How many workers of each service fit this machine. An ingest worker is one process of threads, which
    keeps about one core busy; one enrich worker by itself forks a process for every second core."""
    return {"ingest": max(1, (os.cpu_count() or 2) // 2)}


_READY_S = 90.0
_GRACE_S = 25.0
_SAID_LINES = 12  # log lines shown when a worker does not start


class Stack:
    """Starts, supervises and stops the pipeline. Every process of it dies with the process that created
    it."""

    def __init__(
        self,
        folder: Path,
        *,
        environ: Mapping[str, str] | None = None,
        flower: bool = True,
        desk: bool = True,
        scale: Mapping[str, int] | None = None,
    ) -> None:
        """`scale`: number of workers by service (1 if not given); by default as many as fit the machine."""
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder)
        self.redis = EmbeddedRedis(folder)
        self.flower_port = self.desk_port = 0
        self.notes: list[str] = []
        """What whoever started it should know."""
        self._with_flower, self._with_desk = flower, desk
        self._settings = dict(environ or {})
        self._scale = dict(fitting() if scale is None else scale)
        self._children: dict[str, Supervised] = {}
        self._lock: IO[str] | None = None
        self._grace_s = _GRACE_S

    @property
    def flower_url(self) -> str | None:
        """Flower's URL."""
        return f"http://127.0.0.1:{self.flower_port}/" if self.flower_port else None

    @property
    def desk_url(self) -> str | None:
        """The desk's URL."""
        return f"http://127.0.0.1:{self.desk_port}/" if self.desk_port else None

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the pipeline's processes."""
        # Threads allocate from two arenas, not from one each: a page's tree is built where the last one was
        # (GNU C library).
        base = {"MALLOC_ARENA_MAX": "2"} | {
            k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")
        }
        own = {
            "DATELINE_DATABASE_URL": self.postgres.url,
            "DATELINE_REDIS_URL": self.redis.url,
            "DATELINE_PROFILE": "development",
            "DATELINE_LOG_FORMAT": "json",
            "DATELINE_WARC_DIR": str(self.folder / "warc"),
            "DATELINE_STORIES_SLICE_S": "5",  # few articles come, and somebody waits for them
            "PYTHONUNBUFFERED": "1",
        }
        return base | own | self._settings

    def connect(self) -> psycopg.Connection[Any]:
        """A connection to the pipeline's database, as a context manager."""
        return psycopg.connect(self.postgres.url, connect_timeout=10)

    def start(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Starts everything, and returns when every worker is ready. Raises, with nothing left running, if
        one does not become ready."""
        self._take_lock()
        (self.folder / "stack.json").unlink(missing_ok=True)  # left by a supervisor that was killed
        try:
            self._choose_ports()
            say("starting PostgreSQL")
            self.postgres.start()
            say("starting Valkey, which speaks Redis")
            self.redis.start()
            self._forget_workers()
            say("migrating the schema")
            self._migrate()
            say("starting ingest, enrich, store, scheduler and stories")
            for name in self.workers:
                self._spawn(name, ["-m", f"services.{name.partition('-')[0]}"])
            if self._with_flower:
                self._spawn("flower", ["-m", "services.runtime.flower"])
            if self._with_desk:
                self._spawn("desk", ["-m", "services.desk"])
            for name in [name for name in self._children if name != "flower"]:
                self._wait_for(name)
            self._write_state()
        except BaseException:
            self.stop()
            raise

    def _choose_ports(self) -> None:
        self.notes.clear()
        if self._with_flower:
            self.flower_port = self._port("Flower", "DATELINE_FLOWER_PORT", 5555)
        if self._with_desk:
            self.desk_port = self._port("the desk", "DATELINE_DESK_PORT", 8080)

    def _port(self, what: str, variable: str, usual: int) -> int:
        """The port that the settings name; else the default one, or any free one if that is taken, with a
        note."""
        asked = self._settings.get(variable, "").strip()
        wanted = int(asked or usual)
        port = free_port(wanted)
        if port == wanted:
            return port
        who = f"port {wanted} is held by {holder(wanted)}"
        if asked:
            raise PermanentError(
                "port_taken", f"{who}: end that, or set {variable} to another one for {what}"
            )
        self.notes.append(f"{who}, so {what} is on port {port}; {variable} chooses one")
        return port

    def _forget_workers(self) -> None:
        """Deletes heartbeats in Redis that workers of an earlier run left."""
        from services.runtime.worker_states import WORKERS_KEY

        with Redis.from_url(self.redis.url) as client:
            client.delete(WORKERS_KEY)

    def _wait_for(self, name: str) -> None:
        try:
            wait_for(
                f"{name} (its log: {self._log(name)})",
                self._heartbeat(name).exists,
                timeout_s=_READY_S,
                alive=lambda: self.pid(name) is not None,
            )
        except Unavailable as error:
            lines = self._children[name].last_lines(_SAID_LINES)
            raise Unavailable(error.reason, "\n".join([str(error), *lines])) from error

    @property
    def workers(self) -> list[str]:
        """The names of all workers: ingest, ingest-2, …"""
        return [
            service if n == 0 else f"{service}-{n + 1}"
            for service in WORKERS
            for n in range(self._scale.get(service, 1))
        ]

    def stop(self) -> None:
        """Stops the workers (warm shutdown), then the servers."""
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + self._grace_s
        for child in self._children.values():
            child.end(deadline)
        self._children.clear()
        self.redis.stop()
        self.postgres.stop()
        (self.folder / "stack.json").unlink(missing_ok=True)
        self._release_lock()

    def wipe(self) -> None:
        """Deletes everything that an earlier run left in this folder. Not while one runs."""
        self._take_lock()
        for name in ("logs", "run", "warc", "flower.db"):
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.redis.wipe()
        self.postgres.wipe()
        self._release_lock()

    def watch(self) -> list[str]:
        """Restarts processes that have died, with capped exponential backoff; returns their names."""
        restarted = self._watch_servers()
        return restarted + [child.name for child in self._children.values() if child.restart_if_due()]

    def _watch_servers(self) -> list[str]:
        restarted = []
        for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.redis)):
            if server.died:
                with suppress(
                    DatelineError
                ):  # what the dead one left may still be in the way; the next look tries again
                    server.start(port=server.port)
                    restarted.append(name)
        return restarted

    def hurry(self) -> None:
        """Makes `stop` end everything at once; the ledger sends again what was in hand."""
        self._grace_s = 0.0

    def pid(self, name: str) -> int | None:
        """A worker's process id, or None if it does not run."""
        child = self._children.get(name)
        return child.pid if child else None

    def kill(self, name: str, signum: int = signal.SIGKILL) -> None:
        """Sends a signal to a worker, for tests of failures."""
        if pid := self.pid(name):
            os.kill(pid, signum)

    def _take_lock(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self.folder / "stack.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise PermanentError(
                "already_running", f"a stack already runs in {self.folder}: `dateline down` stops it"
            ) from error
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    def _migrate(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", "migrate"],
            env=self.environ,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise Unavailable(
                "migrate_failed",
                f"the schema could not be migrated: {done.stderr.decode(errors='replace').strip()[-800:]}",
            )

    def _spawn(self, name: str, arguments: list[str]) -> None:
        own = {"DATELINE_HEARTBEAT_FILE": str(self._heartbeat(name)), "DATELINE_WORKER_NAME": name}
        if name == "desk":
            own |= {"DATELINE_DESK_PORT": str(self.desk_port), "DATELINE_FLOWER_URL": self.flower_url or ""}
        if name == "flower":
            own |= {
                "DATELINE_FLOWER_PORT": str(self.flower_port),
                "DATELINE_FLOWER_DATABASE": str(self.folder / "flower.db"),
            }
        self._heartbeat(name).unlink(missing_ok=True)
        self._children[name] = Supervised(
            name, [sys.executable, *arguments], self.environ | own, self._log(name)
        )
        self._children[name].run()

    def _heartbeat(self, name: str) -> Path:
        return self.folder / "run" / f"{name}.heartbeat"

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _write_state(self) -> None:
        state = {
            "pid": os.getpid(),
            "database_url": self.postgres.url,
            "redis_url": self.redis.url,
            "flower_url": self.flower_url,
            "desk_url": self.desk_url,
            "logs": str(self.folder / "logs"),
            "warc_dir": self.environ["DATELINE_WARC_DIR"],
            "notes": self.notes,
        }
        path = self.folder / "stack.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(state))
