"""What each algorithm that stands twice saves compiled: CPU-ms an item, both forms in turns on the same pages
and articles.

`python -m bench.compiled PAGES.jsonl.gz ARTICLES.jsonl [--count 60] [--turns 5]`: rows with `html`, and with
`title` and `text`. Of each item the least of its turns counts.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from services.enrich import words
from services.enrich.handler import Story, Taggers
from services.enrich.regions import detection, reading, resolution, spans, trees
from services.ingest.extract import effort, extract

Patch = tuple[Any, str, Any]
"""What is set for the plain form: of which object, which attribute, to what."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    pages = [str(row["html"]).encode("utf-8", "replace") for row in _rows(options.pages, options.count)]
    stories = [Story(row.get("title") or "", row["text"]) for row in _rows(options.articles, options.count)]
    taggers = Taggers()
    _compare("a page's steps", [(effort, "_compiled", None)], extract, pages, options.turns)
    for name, patches in _of_tagging(taggers).items():
        _compare(name, patches, lambda story: taggers.tag_all([story]), stories, options.turns)


def _of_tagging(taggers: Taggers) -> dict[str, list[Patch]]:
    reader: Any = taggers.regions.reader
    english: Any = taggers.topics._english
    return {
        "words as hashes": [(words, "_compiled", None)],
        "words and pairs counted": [(english._vocabulary, "_bagger", None)],
        "trees": [(trees, "_compiled", None)],
        "candidates of names": [(reader._resolver, "_atlas", None), (resolution, "_compiled", None)],
        "words, names and features of places": [
            *((reading, name, getattr(spans, name)) for name in ("Tokens", "find_spans", "find_landmarks")),
            (reader, "_detector", detection.Detector(reader.gazetteer, reader.words)),
        ],
    }


def _compare(
    name: str, patches: list[Patch], do: Callable[[Any], object], items: Sequence[Any], turns: int
) -> None:
    kept = [(of, attribute, getattr(of, attribute)) for of, attribute, _ in patches]
    least = {form: [float("inf")] * len(items) for form in ("compiled", "plain")}
    gc.disable()
    for turn in range(turns):
        for n, item in enumerate(items):
            for form in ("compiled", "plain") if (turn + n) % 2 else ("plain", "compiled"):
                for of, attribute, value in patches if form == "plain" else kept:
                    setattr(of, attribute, value)
                started = time.thread_time()
                do(item)
                least[form][n] = min(least[form][n], time.thread_time() - started)
        gc.collect()
    for of, attribute, value in kept:
        setattr(of, attribute, value)
    gc.enable()
    compiled, plain = (1000 * sum(times) / len(times) for times in least.values())
    print(f"{name}: compiled {compiled:.2f}, plain {plain:.2f}, saves {plain - compiled:.2f} CPU-ms")


def _rows(file: Path, count: int) -> list[dict[str, Any]]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        return [json.loads(line) for line in islice(lines, count)]


if __name__ == "__main__":
    main()
