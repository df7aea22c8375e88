"""`make bench`: URLs in, committed rows out, on the embedded stack, beside what a user would build.

A local server sends pages of real size from forty hosts; all systems fetch the same ones, into a PostgreSQL
of their own with the same settings. The clock runs from the first submission until every row is committed;
workers are up before it starts. Ratios are the result: absolute figures hang on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.pipeline.meter import cpu_s
from bench.pipeline.ours import Burst, burst, pipeline, quantiles, steady
from bench.pipeline.pages import urls
from bench.pipeline.peers.runs import PEERS, PeerFailed, run_peer
from services.local.server import free_port

_PEER_SHARE = {"celery + trafilatura + geotext": 5, "news-please": 20, "newspaper4k, threads": 12}
"""A peer gets so many times fewer URLs: each runs for about as long as we do."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=5000, help="URLs of the burst")
    parser.add_argument("--rounds", type=int, default=1, help="repeat everything; medians are printed")
    parser.add_argument(
        "--data",
        type=Path,
        help="a folder with naeb.jsonl.gz and fundus_tests.jsonl.gz: every second page is one of theirs",
    )
    parser.add_argument(
        "--peers-python",
        type=Path,
        help="a Python with bench/pipeline/requirements.lock; without it no peer runs",
    )
    parser.add_argument(
        "--json", type=Path, help="write what an article costs there, for bench.pipeline.sizing"
    )
    parser.add_argument("--no-latency", action="store_true", help="leave out the runs at a steady pace")
    options = parser.parse_args()
    with serving(options.articles * 2, options.data) as (port, server):
        ours: list[Burst] = []
        peers: dict[str, list[Burst]] = {name: [] for name in PEERS} if options.peers_python else {}
        paced: dict[int, list[float]] = {}
        for number in range(options.rounds):
            with pipeline() as stack:
                say(f"dateline, {options.articles} URLs")
                before = cpu_s(server)
                burst(
                    stack, urls(200, port, first=options.articles)
                )  # connections and caches are warm, as on any day but the first
                ours.append(burst(stack, urls(options.articles, port)))
                ours[-1].cpu["(the site)"] = cpu_s(server) - before
                say(f"  {ours[-1].rate:.1f}/s")
                if not options.no_latency and number == options.rounds - 1:
                    paced = _paced(stack, port, options.articles, ours[-1].rate)
            for name, runs in peers.items():
                say(name)
                count = max(60, options.articles // _PEER_SHARE[name])
                try:
                    runs.append(run_peer(name, options.peers_python.absolute(), urls(count, port)))
                except PeerFailed as error:  # its other rounds count, and what else was measured
                    say(f"left out: {error}")
                else:
                    say(f"  {runs[-1].rate:.1f}/s")
    _print(ours, peers, paced)
    if options.json:
        options.json.write_text(json.dumps(costs(ours)))


@contextmanager
def serving(pages: int, data: Path | None) -> Iterator[tuple[int, int]]:
    """The local web, with so many pages made; gives its port and its process id."""
    port = free_port()
    command = [sys.executable, "-m", "bench.pipeline.server", "--port", str(port), "--pages", str(pages)]
    command += ["--data", str(data)] if data else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        if not line.startswith("ready"):
            raise RuntimeError("the local web did not start")
        print(line.removeprefix("ready: "))
        yield port, process.pid
    finally:
        process.kill()  # it holds nothing that must be kept
        process.wait()


def _paced(stack: object, port: int, first: int, rate: float) -> dict[int, list[float]]:
    """Latencies at a tenth, a half and all of the measured rate, half a minute each."""
    found, at = {}, first + 200
    for percent in (10, 50, 100):
        say(f"latency at {percent}% of capacity")
        a_second = rate * percent / 100
        count = max(60, min(int(a_second * 30), first // 3))
        found[percent] = steady(stack, urls(count, port, first=at), a_second)  # type: ignore[arg-type]
        at += count
    return found


def costs(runs: list[Burst]) -> dict[str, float]:
    """What an article costs: CPU-ms by process, bytes of Postgres and of its log. Medians over the runs."""
    roles = [role for role in runs[-1].cpu if not role.startswith("(")]
    found = {f"{role}_cpu_ms": statistics.median(cpu_ms(b, role) for b in runs) for role in roles}
    found["postgres_bytes"] = statistics.median(b.database_growth / b.articles for b in runs)
    found["wal_bytes"] = statistics.median(b.wal / b.articles for b in runs)
    return found


def cpu_ms(run: Burst, role: str) -> float:
    """CPU of a process for one article."""
    return run.cpu[role] * 1000 / run.articles


def say(step: str) -> None:
    """Progress, to the person who waits."""
    print(f"… {step}", file=sys.stderr, flush=True)


def _print(ours: list[Burst], peers: dict[str, list[Burst]], paced: dict[int, list[float]]) -> None:
    rate = statistics.median(b.rate for b in ours)
    last = ours[-1]
    print(
        f"\n{os.cpu_count()} cores\n\n| system | articles/s | dateline is faster by | CPU-ms an article |"
        f" peak MB |\n|---|---|---|---|---|"
    )
    rows = [("dateline", ours), *peers.items()]
    for name, runs in rows:
        if not runs:
            print(f"| {name} | failed | | | |")
            continue
        own = statistics.median(b.rate for b in runs)
        spent = statistics.median(
            sum(cpu_ms(b, role) for role in b.cpu if not role.startswith("(")) for b in runs
        )
        peak = statistics.median(sum(b.peak.values()) for b in runs)
        if len(runs) < len(ours):
            name += f" ({len(runs)} of {len(ours)} turns)"
        print(f"| {name} | {own:.1f} | {rate / own:.1f}× | {spent:.1f} | {peak / 1e6:.0f} |")
    print("\n| process | CPU-ms an article | peak MB |\n|---|---|---|")
    for role in last.cpu:
        spent = statistics.median(cpu_ms(b, role) for b in ours)
        print(f"| {role} | {spent:.2f} | {statistics.median(b.peak.get(role, 0) for b in ours) / 1e6:.0f} |")
    print(
        f"\nof {last.articles + sum(last.other_ends.values())} URLs {last.articles} stored, other ends "
        f"{last.other_ends}; "
        f"Redis at most {last.redis_peak / 1e6:.0f} MB; Postgres "
        f"{last.database_growth / 1000 / last.articles:.1f} KB an article, its log "
        f"{last.wal / 1000 / last.articles:.1f} KB"
    )
    if paced:
        print("\n| pace | latency p50 | p95 | p99 |\n|---|---|---|---|")
        for percent, latencies in paced.items():
            print(
                f"| {percent}% of capacity | " + " | ".join(f"{q:.2f} s" for q in quantiles(latencies)) + " |"
            )


if __name__ == "__main__":
    main()
