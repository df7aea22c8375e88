"""Full articles with topics by hand: `newsroom/NAME.jsonl` ({"id", "topics", "also", "lang"}) joined with
the pages of `extraction/NAME.jsonl.gz` ({"id", "title", "body", "url", "html"}).

Sites are what is left out together when something is measured: each belongs to one of FOLDS parts, by the
checksum of its registrable domain.
"""

from __future__ import annotations

import gzip
import html
import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

from msgspec import Struct

NAMES = ("naeb", "fundus_tests", "wcxb_dev")
FOLDS = 4
_OPENING_WORDS = 45  # of a short text made of an article
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.S | re.I)
_SUFFIX = re.compile(r"\s[|–—-]\s(?=[^|–—-]*$)")
_BRACKETS = re.compile(r"(?m)^\[(.*)\]$")


class Labelled(Struct, frozen=True):
    """An article: `topics` (0 to 16) best first, `also` what is acceptable besides; `fold` is its site's
    part."""

    source: str
    title: str
    text: str
    language: str
    topics: list[int]
    also: list[int]
    fold: int

    @property
    def brief(self) -> str:
        """The opening of the text, as a brief would have it."""
        return " ".join(self.text.split()[:_OPENING_WORDS])

    @property
    def targets(self) -> list[tuple[int, float]]:
        """Topics with their weights: less for a second one, least for one that is acceptable."""
        return [
            (self.topics[0], 1.0),
            *((topic, 0.4) for topic in self.topics[1:2]),
            *((topic, 0.2) for topic in self.also[:1]),
        ]


def articles(data: Path) -> list[Labelled]:
    """All that have a topic, in the order of the files."""
    found = []
    for name in NAMES:
        labels = {row["id"]: row for row in _rows(data / "newsroom" / f"{name}.jsonl") if row["topics"]}
        with gzip.open(data / "extraction" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for page in map(json.loads, lines):
                if (label := labels.get(page["id"])) and page.get("body"):
                    found.append(_labelled(name, page, label))
    return found


def contest(data: Path) -> list[Labelled]:
    """Openings of the contest's articles where one or two topics fit (topics/tg_….jsonl)."""
    found = []
    for language in ("en", "ru"):
        for row in _rows(data / "topics" / f"tg_{language}.jsonl"):
            topics = [int(code[7:9]) - 1 for code in row["topics"]]
            if 1 <= len(topics) <= 2:
                fold = crc32(row["id"].encode()) % FOLDS
                found.append(Labelled("tg", row["title"], row["text"], language, topics, [], fold))
    return found


def _labelled(name: str, page: dict[str, str], label: dict[str, list[str]]) -> Labelled:
    title = page.get("title") or ""
    if not title and (found := _TITLE.search(page["html"])):
        title = _SUFFIX.split(html.unescape(found[1]).strip())[0]
    host = (urlsplit(page.get("url") or "").hostname or "").removeprefix("www.") or page["id"]
    fold = crc32(".".join(host.split(".")[-2:]).encode()) % FOLDS
    topics, also = ([int(topic) - 1 for topic in label[kind]] for kind in ("topics", "also"))
    text = _BRACKETS.sub(r"\1", page["body"])  # one set marks in brackets what may or may not be taken
    return Labelled(name, title, text, str(label["lang"]), topics, also, fold)


def _rows(path: Path) -> list[dict[str, list[str]]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]
