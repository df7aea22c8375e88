"""`make bench-regions DATA=folder`: finding and placing places, Dateline and its peers on the same articles,
in one run.

DATA holds NAME.jsonl with {"id", "title", "text", "domain", "mentions": [{"start", "end", "lat", "lon",
"geonameid", "country", "scored"}]} a line. A mention is found where a place overlaps it, and right within 161
km or by its GeoNames id; those without a point are not scored. Each system runs in a process of its own on
one core; speed is articles a CPU second, best of `--rounds`, and the peak is the process's resident memory.

Dateline's models were trained on these articles, so its figures here flatter it: the cross-validated ones are
in docs/regions.md. The speeds are what this run is for.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.regions.systems import SYSTEMS, System
from training.regions.score import mention_figures

SETS = ("lgl_tune", "trnews", "gwn")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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
            f"| {name} | {' | '.join(cells)} | {said['speed']:,.0f} | {said['speed'] / ours:.2f}x |"
            f" {said['peak_mb']:,.0f} |",
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
        out[s] = mention_figures(rows[s], found[s])
    peak = next(
        line
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        if line.startswith("VmHWM")
    )
    return out | {"speed": best, "peak_mb": int(peak.split()[1]) / 1024}


if __name__ == "__main__":
    main()
