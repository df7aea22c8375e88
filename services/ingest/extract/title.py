"""The headline, without the site's name."""

from __future__ import annotations

import re
from functools import lru_cache

from services.ingest.extract.blocks import Walked
from services.ingest.extract.head import Head, names_of

_WORDS = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s+(?:[|–—·•»:]|-|::|\|\|)\s+|\s*[|｜_]\s*(?=\S)")


def find_title(head: Head, page: Walked, site_name: str | None) -> str:
    """The headline: what the metadata say twice, else an h1 that agrees with them, else the metadata."""
    stated = names_of(head.article.get("headline"))[:1] or names_of(head.article.get("name"))[:1]
    stated += [
        without_site(t, site_name)
        for t in (head.first("og:title"), head.title, head.first("twitter:title"))
        if t
    ]
    headlines = [b.text for b in page.h1 if 3 <= len(b.text) <= 300]
    twice = fold(stated[0]) if len(stated) > 1 and fold(stated[0]) == fold(stated[1]) else ""
    if twice and (not headlines or any(fold(h) in twice or twice in fold(h) for h in headlines)):
        return stated[0]  # said twice: the metadata know best whether a kicker belongs to the headline
    for headline in headlines:
        if any(_alike(headline, text) for text in stated):
            return headline
    if len(headlines) == 1 and not stated:
        return headlines[0]
    return next((text for text in stated if text), headlines[0] if headlines else "")


_MOST_PARTS = 30
"""A title of more parts is no headline with a site's name behind it, and is left as it is."""


def without_site(title: str, site_name: str | None) -> str:
    """A title element's text without the site's name at its end or start."""
    parts = [p for p in _SEPARATOR.split(title) if p]
    if len(parts) < 2 or len(parts) > _MOST_PARTS:
        return title
    name = fold(site_name or "")
    ends = list(_SEPARATOR.finditer(title))
    last, first = fold(parts[-1]), fold(parts[0])
    if name and (last == name or name in last or (last and last in name)):
        return (
            without_site(title[: ends[-1].start()].strip(), site_name)
            if len(parts) > 2
            else title[: ends[-1].start()].strip()
        )
    if name and first == name:
        return title[ends[0].end() :].strip()
    if not name and len(parts[-1]) < 30 and len(title[: ends[-1].start()]) > 2 * len(parts[-1]):
        return title[: ends[-1].start()].strip()
    return title


def _alike(a: str, b: str) -> bool:
    left, right = set(fold(a).split()), set(fold(b).split())
    if not left or not right:
        return False
    return len(left & right) >= 0.6 * min(len(left), len(right)) and len(left & right) >= 0.4 * max(
        len(left), len(right)
    )


@lru_cache(maxsize=256)  # a page's headline is compared with everything that may be it
def fold(text: str) -> str:
    """Words in lower case, without punctuation."""
    return " ".join(_WORDS.findall(text.lower()))
