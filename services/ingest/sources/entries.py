"""Entries of a source: each field is validated, and a bad field never raises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar
from urllib.parse import urljoin

from services.contract.errors import BadUrl
from services.contract.limits import believable
from services.contract.messages import FeedEntry, Hints
from services.contract.urls import parse_url
from services.ingest.sources.wrapped import unwrapped
from services.ingest.sources.xml_text import unescaped, writable
from services.runtime import logs

T = TypeVar("T")
_log = logs.get(__name__)

_MOST_TITLE, _MOST_AUTHOR, _MOST_KEYWORD = 500, 200, 100
_MOST_AUTHORS, _MOST_KEYWORDS = 20, 30
_MOST_TEXT, _MOST_LINK = 4_000, 8_000

_SPACE = re.compile(r"\s+")
_AROUND_LINK = " \t\r\n\f\v\u00a0\u200b\u200e\u200f\u2060\ufeff\"'<>"
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_ESCAPED_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_SIGN_IN_HOST = re.compile(r"https?:[/\\]+[^/\\?#]*%(?:3a|2f|3f|23|40|5b|5d|5c|00|20)", re.IGNORECASE)
_SCHEME_TWICE = re.compile(r"(?:https?:[/\\]*)+(?=https?:[/\\])", re.IGNORECASE)
_SCHEME_MISSPELT = re.compile(r"(https?)(?::[/\\]*|[/\\]{2})(?=[^/\\?#:]+\.)", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(r"www\d?\.[\w-]+\.", re.IGNORECASE)
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?![A-Za-z])")

# Element names that occur in headlines. Other text in angle brackets may belong to the headline:
# List<String>.
_INLINE = r"a|abbr|acronym|b|bdi|bdo|big|blink|cite|code|del|dfn|em|font|i|ins|kbd|mark|nobr|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var"  # noqa: E501
_HTML = rf"{_INLINE}|applet|blockquote|br|center|div|embed|figure|frame(?:set)?|h[1-6]|hr|iframe|img|li|link|marquee|meta|noscript|object"  # noqa: E501
_HTML += r"|ol|p|pre|script|style|svg|table|tbody|td|th|tr|ul|video|wbr"
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE}|wbr)(?:\s[^<>]*|/)?>", re.IGNORECASE)
_TAG = re.compile(
    rf"<(?:/(?:{_HTML})\s*|(?:{_HTML})(?:\s[^<>]*|/)?)>|<!--(?:(?!-->).){{0,300}}+-->",
    re.IGNORECASE | re.DOTALL,
)
_UNSHOWN = re.compile(r"<(script|style)(?=[\s>])[^<>]*>(?:(?!</\1).)*+</\1\s*>", re.IGNORECASE | re.DOTALL)
"""Elements whose content is never displayed."""
_PAIR = re.compile(rf"<({_HTML})(?:\s[^<>]*)?>.*</\1\s*>|<br\s*/?>", re.IGNORECASE | re.DOTALL)


def entry_of(
    link: object, base: str, *, title: str | None, published_at: datetime | None, now: datetime,
    authors: list[str] | None = None, keywords: list[str] | None = None, language: str | None = None,
) -> FeedEntry | None:  # fmt: skip
    """An Entry, or None where its link is not the URL of a page. An implausible date becomes None."""
    url = address(link, base)
    if url is None:
        return None
    hints = Hints(
        title=(title or "")[:_MOST_TITLE] or None,
        published_at=believable(published_at, now),
        authors=[name[:_MOST_AUTHOR] for name in authors or []][:_MOST_AUTHORS],
        keywords=[word[:_MOST_KEYWORD] for word in keywords or []][:_MOST_KEYWORDS],
        language=language,
    )
    return FeedEntry(url=url, hints=hints)


def address(link: object, base: str) -> str | None:
    """The absolute URL that a decoded link means, or None where it cannot be fetched.

    An ampersand that is still escaped was escaped twice. Otherwise the query is left as it is: `&section=` is
    not the reference `&sect`.
    """
    if (
        not isinstance(link, str)
        or not 0 < len(text := _LINE_BREAKS.sub("", link.strip(_AROUND_LINK))) <= _MOST_LINK
    ):
        return None
    while (mended := _ESCAPED_AMPERSAND.sub("&", text)) != text:
        text = mended
    try:
        text.encode()  # a lone surrogate cannot be part of a URL
        absolute = unwrapped(urljoin(base, _spelt(text)))
        return None if _SIGN_IN_HOST.match(absolute) else parse_url(absolute).url
    except (BadUrl, ValueError):
        return None


def _spelt(link: str) -> str:
    """A link with its scheme repaired: sites repeat it, omit its colon or slashes, or omit it."""
    link = _SCHEME_TWICE.sub("", link, count=1) if _SCHEME_TWICE.match(link) else link
    if match := _SCHEME_MISSPELT.match(link):
        return f"{match[1]}://{link[match.end() :]}"
    return f"//{link}" if _WITHOUT_SCHEME.match(link) else link


def plain(value: object) -> str | None:
    """The text of a value that may hold HTML: tags removed and references resolved, however often they
    were escaped."""
    if not isinstance(value, str):
        return None
    text = value[:_MOST_TEXT]
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = unescaped(unescaped(text))
        if "<" in text and _PAIR.search(text):
            text = _without_tags(text)
    return literal(text)


def _without_tags(text: str) -> str:
    """Text without tags. Block-level tags separate words; a tag inside another tag's attribute is removed
    first."""
    if "</s" in text or "</S" in text:
        text = _UNSHOWN.sub("", text)
    for _ in range(2):
        text = _TAG.sub(" ", _INLINE_TAG.sub("", text))
    return text


def literal(value: object) -> str | None:
    """The text of a value that is plain text: angle brackets are kept."""
    if not isinstance(value, str):
        return None
    return _SPACE.sub(" ", writable(value[:_MOST_TEXT])).strip() or None


def language_of(value: object) -> str | None:
    """The primary language of a tag such as `en-GB`, `de_AT` or `zh-Hans`; None where it is not a language
    tag."""
    match = _LANGUAGE.match(value) if isinstance(value, str) else None
    return match[1].lower() if match else None


def each_apart(read: Callable[[T], FeedEntry | None], items: Iterable[T]) -> list[FeedEntry]:
    """Entries of items that are read one by one: an item that fails, for whatever reason, is skipped."""
    found = []
    for item in items:
        try:
            entry = read(item)
        except Exception as error:  # noqa: BLE001  what nobody foresaw of one item is no reason to lose the others
            _log.warning("item_unreadable", error=f"{type(error).__name__}: {error}"[:300])
            continue
        if entry:
            found.append(entry)
    return found
