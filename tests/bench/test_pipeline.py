"""The pieces of the pipeline's benchmark: pages that are what they claim, a meter that counts, sums that add
up."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from bench.pipeline.meter import cpu_s, family, memory_bytes
from bench.pipeline.pages import page, path_of
from bench.pipeline.prose import article
from services.ingest.extract import extract


@pytest.mark.parametrize("number", range(0, 60, 3))
def test_a_made_up_page_has_a_real_size_and_yields_exactly_its_article(number: int) -> None:
    served = page(number, [])
    html = zlib.decompress(served.body, 31).decode()
    assert len(html.encode()) == served.size
    assert 140_000 < served.size < 190_000
    _, headline, byline, paragraphs = article(random.Random(f"1/{number}"))
    found = extract(html, f"http://127.0.0.1:8000{path_of(number)}")
    assert found.text == "\n\n".join(paragraphs)
    assert (found.title, found.authors) == (headline, [byline])


def test_pages_are_the_same_in_every_run_and_differ_from_each_other() -> None:
    assert page(7, []) == page(7, [])
    assert len({page(n, []).body for n in range(5)}) == 5


def test_every_second_page_is_a_real_one_where_there_are_any() -> None:
    real = ["<html><head></head><body>first</body></html>", "<html><head></head><body>second</body></html>"]
    found = [zlib.decompress(page(n, real).body, 31).decode() for n in (1, 3, 5)]
    assert ["first" in found[0], "second" in found[1], "first" in found[2]] == [True, True, True]
    assert all(
        f'rel="canonical" href="{path_of(n)}"' in html for n, html in zip((1, 3, 5), found, strict=True)
    )


def test_the_meter_counts_children_that_have_ended() -> None:
    before = cpu_s(os.getpid())
    subprocess.run([sys.executable, "-c", "x = 0\nfor i in range(3_000_000): x += i"], check=True)
    assert cpu_s(os.getpid()) > before
    assert os.getpid() in family(os.getpid())
    assert memory_bytes(os.getpid()) > 10_000_000


def test_what_a_load_needs_grows_with_it(tmp_path: Path) -> None:
    costs = dict.fromkeys(("ingest", "enrich", "store", "scheduler", "stories", "redis", "postgres"), 6.0)
    told = {f"{role}_cpu_ms": ms for role, ms in costs.items()} | {
        "postgres_bytes": 20_000,
        "wal_bytes": 40_000,
    }
    (tmp_path / "costs.json").write_text(json.dumps(told))
    done = subprocess.run(
        [sys.executable, "-m", "bench.pipeline.sizing", str(tmp_path / "costs.json"), "--a-day", "864000",
        "8640000"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = {
        line.split("|")[1].strip(): [c.strip() for c in line.split("|")[2:4]]
        for line in done.stdout.splitlines()
    }
    assert rows["articles/s, mean / peak"] == ["10 / 30", "100 / 300"]
    assert rows["ingest workers (one core each)"] == ["1", "3"]
    assert rows["Postgres' log at the peak"] == ["1.2 MB/s", "12.0 MB/s"]


@pytest.mark.pipeline
@pytest.mark.long
def test_a_burst_is_timed_until_every_row_is_committed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.pipeline.run", "--articles", "60", "--no-latency"]
    done = subprocess.run(
        [*command, "--json", str(tmp_path / "costs.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "of 60 URLs 60 stored, other ends {}" in done.stdout
    costs = json.loads((tmp_path / "costs.json").read_text())
    assert all(costs[f"{role}_cpu_ms"] > 0 for role in ("ingest", "enrich", "store", "postgres"))
    assert costs["postgres_bytes"] > 5_000
