"""Does what the focus model learned hold on news that it never saw? `python -m training.regions.transfer
DATA`

Three ways of saying which countries an article is about are put side by side: the one with most mentions, a
model of the wire items alone, and the model as it is trained, on wire items and marked articles. Two kinds of
news judge them:

- each corpus of marked articles, left out of training, by the country that most of an article's marks lie in;
- pages of other houses (DATA/extraction), none of which any model saw, by the countries among the keywords
  that their editors gave them or the folders they filed them in.

`first` counts articles whose first country is one of the right ones, of `n`; F1 is over all countries of all
articles. The first kind of truth is itself a count of mentions, which suits counting; the second leaves out
what an editor takes for granted, such as the paper's own country. Finding and placing names is the shipped
models' work in all three.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from services.contract.urls import domain_of
from services.enrich.regions import focus
from services.enrich.regions.countries import load_countries
from services.enrich.regions.country_tags import namings
from services.enrich.regions.gazetteer import Gazetteer
from services.enrich.regions.parts import Asked, join
from services.enrich.regions.tagger import RegionTagger
from services.ingest.extract import extract
from training.regions.boosting import load
from training.regions.train import CORPORA, MARKED_WEIGHT, _fit_focus, _focused, _often

PAGES = ("naeb", "fundus_tests", "wcxb_dev")
_SHORT = {
    "usa": "US",
    "uk": "GB",
    "britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "palestine": "PS",
    "gaza": "PS",
}
_OTHER_MEANINGS = frozenset(("georgia", "jordan", "chad", "guinea", "turkey", "victoria"))
_FEDERAL = frozenset(("US", "GB", "CA", "AU", "IN", "DE"))  # countries whose papers file stories under states


@dataclass
class Article:
    """What the focus sees of an article, and the right countries."""

    group: str
    tallies: dict[str, focus.Tally]
    rows: np.ndarray
    mentions: Counter[str]
    right: set[str]

    def case(self, weight: float = 1.0) -> tuple[Any, ...]:
        """As the training keeps it."""
        codes = list(self.tallies)
        labels = np.array([code in self.right for code in codes], bool)
        return self.rows, labels, np.full(len(codes), weight), codes, -1, self.tallies


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder that holds regions/ and extraction/")
    data: Path = parser.parse_args().data
    tagger = RegionTagger()
    wire = [a.case() for a in _wire(tagger, data / "regions")]
    marked = list(_marked(tagger, data / "regions"))
    edited = list(_edited(tagger, data / "extraction"))
    alone = _chooser(wire)
    print("| news | way | first | n | F1 | precision | recall |\n|---|---|---|---|---|---|---|")
    answers: defaultdict[str, list[tuple[Article, list[str]]]] = defaultdict(list)
    for group in (*CORPORA, "other houses"):
        held_out = [a for a in (*marked, *edited) if a.group == group]
        mixed = _chooser(wire + [a.case(MARKED_WEIGHT) for a in marked if a.group != group])
        for way, choose in {"most mentions": _most_mentioned, "wire alone": alone, "mixed": mixed}.items():
            found = [(article, choose(article)) for article in held_out]
            _print(group, way, found)
            answers[way] += found if group in CORPORA else []
    for way, found in answers.items():
        _print("all marked", way, found)


def _chooser(cases: list[Any]) -> Callable[[Article], list[str]]:
    model, often = load(_fit_focus(cases)), _often(cases)

    def choose(article: Article) -> list[str]:
        about = [c["code"] for c in _focused(model, article.case(), often) if c["focus"]]
        return sorted(about, key=lambda code: article.tallies[code].times, reverse=True)

    return choose


def _most_mentioned(article: Article) -> list[str]:
    return [code for code, _ in article.mentions.most_common(1)]


def _print(group: str, way: str, found: list[tuple[Article, list[str]]]) -> None:
    first = sum(bool(codes) and codes[0] in article.right for article, codes in found)
    hits = sum(len(article.right & set(codes)) for article, codes in found)
    said, right = sum(len(codes) for _, codes in found), sum(len(article.right) for article, _ in found)
    print(
        f"| {group} | {way} | {first} | {len(found)} | {2 * hits / (said + right):.3f} | {hits / said:.3f} |"
        f" {hits / right:.3f} |"
    )


def _article(
    tagger: RegionTagger, group: str, title: str, text: str, dateline: str | None, domain: str | None,
    language: str, right: set[str]
) -> Article:  # fmt: skip
    parts = join(title, text, dateline)
    ((reading, ranks),) = tagger._read([Asked(title, text, dateline, domain, language)], [parts])
    named = list(namings(reading, tagger._resolved(reading, ranks, parts), parts))
    tallies = focus.tally(named)
    rows = focus.rows(tallies, tagger.countries.publisher_of(domain), len(text))
    return Article(group, tallies, rows, Counter(naming.country for naming in named), right)


def _wire(tagger: RegionTagger, folder: Path) -> Iterator[Article]:
    for line in (folder / "reuters_places_train.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        right = set(row["countries"])
        yield _article(tagger, "wire", row["title"], row["text"], row.get("dateline"), None, "en", right)


def _marked(tagger: RegionTagger, folder: Path) -> Iterator[Article]:
    """Articles one country of which holds clearly more marks than the next, as the training takes them."""
    for corpus in CORPORA:
        for line in (folder / f"{corpus}.jsonl").open(encoding="utf-8"):
            row = json.loads(line)
            top = Counter(m["country"] for m in row["mentions"] if m.get("country")).most_common(2)
            if not top or (len(top) > 1 and top[0][1] < 1.5 * top[1][1]):
                continue
            title = "" if row["text"].startswith(row["title"] or "\n") else row["title"]
            yield _article(tagger, corpus, title or "", row["text"], None, row["domain"], "en", {top[0][0]})


def _edited(tagger: RegionTagger, folder: Path) -> Iterator[Article]:
    """Pages whose keywords or folders name a country."""
    names = _names(tagger.gazetteer)
    for dataset in PAGES:
        with gzip.open(folder / f"{dataset}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                page = extract(row["html"], row["url"] or None)
                folders = [
                    part.replace("-", " ")
                    for part in urlsplit(row["url"] or "").path.split("/")[:-1]
                    if len(part) > 2
                ]
                said = [
                    part.strip() for keyword in page.keywords for part in re.split(r"[/>:]", keyword)
                ] + folders
                right = {names[name.casefold()] for name in said if name.casefold() in names}
                if page.text and right:
                    domain = domain_of(row["url"]) if row["url"] else None
                    language = page.language or "en"
                    yield _article(
                        tagger, "other houses", page.title, page.text, page.dateline, domain, language, right
                    )


def _names(gazetteer: Gazetteer) -> dict[str, str]:
    """Countries by name in any language, and by the names of states that only one of a few large countries
    has."""
    names = {}
    for code, country in load_countries().items():
        for name in (country["name"], *country["names"]):
            if len(name) >= 3:
                names.setdefault(name.casefold(), code)
    states: defaultdict[str, set[str]] = defaultdict(set)
    for row in np.flatnonzero(gazetteer.kind == gazetteer.kinds.index("admin1")):
        state = gazetteer.describe(int(row))
        if state.country in _FEDERAL:
            states[state.name.casefold()].add(state.country)
    for name, codes in states.items():
        if len(codes) == 1:
            names.setdefault(name, next(iter(codes)))
    return {name: code for name, code in (names | _SHORT).items() if name not in _OTHER_MEANINGS}


if __name__ == "__main__":
    main()
