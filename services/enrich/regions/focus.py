"""Features of the countries of an article: what each is given in the headline, dateline, opening and body,
beside the others, and what the whole article is like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.enrich.regions.evidence import ADJECTIVE, DATELINE, HEADLINE, INSTITUTION, Evidence
from services.enrich.regions.institutions import KINDS
from services.enrich.regions.roles import LOCATIVE, OFFICIAL

LEAD_CHARS = 400
_SEGMENTS = 8  # equal parts of a text
_LIST_GAP = 13  # characters between two countries of a list: ", ", " and ", ", the "
_HEADLINE, _DATELINE, _LEAD, _BODY = 3.0, 4.0, 1.5, 1.0
_PEOPLE, _INSTITUTION = 0.8, 0.7

COUNTED = (
    "title_name", "title_adjective", "title_place", "title_institution", "title_locative", "title_official",
    "dateline", "lead_name", "lead_adjective", "lead_place", "lead_institution", "lead_locative",
    "lead_official",
    "name", "adjective", "place", "institution", "locative", "official", "capital_acts", "seats_of_blocs",
    *(f"kind_{kind}" for kind in KINDS),
    "mentions", "weight", "weight_all", "listed", "surest",
)  # fmt: skip
_AT = {name: n for n, name in enumerate(COUNTED)}
OWN = (
    *COUNTED, "share", "share_all", "rank", "rank_all", "of_top", "of_top_all", "first", "last",
    "opens_title", "segments",
    "names", "by_name_share", "locative_share", "is_home", "prior", "of_language", "dateline_elsewhere",
    "title_elsewhere", "locative_elsewhere", "only", "next_share",
)  # fmt: skip
WHOLE = (
    "countries", "strong_countries", "total", "density", "length", "dated", "has_title", "title_named",
    "home_known",
    "home_named", "bloc", "english", "leaning",
)  # fmt: skip
FEATURES = (*OWN, *WHOLE)


class Setting(Struct, frozen=True):
    """What is known of an article beside its text's evidence: its length in characters, the country of its
    source, the source prior's shares, its language's countries, how far its words lean to articles about no
    country."""

    length: int
    has_title: bool
    home: str | None
    prior: Mapping[str, float]
    spoken: Mapping[str, float]
    english: bool
    leaning: float


class Tally(Struct, eq=False):
    """All that one article says of one country. `counts` are sums by `COUNTED`."""

    counts: list[float]
    first: int = -1
    last: int = -1
    title_order: int = 0
    segments: int = 0  # a bit each
    names: set[str] = set()
    quotes: list[tuple[int, int]] = []

    def of(self, name: str) -> float:
        """A count by its name."""
        return self.counts[_AT[name]]

    @property
    def is_attributed_only(self) -> bool:
        """Whether nothing but newspapers, broadcasters and companies speaks of it: what they report or sell
        plays anywhere."""
        c = self.counts
        told = (
            c[_WEIGHT] or c[_DATED] or any(c[at] for kind, at in _KIND_AT.items() if kind not in _ATTRIBUTED)
        )
        return not told

    @property
    def mentions(self) -> int:
        """How often the body names it."""
        return int(self.counts[_MENTIONS])

    @property
    def dated(self) -> bool:
        """Whether the dateline names it."""
        return self.counts[_DATED] > 0

    @property
    def is_mentioned(self) -> bool:
        """Whether the country itself is named, a place in it, or a seat of its power; a newspaper or league
        of its own is no mention."""
        c = self.counts
        return bool(c[_MENTIONS] or c[_KIND0] or c[0] or c[1] or c[2])


(_MENTIONS, _WEIGHT, _WEIGHT_ALL, _LISTED, _SUREST) = (
    _AT[n] for n in ("mentions", "weight", "weight_all", "listed", "surest")
)
_DATED, _CAPITAL_ACTS, _BLOC_SEAT, _KIND0 = (
    _AT[n] for n in ("dateline", "capital_acts", "seats_of_blocs", "kind_seat")
)
_KIND_AT = {kind: _KIND0 + n for n, kind in enumerate(KINDS)}
_ATTRIBUTED = frozenset({"media", "firm"})
_T, _L, _B = 0, _AT["lead_name"], _AT["name"]
_BLOC_SEATS = frozenset(
    {"Brussels", "Strasbourg", "Geneva", "The Hague", "Luxembourg", "Davos", "Vienna", "New York City"}
)


def tally(evidence: Sequence[Evidence], capitals: Mapping[str, str], length: int) -> dict[str, Tally]:
    """Count what each country is given, in the order of the text. Later mentions of a country say less than
    its first few. `capitals` are names of entities by country."""
    tallies: dict[str, Tally] = {}
    in_title = 0
    for e in evidence:
        t = tallies.get(e.country)
        if t is None:
            t = tallies[e.country] = Tally([0.0] * len(COUNTED), names=set(), quotes=[])
        c = t.counts
        form = (
            3
            if e.form == INSTITUTION
            else 1
            if e.form == ADJECTIVE
            else 0
            if e.kind in ("country", "past")
            else 2
        )
        belief = e.belief
        heft = belief * (_PEOPLE if form == 1 else _INSTITUTION if form == 3 else 1.0)
        if form == 3:
            if e.name not in t.names:
                c[_KIND_AT[e.kind]] += belief
        elif belief > c[_SUREST]:
            c[_SUREST] = belief
        t.names.add(e.name)
        if e.zone == HEADLINE:
            if not t.title_order:
                in_title += 1
                t.title_order = in_title
            c[_T + form] += belief
            c[4] += e.role == LOCATIVE
            c[5] += e.role == OFFICIAL
            weight = _HEADLINE * heft
        elif e.zone == DATELINE:
            c[_DATED] += belief
            weight = _DATELINE * heft
        else:
            lead = e.start < LEAD_CHARS
            c[_B + form] += belief
            c[_B + 4] += e.role == LOCATIVE
            c[_B + 5] += e.role == OFFICIAL
            if lead:
                c[_L + form] += belief
                c[_L + 4] += e.role == LOCATIVE
                c[_L + 5] += e.role == OFFICIAL
            c[_MENTIONS] += form != 3
            weight = (_LEAD if lead else _BODY) * heft / (1 + c[_MENTIONS] / 8)
            t.segments |= 1 << min(_SEGMENTS - 1, _SEGMENTS * max(0, e.start) // max(1, length))
        if form == 2 and e.role != LOCATIVE and e.name in capitals.get(e.country, ""):
            c[_CAPITAL_ACTS] += 1
        c[_WEIGHT_ALL] += weight
        if form != 3:
            c[_WEIGHT] += weight
        if e.zone != HEADLINE:
            t.first = e.start if t.first < 0 else min(t.first, e.start)
            t.last = max(t.last, e.start)
            t.quotes.append((e.start, e.end))
    for country in _listed(evidence):
        tallies[country].counts[_LISTED] += 1
    return tallies


def _listed(evidence: Sequence[Evidence]) -> Iterable[str]:
    """The countries of the body that stand beside another, as the members of a list do, once a mention."""
    body = [e for e in evidence if e.zone != HEADLINE and e.form != INSTITUTION]
    beside = [a.country != b.country and b.start - a.end <= _LIST_GAP for a, b in pairwise(body)]
    for n, e in enumerate(body):
        if any(beside[max(0, n - 1) : n + 1]):
            yield e.country


def rows(tallies: dict[str, Tally], setting: Setting, blocs: float) -> NDArray[np.float32]:
    """One row a country, (countries, features). `blocs`: how often the article names unions of states."""
    total = sum(t.counts[_WEIGHT] for t in tallies.values()) or 1.0
    total_all = sum(t.counts[_WEIGHT_ALL] for t in tallies.values()) or 1.0
    by_weight = sorted((t.counts[_WEIGHT] for t in tallies.values()), reverse=True) or [0.0]
    by_all = sorted((t.counts[_WEIGHT_ALL] for t in tallies.values()), reverse=True) or [0.0]
    titled = sum(sum(t.counts[:4]) for t in tallies.values())
    dated = sum(t.counts[_DATED] for t in tallies.values())
    placed = sum(t.counts[_B + 4] for t in tallies.values())
    length, home = max(1, setting.length), setting.home
    whole = [
        len(tallies), sum(w >= 0.2 * by_all[0] and w > 0 for w in by_all), log(1 + total_all),
        total_all / (1 + length / 1000),
        log(1 + length), float(dated > 0), float(setting.has_title), float(titled > 0),
        float(home is not None),
        float(home is not None and home in tallies and tallies[home].counts[_WEIGHT_ALL] > 0), log(1 + blocs),
        float(setting.english), setting.leaning,
    ]  # fmt: skip
    out = []
    for code, t in tallies.items():
        c = t.counts
        weight, everything = c[_WEIGHT], c[_WEIGHT_ALL]
        named = c[_B] + c[_B + 1] + c[_B + 2]
        mine = sum(c[:4])
        out.append([
            *c[:13], log(1 + c[13]), log(1 + c[14]), log(1 + c[15]), log(1 + c[16]), log(1 + c[17]),
            log(1 + c[18]),
            *c[19:_MENTIONS], log(1 + c[_MENTIONS]), weight, everything, c[_LISTED], c[_SUREST],
            weight / total, everything / total_all, by_weight.index(weight), by_all.index(everything),
            weight / (by_weight[0] or 1.0), everything / (by_all[0] or 1.0),
            min(1.0, t.first / length) if t.first >= 0 else 1.0, max(0.0, t.last / length), t.title_order,
            t.segments.bit_count() / _SEGMENTS, len(t.names), c[_B] / (1 + named), c[_B + 4] / (1 + named),
            float(code == home), setting.prior.get(code, 0.0), setting.spoken.get(code, 0.0),
            dated - c[_DATED],
            titled - mine, placed - c[_B + 4], float(len(tallies) == 1),
            ((by_all[1] if everything == by_all[0] else by_all[0]) if len(by_all) > 1 else 0.0) / total_all,
            *whole,
        ])  # fmt: skip
    return np.array(out, np.float32).reshape(len(out), len(FEATURES))
