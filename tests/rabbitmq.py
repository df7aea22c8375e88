"""A RabbitMQ of a test's own: Debian's, with its data, ports and names apart from any other on the
machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from services.local.server import dies_with_parent, free_port, wait_for
from services.runtime.rabbitmq import AmqpQueues

_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_START_S = 90.0


class RabbitMQ:
    """A server that can be stopped, killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        if not _SERVER.exists():
            why = "no RabbitMQ here: apt-get install rabbitmq-server (.ci/tools does)"
            pytest.fail(why) if os.environ.get("REQUIRE_TOOLS") else pytest.skip(why)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port, dist, epmd = free_port(), free_port(), free_port()
        plugins = folder / "plugins"
        plugins.write_text("[].\n")
        (folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n")
        self._environ = os.environ | {
            "HOME": str(folder), "RABBITMQ_NODENAME": f"dateline{self.port}@localhost",
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"), "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins), "RABBITMQ_DIST_PORT": str(dist),
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "LC_ALL": "C.UTF-8",
        }  # fmt: skip

    @property
    def url(self) -> str:
        """The broker's URL."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        """Start and wait until it answers."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(_SERVER)], env=self._environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )  # fmt: skip
        wait_for("RabbitMQ", self._answers, timeout_s=_START_S, alive=lambda: self._process.poll() is None)  # type: ignore[union-attr]

    def stop(self, signum: int = signal.SIGTERM) -> None:
        """End the server and all that it started."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signum)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        wait_for("the port to be free", lambda: not self._answers(), timeout_s=30)
        self._process = None

    def wipe(self) -> None:
        """Delete the data of a stopped server."""
        shutil.rmtree(self._folder / "data", ignore_errors=True)

    def end(self) -> None:
        """Stop, and end the name server that it left behind."""
        self.stop()
        epmd = shutil.which("epmd") or "epmd"
        subprocess.run([epmd, "-kill"], env=self._environ, capture_output=True, check=False)

    def _answers(self) -> bool:
        try:
            AmqpQueues(self.url).depths()
        except Exception:
            return False
        return True
