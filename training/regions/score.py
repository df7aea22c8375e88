"""Score places and focus: `python -m training.regions.score mentions|focus GOLD.jsonl TAGGED.jsonl`.

GOLD holds `mentions` (start, end, lat, lon, geonameid, country, scored) or `countries`; TAGGED is what
`dateline tag` or `training.regions.train --held-out` wrote, matched by id. A mention is found where a place
overlaps it, and right within 161 km or by its GeoNames id (acc@161: Gritta and others, A Pragmatic Guide to
Geoparsing Evaluation, 2020); marks without a point are neither missed nor counted against a place.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from pathlib import Path
from typing import Any

NEAR_KM = 161.0
Place = dict[str, Any]


def main() -> None:
    """Print the figures of one file."""
    if len(sys.argv) != 4 or sys.argv[1] not in ("mentions", "focus"):
        sys.exit(__doc__)
    gold, tagged = (
        [json.loads(line) for line in Path(p).read_text("utf-8").splitlines()] for p in sys.argv[2:]
    )
    by_id = {row["id"]: row for row in tagged}
    found = [by_id.get(row["id"], {}) for row in gold]
    if sys.argv[1] == "mentions":
        figures = mention_figures(gold, [f.get("places", []) for f in found])
    else:
        figures = focus_figures(
            gold, [{c["code"] for c in f.get("countries", []) if c["focus"]} for f in found]
        )
    print(json.dumps({k: round(v, 4) for k, v in figures.items()}))


def mention_figures(rows: list[dict[str, Any]], found: list[list[Place]]) -> dict[str, float]:
    """F1 of finding, of finding and placing; shares of the found that are near, and in the right country."""
    hit = near = missed = extra = in_country = with_country = 0
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
            exact = [
                n for n in over if (places[n]["start"], places[n]["end"]) == (mark["start"], mark["end"])
            ]
            n = (exact or over)[0]
            used.add(n)
            hit += 1
            near += _right(places[n], mark)
            if mark.get("country"):
                with_country += 1
                in_country += places[n].get("country") == mark["country"]
        extra += sum(
            n not in used
            and not any(p["start"] < m["end"] and p["end"] > m["start"] for m in row["mentions"])
            for n, p in enumerate(places)
        )
    wrong = hit - near
    return {
        "mention": 2 * hit / max(1, 2 * hit + extra + missed),
        "end_to_end": 2 * near / max(1, 2 * near + extra + missed + 2 * wrong),
        "acc161": near / max(1, hit),
        "country_accuracy": in_country / max(1, with_country),
    }


def focus_figures(rows: list[dict[str, Any]], found: list[set[str]]) -> dict[str, float]:
    """Micro and macro F1 over countries."""
    right, extra, missed = Counter[str](), Counter[str](), Counter[str]()
    for row, got in zip(rows, found, strict=True):
        want = set(row["countries"])
        right.update(want & got)
        extra.update(got - want)
        missed.update(want - got)

    def f1(t: int, p: int, n: int) -> float:
        return 2 * t / max(1, 2 * t + p + n)

    labels = {*right, *missed}
    return {
        "micro_f1": f1(right.total(), extra.total(), missed.total()),
        "macro_f1": sum(f1(right[c], extra[c], missed[c]) for c in labels) / max(1, len(labels)),
    }


def _right(place: Place, mark: dict[str, Any]) -> bool:
    if mark["geonameid"] and place.get("geonameid") == mark["geonameid"]:
        return True
    return (
        place.get("lat") is not None and _km(place["lat"], place["lon"], mark["lat"], mark["lon"]) <= NEAR_KM
    )


def _km(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    a, b, c, d = map(math.radians, (lat, lon, to_lat, to_lon))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742 * math.asin(min(1.0, math.sqrt(half)))


if __name__ == "__main__":
    main()
