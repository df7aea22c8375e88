"""How often deeper topics are right, and whether their scores say so.

`python -m training.topics.deeper FOLDER` reads pages of news (naeb.jsonl.gz, fundus_tests.jsonl.gz: {"id",
"body", "title"} a line), tags those articles of which topics were judged by hand (`deeper.tsv`), and prints
by score how many of the judged topics it still says and how many of these are right. They were drawn by score
from all that an earlier tagger said of English articles.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from services.enrich.topics.tagger import TopicTagger

_JUDGED = Path(__file__).with_suffix(".tsv")
_BINS = (0.0, 0.4, 0.6, 0.8, 1.01)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    judged: dict[str, dict[str, bool]] = defaultdict(dict)
    for line in _JUDGED.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, code, right = line.split("\t")
            judged[name][code] = right == "1"
    tagger = TopicTagger()
    said: list[tuple[float, bool]] = []
    for file in ("naeb.jsonl.gz", "fundus_tests.jsonl.gz"):
        with gzip.open(folder / file, "rt", encoding="utf-8") as lines:
            for page in map(json.loads, lines):
                if verdicts := judged.get(page["id"]):
                    topics = tagger.tag(page["title"] or "", page["body"], "en")
                    said += [
                        (topic.score, verdicts[topic.code]) for topic in topics if topic.code in verdicts
                    ]
    count = sum(map(len, judged.values()))
    print(f"judged: {count}, right: {sum(sum(v.values()) for v in judged.values())}; said now: {len(said)}")
    print("| score | right | topics |\n|---|---|---|")
    for low, high in pairwise(_BINS):
        if those := [(score, right) for score, right in said if low <= score < high]:
            mean, share = (sum(values) / len(those) for values in zip(*those, strict=True))
            print(f"| {mean:.2f} | {share:.2f} | {len(those)} |")


if __name__ == "__main__":
    main()
