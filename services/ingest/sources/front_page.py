"""Front pages as sources: the feeds that a page names or, where none of them works, its links to stories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.contract.messages import FeedEntry
from services.contract.urls import domain_of
from services.ingest.extract.charset import decode_page
from services.ingest.sources.entries import address, entry_of, plain
from services.ingest.sources.listing import Listing
from services.ingest.sources.nothing import why_nothing

_FEED_TYPES = {
    "application/rss+xml": 0, "application/atom+xml": 0, "application/rdf+xml": 0, "application/rss": 0,
    "application/atom": 0,
    "application/x.atom+xml": 0, "application/x-rss+xml": 0, "text/rss+xml": 0, "text/rss": 0,
    "application/feed+json": 1,
    "application/xml": 2, "text/xml": 2, "application/json": 3,
}  # fmt: skip
_LIKELY, _POSSIBLE, _IN_TEXT = 1, 2, 4
_FEED_RELATIONS = frozenset("alternate feed rss atom service.feed".split())
_SHORT_TYPES = {"rss": 0, "atom": 0, "rdf": 0, "rss/xml": 0, "atom/xml": 0}
_FEED_TEXT = re.compile(
    r"\s*(?:rss|atom)(?:[ -]?(?:feeds?|2\.0|1\.0))?\s*\Z|.{0,40}\b(?:rss|atom)[ -]feeds?\s*\Z", re.IGNORECASE
)
_FEED_PATH = re.compile(
    r"(?:^|[/._-])(?:rss|atom|feeds?|rdf)\d*(?:\.(?:xml|php|aspx?|rdf|rss|atom|json))?/?$", re.IGNORECASE
)
_COMMENTS = re.compile(
    r"comm?ent|komm?ent|reacties|reacci|hozzászól|yorum|bình luận|tanggapan|коммента|комента|каментар|σχόλι|"
    r"תגוב|تعليق|دیدگاه|نظرات|"
    r"टिप्पण|মন্তব্য|ความเห็น|ความคิดเห็น|コメント|댓글|评论|評論|留言|迴響|回響",
    re.IGNORECASE,
)
_NO_FEED = re.compile(r"/wp-json/|[?&]rest_route=|/oembed", re.IGNORECASE)
_DATE = r"/(?:19|20)\d{2}[/-]?\d{1,2}(?:[/-]|\d{2}\b)"
_DATE += r"|/\d{1,2}[/-]\d{1,2}[/-](?:19|20)\d{2}\b"
_STORY_PATH = re.compile(
    rf"{_DATE}|[-_][^/]*[-_][^/]*[-_]|\d{{5,}}|\.[sgx]?html?$|"
    rf"/(?=[^/]{{0,20}}\d[^/]{{0,20}}\d)(?=[^/]{{0,20}}[a-z])[a-z0-9]{{8,40}}/?$",
    re.IGNORECASE,
)
_CLEAR_PATH = re.compile(rf"{_DATE}|(?:[-_][^/_-]+){{4}}|[-_]\d{{5,}}")
_STORY_QUERY = re.compile(
    r"(?:^|[&;])(?:[a-z_]*(?:id|no|cd|code|key|idx|seq|num|article|story|news|post|art)|p|n|a|"
    r"s)=[a-z0-9_-]*\d",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"privacy|terms|cookie|imprint|impressum|datenschutz|kontakt|contact|subscri|newsletter|log-?in|"
    r"sign-?(?:in|up)|register|"
    r"advert|gdpr|(?:^|[/_-])(?:agb|about)(?:$|[/_.-])",
    re.IGNORECASE,
)
# Scripts without spaces between words: about two characters a word in Chinese and Japanese, four in the
# others.
_IDEOGRAPHS = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_SYLLABLES = re.compile(
    r"[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-"
    r"\uaa7f]"
)
_MIN_WORDS, _MIN_WORDS_CLEAR = 4, 3
_CARD_DEPTH = 3
"""Number of ancestors of a link that are searched for its card's heading."""
_REFRESH = re.compile(r"\s*(\d*)(?:\.\d*)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*([^\"']+)", re.IGNORECASE)
_SOON_S = 30


def read_front_page(
    body: bytes, url: str, charset: str | None, now: datetime, *, refresh: str = "", headers: str = ""
) -> Listing:
    """The feeds that a page names, its links with a text as long as a headline, and its refresh target.

    `refresh` is the value of the Refresh header; `headers` are the names of all headers, which may tell of a
    bot wall.
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
    """The page's feeds of stories, likeliest first, and its feeds of comments."""
    found: list[tuple[int, str, str]] = []
    for link in tree.css("link[href]"):
        href = link.attributes.get("href") or ""
        if (rank := _rank(link, href)) is not None:
            found.append((rank, href, link.attributes.get("title") or ""))
    for link in tree.css("a[href]"):
        href = link.attributes.get("href") or ""
        if (
            _FEED_TYPES.get(_kind(link), 3) < 3
            or href.lower().startswith("feed:")
            or _FEED_PATH.search(_path(href))
            or _FEED_TEXT.match(_text(link))
        ):
            found.append((_IN_TEXT, href, _text(link)))
    stories: dict[str, None] = {}
    comments: dict[str, None] = {}
    for _, href, name in sorted(found, key=lambda one: one[0]):
        link_to = address(_without_scheme(href), base)
        if link_to and link_to != urldefrag(url).url and not _NO_FEED.search(link_to):
            (comments if _COMMENTS.search(name) or _COMMENTS.search(_path(link_to)) else stories).setdefault(
                link_to
            )
    return list(stories), list(comments)


def _kind(link: LexborNode) -> str:
    """The media type of a link, its plus sign restored (some templates turn it into a space)."""
    return "+".join((link.attributes.get("type") or "").partition(";")[0].lower().split())


def _rank(link: LexborNode, href: str) -> int | None:
    """The rank of a <link> as a feed, 0 the likeliest; None where it is not a feed."""
    relations, kind = set((link.attributes.get("rel") or "").lower().split()), _kind(link)
    named, rank = _FEED_RELATIONS & relations, _FEED_TYPES.get(kind, _SHORT_TYPES.get(kind))
    if "stylesheet" in relations or not (named or (not relations and rank is not None and rank <= _LIKELY)):
        return None
    if rank is not None or (not named - {"alternate"} and (kind or not _FEED_PATH.search(_path(href)))):
        return rank
    return _POSSIBLE


def _path(href: str) -> str:
    return href.partition("#")[0].partition("?")[0].strip()


def _without_scheme(href: str) -> str:
    """The http URL behind a `feed:` URL."""
    href = href.strip()
    if not href.lower().startswith("feed:"):
        return href
    rest = href[5:]
    return f"http:{rest}" if rest.startswith("//") else rest


def _stories(tree: LexborHTMLParser, base: str, url: str, now: datetime) -> list[FeedEntry]:
    found: dict[str, FeedEntry] = {}
    pictures: set[str] = set()
    own = domain_of(url)
    for link in tree.css("a[href]"):
        href = link.attributes.get("href") or ""
        if href.startswith(("#", "javascript:", "mailto:", "tel:")):
            continue
        text = plain(link.text()) or ""
        pictured = words(text) < _MIN_WORDS_CLEAR
        if pictured and words(text := _said_otherwise(link, href)) < _MIN_WORDS_CLEAR:
            continue
        entry = entry_of(href, base, title=text, published_at=None, now=now)
        if not entry or not _same_site(entry.url, own) or not _is_story(entry.url, words(text)):
            continue
        if entry.url not in found or (entry.url in pictures and not pictured):
            found[entry.url] = entry
            (pictures.add if pictured else pictures.discard)(entry.url)
    return list(found.values())


def _text(link: LexborNode) -> str:
    """The text of a link or, where it has none, the alternative text of its picture."""
    picture = link.css_first("img[alt]")
    return (link.text() or "").strip() or (picture.attributes.get("alt") or "" if picture else "")


def _said_otherwise(link: LexborNode, href: str) -> str:
    """The headline of a link without text: its title attribute, its picture's, or the only heading of its
    card."""
    picture = link.css_first("img[alt]")
    said = (link.attributes.get(name) for name in ("aria-label", "title"))
    for text in (*said, picture.attributes.get("alt") if picture else None):
        if words(text := plain(text) or "") >= _MIN_WORDS_CLEAR:
            return text
    return _heading_beside(link) if _CLEAR_PATH.search(_path(href)) else ""


def _heading_beside(link: LexborNode) -> str:
    card = link.parent
    for _ in range(_CARD_DEPTH):
        if card is None or card.tag in ("body", "main", "html"):
            break
        headings = card.css("h1, h2, h3, h4, h5")
        if headings:
            return plain(headings[0].text()) or "" if len(headings) == 1 else ""
        card = card.parent
    return ""


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
    """The number of words in a text, estimated by characters in scripts without spaces."""
    if text.isascii():
        return len(text.split())
    ideographs, syllables = len(_IDEOGRAPHS.findall(text)), len(_SYLLABLES.findall(text))
    spaced = _SYLLABLES.sub(" ", _IDEOGRAPHS.sub(" ", text)) if ideographs or syllables else text
    return sum(any(map(str.isalnum, word)) for word in spaced.split()) + ideographs / 2 + syllables / 4


def _refresh(tree: LexborHTMLParser, header: str, base: str, url: str) -> str | None:
    """The target of a refresh within 30 seconds; None where the page only reloads itself."""
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
