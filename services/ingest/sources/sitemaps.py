"""Sitemaps: indexes, lists of pages, and news sitemaps with their titles and dates; compressed ones too."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin
from xml.etree import ElementTree

from services.contract.errors import PermanentError
from services.contract.limits import MAX_PAGE_BYTES
from services.contract.messages import FeedEntry
from services.ingest.sources.feeds import entry_of, plain
from services.ingest.sources.listing import Listing

FRESH = timedelta(days=3)
"""Older pages of a plain sitemap are no news; Google's news sitemaps hold two days."""
_MOST_CHILDREN = 5
_MAX_BYTES = 5 * MAX_PAGE_BYTES


def unzipped(body: bytes, url: str) -> bytes:
    """A body that may be gzip, within 50 MB. Raises PermanentError when it is damaged or larger."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain_body = unpacker.decompress(body, _MAX_BYTES)
    except zlib.error as error:
        raise PermanentError("bad_sitemap", f"{url} is damaged gzip: {error}") from error
    if unpacker.unconsumed_tail:
        raise PermanentError("too_large", f"{url} is larger than {_MAX_BYTES:,} bytes when decompressed")
    return plain_body


def read_sitemap(body: bytes, url: str, now: datetime) -> Listing:
    """An index (its newest children) or a list of pages. Raises PermanentError when it is no sitemap."""
    # The parser loads no external entity, and Expat refuses entities that multiply.
    try:
        root = ElementTree.fromstring(unzipped(body, url).lstrip())  # noqa: S314
    except (ElementTree.ParseError, ValueError) as error:
        raise PermanentError("bad_sitemap", f"{url} is no XML that can be read: {error}") from error
    name = _name(root)
    if name == "sitemapindex":
        return Listing(kind="sitemap", children=_children(root, url))
    if name != "urlset":
        raise PermanentError("bad_sitemap", f"{url} is XML, but no sitemap: its root is <{name}>")
    entries = [entry for node in root if _name(node) == "url" and (entry := _entry(node, url, now))]
    return Listing(kind="sitemap", entries=entries)


def _children(root: ElementTree.Element, url: str) -> list[str]:
    """News sitemaps first, then the newest: an index of years of pages is not read whole at each poll."""
    found = []
    for node in root:
        texts = _texts(node)
        if loc := texts.get("loc"):
            moment = _moment(texts.get("lastmod"))
            found.append(
                (0 if "news" in loc.lower() else 1, -(moment.timestamp() if moment else 0.0), urljoin(url, loc))
            )
    return [loc for _, _, loc in sorted(found)[:_MOST_CHILDREN]]


def _entry(node: ElementTree.Element, url: str, now: datetime) -> FeedEntry | None:
    texts = _texts(node)
    news = next((child for child in node if _name(child) == "news"), None)
    said = _texts(news) if news is not None else {}
    publication = next((child for child in news or () if _name(child) == "publication"), None)
    language = _texts(publication).get("language") if publication is not None else None
    published = _moment(said.get("publication_date"))
    changed = published or _moment(texts.get("lastmod"))
    if news is None and (changed is None or changed < now - FRESH):
        return None
    keywords = [k for part in said.get("keywords", "").split(",") if (k := plain(part))]
    return entry_of(
        texts.get("loc"), url, title=plain(said.get("title")), published_at=published, keywords=keywords,
        language=language.split("-")[0].lower()[:3] if language else None, now=now,
    )  # fmt: skip


def _texts(node: ElementTree.Element | None) -> dict[str, str]:
    return (
        {_name(child): child.text.strip() for child in node if child.text and child.text.strip()}
        if node is not None
        else {}
    )


def _name(node: ElementTree.Element) -> str:
    """An element's name without its namespace, which sites get wrong."""
    return str(node.tag).rpartition("}")[2].lower()


def _moment(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
