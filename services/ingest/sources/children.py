"""Which sitemaps of an index one poll reads: the likeliest to list news every time, the others in
rotation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import zip_longest
from urllib.parse import urlsplit

from services.ingest.dates.months import folded, months_named
from services.ingest.sources.listing import Child

_NEVER = datetime.min.replace(tzinfo=UTC)
_WORDS = re.compile(r"[a-z]+|\d+")
_SITEMAP = re.compile("sitemaps?")
_NEWS = frozenset(
    "news googlenews gnews latest recent breaking today newsindex noticias nachrichten aktuell actualites "
    "actualite "
    "actualidad notizie nieuws nyheter nyheder uutiset wiadomosci zpravy novosti haberler haber berita".split()  # noqa: E501
)
_ASIDE = frozenset(
    "author authors category categories tag tags taxonomy taxonomies term terms topic topics page pages user "
    "users "
    "profile profiles people person event events gallery galleries image images photo photos video videos "
    "media "
    "attachment attachments place places location locations product products job jobs newsletter newsletters "
    "autor autoren autores autori auteur auteurs kategorie kategorien kategori categoria categorias "
    "categorie schlagwort "
    "etiqueta etiquetas themen thema bilder fotos img pic pics forum forums comments comment quiz poll polls "
    "horoscope "
    "podcast podcasts static misc section sections keyword keywords company companies recipe recipes".split()
)
_YEARS, _SHORTEST = range(1900, 2100), 4
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1,
    )
    for name in names.split()
}  # fmt: skip


def choose(children: list[Child], turn: int, *, always: int, by_turns: int) -> list[tuple[str, int]]:
    """The children to read in this poll, and the number of polls that each has been through.

    The `always` likeliest children are read at every poll, and `by_turns` of the others in rotation. `turn`
    counts the polls of the source, so every child is read equally often, however long the pause between polls
    is, and one whose poll was lost is due again.
    """
    ranked = _ranked({child.url: child for child in reversed(children)}.values())
    likely, others = ranked[:always], ranked[always:]
    cycle = -(-len(others) // by_turns) if others else 1
    first = turn % cycle * by_turns
    return [(url, turn) for url in likely] + [
        (url, turn // cycle) for url in others[first : first + by_turns]
    ]


def _ranked(children: Iterable[Child]) -> list[str]:
    """Children by likelihood of news: news sitemaps first, those of authors and tags last; within a group
    by lastmod or, where there is none, by the numbers in the path."""
    listed = list(children)[::-1]
    ranked: list[str] = []
    for rank in range(3):
        own = [child for child in listed if _rank(child.url) == rank]
        dated = _by_age([child for child in own if child.lastmod])
        undated = _by_age([child for child in own if not child.lastmod])
        ranked += [child.url for pair in zip_longest(dated, undated) for child in pair if child]
    return ranked


def _by_age(listed: list[Child]) -> list[Child]:
    """Newest first, equal lastmod by number; the second value is the one of the newest that is listed
    first.

    Where all have the same lastmod, or none, the numbers in their paths may ascend or descend.
    """
    ordered = sorted(listed, key=lambda c: (c.lastmod or _NEVER, numbers(c.url)), reverse=True)
    first = next((child for child in listed if child.lastmod == ordered[0].lastmod), None)
    return list(dict.fromkeys([*ordered[:1], *([first] if first else []), *ordered]))


def _rank(url: str) -> int:
    words = _words(url)
    if any(
        word in _ASIDE and not (word.startswith("page") and following.isdigit())
        for word, following in zip(words, [*words[1:], ""], strict=True)
    ):
        return 2
    return 0 if _NEWS.intersection(words) else 1


def _words(url: str) -> list[str]:
    parts = urlsplit(url)
    return _WORDS.findall(_SITEMAP.sub(" ", folded(f"{parts.path}?{parts.query}").lower()))


def numbers(url: str) -> tuple[int, ...]:
    """The numbers in a path, month names included, for ordering: 2026/11, 2026-nov, 20261130, part 12."""
    found: list[int] = []
    for word in _words(url):
        if month := _month(word):
            found.append(month)
        elif len(word) in (6, 8) and word.startswith(("19", "20")):
            found += [int(word[:4]), int(word[4:6]), *([int(word[6:])] if len(word) == 8 else [])]
        elif word.isdigit():
            found.append(int(word[:18]))
    return tuple(_year_first(found))


def _month(word: str) -> int | None:
    """The month that a word names: in English also by its first three letters, in other languages by its
    full name."""
    if word in _MONTHS or len(word) < _SHORTEST or word.isdigit():
        return _MONTHS.get(word)
    months = months_named(word)
    return months[0] if len(months) == 1 else None


def _year_first(found: list[int]) -> list[int]:
    """The numbers reordered so that the year comes before month and day."""
    for at, number in enumerate(found):
        if number in _YEARS:
            start = at
            while start > max(0, at - 2) and 1 <= found[start - 1] <= 31:
                start -= 1
            return [*found[:start], *reversed(found[start : at + 1]), *found[at + 1 :]]
    return found
