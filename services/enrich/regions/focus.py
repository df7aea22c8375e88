"""The countries of an article in their roles: about (the focus), mentioned, dateline, publisher.

What each country is given in the headline, dateline, opening and body becomes a row of features; a small
model says how likely an editor would file the article under it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise
from math import log

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

FEATURES = (
    "headline", "dateline", "lead", "body", "places", "people", "share", "rank", "of_top", "countries",
    "first", "only", "in_title_alone",
    "dateline_elsewhere", "title_elsewhere", "publisher", "length", "mentions", "last", "listed", "alone",
    "by_itself", "by_name", "surest",
    "dated",
)  # fmt: skip
LEAD_CHARS = 400
LEAST = 0.3
LEAST_SELDOM = 0.25
SELDOM_SHARE = 0.006  # of articles; a country that fewer name is seldom in the news
_MOST, _SEVERAL = 0.6, 2
_FURTHER, _NAMED_MOST = 0.5, 0.2
_LIST_GAP = 13  # characters between two countries of a list: ", ", " and ", ", the "
_HEADLINE, _DATELINE, _LEAD, _BODY = 3.0, 4.0, 1.5, 1.0
_PEOPLE = 0.8


class Tally(Struct):
    """All that one article says of one country."""

    headline: float = 0.0
    dateline: float = 0.0
    lead: float = 0.0
    body: float = 0.0
    places: int = 0
    people: int = 0
    mentions: int = 0
    listed: int = 0
    by_itself: int = 0
    by_name: int = 0
    surest: float = 0.0
    first: int = -1
    last: int = -1
    weight: float = 0.0
    quotes: list[tuple[int, int]] = []

    @property
    def said(self) -> float:
        """How much of the article is about it: its weight, with a dateline counted as one mention."""
        return self.weight - (_DATELINE - _BODY) * self.dateline

    @property
    def times(self) -> tuple[float, float]:
        """How often it is named, a headline and a dateline once each; how much that weighs decides between
        equals."""
        return self.mentions + min(1.0, self.headline) + min(1.0, self.dateline), self.said


class Naming(Struct, frozen=True):
    """One span that names a country or something in it. `at` counts from the start of the body; negative in
    the headline."""

    country: str
    at: int
    end: int
    zone: str  # headline, dateline or body
    belief: float
    people: bool
    itself: bool  # the country itself, rather than a place in it


def tally(namings: Iterable[Naming]) -> dict[str, Tally]:
    """Count what each country is given. Later mentions of a country say less than its first few."""
    tallies: dict[str, Tally] = {}
    namings = list(namings)
    for naming in namings:
        t = tallies.setdefault(naming.country, Tally())
        t.by_itself += naming.itself
        t.by_name += naming.itself and not naming.people
        t.surest = max(t.surest, naming.belief)
        belief = naming.belief * (_PEOPLE if naming.people else 1.0)
        if naming.zone == "headline":
            t.headline += belief
            t.weight += _HEADLINE * belief
            continue
        if naming.zone == "dateline":
            t.dateline += belief
            t.weight += _DATELINE * belief
        else:
            t.mentions += 1
            lead = naming.at < LEAD_CHARS
            t.lead += belief * lead
            t.body += belief
            t.places += not naming.itself
            t.people += naming.people
            t.weight += (_LEAD if lead else _BODY) * belief / (1 + t.mentions / 8)
        t.first = naming.at if t.first < 0 else min(t.first, naming.at)
        t.last = max(t.last, naming.at)
        t.quotes.append((naming.at, naming.end))
    for naming in _listed(namings):
        tallies[naming.country].listed += 1
    return tallies


def _listed(namings: list[Naming]) -> Iterator[Naming]:
    """Those of the body that stand beside another country, as the members of a list do."""
    body = sorted((n for n in namings if n.zone == "body"), key=lambda n: n.at)
    beside = [a.country != b.country and b.at - a.end <= _LIST_GAP for a, b in pairwise(body)]
    for n, naming in enumerate(body):
        if any(beside[max(0, n - 1) : n + 1]):
            yield naming


def rows(tallies: dict[str, Tally], publisher: str | None, length: int) -> NDArray[np.float32]:
    """One row a country, (countries, features)."""
    total = sum(t.weight for t in tallies.values()) or 1.0
    top = max((t.weight for t in tallies.values()), default=0.0) or 1.0
    order = sorted(tallies, key=lambda c: -tallies[c].weight)
    rank = {c: n for n, c in enumerate(order)}
    headline = sum(t.headline for t in tallies.values())
    dateline = sum(t.dateline for t in tallies.values())
    out = [
        [
            t.headline, t.dateline, t.lead, log(1 + t.body), log(1 + t.places), t.people / max(1, t.mentions),
            t.weight / total,
            rank[code], t.weight / top, len(tallies), t.first / max(1, length) if t.first >= 0 else 1.0,
            float(len(tallies) == 1),
            float(t.headline > 0 and headline == t.headline), dateline - t.dateline, headline - t.headline,
            float(code == publisher),
            log(1 + length), log(1 + t.mentions), t.last / max(1, length), t.listed, t.mentions - t.listed,
            t.by_itself, t.by_name, t.surest,
            float(dateline > 0),
        ]
        for code, t in tallies.items()
    ]  # fmt: skip
    return np.array(out, np.float32).reshape(len(out), len(FEATURES))


def carries(tallies: dict[str, Tally]) -> list[bool]:
    """Whether each country has most of all that is said, in several mentions: then the article is about it,
    whatever a model says."""
    total = sum(t.said for t in tallies.values()) or 1.0
    return [t.said >= _MOST * total and t.mentions >= _SEVERAL for t in tallies.values()]


def choose(
    scores: NDArray[np.float32], seldom: Sequence[bool] = (), carrying: Sequence[bool] = ()
) -> set[int]:
    """Which countries the article is filed under: the set whose expected F1 is highest, given each one's
    probability.

    One country that stands far above the rest stands alone; in a list of equals all are taken. Empty where
    nothing is likelier than `LEAST`. (Expected F1 is taken at the expected counts; cf. Lewis, SIGIR 1995, on
    optimal sets.) A country that is seldom in the news is taken from `LEAST_SELDOM` up whatever stands beside
    it: where it is named at all there is a reason, and whoever watches it would rather see one article too
    many. (A label's own F1 is highest at a threshold of half that F1: Lipton and others, ECML 2014.) One that
    carries the article (`carries`) is always taken.
    """
    order = np.argsort(-scores, kind="stable").tolist()
    total, sure = float(scores.sum()), 0.0
    best, size = 0.0, 0
    for k, n in enumerate(order, 1):
        if scores[n] < LEAST:
            break
        sure += float(scores[n])
        expected = 2 * sure / (k + total)
        if expected > best:
            best, size = expected, k
    rare = {n for n, is_seldom in enumerate(seldom) if is_seldom and scores[n] >= LEAST_SELDOM}
    return set(order[:size]) | rare | {n for n, carried in enumerate(carrying) if carried}


def about(tallies: dict[str, Tally], scores: NDArray[np.float32], often: Container[str]) -> set[str]:
    """The codes of the countries that an article is about, given each one's probability; `often` are those
    often in the news.

    With a dateline, as wire services write, they are the set that `choose` takes. Without one the article is
    about the country that it names most often, if about any, and a further country must be likelier than not:
    a local paper's stories are about one place, and wire items, of which most of the model's examples are,
    are about two as often as not.
    """
    codes = list(tallies)
    chosen = choose(scores, [code not in often for code in codes], carries(tallies))
    if codes and not any(tally.dateline for tally in tallies.values()):
        most = max(range(len(codes)), key=lambda n: tallies[codes[n]].times)
        told = bool(chosen) or bool(scores[most] >= _NAMED_MOST)
        chosen = {n for n in chosen if scores[n] >= _FURTHER} | ({most} if told else set())
    return {codes[n] for n in chosen}
