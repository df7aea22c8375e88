"""JSON Feed reader (versions 1.0 and 1.1). A field of the wrong type is ignored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.contract.errors import PermanentError
from services.contract.messages import FeedEntry
from services.ingest.dates import read_date
from services.ingest.sources.entries import address, each_apart, entry_of, language_of, plain
from services.ingest.sources.listing import Listing
from services.ingest.sources.xml_text import decoded

_ITEMS = re.compile(r"\"items\"\s*:\s*\[\s*")
_BETWEEN = re.compile(r"[\s,]*")
_LONGEST_INTEGER, _MOST_ITEMS = 20, 10_000


def read_json_feed(body: bytes, url: str, now: datetime, charset: str | None = None) -> Listing:
    """Reads a JSON Feed into a Listing. Raises PermanentError when the document is none."""
    feed = _loaded(decoded(body, charset), url)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise PermanentError("bad_feed", f"{url} is JSON, but no JSON Feed: it has no list of items")
    site = address(feed.get("home_page_url"), url) or url
    entries = each_apart(lambda item: _entry(item, feed, site, now), feed["items"][:_MOST_ITEMS])
    return Listing(kind="json", title=plain(feed.get("title")), entries=entries)


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(strict=False, parse_int=lambda digits: int(digits[:_LONGEST_INTEGER]))


def _loaded(text: str, url: str) -> Any:
    """The parsed document; of one that was cut off, the complete items."""
    text = text.lstrip("\ufeff \t\r\n")
    decoder = _decoder()
    try:
        return decoder.raw_decode(text)[0]
    except (ValueError, RecursionError) as error:
        if items := list(_whole_items(text, decoder)):
            return {"items": items}
        raise PermanentError("bad_feed", f"{url} is JSON that does not parse: {error}") from error


def _whole_items(text: str, decoder: json.JSONDecoder) -> Iterator[Any]:
    start = _ITEMS.search(text)
    position = start.end() if start else len(text)
    while text.startswith("{", position):
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return
        yield item
        position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]


def _entry(item: Any, feed: dict[str, Any], site: str, now: datetime) -> FeedEntry | None:
    if not isinstance(item, dict):
        return None
    said = item.get("language") if isinstance(item.get("language"), str) else feed.get("language")
    language = said if isinstance(said, str) else None
    dates = (
        read_date(item.get(name), now, language=language) for name in ("date_published", "date_modified")
    )
    published = next((moment for moment in dates if moment), None)
    for link in _links(item):
        entry = entry_of(
            link, site, title=plain(item.get("title")), published_at=published, authors=_authors(item),
            keywords=[k for one in _list(item.get("tags")) if (k := plain(one))],
            language=language_of(language), now=now,
        )  # fmt: skip
        if entry:
            return entry
    return None


def _links(item: dict[str, Any]) -> Iterator[object]:
    """The item's links. An id counts only where it is a URL."""
    yield item.get("url")
    yield item.get("external_url")
    if isinstance(item.get("id"), str) and item["id"].strip().lower().startswith(("http://", "https://")):
        yield item["id"]


def _authors(item: dict[str, Any]) -> list[str]:
    found = _list(item.get("authors")) or _list(item.get("author"))
    names = [one.get("name") if isinstance(one, dict) else one for one in found]
    return [name for each in names if (name := plain(each))]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str | dict) else []
