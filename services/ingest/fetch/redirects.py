"""Redirects: Location, the Refresh header, meta refresh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

import requests
from selectolax.lexbor import LexborHTMLParser

from services.contract.errors import BadUrl
from services.contract.urls import parse_url, resolve
from services.ingest.fetch.page_text import visible_text

_STATUSES = (301, 302, 303, 307, 308)
_REFRESH = re.compile(
    r"\s*(?P<seconds>[0-9]+|(?=\.))(?:[0-9.]*)(?:\s*[;,]\s*|\s+)(?:url\s*=\s*)?(?:\"(?P<double>[^\"]*)|"
    r"'(?P<single>[^']*)|(?P<bare>.+))",
    re.IGNORECASE | re.DOTALL,
)
_NOTHING = re.compile(r"url\s*=?", re.IGNORECASE)
_LONGEST_WAIT_S = 10
"""Seconds above which a refresh is a page's reload of itself."""
_AT_ONCE_S = 1
_LITTLE_TEXT = 600
"""Most characters of a page that only redirects. One with more is the page itself, if it leaves time to
read it."""
_HEAD_BYTES = 16 * 1024
"""Characters of a page that are searched: one that only redirects is short."""
_HTML = ("text/html", "application/xhtml+xml", "")


@dataclass(frozen=True, slots=True)
class Redirect:
    """A target URL, and whether it replaces the present one for good."""

    target: str
    for_good: bool


def redirect_of(response: requests.Response) -> Redirect | None:
    """The redirect by status and Location; None where there is none."""
    if response.status_code not in _STATUSES:
        return None
    target = next((one for one in response.raw.headers.getlist("location") if one.strip()), "")
    return Redirect(unpacked(target), response.status_code in (301, 308)) if target else None


def unpacked(field: str) -> str:
    """A header value as its server meant it: non-ASCII bytes are UTF-8, or stand for themselves."""
    if field.isascii():
        return field
    raw = field.encode("latin-1", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return quote_from_bytes(raw, safe="".join(map(chr, range(0x21, 0x7F))))


def refresh_of(current: str, refresh: str, kind: str, body: bytes) -> Redirect | None:
    """The target of a page's Refresh header or meta refresh.

    None for a page that reloads itself, and for one that has text of its own and leaves time to read it.
    """
    for said, at_once_only, base in _refreshes(current, refresh, kind, body):
        found = _REFRESH.match(said)
        if found is None:
            continue
        wait_s = int(found["seconds"][:6] or 0)
        target = (found["double"] or found["single"] or found["bare"] or "").strip()
        if not target or _NOTHING.fullmatch(target) or wait_s > _LONGEST_WAIT_S:
            continue
        try:
            following = resolve(base, target).url
            itself = following == parse_url(current).url
        except BadUrl:
            continue
        if not itself and ((wait_s <= _AT_ONCE_S and not at_once_only) or not has_text(body)):
            return Redirect(following, for_good=False)
    return None


def has_text(body: bytes) -> bool:
    """Whether a page has more text than one that only redirects."""
    return len(visible_text(body)) > _LITTLE_TEXT


def _refreshes(current: str, refresh: str, kind: str, body: bytes) -> Iterator[tuple[str, bool, str]]:
    """Each refresh: its value, whether it is only for readers without scripts, and its base URL."""
    if refresh:
        yield unpacked(refresh), False, current
    if kind not in _HTML:
        return
    head = body[:_HEAD_BYTES]
    lower = head.lower()
    if b"http-equiv" not in lower or b"refresh" not in lower:
        return
    tree = LexborHTMLParser(head)
    base = _base(current, tree)
    for meta in tree.css("meta[http-equiv]"):
        if (meta.attributes.get("http-equiv") or "").strip().lower() == "refresh":
            node, scriptless = meta.parent, False
            while node is not None:
                scriptless = scriptless or node.tag == "noscript"
                node = node.parent
            yield meta.attributes.get("content") or "", scriptless, base


def _base(current: str, tree: LexborHTMLParser) -> str:
    """The base URL of a page: its own, or that of its <base>."""
    element = tree.css_first("base[href]")
    try:
        return resolve(current, element.attributes.get("href") or "").url if element else current
    except BadUrl:
        return current
