"""crawler-commons' tests: sitemaps and feeds, with the numbers of URLs that its Java tests expect, and
robots.txt files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.intakes.feed_reasons import SITEMAPS
from bench.intakes.outcome import Check, Point, Suite
from bench.intakes.reading import listing
from bench.intakes.robots import verdicts

_METHOD = re.compile(r"^    (?:public )?void \w+\(.*?^    }", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"\"src/test/resources/((?:sitemaps|rss)/[^\"]+)\"")
_SIZE = re.compile(r"assertEquals\((\d+), \w+\.get(?:SiteMapUrls|Sitemaps)\(\)\.size\(\)")
_BEFORE_ALL = datetime(1990, 1, 1, tzinfo=UTC)
"""A moment at which no date of a sitemap is believed, so that all of its pages are listed, not the new ones
alone."""


def commons(peers: Path) -> Suite:
    """The files of `src/test/resources` that are sitemaps, feeds and robots.txt."""
    tests = peers / "crawler-commons" / "src" / "test"
    counts = _counts(tests / "java" / "crawlercommons" / "sitemaps")
    root = tests / "resources"
    files = sorted(
        file for folder in ("sitemaps", "rss") for file in (root / folder).rglob("*") if file.is_file()
    )
    checks = [
        _sitemap(file, name, counts.get(name))
        for file in files
        if (name := file.relative_to(root).as_posix())
    ]
    checks += [_robots(file) for file in sorted((root / "robots").glob("*"))]
    return Suite("crawler-commons", checks, SITEMAPS)


def _counts(folder: Path) -> dict[str, int]:
    """How many addresses are expected of a file: what the first test says that names it."""
    found: dict[str, int] = {}
    for file in sorted(folder.glob("*.java")):
        for method in _METHOD.findall(file.read_text("utf-8")):
            names, sizes = set(_FILE.findall(method)), _SIZE.findall(method)
            if len(names) == 1 and sizes:
                found.setdefault(names.pop(), int(sizes[-1]))
    return found


def _sitemap(file: Path, name: str, count: int | None) -> Check:
    body = file.read_bytes()
    source = body.decode("utf-8", "replace")

    def run() -> Iterator[Point]:
        found = listing(body, f"http://www.example.com/{file.name}", now=_BEFORE_ALL)
        if count is not None:
            yield Point("addresses", count, len(found.entries) + len(found.children), source)

    return Check(name, run, expected=bool(count), source=source)


def _robots(file: Path) -> Check:
    return Check(f"robots/{file.name}", lambda: verdicts(file.read_bytes()))
