"""A site's front page as a source: the feeds that it names or, where none of them lives, its links to stories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from services.contract.messages import FeedEntry
from services.contract.urls import domain_of
from services.ingest.extract.charset import decode_page
from services.ingest.sources.entries import address, entry_of, plain
from services.ingest.sources.listing import Listing
from services.ingest.sources.nothing import why_nothing

_FEED_TYPES = {
    "application/rss+xml": 0, "application/atom+xml": 0, "application/rdf+xml": 0, "application/rss": 0, "application/atom": 0,
    "application/x.atom+xml": 0, "application/x-rss+xml": 0, "text/rss+xml": 0, "text/rss": 0, "application/feed+json": 1,
    "application/xml": 2, "text/xml": 2, "application/json": 3,
}  # fmt: skip
_FEED_PATH = re.compile(
    r"(?:^|[/._-])(?:rss|atom|feeds?|rdf)\d*(?:\.(?:xml|php|aspx?|rdf|rss|atom|json))?/?$", re.IGNORECASE
)
_COMMENTS = re.compile(
    r"comment|kommentar|coment[aá]ri|commento|commenti|reacties|reacci|yorum|koment[aá]|комментар|коментар|コメント|댓글|评论|評論|تعليق",
    re.IGNORECASE,
)
_NO_FEED = re.compile(r"/wp-json/|[?&]rest_route=|/oembed", re.IGNORECASE)
_DATE = r"/(?:19|20)\d{2}[/-]?\d{1,2}(?:[/-]|\d{2}\b)"
_STORY_PATH = re.compile(rf"{_DATE}|[-_][^/]*[-_][^/]*[-_]|\d{{5,}}|\.html?$")
_CLEAR_PATH = re.compile(rf"{_DATE}|(?:[-_][^/_-]+){{4}}|[-_]\d{{5,}}")
_STORY_QUERY = re.compile(
    r"(?:^|[&;])(?:[a-z_]*(?:id|no|idx|seq|num|article|story|news|post|art)|p|n|a|s)=[a-z0-9_-]*\d", re.IGNORECASE
)
_SERVICE = re.compile(
    r"privacy|terms|cookie|imprint|impressum|datenschutz|kontakt|contact|subscri|newsletter|log-?in|sign-?(?:in|up)|register|"
    r"advert|gdpr|(?:^|[/_-])(?:agb|about)(?:$|[/_.-])",
    re.IGNORECASE,
)
# Scripts that put no blanks between words: about two characters a word in Chinese and Japanese, four in the others.
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
_SYLLABLES = re.compile(
    r"[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaa7f]"
)
_MIN_WORDS, _MIN_WORDS_CLEAR = 4, 3
_REFRESH = re.compile(r"\s*(\d*)(?:\.\d*)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*([^\"']+)", re.IGNORECASE)
_SOON_S = 30


def read_front_page(
    body: bytes, url: str, charset: str | None, now: datetime, *, refresh: str = "", headers: str = ""
) -> Listing:
    """The feeds that a page names, its links with a headline's length, and where it sends its readers by itself.

    `refresh`: the header of that name. `headers`: the names of others, which may tell of a wall.
    """
    tree = LexborHTMLParser(decode_page(body, charset))
    title = plain(node.text()) if (node := tree.css_first("title")) else None
    base = _base(tree, url)
    feeds, spare = _feeds(tree, base, url)
    entries = _stories(tree, base, url, now)
    return Listing(
        kind="page",
        title=title,
        feeds=feeds,
        spare_feeds=spare,
        entries=entries,
        refresh=_refresh(tree, refresh, base, url),
        nothing=why_nothing(tree, url, title or "", headers, stories=len(entries)),
    )


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    try:
        base = urljoin(url, (node.attributes.get("href") or "").strip()) if node else url
        return base if urlsplit(base).scheme in ("http", "https") else url
    except ValueError:
        return url


def _feeds(tree: LexborHTMLParser, base: str, url: str) -> tuple[list[str], list[str]]:
    """Feeds of stories, the likeliest first; and those of comments."""
    found: list[tuple[int, str, str]] = []
    for link in tree.css("link[href]"):
        rel = (link.attributes.get("rel") or "").lower().split()
        kind = (link.attributes.get("type") or "").partition(";")[0].strip().lower()
        href = link.attributes.get("href") or ""
        if not {"alternate", "feed"}.intersection(rel) or "stylesheet" in rel:
            continue
        if kind in _FEED_TYPES:
            found.append((_FEED_TYPES[kind], href, link.attributes.get("title") or ""))
        elif not kind and ("feed" in rel or _FEED_PATH.search(_path(href))):
            found.append((2, href, link.attributes.get("title") or ""))
    for link in tree.css("a[href]"):
        kind = (link.attributes.get("type") or "").partition(";")[0].strip().lower()
        href = link.attributes.get("href") or ""
        if _FEED_TYPES.get(kind, 3) < 3 or href.lower().startswith("feed:") or _FEED_PATH.search(_path(href)):
            found.append((4, href, link.text() or ""))
    stories: dict[str, None] = {}
    comments: dict[str, None] = {}
    for _, href, name in sorted(found, key=lambda one: one[0]):
        link_to = address(_without_scheme(href), base)
        if link_to and link_to != urldefrag(url).url and not _NO_FEED.search(link_to):
            (comments if _COMMENTS.search(name) or _COMMENTS.search(_path(link_to)) else stories).setdefault(link_to)
    return list(stories), list(comments)


def _path(href: str) -> str:
    return href.partition("#")[0].partition("?")[0].strip()


def _without_scheme(href: str) -> str:
    """An address in the scheme that once opened feed readers, as what it stands for."""
    href = href.strip()
    if not href.lower().startswith("feed:"):
        return href
    rest = href[5:]
    return f"http:{rest}" if rest.startswith("//") else rest


def _stories(tree: LexborHTMLParser, base: str, url: str, now: datetime) -> list[FeedEntry]:
    found: dict[str, FeedEntry] = {}
    own = domain_of(url)
    for link in tree.css("a[href]"):
        href = link.attributes.get("href") or ""
        if href.startswith(("#", "javascript:", "mailto:", "tel:")):
            continue
        text = plain(link.text()) or ""
        if words(text) < _MIN_WORDS_CLEAR or not (
            entry := entry_of(href, base, title=text, published_at=None, now=now)
        ):
            continue
        if _same_site(entry.url, own) and _is_story(entry.url, words(text)):
            found.setdefault(entry.url, entry)
    return list(found.values())


def _same_site(url: str, own: str) -> bool:
    try:
        return domain_of(url) == own
    except ValueError:
        return False


def _is_story(url: str, length: float) -> bool:
    parts = urlsplit(url)
    if length >= _MIN_WORDS:
        return bool(_STORY_PATH.search(parts.path) or _STORY_QUERY.search(parts.query))
    return bool(_CLEAR_PATH.search(parts.path)) and not _SERVICE.search(parts.path)


def words(text: str) -> float:
    """How many words a text has, in scripts without blanks between words, too."""
    if text.isascii():
        return len(text.split())
    ideographs, syllables = len(_IDEOGRAPHS.findall(text)), len(_SYLLABLES.findall(text))
    spaced = _SYLLABLES.sub(" ", _IDEOGRAPHS.sub(" ", text)) if ideographs or syllables else text
    return sum(any(map(str.isalnum, word)) for word in spaced.split()) + ideographs / 2 + syllables / 4


def _refresh(tree: LexborHTMLParser, header: str, base: str, url: str) -> str | None:
    """Where a page sends its readers within half a minute; a page that only loads itself again sends nowhere."""
    for said in _refreshes(tree, header):
        match = _REFRESH.match(said)
        if match and int(match[1][:9] or 0) <= _SOON_S and (target := address(match[2].strip(), base)):
            return target if target != urldefrag(url).url else None
    return None


def _refreshes(tree: LexborHTMLParser, header: str) -> Iterator[str]:
    if ";" in header or "," in header:
        yield header
    for node in tree.css("meta[http-equiv]"):
        content = node.attributes.get("content") or ""
        if (node.attributes.get("http-equiv") or "").strip().lower() == "refresh" and (
            ";" in content or "," in content
        ):
            yield content
