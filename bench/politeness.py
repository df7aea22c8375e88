"""Politeness, measured: eight workers, twenty hosts, and what each host saw, from the server's own log.

`python -m bench.politeness --seconds 60`. The hosts are 127.0.0.1 to 127.0.0.20, one of them slow and
strictly limited. Every worker asks for pages of every host as fast as it may. Ends with 1 when a limit was
broken.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from services.local.valkey import EmbeddedRedis
from services.net.hosts import HostLimit, HostLimits

WORKERS, HOSTS = 8, 20
SLOW = "127.0.0.1"
LIMITS = HostLimits(HostLimit(20, 4), {SLOW: HostLimit(1, 2)})
_PAGE = b"<!DOCTYPE html><html><body><p>A page.</p></body></html>"
_SLOW_S, _QUICK_S = 0.7, 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """What one host saw: requests, the most in any second and at once, and what it may see."""

    host: str
    requests: int
    span_s: float
    most_a_second: int
    most_at_once: int
    limit: HostLimit

    @property
    def within(self) -> bool:
        """Never more than the rate, over the whole time, nor more at once than allowed. What arrives in one
        second is shown but not judged: the way to the server may bring two requests together."""
        on_the_way_s = 1.0
        return (
            self.requests <= self.limit.rate * (self.span_s + on_the_way_s) + 1
            and self.most_at_once <= self.limit.concurrency
        )


class _Site(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def measure(seconds: float, redis_url: str, workers: int = WORKERS) -> list[Seen]:
    """Let the workers run; what the server's log says of each host."""
    log: dict[str, list[tuple[float, float]]] = defaultdict(list)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = self.headers["Host"].partition(":")[0]
            began = time.time()
            time.sleep(_SLOW_S if host == SLOW else _QUICK_S)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(_PAGE)))
            self.end_headers()
            log[host].append((began, time.time()))  # before the reader can have it whole
            self.wfile.write(_PAGE)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    first = _Site((SLOW, 0), Handler)
    port = first.server_address[1]
    sites = [first, *(_Site((f"127.0.0.{n}", port), Handler) for n in range(2, HOSTS + 1))]
    for site in sites:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    command = [sys.executable, "-m", "bench.politeness", "--worker", redis_url, str(port), str(seconds)]
    running = [subprocess.Popen([*command, str(n)]) for n in range(workers)]
    for worker in running:
        worker.wait()
    for site in sites:
        site.shutdown()
        site.server_close()
    return [_seen(host, asked) for host, asked in sorted(log.items())]


def _seen(host: str, asked: list[tuple[float, float]]) -> Seen:
    starts = sorted(began for began, _ in asked)
    return Seen(
        host=host,
        requests=len(starts),
        span_s=starts[-1] - starts[0],
        most_a_second=max(sum(began <= other < began + 1 for other in starts) for began in starts),
        most_at_once=max(sum(b <= began < e for b, e in asked) for began in starts),
        limit=LIMITS.of(host),
    )


def work(redis_url: str, port: int, seconds: float, number: int) -> None:
    """One worker: a thread for each host, each page asked for when its turn comes."""
    from services.contract.errors import Deferred
    from services.ingest.fetch import Fetcher, FetchPolicy
    from services.ingest.fetch.politeness import RedisPoliteness
    from services.net.guard import Gate
    from services.runtime import broker

    hosts = [f"127.0.0.{n}" for n in range(1, HOSTS + 1)]
    fetcher = Fetcher(
        FetchPolicy(gate=Gate(allow_hosts=tuple(hosts)), timeout_s=10),
        politeness=RedisPoliteness(broker.connect(redis_url), LIMITS, lease_s=20),
    )
    ends = time.time() + seconds

    def ask(host: str) -> None:
        asked = 0
        while time.time() < ends:
            try:
                fetcher.fetch(f"http://{host}:{port}/{number}/{asked}", token=f"{number}/{asked}")
                asked += 1
            except Deferred as wait:
                time.sleep(min(wait.retry_after_s or 0.1, 1.0))

    threads = [threading.Thread(target=ask, args=(host,)) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["--worker"]:
        work(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    redis = EmbeddedRedis(Path(tempfile.mkdtemp(prefix="dateline-politeness-")))
    redis.start()
    try:
        found = measure(arguments.seconds, redis.url)
    finally:
        redis.stop()
        redis.wipe()
    print(
        f"{'host':14} {'requests':>8} {'a second':>9} {'allowed':>8} {'most in 1 s':>12} {'at once':>8} "
        f"{'allowed':>8}"
    )
    for seen in found:
        rate = seen.requests / max(seen.span_s, 1.0)
        print(
            f"{seen.host:14} {seen.requests:8} {rate:9.2f} {seen.limit.rate:8g} {seen.most_a_second:12} "
            f"{seen.most_at_once:8} {seen.limit.concurrency:8}{'' if seen.within else '  BROKEN'}"
        )
    sys.exit(not all(seen.within for seen in found))


if __name__ == "__main__":
    main()
