"""`make bench-regions DATA=folder`: finding and placing places, Dateline and its peers on the same articles, in one run.

DATA holds NAME.jsonl with {"id", "title", "text", "domain", "mentions": [{"start", "end", "lat", "lon", "geonameid",
"country", "scored"}]} a line. A mention is found where a place overlaps it, and right within 161 km or by its GeoNames
id; those without a point are not scored. Each system runs in a process of its own on one core; speed is articles a CPU
second, best of `--rounds`, and the peak is the process's resident memory.

Dateline's models were trained on these articles, so its figures here flatter it: the cross-validated ones are in
docs/regions.md. The speeds are what this run is for.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.regions.systems import SYSTEMS, Place, System

SETS = ("lgl_tune", "trnews", "gwn")
NEAR_KM = 161.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        json.dump(_measure(SYSTEMS[options.child], options.data, options.rounds), sys.stdout)
        return
    print(
        "| system | "
        + " | ".join(f"{s} mention / e2e F1" for s in SETS)
        + " | articles/CPU-s | against dateline | peak MB |"
    )
    print("|---|" + "---|" * (len(SETS) + 3))
    ours = 0.0
    for name in SYSTEMS:
        command = [
            sys.executable,
            "-m",
            "bench.regions.run",
            str(options.data),
            "--child",
            name,
            "--rounds",
            str(options.rounds),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name}: {done.stderr[-400:]}", file=sys.stderr)
            continue
        said = json.loads(done.stdout.splitlines()[-1])
        ours = ours or said["speed"]
        cells = [f"{said[s]['mention']:.3f} / {said[s]['end_to_end']:.3f}" for s in SETS]
        print(
            f"| {name} | {' | '.join(cells)} | {said['speed']:,.0f} | {said['speed'] / ours:.2f}x | {said['peak_mb']:,.0f} |",
            flush=True,
        )


def _measure(make: Any, data: Path, rounds: int) -> dict[str, Any]:
    run: System = make()
    rows = {s: [json.loads(line) for line in (data / f"{s}.jsonl").open(encoding="utf-8")] for s in SETS}
    out: dict[str, Any] = {}
    best = 0.0
    for _ in range(rounds):
        started = time.process_time()
        found = {s: [run(row) for row in rows[s]] for s in SETS}
        best = max(best, sum(map(len, rows.values())) / (time.process_time() - started))
    for s in SETS:
        out[s] = _figures(rows[s], found[s])
    peak = next(
        line for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM")
    )
    return out | {"speed": best, "peak_mb": int(peak.split()[1]) / 1024}


def _figures(rows: list[dict[str, Any]], found: list[list[Place]]) -> dict[str, float]:
    hit = near = missed = extra = 0
    for row, places in zip(rows, found, strict=True):
        used: set[int] = set()
        for mark in (m for m in row["mentions"] if m["scored"]):
            over = [
                n
                for n, p in enumerate(places)
                if n not in used and p["start"] < mark["end"] and p["end"] > mark["start"]
            ]
            if not over:
                missed += 1
                continue
            exact = [n for n in over if (places[n]["start"], places[n]["end"]) == (mark["start"], mark["end"])]
            n = (exact or over)[0]
            used.add(n)
            hit += 1
            near += _right(places[n], mark)
        extra += sum(
            n not in used and not any(p["start"] < m["end"] and p["end"] > m["start"] for m in row["mentions"])
            for n, p in enumerate(places)
        )
    wrong = hit - near
    return {
        "mention": 2 * hit / max(1, 2 * hit + extra + missed),
        "end_to_end": 2 * near / max(1, 2 * near + extra + missed + 2 * wrong),
    }


def _right(place: Place, mark: dict[str, Any]) -> bool:
    if mark["geonameid"] and place["geonameid"] == mark["geonameid"]:
        return True
    return place["lat"] is not None and _km(place["lat"], place["lon"], mark["lat"], mark["lon"]) <= NEAR_KM


def _km(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    a, b, c, d = map(math.radians, (lat, lon, to_lat, to_lon))
    return 12742 * math.asin(
        min(1.0, math.sqrt(math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2))
    )


if __name__ == "__main__":
    main()
