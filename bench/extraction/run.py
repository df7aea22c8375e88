"""`make bench-extraction DATA=folder`: quality, speed and memory of Dateline and its peers on the same pages,
in one run.

DATA holds NAME.jsonl.gz with {"id", "url", "html", "body", "title", "authors", "date"} a line: wcxb_dev
(WCXB's development part), naeb (newspaper4k's article-extraction-dataset), fundus_tests (Fundus's test
resources). Each extractor runs in a process of its own, on one core; speed is pages a CPU second with the
page in memory, best of `--rounds`, in each of which all are run in turn.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import os
import resource
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.extraction.extractors import EXTRACTORS, guarded
from bench.extraction.metrics import figures

SETS = ("wcxb_dev", "naeb", "fundus_tests")
_PARTS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", choices=EXTRACTORS, action="append", help="only this extractor; repeatable")
    parser.add_argument(
        "--rounds",
        type=int,
        default=1,
        help="times that all extractors are run in turn; the best counts for speed",
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        json.dump(_measure(options.child, options.data), sys.stdout)
        return
    rows: dict[str, dict[str, Any]] = {}
    for n in range(options.rounds):
        for name in options.only or EXTRACTORS:
            print(f"running {name} ({n + 1} of {options.rounds}) …", file=sys.stderr, flush=True)
            found = _in_its_own_process(name, options.data)
            if found and found["pages_per_cpu_s"] > rows.get(name, found)["pages_per_cpu_s"] - 1e-9:
                rows[name] = found
    _print(list(rows.items()))
    _print_parts(rows.get("dateline"))


def _in_its_own_process(name: str, data: Path) -> dict[str, Any] | None:
    command = [sys.executable, "-m", "bench.extraction.run", str(data), "--child", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: {done.stderr[-400:]}", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _pages(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _measure(name: str, data: Path) -> dict[str, Any]:
    # What an extractor prints is not its result.
    sys.stdout, real = open(os.devnull, "w"), sys.stdout  # noqa: SIM115, PTH123
    gc.set_threshold(50_000, 20, 100)  # as the ingest worker sets it; for all extractors alike
    run = EXTRACTORS[name]()
    out: dict[str, Any] = {"sets": {}, "parts": {}}
    pages_done, cpu_s = 0, 0.0
    for dataset in SETS:
        gold = _pages(data / f"{dataset}.jsonl.gz")
        guarded(run, gold[0]["html"], gold[0]["url"] or "")
        started = time.process_time()
        found = {page["id"]: guarded(run, page["html"], page["url"] or "") for page in gold}
        cpu_s += time.process_time() - started
        out["sets"][dataset] = figures(gold, found)
        out["parts"][dataset] = [
            figures([page for page in gold if _part(page) == part], found) for part in range(_PARTS)
        ]
        pages_done += len(gold)
    out["pages_per_cpu_s"] = pages_done / cpu_s
    out["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout = real
    return out


def _part(page: dict[str, Any]) -> int:
    """Which fifth of its set a page is in. Pages of one site are in the same."""
    host = urlsplit(page["url"] or "").hostname or page["id"]
    return zlib.crc32(host.removeprefix("www.").encode()) % _PARTS


def _print_parts(row: dict[str, Any] | None) -> None:
    """How far Dateline's figures differ between fifths of a set, parted by site."""
    if row is None:
        return
    print("\n| Dateline, fifths of the sites | F1 | title | date | authors |\n|---|---|---|---|---|")
    for name, parts in row["parts"].items():
        cells = []
        for key in ("f1", "title", "date", "authors"):
            values = sorted(part[key] for part in parts)
            cells.append(f"{values[0]:.3f} to {values[-1]:.3f}")
        print(f"| {name} | {' | '.join(cells)} |")


def _print(rows: list[tuple[str, dict[str, Any]]]) -> None:
    speeds = {name: row["pages_per_cpu_s"] for name, row in rows}
    against = speeds.get("trafilatura")
    print(
        "| extractor | "
        + " | ".join(f"{s} F1 (P / R)" for s in SETS)
        + " | title | date | authors | poor | pages/CPU-s | × trafilatura | peak MB |"
    )
    print("|---" * (len(SETS) + 8) + "|")
    for name, row in rows:
        sets = row["sets"]
        bodies = [f"{sets[s]['f1']:.3f} ({sets[s]['precision']:.3f} / {sets[s]['recall']:.3f})" for s in SETS]
        exact = [
            " / ".join(f"{sets[s][key]:.3f}" if sets[s][key] else "–" for s in SETS[1:])
            for key in ("title", "date", "authors")
        ]
        poor = " / ".join(f"{sets[s]['poor']:.3f}" for s in SETS)
        ratio = f"{speeds[name] / against:.1f}" if against else "–"
        print(
            f"| {name} | {' | '.join(bodies)} | {' | '.join(exact)} | {poor} | {speeds[name]:.0f} | {ratio} |"
            f" {row['peak_mb']:.0f} |"
        )
    print(
        "\ntitle, date and authors: naeb / fundus_tests; poor: pages with an F1 under 0.5, by set; memory "
        "with a set's pages loaded; –: not extracted"
    )


if __name__ == "__main__":
    main()
