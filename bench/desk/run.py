"""`make bench-desk`: how quickly the desk answers over a million stored articles, and how heavy its first
view is.

A database of the run's own is filled with made-up articles (bench/filling.py), a desk is started on it, and
each question is asked over HTTP, one at a time: median and 95th percentile in milliseconds. The plans of what
the desk asks of Postgres follow. The first view is measured in Chromium where there is one.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import requests

from bench.filling import fill_up_to, vocabulary
from services.local.postgres import EmbeddedPostgres
from services.local.server import free_port, wait_for
from services.local.valkey import EmbeddedRedis
from services.store.migrate import migrate
from services.store.search_query import Query, conditions

_REPEATS = 25
_START_S = 300.0


def questions() -> dict[str, dict[str, Any]]:
    """What is asked: nothing, and each kind of filter by itself and together. Words by how common
    they are."""
    words = vocabulary()
    return {
        "everything": {},
        "a rare word": {"text": words[9000]},
        "two words": {"text": f"{words[300]} {words[900]}"},
        "a common word": {"text": words[12]},
        "a topic with all below it": {"topic": "sport"},
        "a country": {"region": "IN"},
        "an area": {"region": "Sahel"},
        "within 100 km": {"near": "48.8,2.3,100"},
        "seven days": {"since": "7d"},
        "a source": {"source": "source7.example"},
        "topic, country, 30 days": {"topic": "economy, business and finance", "region": "CN", "since": "30d"},
        "word, country, a year": {"text": words[900], "region": "US", "since": "52w"},
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
        postgres, redis = EmbeddedPostgres(folder), EmbeddedRedis(folder)
        postgres.start()
        redis.start()
        try:
            _prepare(postgres.url, options.articles)
            _measure(postgres.url, redis.url)
        finally:
            redis.stop()
            postgres.stop()


def _prepare(database_url: str, articles: int) -> None:
    migrate(database_url)
    fill_up_to(
        database_url, articles, say=lambda step: print(f"filling: {step}", file=sys.stderr, flush=True)
    )


def _measure(database_url: str, redis_url: str) -> None:
    port = free_port()
    environ = {
        "DATELINE_DATABASE_URL": database_url,
        "DATELINE_REDIS_URL": redis_url,
        "DATELINE_DESK_PORT": str(port),
        "DATELINE_DESK_RATE": "100000",
        "DATELINE_LOG_LEVEL": "warning",
        "PATH": "",
    }
    desk = subprocess.Popen([sys.executable, "-m", "services.desk"], env=environ)
    base = f"http://127.0.0.1:{port}"
    try:
        started = time.monotonic()
        wait_for("the desk", lambda: _is_ready(base), timeout_s=_START_S, alive=lambda: desk.poll() is None)
        loaded_s = time.monotonic() - started
        told = requests.get(f"{base}/health", timeout=10).json()
        resident = next(
            int(line.split()[1]) / 1024
            for line in Path(f"/proc/{desk.pid}/status").read_text().splitlines()
            if line.startswith("VmRSS")
        )
        print(
            f"\n{told['articles']:,} articles; the desk was ready after {loaded_s:.1f} s and holds "
            f"{resident:,.0f} MB\n"
        )
        _table(base)
        _first_view(base)
        _plans(database_url)
    finally:
        desk.terminate()
        desk.wait(30)


def _is_ready(base: str) -> bool:
    try:
        return requests.get(f"{base}/health", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _table(base: str) -> None:
    print("| question | articles | search, ms (p95) | facets and map, ms (p95) |\n|---|---|---|---|")
    medians: list[list[float]] = [[], []]
    with requests.Session() as session:
        for name, parameters in questions().items():
            cells = []
            total = session.get(f"{base}/articles", params=parameters, timeout=60).json()
            for n, path in enumerate(("/articles", "/facets")):
                times = []
                for _ in range(_REPEATS):
                    started = time.perf_counter()
                    session.get(base + path, params=parameters, timeout=60).raise_for_status()
                    times.append((time.perf_counter() - started) * 1000)
                times.sort()
                medians[n].append(statistics.median(times))
                cells.append(f"{medians[n][-1]:.0f} ({times[int(len(times) * 0.95)]:.0f})")
            print(
                f"| {name} | {total['total']:,}{'+' if total['sampled'] else ''} | {cells[0]} | {cells[1]} |",
                flush=True,
            )
    print(
        f"| median of all | | {statistics.median(medians[0]):.0f} | {statistics.median(medians[1]):.0f} |\n"
    )


def _first_view(base: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium here: the first view was not measured")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for turn in ("first", "again"):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            received = 0

            def count(event: dict[str, Any]) -> None:
                nonlocal received
                received += int(event["encodedDataLength"])

            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.on("Network.loadingFinished", count)
            started = time.perf_counter()
            page.goto(base)
            page.wait_for_selector("#articles li")
            elapsed_ms = (time.perf_counter() - started) * 1000
            print(
                f"first view, {turn}: {received / 1000:.0f} KB, list, map and topics shown after "
                f"{elapsed_ms:.0f} ms"
            )
            context.close()
        browser.close()


def _plans(database_url: str) -> None:
    words = vocabulary()
    asked = {
        "a rare word": Query(text=words[9000]),
        "a common word": Query(text=words[12]),
        "within 100 km": Query(near=(48.8, 2.3, 100)),
    }
    with psycopg.connect(database_url) as connection:
        for name, query in asked.items():
            where, values = conditions(query)
            plan = connection.execute(
                f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT a.id FROM articles a WHERE {where} ORDER "
                f"BY a.id DESC LIMIT 10001",
                values,
            )
            print(f"\n{name}:\n" + "\n".join(f"  {row[0]}" for row in plan))


if __name__ == "__main__":
    main()
