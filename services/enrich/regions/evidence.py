"""What in an article speaks of a country: places, adjectives and institutions, with their form, zone and
role."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Sequence

from msgspec import Struct

from services.contract.messages import PlaceForm
from services.enrich.regions.institutions import SEAT, Naming
from services.enrich.regions.parts import Parts
from services.enrich.regions.reading import PlaceReading, Resolved
from services.enrich.regions.roles import role_of

NAME: PlaceForm = "name"
ADJECTIVE: PlaceForm = "adjective"
INSTITUTION: PlaceForm = "institution"
DATELINE: PlaceForm = "dateline"
"""The forms of a mention: a place by its name, of a country's people or kind, an institution that stands for
a country, a place in the dateline."""
HEADLINE, BODY = "headline", "body"


class Evidence(Struct, frozen=True, eq=False):
    """One mention of a country. `start` and `end` count from the start of the body; negative in the headline.

    `kind` is country, past, admin1, admin2, city and so on for a place, a kind of `institutions.KINDS` for an
    institution; `belief` is how likely it means the country, between 0 and 1.
    """

    country: str
    start: int
    end: int
    zone: str
    form: str
    kind: str
    role: int
    belief: float
    name: str

    @property
    def itself(self) -> bool:
        """Whether it is the country itself, by name or adjective, rather than a place or institution in
        it."""
        return self.kind in ("country", "past")


def touches(start: int, end: int, named: Sequence[Naming]) -> bool:
    """Whether a span of the text shares a character with one of these names, which stand in order."""
    at = bisect_left(named, end, key=_start) - 1  # the last that begins before it ends
    return at >= 0 and named[at].end > start


def _start(named: Naming) -> int:
    return named.start


def form_of(reading: PlaceReading, resolved: Resolved, parts: Parts) -> PlaceForm:
    """The form of a place's mention."""
    span = reading.spans[resolved.span]
    if resolved.people:
        return ADJECTIVE
    return DATELINE if parts.stated[0] <= span.start < parts.stated[1] else NAME


def gather(
    reading: PlaceReading, resolved: Sequence[Resolved], named: Sequence[Naming], parts: Parts, language: str,
    home: str | None = None,
) -> list[Evidence]:  # fmt: skip
    """The evidence of a text, in order: what was taken for places, and the institutions among which none
    touches one.

    `home` is the source's country: an institution that several countries share is its own.
    """
    tokens, body = reading.tokens, parts.body
    out: list[Evidence] = []
    taken: list[tuple[int, int]] = []
    seats = [n for n in named if n.institution.kind == SEAT]
    for r in resolved:
        entity = r.entity
        if entity is None or not entity.country or r.landmark:
            continue
        span = reading.spans[r.span]
        if seats and touches(span.start, span.end, seats):
            continue
        taken.append((span.start, span.end))
        form = form_of(reading, r, parts)
        zone = _zone(span.start, parts)
        role = role_of(tokens, span.first, span.last, language) if span.first >= 0 else 0
        out.append(Evidence(
            entity.country, span.start - body, span.end - body, zone, form, entity.kind, role,
            r.belief * r.score,
            span.name,
        ))  # fmt: skip
    known = {e.country for e in out}
    occupied = {at for start, end in taken for at in range(start, end)} if named and taken else set()
    for n in named:
        if n.start in occupied or n.end - 1 in occupied:
            continue
        zone = _zone(n.start, parts)
        one = n.institution
        countries = _meant(one.countries, known, home)
        out.extend(
            Evidence(
                country,
                n.start - body,
                n.end - body,
                zone,
                INSTITUTION,
                one.kind,
                0,
                0.9 / len(countries),
                one.name,
            )
            for country in countries
        )
    return sorted(out, key=lambda e: e.start)


def _zone(start: int, parts: Parts) -> str:
    if start < parts.title_end:
        return HEADLINE
    return DATELINE if parts.stated[0] <= start < parts.stated[1] else BODY


def _meant(countries: tuple[str, ...], known: Container[str], home: str | None) -> tuple[str, ...]:
    """Of the countries that share an institution's name, the source's own, or those that the text speaks
    of."""
    if len(countries) == 1:
        return countries
    if home in countries:
        return (home,)  # type: ignore[return-value]
    return tuple(c for c in countries if c in known) or countries
