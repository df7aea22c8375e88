"""Miniflux's tests: the documents that stand in its Go tests between back quotes, and the files
beside these."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.intakes.feed_reasons import FEEDS
from bench.intakes.outcome import Check, Point, Suite
from bench.intakes.reading import listing, said, with_links
from services.cli.sources.opml import read_opml

_PACKAGES = ("atom", "json", "opml", "parser", "rdf", "rss", "subscription", "encoding", "xml", "media")
_TEST = re.compile(r"^func (Test\w+)\(.*?(?=^func |\Z)", re.MULTILINE | re.DOTALL)
_LITERAL = re.compile(r"`([^`]*)`")
_URL = re.compile(r"(?:Parse|ParseFeed)\(\"(https?://[^\"]+)\"")
_ENTRY = re.compile(r"feed\.Entries\[(\d+)\]\.(URL|Title) != (?:\"([^\"\\]*)\"|`([^`]*)`)")
_COUNT = re.compile(r"len\((feed\.Entries|subscriptions)\) != (\d+)")
_FIELDS = {"URL": "link", "Title": "title"}
_DEFAULT = "https://feed.example.org/feed"


def miniflux(peers: Path) -> Suite:
    """All documents of its readers of feeds, lists of feeds and pages that name feeds."""
    root = peers / "v2" / "internal" / "reader"
    tests = [file for package in _PACKAGES for file in sorted((root / package).glob("*_test.go"))]
    checks = [check for file in tests for check in _of_tests(file)]
    files = sorted(file for file in root.glob("*/testdata/*") if file.suffix in (".xml", ".html", ".json"))
    checks += [_of_file(file, file.relative_to(root).as_posix()) for file in files]
    return Suite("Miniflux", checks, FEEDS)


def _of_tests(file: Path) -> Iterator[Check]:
    for test in _TEST.finditer(file.read_text("utf-8")):
        literals = [
            text for text in _LITERAL.findall(test[0]) if text.lstrip("\ufeff \t\r\n")[:1] in ("<", "{", "[")
        ]
        for number, text in enumerate(literals, start=1):
            name = f"{file.parent.name}/{test[1]}" + (f" ({number})" if len(literals) > 1 else "")
            yield _of_text(text, name, test[0] if len(literals) == 1 else "")


def _of_text(text: str, name: str, test: str) -> Check:
    if "<opml" in text[:500].lower():
        counts = [int(count) for what, count in _COUNT.findall(test) if what == "subscriptions"]
        return Check(name, lambda: _opml(text, counts), expected=any(counts), source=text)
    url = found[1] if (found := _URL.search(test)) else _DEFAULT
    return Check(name, lambda: _feed(text, url, test), expected=bool(_ENTRY.search(test)), source=text)


def _opml(text: str, counts: list[int]) -> Iterator[Point]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.opml"
        path.write_text(text, "utf-8")
        found = len(read_opml(path))
    for count in counts[:1]:
        yield Point("feeds", count, found, text)


def _feed(text: str, url: str, test: str) -> Iterator[Point]:
    found, linked = listing(text.encode(), url), listing(with_links(text.encode()), url)
    for what, count in _COUNT.findall(test)[:1]:
        if what == "feed.Entries":
            yield Point("count", int(count), len(found.entries), text)
    for number, what, plain, quoted in _ENTRY.findall(test):
        field, theirs = _FIELDS[what], plain or quoted
        entries = found.entries if field == "link" else linked.entries
        entry = entries[int(number)] if int(number) < len(entries) else None
        yield Point(field, theirs, said(entry, field, theirs), text)


def _of_file(file: Path, path: str) -> Check:
    kind = "text/html" if file.suffix == ".html" else ""

    def run() -> Iterator[Point]:
        listing(file.read_bytes(), _DEFAULT, kind=kind)
        yield from ()

    return Check(path, run)
