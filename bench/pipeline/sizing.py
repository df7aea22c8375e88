"""What so many articles a day need, from what one costs: `python -m bench.pipeline.sizing COSTS.json`.

COSTS.json is what `make bench ARGS="--json COSTS.json"` writes. News comes in waves: workers are sized for
three times the day's mean, and for being busy at most 70% of the time, since latency rises steeply beyond it.
"""

from __future__ import annotations

import argparse
import json
from math import ceil
from pathlib import Path

_DAY_S = 86_400
_PEAK, _BUSY = 3.0, 0.7
_PAGE_BYTES = 36_000  # over the wire, compressed; of 170 KB of HTML


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("costs", type=Path)
    parser.add_argument("--a-day", type=float, nargs="+", default=[1e6, 1e7, 1e8], help="articles a day")
    options = parser.parse_args()
    costs: dict[str, float] = json.loads(options.costs.read_text())
    columns = [_needs(count, costs) for count in options.a_day]
    print("| articles a day | " + " | ".join(f"{count / 1e6:g} million" for count in options.a_day) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for row in columns[0]:
        print(f"| {row} | " + " | ".join(column[row] for column in columns) + " |")


def _needs(a_day: float, costs: dict[str, float]) -> dict[str, str]:
    """What a load needs, by what it is called."""
    mean, peak = a_day / _DAY_S, a_day / _DAY_S * _PEAK

    def cores(*roles: str) -> float:
        return peak * sum(costs[f"{role}_cpu_ms"] for role in roles) / 1000 / _BUSY

    return {
        "articles/s, mean / peak": f"{mean:,.0f} / {peak:,.0f}",
        "ingest workers (one core each)": f"{ceil(cores('ingest')):,}",
        "enrich processes (one core each)": f"{ceil(cores('enrich')):,}",
        "store workers (one core each)": f"{ceil(cores('store')):,}",
        "the stories service, of one core": f"{cores('stories'):.0%}",
        "the scheduler, of one core": f"{cores('scheduler'):.0%}",
        "the broker, of one core": f"{cores('redis'):.0%}",
        "Postgres, cores": f"{cores('postgres'):.1f}",
        "in from sites at the peak": f"{peak * _PAGE_BYTES * 8 / 1e6:,.0f} Mbit/s",
        "Postgres' log at the peak": f"{peak * costs['wal_bytes'] / 1e6:,.1f} MB/s",
        "Postgres a day / a year": f"{a_day * costs['postgres_bytes'] / 1e9:,.0f} GB / "
        f"{a_day * 365 * costs['postgres_bytes'] / 1e12:,.1f} TB",
    }


if __name__ == "__main__":
    main()
