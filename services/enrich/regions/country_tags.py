"""The countries of articles in four roles (about, mentioned, dateline, publisher), with the quotes that
carried them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from services.contract.messages import Country, Quote
from services.enrich.regions import focus
from services.enrich.regions.about import About, Choice
from services.enrich.regions.evidence import gather
from services.enrich.regions.gazetteer import Gazetteer
from services.enrich.regions.homes import Homes, spoken_in
from services.enrich.regions.institutions import SEAT, Institutions, Naming
from services.enrich.regions.leaning import Leaning
from services.enrich.regions.parts import Parts, RegionRequest
from services.enrich.regions.reading import PlaceReading, Resolved

EVIDENCE = 8
"""Most quotes that are kept for a country or locality."""
_OWN_LANGUAGE = 0.6  # share of a language's news from which on its country is always considered
_OWN_SITE = 0.5  # the same where a site is known, whose address tells no country
_BLOCS = frozenset({"EU", "UN"})


class Seen(Struct, frozen=True, eq=False):
    """What an article says of countries: the tally of each, a row of features each, the institutions that it
    names."""

    tallies: dict[str, focus.Tally]
    rows: NDArray[np.float32]
    named: list[Naming]
    publisher: str | None


class CountryTags:
    """Says by what names them, and where, which countries articles are about, mention, were sent from and
    published in."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._institutions = Institutions()
        self._homes = Homes(gazetteer)
        self._leaning = Leaning()
        self._about = About()
        self._capitals = {code: c["capital"] or "" for code, c in gazetteer.countries.items()}

    def see(
        self, asked: RegionRequest, reading: PlaceReading, resolved: Sequence[Resolved], parts: Parts
    ) -> Seen:
        """The evidence of one article; `resolved` is what in its reading was taken for places."""
        language = asked.language or "en"
        home = self._homes.of(asked.domain, asked.prior)
        named = self._institutions.find(reading.tokens, language)
        evidence = gather(reading, resolved, named, parts, language, home)
        spoken = spoken_in(asked.language)
        told = [e for e in evidence if e.country not in _BLOCS]
        tallies = focus.tally(told, self._capitals, len(asked.text))
        tallies = {code: t for code, t in tallies.items() if not t.is_attributed_only}
        least = _OWN_SITE if asked.domain and not home else _OWN_LANGUAGE
        for code in (home, *(code for code, share in spoken.items() if share >= least)):
            if code and code not in tallies:
                tallies[code] = focus.Tally([0.0] * len(focus.COUNTED), names=set(), quotes=[])
        setting = focus.Setting(
            length=len(asked.text), has_title=bool(asked.title), home=home,
            prior=asked.prior.countries if asked.prior else {}, spoken=spoken, english=language == "en",
            leaning=self._leaning.of(reading.tokens, language),
        )  # fmt: skip
        rows = focus.rows(tallies, setting, sum(e.country in _BLOCS for e in evidence))
        return Seen(tallies, rows, named, self._homes.of_domain(asked.domain))

    def tag_all(self, asked: Sequence[RegionRequest], seen: Sequence[Seen]) -> list[list[Country]]:
        """The countries of each article, best first."""
        choices = self._about.choose_all([s.rows for s in seen], [list(s.tallies) for s in seen])
        return [self._in_roles(s, choice, a.text) for a, s, choice in zip(asked, seen, choices, strict=True)]

    def explain(self, seen: Seen) -> list[dict[str, Any]]:
        """Each country that was considered, the likeliest first: its score, whether the article is about it,
        what spoke for it and what against."""
        (choice,) = self._about.choose_all([seen.rows], [list(seen.tallies)])
        out = []
        for n, code in enumerate(seen.tallies):
            speaks_for, against = self._about.reasons(seen.rows[n])
            out.append({
                "country": code, "name": self._gazetteer.country_name(code), "score": round(choice.scores[n],
                3),
                "about": choice.about[n], "named": sorted(seen.tallies[code].names), "for": speaks_for,
                "against": against,
            })  # fmt: skip
        return sorted(out, key=lambda c: (-c["score"], c["country"]))

    def _in_roles(self, seen: Seen, choice: Choice, text: str) -> list[Country]:
        found: list[tuple[float, Country]] = []
        for n, (code, tally) in enumerate(seen.tallies.items()):
            roles = {"mentioned"} if tally.is_mentioned else set()
            roles |= {"dateline"} if tally.dated else set()
            roles |= {"about"} if choice.about[n] else set()
            roles |= {"publisher"} if code == seen.publisher else set()
            if roles:
                evidence = [Quote(text=text[a:b], start=a, end=b) for a, b in tally.quotes if a >= 0][
                    :EVIDENCE
                ]
                mentions = int(tally.of("mentions"))
                found.append(
                    (choice.first[n], self._country(code, choice.scores[n], roles, mentions, evidence))
                )
        # What it is most about comes first.
        found.sort(key=lambda f: (f[1].focus, f[0] if f[1].focus else f[1].score, f[1].code), reverse=True)
        return _descending([country for _, country in found])

    def _country(
        self, code: str, score: float, roles: set[str], mentions: int, evidence: list[Quote]
    ) -> Country:
        return Country(
            code=code, name=self._gazetteer.country_name(code),
            m49=self._gazetteer.countries.get(code, {}).get("m49", 0), score=round(score, 4),
            focus="about" in roles, roles=sorted(roles), mentions=mentions, evidence=evidence,
        )  # fmt: skip

    def publisher_of(self, domain: str | None) -> str | None:
        """The country of the source by its domain; None for generic ones."""
        return self._homes.of_domain(domain)


def _descending(countries: list[Country]) -> list[Country]:
    """The same with scores that never rise within those the article is about, so that who sorts by score has
    the best first too."""
    out: list[Country] = []
    for country in countries:
        if country.focus and out and country.score >= out[-1].score:
            country = replace(country, score=max(0.0, round(out[-1].score - 0.0001, 4)))
        out.append(country)
    return out


def seats(named: Sequence[Naming]) -> list[Naming]:
    """The seats of power that a text names, which are mentions of their countries."""
    return [n for n in named if n.institution.kind == SEAT and len(n.institution.countries) == 1]
