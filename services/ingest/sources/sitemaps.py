"""Sitemap reader: indexes, URL sets, news sitemaps with titles and dates; XML and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.entities import html5
from itertools import islice

from lxml import etree

from services.contract.errors import PermanentError
from services.contract.limits import believable
from services.contract.messages import FeedEntry
from services.ingest.dates import read_date
from services.ingest.extract.charset import as_utf8
from services.ingest.sources.entries import address, entry_of, language_of, plain
from services.ingest.sources.kinds import root_of
from services.ingest.sources.listing import Child, Listing

FRESH = timedelta(days=3)
"""Age up to which pages of a sitemap without news elements count; Google's news sitemaps cover two days."""
MAX_PAGES = 50_000
"""The protocol's limit of URLs in a sitemap, and of sitemaps in an index (sitemaps.org)."""
_PIECE = 1024 * 1024
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_REFERENCE = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos);)(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31};))?"
)
_CDATA = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_DATE_IN_PATH = re.compile(r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/_-]|\Z)")
_SITEMAP_PATH = re.compile(r"sitemap[^/?#]*\.(?:xml|txt)(?:\.gz)?\Z", re.IGNORECASE)
_TEXT_URL = re.compile(r"https?://\S+\Z", re.IGNORECASE)


def read_sitemap(body: bytes, url: str, now: datetime, charset: str | None = None) -> Listing:
    """Reads the children of an index or the pages of a URL set. Raises PermanentError when it is no
    sitemap.

    Streams the document: damage affects the element that it is in, and what was complete before it counts.
    """
    text = as_utf8(body, charset)
    name, start = root_of(text)
    if name not in ("urlset", "sitemapindex"):
        raise PermanentError(
            "bad_sitemap", f"{url} is no sitemap: its root element is {f'<{name}>' if name else 'unknown'}"
        )
    if b"<!entity" in text[:start].lower():
        raise PermanentError(
            "bad_sitemap", f"{url} defines entities of its own, which no sitemap needs; they are not read"
        )
    pages, children, elements = _Pages(url, now), [], 0
    for node in islice(_elements(text, start), MAX_PAGES):
        elements += 1
        if _name(node) == "url" and not _names_sitemap(node):
            pages.add(node)
        elif found := _child(node, url, now):
            children.append(found)
    if not elements and not _closed(text, start):
        raise PermanentError(
            "bad_sitemap", f"{url} is XML that ends, or breaks, before anything in it is complete"
        )
    entries, ages = pages.listed()
    if elements and name == "sitemapindex" and not children and not entries:
        raise PermanentError(
            "bad_sitemap", f"{url} is an index, but none of its {elements} addresses can be fetched"
        )
    return Listing(kind="sitemap", entries=entries, ages=ages, children=children)


def read_text_sitemap(body: bytes, url: str, now: datetime, charset: str | None = None) -> Listing | None:
    """Reads a plain-text sitemap, one URL a line; None where the body is not one."""
    lines = [
        line.strip()
        for line in as_utf8(body, charset).decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    ]
    lines = [line for line in lines if line and not line.startswith("#")]
    links = [line for line in lines if _TEXT_URL.match(line)]
    if not links or len(links) < 0.8 * len(lines):
        return None
    pages = _Pages(url, now)
    for link in links[:MAX_PAGES]:
        pages.add_plain(link, None)
    entries, ages = pages.listed()
    return Listing(kind="sitemap", entries=entries, ages=ages)


def _elements(text: bytes, start: int) -> Iterator[etree._Element]:
    """Complete <url> and <sitemap> elements; each is released when the next is requested."""
    parser = etree.XMLPullParser(
        events=("end",), recover=True, huge_tree=True, resolve_entities=False, remove_comments=True,
        remove_pis=True,
        no_network=True, encoding="utf-8",
    )  # fmt: skip
    for piece in _pieces(text, start):
        try:
            parser.feed(piece)
        except etree.XMLSyntaxError:
            return
        for _, node in parser.read_events():
            if _name(node) in ("url", "sitemap"):
                yield node
                node.clear()
                parent = node.getparent()
                while (
                    parent is not None
                    and _name(parent) not in ("url", "sitemap")
                    and (before := node.getprevious()) is not None
                ):
                    parent.remove(before)


def _pieces(text: bytes, start: int) -> Iterator[bytes]:
    """The document in pieces that end before an end tag, without characters that XML forbids."""
    while start < len(text):
        end = start + _PIECE
        cut = text.rfind(b"</", start + 1, end) if end < len(text) else -1
        end = cut if cut > start else end
        yield _mended(text[start:end])
        start = end


def _mended(piece: bytes) -> bytes:
    piece = piece.translate(None, _CONTROLS)
    if not _REFERENCE.search(piece):
        return piece
    parts = _CDATA.split(piece) if b"<![CDATA[" in piece else [piece]
    return b"".join(p if p.startswith(b"<![CDATA[") else _REFERENCE.sub(_reference, p) for p in parts)


def _reference(found: re.Match[bytes]) -> bytes:
    """A numeric reference for one that only HTML defines; `&amp;` for an ampersand that begins none."""
    number, name = found[1], found[2]
    if number:
        code = int(number[1:], 16) if number[:1] in b"xX" else int(number)
        valid = (
            code in (9, 10, 13)
            or 0x20 <= code < 0xD800
            or 0xE000 <= code < 0xFFFE
            or 0x10000 <= code < 0x110000
        )
        return found[0] if valid else b" "
    if name and (text := html5.get(name.decode())):
        return "".join(f"&#{ord(character)};" for character in text).encode()
    return b"&amp;" + found[0][1:]


def _closed(text: bytes, start: int) -> bool:
    """Whether the root element has an end tag, so that an empty document really is empty."""
    tail = text[max(start, len(text) - 64 * 1024) :].lower()
    return bool(re.search(rb"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>", tail)) or bool(
        re.match(rb"<[^<>]*/>", text[start : start + 8192])
    )


def _names_sitemap(node: etree._Element) -> bool:
    """Whether a URL set lists a sitemap, as an index would."""
    return bool(_SITEMAP_PATH.search(_texts(node).get("loc", "")))


def _child(node: etree._Element, url: str, now: datetime) -> Child | None:
    texts = _texts(node)
    bare = (node.text or "").strip()  # some sites omit <loc>
    link = address(texts.get("loc") or (bare if _TEXT_URL.match(bare) else None), url)
    return Child(link, read_date(texts.get("lastmod"), now)) if link else None


class _Pages:
    """Collects the pages of a sitemap: news, and recent ones; all of them where none is dated."""

    def __init__(self, url: str, now: datetime) -> None:
        self._url, self._now = url, now
        self._found: list[FeedEntry] = []
        self._undated: list[str] = []
        self._dated = False
        self._ages: dict[str, datetime] = {}

    def add(self, node: etree._Element) -> None:
        """Adds a <url> element."""
        texts = _texts(node)
        news = next((child for child in node if _name(child) == "news"), None)
        if news is None:
            self.add_plain(texts.get("loc"), texts.get("lastmod"))
            return
        self._dated = True
        said = _texts(news)
        publication = next((child for child in news if _name(child) == "publication"), None)
        language = (_texts(publication) if publication is not None else said).get("language")
        published = read_date(said.get("publication_date"), self._now)
        entry = entry_of(
            texts.get("loc"), self._url, title=plain(said.get("title")), published_at=published,
            now=self._now,
            keywords=[k for part in said.get("keywords", "").split(",") if (k := plain(part))],
            language=language_of(language),
        )  # fmt: skip
        self._take(entry, published or read_date(texts.get("lastmod"), self._now))

    def add_plain(self, link: str | None, lastmod: str | None) -> None:
        """Adds a page of which only the URL and perhaps lastmod is known."""
        if not link:
            return
        age = read_date(lastmod, self._now)
        if age:
            self._dated = True
        else:
            age = _date_in(link)
        if age and age < self._now - FRESH:
            return
        if age:
            self._take(self._plain(link), age)
        else:
            self._undated.append(link)

    def _plain(self, link: str) -> FeedEntry | None:
        return entry_of(link, self._url, title=None, published_at=None, now=self._now)

    def _take(self, entry: FeedEntry | None, age: datetime | None) -> None:
        if entry:
            self._found.append(entry)
            if age := believable(age, self._now):
                self._ages[entry.url] = age

    def listed(self) -> tuple[list[FeedEntry], dict[str, datetime]]:
        """The entries that count, in document order."""
        if not self._dated:
            self._found += [e for link in self._undated if (e := self._plain(link))]
        return self._found, self._ages


def _date_in(link: str) -> datetime | None:
    """The day in a URL path, as news sites write it; taken as the end of that day, since the hour is
    unknown."""
    if not (found := _DATE_IN_PATH.search(link)):
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) + timedelta(days=1)
    except ValueError:
        return None


def _texts(node: etree._Element) -> dict[str, str]:
    """The texts of child elements by name; the first of each name."""
    found: dict[str, str] = {}
    for child in node:
        if (text := child.text) and (text := text.strip()):
            found.setdefault(_name(child), text)
    return found


def _name(node: etree._Element) -> str:
    """An element's local name: namespaces and prefixes are often wrong."""
    return str(node.tag).rpartition("}")[2].rpartition(":")[2].lower()
