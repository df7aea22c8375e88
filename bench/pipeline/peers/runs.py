"""Running a peer on the pages, server and kind of Postgres that Dateline runs on."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg

from bench.pipeline.meter import Meter
from bench.pipeline.ours import LOOK_S, Burst
from bench.pipeline.peers.schema import SCHEMA
from services.local.postgres import EmbeddedPostgres
from services.local.server import wait_for
from services.local.valkey import EmbeddedRedis

PEERS = {
    "celery + trafilatura + geotext": "celery_trafilatura",
    "news-please": "news_please",
    "newspaper4k, threads": "newspaper",
}
_PATIENCE_S = 120.0


class PeerFailed(RuntimeError):
    """A peer broke or stopped; the end of its log is in the message."""


def run_peer(name: str, python: Path, urls: list[str]) -> Burst:
    """Give a peer `urls`; the clock runs from the first to the last row's commit. Raises PeerFailed when it
    breaks or stalls."""
    module = f"bench.pipeline.peers.{PEERS[name]}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dateline-peer-")))
        postgres, redis = EmbeddedPostgres(folder), EmbeddedRedis(folder)
        postgres.start()
        stack.callback(postgres.wipe)
        stack.callback(postgres.stop)
        redis.start()
        stack.callback(redis.stop)
        with psycopg.connect(postgres.url) as connection:
            connection.execute(SCHEMA)
        environ = os.environ | {"PEER_REDIS": redis.url, "PEER_DATABASE": postgres.url}
        pids = {"postgres": postgres.pid or 0, "redis": redis.pid or 0}
        log = stack.enter_context((folder / "peer.log").open("w"))
        if name.startswith("celery"):
            command = [
                str(python),
                "-m",
                "celery",
                "-A",
                module,
                "worker",
                f"--concurrency={os.cpu_count()}",
                "--loglevel=INFO",
            ]
            worker = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
            stack.callback(_end, worker)
            pids["workers"] = worker.pid
            wait_for(
                "the peer's worker", lambda: " ready." in (folder / "peer.log").read_text(), timeout_s=60
            )
        (folder / "urls.txt").write_text("\n".join(urls))
        feeder = subprocess.Popen(
            [str(python), "-m", module, str(folder / "urls.txt")], env=environ,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        stack.callback(_end, feeder)
        assert feeder.stdout is not None and feeder.stdin is not None
        while (line := feeder.stdout.readline()) != "ready\n":
            if not line:
                raise PeerFailed(f"{name} did not start\n{(folder / 'peer.log').read_text()[-2000:]}")
        if "workers" not in pids:
            pids["workers"] = feeder.pid
        meter = Meter(lambda: pids)
        started = time.monotonic()
        feeder.stdin.write("go\n")
        feeder.stdin.flush()
        try:
            stored = _wait(postgres.url, len(urls), feeder)
        except RuntimeError as error:
            raise PeerFailed(f"{name}: {error}\n{(folder / 'peer.log').read_text()[-2000:]}") from error
        elapsed_s = time.monotonic() - started
        meter.stop()
        return Burst(stored, elapsed_s, meter.cpu, meter.peak)


def _wait(database_url: str, wanted: int, feeder: subprocess.Popen[str]) -> int:
    stored, moved = -1, time.monotonic()
    with psycopg.connect(database_url, autocommit=True) as connection:
        while stored < wanted and time.monotonic() - moved < _PATIENCE_S:
            row = connection.execute(
                "SELECT count(*), count(*) FILTER (WHERE text <> '') FROM plain_articles"
            ).fetchone()
            assert row is not None
            if row[0] != stored:
                stored, moved = row[0], time.monotonic()
            if failed(feeder.pid):
                raise RuntimeError("the peer ended with an error")
            time.sleep(LOOK_S)
    if stored < wanted:
        raise RuntimeError(f"the peer stopped at {stored} of {wanted}")
    return stored


def failed(pid: int) -> bool:
    """Whether a child has ended with an error. It is not reaped: its CPU time is still to be read."""
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return ended is not None and (ended.si_code != os.CLD_EXITED or ended.si_status != 0)


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    process.kill()
    process.wait()
