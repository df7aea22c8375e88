"""gofeed's tests: feeds, each beside the JSON that it makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.intakes.feed_reasons import FEEDS
from bench.intakes.outcome import Check, Point, Suite
from bench.intakes.reading import listing, moment, name, said, with_links

_URL = "https://feed.example.org/feed"
_DATES = ("publishedParsed", "pubDateParsed", "date_published", "updatedParsed", "date_modified")


def gofeed(peers: Path) -> Suite:
    """All files of its `testdata` but the expected answers."""
    root = peers / "gofeed" / "testdata"
    feeds = sorted(root.rglob("*.xml"))
    feeds += [
        file
        for file in sorted(root.rglob("*.json"))
        if not file.stem.endswith("_expected") and not file.with_suffix(".xml").exists()
    ]
    return Suite("gofeed", [_check(file, file.relative_to(root).as_posix()) for file in feeds], FEEDS)


def _check(file: Path, path: str) -> Check:
    items = _items(file)
    body = file.read_bytes()
    source = body.decode("utf-8", "replace")
    return Check(path, lambda: _points(body, source, items), expected=bool(items), source=source)


def _items(file: Path) -> list[dict[str, Any]]:
    beside = (
        file.with_suffix(".json") if file.suffix == ".xml" else file.with_name(f"{file.stem}_expected.json")
    )
    expected = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
    found = expected.get("items") or expected.get("entries") or [] if isinstance(expected, dict) else []
    return [item for item in found if isinstance(item, dict)]


def _points(body: bytes, source: str, items: list[dict[str, Any]]) -> Iterator[Point]:
    found, linked = listing(body, _URL), listing(with_links(body), _URL)
    for number, item in enumerate(items):
        for field, theirs in _told(item):
            entries = found.entries if field == "link" else linked.entries
            entry = entries[number] if number < len(entries) else None
            yield Point(field, theirs, said(entry, field, theirs), source)


def _told(item: dict[str, Any]) -> Iterator[tuple[str, object]]:
    if link := item.get("link") or item.get("url") or _alternate(item.get("links") or []):
        yield "link", link
    if item.get("title"):
        yield "title", item["title"]
    if date := next((item[each] for each in _DATES if item.get(each)), None):
        yield "date", moment(date)
    for each in item.get("authors") or [item.get("author")]:
        if author := each.get("name") if isinstance(each, dict) else each:
            yield "author", name(author)
    for each in item.get("categories") or item.get("tags") or []:
        if (
            tag := (each.get("label") or each.get("term") or each.get("value"))
            if isinstance(each, dict)
            else each
        ):
            yield "tag", tag


def _alternate(links: list[Any]) -> str | None:
    hrefs = (
        each.get("href")
        for each in links
        if isinstance(each, dict) and each.get("rel", "alternate") == "alternate"
    )
    return next((href for href in hrefs if href), None)
