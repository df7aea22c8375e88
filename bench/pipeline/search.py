"""`make bench-search`: how quickly `dateline search` answers over a million stored articles, and by which
plans.

Each kind of question is asked of Postgres as the command asks it, a connection each time; then the whole
command is run, the interpreter's start included. Articles are made up (bench/filling.py); each question is
asked again and again, so that what it needs is in memory, as it is on a server that is asked all day.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from bench.filling import fill_up_to, vocabulary
from bench.pipeline.run import say
from services.local.postgres import EmbeddedPostgres
from services.store import search
from services.store.migrate import migrate
from services.store.search_query import Query

_REPEATS = 15


def questions() -> dict[str, list[str]]:
    """Arguments of `dateline search`, by what they ask: text, topic, country and time, alone and together."""
    words = vocabulary()
    return {
        "the newest": [],
        "a rare word": [words[9000]],
        "two words": [words[300], words[900]],
        "a common word": [words[12]],
        "a broad topic": ["--topic", "sport"],
        "a narrow topic": ["--topic", "medtop:20000370"],
        "a country": ["--region", "IN"],
        "an area": ["--region", "Sahel"],
        "two countries together": ["--region", "IN", "--region", "CN", "--together"],
        "within 100 km": ["--near", "48.8,2.3,100"],
        "seven days": ["--since", "7d"],
        "a source": ["--source", "source7.example"],
        "topic, country, 30 days": [
            "--topic",
            "economy, business and finance",
            "--region",
            "CN",
            "--since",
            "30d",
        ],
        "word, country, a year": [words[900], "--region", "US", "--since", "52w"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", type=Path, help="keep the database here, and use it again where it is filled already"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        postgres = EmbeddedPostgres(folder)
        postgres.start()
        try:
            migrate(postgres.url)
            _measure(postgres.url, fill_up_to(postgres.url, options.articles, say=say))
        finally:
            postgres.stop()
            if options.folder is None:
                postgres.wipe()


def _measure(database_url: str, articles: int) -> None:
    print(
        f"\n{articles:,} articles\n\n| question | found | query, ms (p95) | whole command, ms |\n|---|---|"
        f"---|---|"
    )
    medians, plans = [], []
    for name, arguments in questions().items():
        query = _query(arguments)
        times, found = [], 0
        for _ in range(_REPEATS):
            started = time.perf_counter()
            with psycopg.connect(database_url, options="-c timezone=UTC") as connection:
                found = len(search.find(connection, query))
            times.append((time.perf_counter() - started) * 1000)
        times.sort()
        medians.append(statistics.median(times))
        whole = min(_command(database_url, arguments) for _ in range(3))
        print(
            f"| {name} | {found} | {medians[-1]:.0f} ({times[int(len(times) * 0.95)]:.0f}) | {whole:.0f} |",
            flush=True,
        )
        with psycopg.connect(database_url) as connection:
            plans.append((name, search.explain(connection, query)))
    print(f"| median of all | | {statistics.median(medians):.0f} | |")
    for name, plan in plans:
        print(f"\n{name}:\n" + "\n".join(f"  {line}" for line in plan))


def _query(arguments: list[str]) -> Query:
    """What the command makes of its arguments."""
    import click

    from services.cli.choosing import query_options

    kept: list[Query] = []

    def keep(*, query: Query) -> None:
        kept.append(query)

    click.command()(query_options(keep)).main(arguments, standalone_mode=False)
    return kept[0]


def _command(database_url: str, arguments: list[str]) -> float:
    environ = os.environ | {"DATELINE_DATABASE_URL": database_url}
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "services.cli", "search", *arguments],
        env=environ,
        capture_output=True,
        check=False,
    )
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
