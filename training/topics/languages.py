"""How often the tagger is right in each language, by what publishers say themselves.

`python -m training.topics.languages FOLDER` reads pages of news (*.jsonl.gz: {"url", "html", "body", "title"} a line), takes
articles, and headlines of other articles that they link to, whose address has a folder that names one level-1 topic in
`services/enrich/topics/sections.tsv`, and compares that with the topic of the text alone. Folders follow habits of the house
(a crime may be filed under a region or under politics), so the figure is agreement with editors, not truth.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from services.enrich.language import identify
from services.enrich.topics.publisher import Publisher, Sections
from services.enrich.topics.tagger import TopicTagger

_LEAST_BODY, _LEAST_HEADLINE, _LONGEST_HEADLINE, _LEAST_WORDS = 400, 12, 250, 5
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_LEAST_COUNTED = 3

Item = tuple[str, str, str, str, str]
"""Kind, language, headline, text, code."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    tagger = TopicTagger()
    tallies: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for kind, language, title, text, code in set(_items(parser.parse_args().folder)):
        topics = tagger.tag(title, text, language)
        for counted, n in zip((True, bool(topics) and topics[0].path[0] == code, not topics), range(3), strict=True):
            tallies[language, kind][n] += counted
    print("| language | articles | right | silent | headlines | right | silent |\n|---|---|---|---|---|---|---|")
    totals = {
        language: sum(tallies[language, kind][0] for kind in ("article", "headline")) for language, _ in [*tallies]
    }
    for language in sorted(totals, key=lambda name: -totals[name]):
        cells = []
        for kind in ("article", "headline"):
            count, right, silent = tallies[language, kind]
            cells += (
                [f"{count}", f"{right / count:.2f}", f"{silent}"] if count >= _LEAST_COUNTED else [f"{count}", "", ""]
            )
        print(f"| {language} | " + " | ".join(cells) + " |")


def _items(folder: Path) -> Iterator[Item]:
    sections = Sections()
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                page = json.loads(line)
                body, title = page["body"] or "", page["title"] or ""
                language = identify(body[:4000], None) if len(body) >= _LEAST_BODY else None
                if language is None:
                    continue
                if len(codes := sections.read(Publisher(url=page["url"]))) == 1:
                    yield "article", language, title, body, next(iter(codes))
                for headline, address in _links(page["html"], page["url"]):
                    if len(codes := sections.read(Publisher(url=address))) == 1:
                        yield "headline", language, headline, "", next(iter(codes))


def _links(html: str, base: str) -> Iterator[tuple[str, str]]:
    """Headlines that a page links to: (text, address)."""
    for link in LexborHTMLParser(html).css("a[href]"):
        text = " ".join(link.text(deep=True).split())
        enough = len(text.split()) >= _LEAST_WORDS or _UNSPACED.search(text)
        if enough and _LEAST_HEADLINE <= len(text) <= _LONGEST_HEADLINE:
            yield text, urljoin(base, link.attributes.get("href") or "")


if __name__ == "__main__":
    main()
