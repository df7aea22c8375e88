"""`make bench-growth`: how the cost of an article grows with what is stored, with more workers, and with a
long queue.

Three tables: the same burst with nothing, 100,000 and a million articles stored (bench/filling.py; search and
the check for duplicates included); with 1, 2 and 4 workers of each stage; and 200,000 URLs submitted at once,
with Redis' memory while a part of them goes through.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from redis import Redis

from bench.filling import fill_up_to
from bench.pipeline.ours import Burst, burst, pipeline
from bench.pipeline.pages import urls
from bench.pipeline.run import say, serving
from services.store.intake import parse_line
from services.store.ledger import Entry, record

_LINES_AT_ONCE = 5000
_STAGES = ("ingest", "enrich", "store")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=3000, help="URLs of each burst")
    parser.add_argument("--stored", type=int, nargs="*", default=[0, 100_000, 1_000_000])
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4], help="workers of each stage")
    parser.add_argument(
        "--waiting", type=int, default=200_000, help="URLs of the long queue; 0 leaves it out"
    )
    parser.add_argument(
        "--folder", type=Path, help="keep the databases here, and use them again where they are filled"
    )
    options = parser.parse_args()
    with (
        serving(options.articles + 200, None) as (port, _),
        tempfile.TemporaryDirectory(prefix="dateline-bench-") as own,
    ):
        folder = options.folder or Path(own)
        runs = [
            (stored, _with_stored(folder / f"stored-{stored}", stored, port, options.articles))
            for stored in options.stored
        ]
        _print("articles stored", runs)
        _print(
            "workers of each stage", [(n, _with_workers(n, port, options.articles)) for n in options.workers]
        )
        if options.waiting:
            _long_queue(options.waiting, port, options.articles)


def _with_stored(folder: Path, stored: int, port: int, articles: int) -> Burst:
    say(f"{stored:,} articles stored")
    folder.mkdir(parents=True, exist_ok=True)
    with pipeline(folder=folder, prepare=_filled(stored)) as stack:
        burst(stack, urls(200, port, first=articles))
        found = burst(stack, urls(articles, port))
        with stack.connect() as connection:  # the next run of a kept folder finds what this one found
            connection.execute("DELETE FROM articles WHERE source_domain LIKE '127.%'")
            connection.execute("TRUNCATE submissions CASCADE")
    return found


def _filled(stored: int) -> Callable[[str], object]:
    return lambda database_url: fill_up_to(database_url, stored, say=say)


def _with_workers(count: int, port: int, articles: int) -> Burst:
    say(f"{count} workers of each stage")
    settings = {"DATELINE_ENRICH_CONCURRENCY": "1"}
    with pipeline(settings, scale=dict.fromkeys(_STAGES, count)) as stack:
        burst(stack, urls(200, port, first=articles))
        return burst(stack, urls(articles, port))


def _long_queue(waiting: int, port: int, articles: int) -> None:
    """URLs on a host that is let through slowly wait in the ledger; those of the others overtake them."""
    say(f"{waiting:,} URLs waiting")
    settings = {
        "DATELINE_HOST_LIMITS": "127.0.0.41=1/1",
        "DATELINE_ALLOW_HOSTS": ",".join(f"127.0.0.{n + 1}" for n in range(41)),
    }
    with (
        pipeline(settings) as stack,
        stack.connect() as connection,
        Redis.from_url(stack.redis.url) as client,
    ):
        burst(stack, urls(200, port, first=articles))
        alone = burst(stack, urls(articles // 2, port))
        started = time.monotonic()
        for start in range(0, waiting, _LINES_AT_ONCE):
            lines = [
                f"http://127.0.0.41:{port}/slow/{n}"
                for n in range(start, min(waiting, start + _LINES_AT_ONCE))
            ]
            record(
                connection, [e for e in (parse_line(line, "bench") for line in lines) if isinstance(e, Entry)]
            )
            connection.commit()
        took_s = time.monotonic() - started
        beside = burst(stack, urls(articles - articles // 2, port, first=articles // 2))
        memory = int(client.info("memory")["used_memory"])
    print(
        f"\n{waiting:,} URLs of one slow host submitted in {took_s:.0f} s; beside them {beside.rate:.1f} "
        f"articles/s of the other hosts "
        f"({alone.rate:.1f} without them); Redis at most {max(beside.redis_peak, memory) / 1e6:.1f} MB"
    )


def _print(what: str, runs: list[tuple[int, Burst]]) -> None:
    if not runs:
        return
    first = runs[0][1]
    print(
        f"\n| {what} | articles/s | of the first | CPU-ms an article | of them store and Postgres | peak MB |"
        f"\n|---|---|---|---|---|---|"
    )
    for number, found in runs:
        spent = sum(found.cpu.values()) * 1000 / found.articles
        writing = (
            sum(v for k, v in found.cpu.items() if k.startswith(("store", "postgres")))
            * 1000
            / found.articles
        )
        print(
            f"| {number:,} | {found.rate:.1f} | {found.rate / first.rate:.2f} | {spent:.1f} | {writing:.2f} |"
            f" {sum(found.peak.values()) / 1e6:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
