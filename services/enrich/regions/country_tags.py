"""The countries of articles in four roles (about, mentioned, dateline, publisher), with the quotes that
carried them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.contract.messages import Country, Quote
from services.enrich.regions import focus
from services.enrich.regions.countries import DATA
from services.enrich.regions.focus import Naming
from services.enrich.regions.gazetteer import Gazetteer
from services.enrich.regions.parts import Asked, Parts
from services.enrich.regions.reading import Reading, Resolved, load_trees
from services.enrich.regions.trees import probabilities

EVIDENCE = 8
"""Most quotes that are kept for a country or locality."""
_NO_COUNTRY_TLD = frozenset(
    {"tv", "me", "co", "io", "ai", "fm", "ly", "la", "cc", "ws", "gg", "am", "to", "it.com"}
)


class CountryTags:
    """Says by what names them, and where, which countries articles are about, mention, were sent from and
    published in."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._focus = load_trees("focus.npz")
        with np.load(DATA / "often.npz") as named:
            self._often = frozenset(named["countries"].tolist())
        self._by_tld = {c["tld"]: code for code, c in gazetteer.countries.items() if c["tld"]} | {"uk": "GB"}

    def tag_all(
        self,
        asked: Sequence[Asked],
        resolved: Sequence[tuple[Reading, list[Resolved]]],
        parts: Sequence[Parts],
    ) -> list[list[Country]]:
        """The countries of each article, best first; `resolved` are its reading and what in it was taken for
        places."""
        tallies = [
            focus.tally(namings(reading, places, p))
            for (reading, places), p in zip(resolved, parts, strict=True)
        ]
        publishers = [self.publisher_of(a.domain) for a in asked]
        scores = probabilities(
            self._focus,
            [
                focus.rows(named, publisher, len(a.text))
                for named, publisher, a in zip(tallies, publishers, asked, strict=True)
            ],
        )
        return [
            self._in_roles(named, publisher, said, a.text)
            for named, publisher, said, a in zip(tallies, publishers, scores, asked, strict=True)
        ]

    def _in_roles(
        self, tallies: dict[str, focus.Tally], publisher: str | None, scores: NDArray[np.float32], text: str
    ) -> list[Country]:
        about = focus.about(tallies, scores, self._often)
        countries = []
        for (code, tally), score in zip(tallies.items(), scores.tolist(), strict=True):
            roles = {"mentioned"} if tally.mentions or tally.headline else set()
            roles |= {"dateline"} if tally.dateline else set()
            roles |= {"about"} if code in about else set()
            roles |= {"publisher"} if code == publisher else set()
            evidence = [Quote(text=text[a:b], start=a, end=b) for a, b in tally.quotes[:EVIDENCE] if a >= 0]
            countries.append(self._country(code, score, roles, tally.mentions, evidence))
        if publisher and publisher not in tallies:
            countries.append(self._country(publisher, 0.0, {"publisher"}, 0, []))
        # What it is most about comes first: by how often it is named, of which a dateline is little.
        times = {code: tally.times for code, tally in tallies.items()}
        return sorted(
            countries, key=lambda c: (c.focus, times.get(c.code, (0.0, 0.0)), c.score, c.code), reverse=True
        )

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
        tail = (domain or "").rsplit(".", 1)[-1].lower()
        return self._by_tld.get(tail) if tail not in _NO_COUNTRY_TLD else None


def namings(reading: Reading, resolved: Sequence[Resolved], parts: Parts) -> list[Naming]:
    """What names a country, with its zone; positions count from the start of the body."""
    out = []
    for r in resolved:
        if r.entity is None or not r.entity.country or r.landmark:
            continue
        span = reading.spans[r.span]
        zone = (
            "headline"
            if span.start < parts.title_end
            else "dateline"
            if parts.stated[0] <= span.start < parts.stated[1]
            else "body"
        )
        itself = r.entity.kind in ("country", "past")
        out.append(
            Naming(
                r.entity.country,
                span.start - parts.body,
                span.end - parts.body,
                zone,
                r.belief * r.score,
                r.people,
                itself,
            )
        )
    return out
