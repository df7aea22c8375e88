"""What a run breaks: the embedded stack, or the stack of docker compose."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Protocol

import psycopg
from redis.exceptions import RedisError

from chaos import poison
from chaos.plan import Fault
from chaos.site import HOSTS, Unsteady, host_of, page, path_of
from services.demo.site import Site
from services.local.server import free_port
from services.local.stack import Stack

QUICK = {
    "DATELINE_RETRY_BASE_S": "0.5",
    "DATELINE_RETRY_CAP_S": "2",
    "DATELINE_VISIBILITY_TIMEOUT_S": "10",
    "DATELINE_RECONCILE_S": "1",
    "DATELINE_ENRICH_CONCURRENCY": "1",
    "DATELINE_HOST_LIMIT": "1000/64",
    "DATELINE_STORIES_SLICE_S": "2",
    "DATELINE_LEARN_PRIORS": "0",  # the judge compares the tags of equal stories, whenever they went through
}
"""A run should take minutes: waits are short. Attempts are the default five."""


class Target(Protocol):
    """Something that runs the pipeline and can be broken."""

    database_url: str

    def url_of(self, number: int) -> str:
        """The address of a page."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def pump(self) -> None:
        """Do what a supervisor does: start again what has died."""

    def strike(self, fault: Fault) -> float:
        """Break something; returns the monotonic time from which recovery counts (an outage's end)."""


class EmbeddedTarget:
    """The embedded stack, with the site in this process."""

    def __init__(self, folder: Path) -> None:
        hosts = [f"127.0.0.{n + 1}" for n in range(HOSTS)]
        self._stack = Stack(
            folder, environ=QUICK | {"DATELINE_ALLOW_HOSTS": ",".join(hosts)}, flower=False, desk=False
        )
        unsteady = Unsteady()
        first = Site(hosts[0], render=page, fault=unsteady)
        self._sites = [first, *(Site(host, first.port, render=page, fault=unsteady) for host in hosts[1:])]
        self.database_url = ""
        self.logs = folder / "logs"

    def url_of(self, number: int) -> str:
        """The address of a page."""
        return self._sites[host_of(number)].url + path_of(number)

    def start(self) -> None:
        """Start with nothing stored."""
        for site in self._sites:
            site.__enter__()
        self._stack.wipe()
        self._stack.start()
        self.database_url = self._stack.postgres.url

    def stop(self) -> None:
        """Stop; the logs stay."""
        self._stack.hurry()
        self._stack.stop()
        self._stack.redis.wipe()
        self._stack.postgres.wipe()
        for site in self._sites:
            site.__exit__()

    def pump(self) -> None:
        """The supervisor's look."""
        self._stack.watch()

    def strike(self, fault: Fault) -> float:
        """Break something."""
        redis, postgres = self._stack.redis, self._stack.postgres
        struck = time.monotonic()
        if fault.kind in ("kill -9", "SIGTERM"):
            self._stack.kill(fault.service, signal.SIGKILL if fault.kind == "kill -9" else signal.SIGTERM)
        elif fault.kind in ("Redis restarted", "Redis wiped"):
            port = redis.port
            redis.stop(signum=signal.SIGKILL if fault.kind == "Redis wiped" else signal.SIGTERM)
            if fault.kind == "Redis wiped":
                redis.wipe()
            redis.start(port=port)
        elif fault.kind == "Postgres stopped":
            port = postgres.port
            postgres.stop()
            self._outage(fault.outage_s)
            postgres.start(port=port)
            return time.monotonic()
        elif fault.kind == "poison":
            _poured(redis.url, postgres.url, self._sites[0].url + poison.FEED_PATH)
        else:
            pid = redis.pid if fault.kind == "Redis kill -9" else postgres.pid
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
        return struck

    def _outage(self, outage_s: float) -> None:
        over = threading.Event()
        ends = time.monotonic() + outage_s
        while time.monotonic() < ends:
            self.pump()
            over.wait(0.2)


def _poured(redis_url: str, database_url: str, feed_url: str) -> None:
    """Pour the poison, once both servers take it."""
    ends = time.monotonic() + 60
    while True:
        try:
            poison.pour(redis_url, database_url, feed_url)
            return
        except (RedisError, psycopg.OperationalError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.25)


_REPOSITORY = Path(__file__).parents[1]
_PROJECT = "dateline-chaos"


class ComposeTarget:
    """The stack of docker-compose.yml, with the site as one more container."""

    def __init__(self) -> None:
        ports = {
            name: str(free_port()) for name in ("POSTGRES_PORT", "REDIS_PORT", "FLOWER_PORT", "METRICS_PORT")
        }
        buildx = (
            subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False).returncode == 0
        )
        # The classic builder works where the engine has no buildx, and reads the same file.
        builder = {} if buildx else {"DOCKER_BUILDKIT": "0"}
        self._environ = os.environ | QUICK | ports | builder
        self.database_url = f"postgresql://dateline:dateline-dev@127.0.0.1:{ports['POSTGRES_PORT']}/dateline"
        self._redis_url = f"redis://:dateline-dev@127.0.0.1:{ports['REDIS_PORT']}/0"

    def url_of(self, number: int) -> str:
        """The address of a page."""
        return f"http://site{host_of(number)}:8000{path_of(number)}"

    def start(self) -> None:
        """Build, and start with nothing stored."""
        self._compose("down", "--volumes", "--remove-orphans")
        self._compose("build")
        self._compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "180")

    def stop(self) -> None:
        """Remove the containers and their volumes."""
        self._compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    def pump(self) -> None:
        """Nothing: the engine is the supervisor."""

    def strike(self, fault: Fault) -> float:
        """Break something."""
        struck = time.monotonic()
        if fault.kind == "kill -9":
            self._kill(fault.service)
        elif fault.kind == "SIGTERM":
            self._docker("restart", "--time", "60", self._name(fault.service))
        elif fault.kind == "Redis restarted":
            self._docker("restart", self._name("redis"))
        elif fault.kind == "Redis wiped":
            self._docker("rm", "--force", self._name("redis"))
            self._docker("volume", "rm", f"{_PROJECT}_redis-data")
            self._compose("up", "--detach", "--no-build", "--no-deps", "redis")
        elif fault.kind == "Postgres stopped":
            self._docker("stop", self._name("postgres"))
            threading.Event().wait(fault.outage_s)
            self._docker("start", self._name("postgres"))
            return time.monotonic()
        elif fault.kind == "poison":
            _poured(self._redis_url, self.database_url, "http://site0:8000" + poison.FEED_PATH)
        else:
            self._kill("redis" if fault.kind == "Redis kill -9" else "postgres")
        return struck

    def _kill(self, service: str) -> None:
        """`docker kill` counts as a person's wish, so the engine's restart policy lets the container lie:
        start it."""
        self._docker("kill", self._name(service), check=False)
        self._docker("start", self._name(service))

    def _name(self, service: str) -> str:
        return f"{_PROJECT}-{service}-1"

    def _compose(self, *arguments: str) -> None:
        files = ("-f", "docker-compose.yml", "-f", "chaos/compose.chaos.yml")
        command = ["docker", "compose", "-p", _PROJECT, *files, *arguments]
        done = subprocess.run(
            command, cwd=_REPOSITORY, env=self._environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")

    def _docker(self, *arguments: str, check: bool = True) -> None:
        done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
        if done.returncode and check:
            raise RuntimeError(f"docker {' '.join(arguments)}: {done.stderr[-1000:]}")
