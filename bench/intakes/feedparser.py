"""feedparser's tests: feeds whose first comment says what is to be read in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.intakes.expectations import Expectation, expectations, headers
from bench.intakes.feed_reasons import FEEDS
from bench.intakes.outcome import Check, Point, Suite
from bench.intakes.reading import listing, moment, name, said, with_links
from services.ingest.fetch.response import kind_and_charset


def feedparser(peers: Path) -> Suite:
    """All files of its `tests`."""
    root = peers / "feedparser"
    files = sorted(file for kind in ("xml", "json") for file in (root / "tests").rglob(f"*.{kind}"))
    return Suite("feedparser", [_check(file, file.relative_to(root).as_posix()) for file in files], FEEDS)


def _check(file: Path, path: str) -> Check:
    body = file.read_bytes()
    expected = expectations(body)
    source = body.replace(b"\0", b"").decode("utf-8", "replace")
    return Check(path, lambda: _points(body, path, source, expected), expected=bool(expected), source=source)


def _points(body: bytes, path: str, source: str, expected: list[Expectation]) -> Iterator[Point]:
    sent = headers(body)
    kind, charset = kind_and_charset(sent.get("content-type", ""))
    url = sent.get("content-location") or f"http://127.0.0.1:8097/{path}"
    found = listing(body, url, kind=kind, charset=charset)
    linked = listing(with_links(body), url, kind=kind, charset=charset) if expected else found
    for each in expected:
        theirs = each.value
        if each.entry is None:
            yield Point(
                each.field, theirs, found.title if each.field == "feed title" else len(found.entries), source
            )
            continue
        theirs = (
            moment(theirs) if each.field == "date" else name(theirs) if each.field == "author" else theirs
        )
        entries = found.entries if each.field == "link" else linked.entries
        entry = entries[each.entry] if each.entry < len(entries) else None
        yield Point(each.field, theirs, said(entry, each.field, theirs), source)
