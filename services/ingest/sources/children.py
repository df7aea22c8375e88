"""Which sitemaps of an index one poll looks at: the likeliest to have news at each, all others by turns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import zip_longest
from urllib.parse import urlsplit

from services.ingest.sources.listing import Child

_NEVER = datetime.min.replace(tzinfo=UTC)
_WORDS = re.compile(r"[a-z]+|\d+")
_NEWS = frozenset("news googlenews newssitemap sitemapnews latest recent breaking".split())
_ASIDE = frozenset(
    "author authors category categories tag tags taxonomy taxonomies term terms topic topics page pages user users "
    "profile profiles people person event events gallery galleries image images photo photos video videos media "
    "attachment attachments place places location locations product products job jobs newsletter newsletters "
    "podcast podcasts static misc section sections keyword keywords company companies recipe recipes".split()
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1,
    )
    for name in names.split()
}  # fmt: skip


def choose(children: list[Child], turn: int, *, always: int, by_turns: int) -> list[tuple[str, int]]:
    """The children to look at in this turn, and the turn that each has of its own.

    `always` of them are the likeliest ones, `by_turns` the next of the others: `turn` counts a source's polls, so that
    all come up, each as often as the next, whatever the time between polls, and one whose poll was lost comes up again.
    """
    ranked = _ranked({child.url: child for child in reversed(children)}.values())
    likely, others = ranked[:always], ranked[always:]
    cycle = -(-len(others) // by_turns) if others else 1
    first = turn % cycle * by_turns
    return [(url, turn) for url in likely] + [(url, turn // cycle) for url in others[first : first + by_turns]]


def _ranked(children: Iterable[Child]) -> list[str]:
    """News sitemaps first, those of authors, tags and the like last; within these by age or, without one, by number."""
    listed = list(children)[::-1]
    ranked: list[str] = []
    for rank in range(3):
        own = [child for child in listed if _rank(child.url) == rank]
        dated = sorted((c for c in own if c.lastmod), key=lambda c: (c.lastmod or _NEVER, numbers(c.url)), reverse=True)
        undated = [child for child in own if not child.lastmod]
        # Where numbers run backwards the newest is the one that is listed first.
        by_number = sorted(undated, key=lambda c: numbers(c.url), reverse=True)
        undated = list(dict.fromkeys([*by_number[:1], *undated[:1], *by_number]))
        ranked += [child.url for pair in zip_longest(dated, undated) for child in pair if child]
    return ranked


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
    return _WORDS.findall(f"{parts.path}?{parts.query}".lower())


def numbers(url: str) -> tuple[int, ...]:
    """The numbers in a path, months by name among them: what orders 2026/11, 2026-nov, 20261130 and part 12."""
    found: list[int] = []
    for word in _words(url):
        if word in _MONTHS:
            found.append(_MONTHS[word])
        elif len(word) in (6, 8) and word.startswith(("19", "20")):
            found += [int(word[:4]), int(word[4:6]), *([int(word[6:])] if len(word) == 8 else [])]
        elif word.isdigit():
            found.append(int(word[:18]))
    return tuple(found)
