"""What tagging several articles together saves: each one alone, then as many at once as a message of the
pipeline brings.

`python -m bench.batches [--articles 400] [--at-once 25] [--data FILE.jsonl]`: made-up articles, or the
`title` and `text` of a file's rows. Both ways take turns, five times; the medians of their CPU time are
printed, and that the tags are the same.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from bench.pipeline.prose import article
from services.contract.messages import Tags
from services.enrich.handler import Story, Taggers

_TURNS = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=25)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    stories = _rows(options.data, options.articles) if options.data else _made_up(options.articles)
    taggers = Taggers()
    spent: dict[int, list[float]] = {1: [], options.at_once: []}
    tags: dict[int, list[Tags]] = {}
    for _ in range(_TURNS):
        for size, times in spent.items():
            started = time.process_time()
            tags[size] = _tag(taggers, stories, size)
            times.append((time.process_time() - started) * 1000 / len(stories))
    alone, together = (statistics.median(times) for times in spent.values())
    print(
        f"each alone: {alone:.2f} CPU-ms an article; {options.at_once} at once: {together:.2f}, "
        f"{1 - together / alone:.0%} less"
    )
    if tags[1] != tags[options.at_once]:
        sys.exit("articles tagged together got other tags than each one alone")
    print("the same tags")


def _tag(taggers: Taggers, stories: Sequence[Story], size: int) -> list[Tags]:
    return [tags for n in range(0, len(stories), size) for tags in taggers.tag_all(stories[n : n + size])]


def _made_up(count: int) -> list[Story]:
    dice = random.Random(1)
    found = []
    for _ in range(count):
        _, headline, _, paragraphs = article(dice)
        found.append(Story(headline, "\n\n".join(paragraphs), stated_language="en"))
    return found


def _rows(path: Path, count: int) -> list[Story]:
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, count)]
    return [Story(row.get("title") or "", row["text"]) for row in rows]


if __name__ == "__main__":
    main()
