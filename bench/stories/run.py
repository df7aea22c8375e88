"""`make bench-stories DATA=folder`: copies and stories, quality and cost, against datasketch and TF-IDF.

DATA holds copies/copies.jsonl, stories/ecb.jsonl and stories/tg_pairs.jsonl, as training/stories/README.md
says. Dateline's weights were trained on all of them: what it does on texts and events held out is printed by
the training, and in docs/stories.md. Cost is CPU-milliseconds an article, reading included, with an empty
window and, of Dateline, with --window articles in it, made up.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from array import array
from pathlib import Path
from typing import Any

import numpy as np

from bench.stories.figures import of_copies, of_pairs, of_stories
from bench.stories.systems import COPIES, STORIES

_SAMPLES, _SITES, _DAY_S = 30, 5_000, 86_400


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--window", type=int, action="append", help="articles in the window; repeatable")
    options = parser.parse_args()
    copies = _read(options.data / "copies/copies.jsonl")
    print("| copies | pair precision | pair recall | root right | CPU-ms an article |\n|---|---|---|---|---|")
    for name, find in COPIES.items():
        said, cost = _timed(find, copies)
        f = of_copies(copies, said)
        print(
            f"| {name} | {f['precision']:.3f} | {f['recall']:.3f} | {f['root']:.3f} | {cost:.2f} |",
            flush=True,
        )
    told, pairs = _read(options.data / "stories/ecb.jsonl"), _read(options.data / "stories/tg_pairs.jsonl")
    ends = [
        {"id": f"{pair['id']}/{side}", "lang": pair["lang"], **pair[side]} for pair in pairs for side in "ab"
    ]
    print("\n| stories | B-cubed F1 | right pairs, en | ru | CPU-ms an article |\n|---|---|---|---|---|")
    for name, group in STORIES.items():
        said, cost = _timed(group, told)
        right = of_pairs(pairs, group(ends))
        f1 = of_stories(told, said)["f1"]
        print(f"| {name} | {f1:.3f} | {right['en']:.3f} | {right['ru']:.3f} | {cost:.2f} |", flush=True)
    for articles in options.window or ():
        print(f"\nwith {articles:,} articles in the window: {_in_window(articles, copies[:500])}", flush=True)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def _timed(work: Any, rows: list[dict[str, Any]]) -> tuple[Any, float]:
    started = time.process_time()
    done = work(rows)
    return done, (time.process_time() - started) / len(rows) * 1000


def _in_window(articles: int, rows: list[dict[str, Any]]) -> str:
    """The cost of copies with so many others in the window, and what these take of memory."""
    from services.stories.copies import Copies, Piece

    before = _resident_mb()
    rng = np.random.default_rng(1)
    window = Copies(lambda numbers: {n: rows[n]["text"] for n in numbers if n < len(rows)})
    now = 20_000 * _DAY_S
    for n in range(articles):
        keys = array("I", rng.integers(1, 2**32, _SAMPLES, dtype=np.uint32).tobytes())
        at = now - n * 14 * _DAY_S / articles
        window.restore(Piece(len(rows) + n, "", at, f"site{n % _SITES}.example"), keys, None)
    grown = _resident_mb() - before
    started = time.process_time()
    for n, row in enumerate(rows):
        window.add(Piece(n, row["text"], now + n, row["domain"], row["agency"]))
    cost = (time.process_time() - started) / len(rows) * 1000
    return f"copies {cost:.2f} CPU-ms an article, {grown:,.0f} MB"


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
