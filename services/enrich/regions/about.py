"""The countries that an article is about: how likely each one is, which of them make the set, which comes
first, and what spoke for and against each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.enrich.regions.countries import DATA
from services.enrich.regions.focus import FEATURES
from services.enrich.regions.reading import load_trees
from services.enrich.regions.trees import Trees

LEAST_FIRST = 0.38
"""An article is about the likeliest country from here on."""
LEAST_FURTHER = 0.45
"""And about every further one from here on. Both were chosen on articles of sites that the models never saw:
a lower one speaks of countries where an editor would name none, a higher one is silent where there is one."""
LEAST_SELDOM = 0.25
_TELLING = 0.15  # log-odds, below which a reason is not worth telling

_REASONS = {
    "the headline names it": ("title_name", "title_adjective", "title_place", "title_locative",
    "title_official", "opens_title"),
    "institutions in the headline": ("title_institution",),
    "the dateline": ("dateline",),
    "the opening": ("lead_name", "lead_adjective", "lead_place", "lead_locative", "lead_official"),
    "its name and how often": ("name", "mentions", "surest", "names", "by_name_share"),
    "its people and adjectives": ("adjective",),
    "places in it": ("place",),
    "what happens is said to be there": ("locative", "locative_share"),
    "its officials and government act": ("official", "capital_acts"),
    "its institutions": ("institution", "lead_institution", "kind_seat", "kind_state", "kind_party",
    "kind_person",
        "kind_media", "kind_market", "kind_sport", "kind_firm", "kind_weak", "kind_bloc"),
    "its cities stand for a union of states": ("seats_of_blocs", "bloc"),
    "its share of all that is said": ("weight", "weight_all", "share", "share_all", "rank", "rank_all",
    "of_top",
        "of_top_all", "segments", "first", "last", "only", "next_share"),
    "it stands in a list": ("listed",),
    "the source is at home there": ("is_home", "prior", "home_named"),
    "the language is its own": ("of_language",),
    "other countries are said more of": ("dateline_elsewhere", "title_elsewhere", "locative_elsewhere",
    "countries",
        "strong_countries", "title_named"),
    "its words lean to articles about some country or none": ("leaning",),
}  # fmt: skip


class Choice(Struct, frozen=True):
    """By candidate of one article: its calibrated probability, how far forward it stands, whether it is in
    the set."""

    scores: list[float]
    first: list[float]
    about: list[bool]


class About:
    """The two models, of membership and of the first place, with their calibration."""

    def __init__(self) -> None:
        self._member, self._first = load_trees("about.npz"), load_trees("about_first.npz")
        with np.load(DATA / "about_calibration.npz") as known:
            self._raw: NDArray[np.float64] = known["raw"].astype(np.float64)
            self._right: NDArray[np.float64] = known["right"].astype(np.float64)
            self._often = frozenset(known["often"].tolist())

    def choose_all(self, rows: Sequence[NDArray[np.float32]], codes: Sequence[Sequence[str]]) -> list[Choice]:
        """By article, what the models say of its rows, of which all go through them together; `codes` are the
        rows' countries."""
        if not rows:
            return []
        whole = np.concatenate(rows)
        member = self._member.log_odds(whole)
        scores = self.calibrated(member).tolist()
        first = before(member, self._first.log_odds(whole)).tolist()
        out, at = [], 0
        for row, named in zip(rows, codes, strict=True):
            mine = scores[at : at + len(row)]
            seldom = [code not in self._often for code in named] if len(row) and row[0, _DATED] else []
            out.append(Choice(mine, first[at : at + len(row)], chosen(mine, seldom)))
            at += len(row)
        return out

    def calibrated(self, log_odds: NDArray[np.float32]) -> NDArray[np.float64]:
        """How often countries of these log-odds were right on articles that the model never saw
        (isotonic)."""
        return np.interp(log_odds, self._raw, self._right)

    def reasons(self, row: NDArray[np.float32]) -> tuple[list[str], list[str]]:
        """What speaks for a country and what against it, the strongest first: by how its log-odds change
        where the features of a reason are taken away."""
        return reasons_of(self._member, row)


def chosen(scores: Sequence[float], seldom: Sequence[bool] = ()) -> list[bool]:
    """Which countries the article is about, given each one's probability; none where none is likely enough.

    `seldom` says, for articles with a dateline as wire services write, which countries are seldom in the
    news: where one of these is named at all there is a reason, and it is taken from `LEAST_SELDOM` up. (A
    label's own F1 is highest at a threshold of half that F1: Lipton and others, ECML 2014.)
    """
    best = max(scores, default=0.0)
    top = list(scores).index(best) if best >= LEAST_FIRST else -1
    rare = seldom or [False] * len(scores)
    return [
        n == top or (top >= 0 and score >= LEAST_FURTHER) or (rare[n] and score >= LEAST_SELDOM)
        for n, score in enumerate(scores)
    ]


def before(member: NDArray[np.float32], first: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far forward each country stands, given its log-odds of being among them and of being the first:
    both tell, the first more."""
    return np.asarray(first + 0.5 * member, np.float32)


def reasons_of(member: Trees, row: NDArray[np.float32]) -> tuple[list[str], list[str]]:
    """`About.reasons` of a model."""
    without = np.repeat(row[None, :], len(_REASONS) + 1, axis=0)
    for n, names in enumerate(_REASONS.values(), 1):
        without[n, [_AT[name] for name in names]] = 0.0
    odds = member.log_odds(np.ascontiguousarray(without, np.float32))
    told = sorted(
        ((float(odds[0] - odds[n]), reason) for n, reason in enumerate(_REASONS, 1)), key=lambda x: -abs(x[0])
    )
    return (
        [f"{reason} {weight:+.1f}" for weight, reason in told if weight >= _TELLING],
        [f"{reason} {weight:+.1f}" for weight, reason in told if weight <= -_TELLING],
    )


_AT = {name: n for n, name in enumerate(FEATURES)}
_DATED = _AT["dated"]
