"""Which place a name means: candidates compared by size, by the company they keep in the text, and by the
source prior.

All names of a text are resolved together: a first guess from size and `X, Y` containment gives each country,
division and point a weight, and a small model weighs every candidate against what the other names say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.contract.source_prior import SourcePrior
from services.enrich.regions.gazetteer import ALIAS, PEOPLE, SHORT, Gazetteer
from services.enrich.regions.spans import Span, Tokens
from services.runtime.compiled import compiled

_compiled = compiled("services.enrich.regions")

FEATURES = (
    "area", "country", "admin1", "admin2", "city", "water", "landmark", "region", "past", "alias", "people",
    "short", "log_population",
    "behind", "order", "meanings", "contained", "not_contained", "container", "country_share", "admin1_share",
    "sure_country", "sure_admin1",
    "near_50", "near_200", "near_800", "prior_country", "prior_admin1", "prior_near", "prior_named", "tld",
    "in_domain", "times", "best_kind", "title",
    "country_rank", "has_prior",
)  # fmt: skip
_SEPARATOR = re.compile(
    r"^,\s+$|^\s*\($|^\s+in\s+$|^,\s+in\s+$|"
    # Victoria, the capital of Seychelles; Ziguinchor, ville du Sénégal; Erbil, der Hauptstadt von
    r"^,\s+(?:(?:the|an?|la|una?|le|une|der|die|eine[rs]?|il|o|uma)\s+)?(?:[^\W\d_]+\s+)?(?:capital|city|town|"
    r"village|port|suburb|capitale|ville|Hauptstadt|Stadt|ciudad|pueblo|città|cidade)\s+"
    r"(?:of|in|de|du|des|von|del|della|do|da|dos|das)\s+(?:the\s+|la\s+)?$"
)
_LONGEST_SEPARATOR, _LONGEST_LIST_SEPARATOR = 45, 5  # characters
_HOMES = {
    **dict.fromkeys(("on", "upon", "under", "by", "next"), ("GB", "IE")),
    **dict.fromkeys(("sur", "sous", "lès", "les", "aux"), ("FR", "BE", "CH", "LU", "CA")),
    **dict.fromkeys(("am", "an", "ob", "vor"), ("DE", "AT", "CH")),
    **dict.fromkeys(("nad", "pod"), ("CZ", "SK", "PL")),
}
"""Countries whose places have names that such a preposition makes longer."""
_LENGTHENED = re.compile(rf"-({'|'.join(_HOMES)})-(?:(?:der|the|dem)-)?[^\W\d_]")
_PRIOR_OF_KIND = np.array([1.5, 2.2, 0.6, -0.6, 0.0, 1.0, 1.0, 1.0, 0.5], np.float32)
_SHARPNESS = 1.6  # of the first guess: ten times the people, five times the weight
_EARTH_KM = 6371.0
_SETTLEMENTS = frozenset({"city", "town", "port", "village", "capital", "resort", "suburb"})
_MOST_ANCHORS = 500
"""Candidates of one text to which the others' distance is taken, the first ones that are likely to
be meant."""


class Group(Struct, eq=False):
    """All spans of one name (with one container): they mean one place."""

    spans: list[int]
    entities: NDArray[np.int32]
    how: NDArray[np.uint8]
    weight: float
    contained: (
        NDArray[np.bool_] | None
    )  # by candidate: does it lie in what stands after the comma, as one of them does
    contains: bool  # some other name's container
    name: str


class Resolver:
    """Groups the spans of a text and turns their candidates into rows of `FEATURES`."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._lat = np.radians(gazetteer.lat)
        self._lon = np.radians(gazetteer.lon)
        self._tld = {c["tld"]: code for code, c in gazetteer.countries.items() if c["tld"]} | {"uk": "GB"}
        self._atlas = _compiled and _compiled.Atlas(gazetteer, self._lat, self._lon, _PRIOR_OF_KIND)

    def groups(self, tokens: Tokens, spans: list[Span], weights: list[float]) -> list[Group]:
        """The spans' names with their candidates; `weights` says how far each span is believed to be
        a place."""
        containers = self._containers(tokens, spans)
        holding = set(containers.values())
        by_key: dict[tuple[str, str], Group] = {}
        for n, span in enumerate(spans):
            if span.row < 0:
                continue
            container = containers.get(n)
            key = (span.name, spans[container].name if container is not None else "")
            group = by_key.get(key)
            if group is None:
                entities, how = self._gazetteer.meanings(span.row)
                contained = self._inside(entities, spans[container].row) if container is not None else None
                if contained is not None and container is not None and self._is_certain(spans, n, container):
                    entities, how = entities[contained], how[contained]
                    contained = contained[contained]
                by_key[key] = Group([n], entities, how, weights[n], contained, n in holding, span.name)
            else:
                group.spans.append(n)
                group.weight = max(group.weight, weights[n])
                group.contains |= n in holding
        self._described(tokens, spans, by_key)
        self._compounds(tokens, spans, by_key)
        return self._spread(list(by_key.values()))

    def _described(self, tokens: Tokens, spans: list[Span], by_key: dict[tuple[str, str], Group]) -> None:
        """`The northern Lebanese city`: the city named last before it lies in that country, if one of its
        name does."""
        gazetteer = self._gazetteer
        for n, span in enumerate(spans):
            after = span.last + 1
            if (  # the next word first: the gazetteer's tables are large and seldom in the caches
                span.row < 0
                or after < 1
                or tokens.word_at(after) not in _SETTLEMENTS
                or gazetteer.first_how[span.row] != PEOPLE
                or tokens.word_at(after + 1) == "of"
            ):
                continue
            country = gazetteer.country[gazetteer.first_entity[span.row]]
            before = (s for s in reversed(spans[:n]) if s.row >= 0 and 2 <= gazetteer.first_kind[s.row] <= 4)
            group = by_key.get((next((s.name for s in before), ""), ""))
            if group is not None and group.contained is None:
                inside = (gazetteer.country[group.entities] == country) & (gazetteer.kind[group.entities] > 1)
                group.contained = inside if inside.any() else None

    def _compounds(self, tokens: Tokens, spans: list[Span], by_key: dict[tuple[str, str], Group]) -> None:
        """`Hay-on-Wye`, `Aÿ-sur-Moselle`: a name made longer by such a preposition means those places alone
        that lie where names are made so."""
        gazetteer = self._gazetteer
        for span in spans:
            if tokens.text[span.end : span.end + 1] != "-" or span.row < 0:
                continue
            made = _LENGTHENED.match(tokens.text, span.end)
            group = by_key.get((span.name, ""))
            if made is None or group is None or group.contained is not None:
                continue
            homes = [gazetteer.country_number[code] for code in _HOMES[made[1]]]
            inside = np.isin(gazetteer.country[group.entities], homes) & (gazetteer.kind[group.entities] > 1)
            if inside.any():
                group.entities, group.how = group.entities[inside], group.how[inside]
                group.contained = inside[inside]

    def _spread(self, groups: list[Group]) -> list[Group]:
        """A name placed once by its container means that place elsewhere in the text too."""
        placed = {g.name: g for g in groups if g.contained is not None}
        for group in groups:
            other = placed.get(group.name)
            if group.contained is None and other is not None:
                group.entities, group.how = other.entities, other.how
                group.contained = other.contained
        return groups

    def _is_certain(self, spans: list[Span], n: int, container: int) -> bool:
        """Whether what stands behind a name leaves no doubt where its place lies: a division's short form
        (Moscow, ID), or words that say so (Victoria, the capital of Seychelles)."""
        if spans[container].start - spans[n].end > _LONGEST_LIST_SEPARATOR:
            return True
        return bool((self._gazetteer.meanings(spans[container].row)[1] == SHORT).all())

    def _containers(self, tokens: Tokens, spans: list[Span]) -> dict[int, int]:
        """For a span, the span after its comma that names a country or division which holds one of its
        candidates."""
        found: dict[int, int] = {}
        gazetteer = self._gazetteer
        for n in range(len(spans) - 1):
            here, following = spans[n], spans[n + 1]
            if here.row < 0 or following.row < 0 or following.start - here.end > _LONGEST_SEPARATOR:
                continue
            if not _SEPARATOR.match(tokens.text[here.end : following.start]):
                continue
            if self._inside(gazetteer.meanings(here.row)[0], following.row).any():
                found[n] = n + 1
        return found

    def _inside(self, entities: NDArray[np.int32], row: int) -> NDArray[np.bool_]:
        """Which of the entities lie in a country or division that the name of a row may mean."""
        gazetteer = self._gazetteer
        outer, how = gazetteer.meanings(row)
        if self._atlas:
            return self._atlas.inside(entities, outer, how)  # type: ignore[no-any-return]
        held = np.zeros(len(entities), bool)
        kinds = gazetteer.kind[entities]
        for entity, way in zip(outer.tolist(), how.tolist(), strict=True):
            kind = gazetteer.kind[entity]
            if way == PEOPLE:
                continue
            if kind == 1:
                held |= (gazetteer.country[entities] == gazetteer.country[entity]) & (kinds > 1)
            elif kind == 2:
                held |= (gazetteer.admin1[entities] == gazetteer.admin1[entity]) & (kinds > 2)
            elif kind == 3 and gazetteer.log_population[entity] > 4:
                held |= self._km(entities, np.array([entity]))[:, 0] < 60.0
                held &= entities != entity
            elif kind == 7:
                held |= (
                    (gazetteer.country[entities] == gazetteer.country[entity])
                    & (kinds > 2)
                    & (self._km(entities, np.array([entity]))[:, 0] < 400.0)
                )
        return held

    def _km(self, a: NDArray[np.integer], b: NDArray[np.integer]) -> NDArray[np.float32]:
        """Distances in km, (len(a), len(b)); NaN where a point is unknown."""
        return self._km_points(a, self._lat[b], self._lon[b])

    def _km_points(
        self, a: NDArray[np.integer], lat: NDArray[np.float32], lon: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        lat_a, lon_a = self._lat[a][:, None], self._lon[a][:, None]
        half = np.sin((lat - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat) * np.sin((lon - lon_a) / 2) ** 2
        return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))), np.float32)

    def guess(self, groups: list[Group]) -> Guess:
        """All candidates of all groups in one table, each with the share of its name that size and
        containment give it."""
        return Guess(groups, self._gazetteer, self._atlas)

    def context(self, guess: Guess) -> tuple[list[float], list[float]]:
        """By group: the most that other names say of the country of one of its candidates, and of the
        division, as shares of all that is said."""
        if self._atlas:
            return self._atlas.context(guess.candidates, guess.share, guess.weight)  # type: ignore[no-any-return]
        gazetteer, e = self._gazetteer, guess.entities
        country, admin1 = gazetteer.country[e], gazetteer.admin1[e]
        mass = guess.share * guess.weight[guess.group]
        countries = np.bincount(country, mass, len(gazetteer.country_codes))
        firsts = np.bincount(admin1, mass, len(gazetteer.admin1_codes))
        countries[0] = firsts[0] = 0.0
        total = max(float(countries.sum()), 1.0)
        by_country = np.where(country > 0, countries[country] - mass, 0.0)
        by_admin1 = np.where(admin1 > 0, firsts[admin1] - mass, 0.0)
        return (
            (np.maximum.reduceat(by_country, guess.first) / total).tolist(),
            (np.maximum.reduceat(by_admin1, guess.first) / total).tolist(),
        )

    def rows(
        self, guess: Guess, prior: SourcePrior | None, domain: str | None, title_rows: set[int]
    ) -> NDArray[np.float32]:
        """One row a candidate, (candidates, features)."""
        gazetteer, g = self._gazetteer, guess
        out = np.zeros((len(g.entities), len(FEATURES)), np.float32)
        tail = (domain or "").rsplit(".", 1)[-1].lower()
        number = gazetteer.country_number.get(self._tld.get(tail, ""), -1)
        if self._atlas:
            countries = self._atlas.rows(g.candidates, g.share, g.weight, out, number)
        else:
            countries = self._plain_rows(g, out, number)
        if prior is not None:
            self._prior_rows(out, g, prior)
            out[:, 36] = 1.0
        if domain:
            out[:, 31] = g.in_domain(domain)[g.group]
        out[:, 32] = np.log([len(x.spans) for x in g.groups])[g.group]
        out[:, 34] = np.array([not title_rows.isdisjoint(x.spans) for x in g.groups])[g.group]
        ranked = np.argsort(np.argsort(-countries))
        out[:, 35] = np.minimum(ranked[gazetteer.country[g.entities]], 10)
        return out

    def _plain_rows(self, g: Guess, out: NDArray[np.float32], publisher: int) -> NDArray[np.float64]:
        """Columns 0 to 25, 30 and 33; returns what is said of each country."""
        gazetteer, e, group = self._gazetteer, g.entities, g.group
        kind, country, admin1 = gazetteer.kind[e], gazetteer.country[e], gazetteer.admin1[e]
        out[np.arange(len(e)), kind] = 1.0
        out[:, 9], out[:, 10], out[:, 11] = g.how == ALIAS, g.how == PEOPLE, g.how == SHORT
        population = gazetteer.log_population[e]
        out[:, 12] = population
        best = np.maximum.reduceat(population, g.first)
        out[:, 13] = best[group] - population
        out[:, 14] = g.order
        out[:, 15] = np.log1p(g.size)[group]
        out[:, 16] = g.contained == 1
        out[:, 17] = g.contained == -1
        out[:, 18] = g.contains[group]
        # What the other names say of the candidate's country and division: all names but its own.
        mass = g.share * g.weight[group]
        own = _own(group, country, mass)
        countries = np.bincount(country, mass, len(gazetteer.country_codes))
        countries[0] = 0.0
        total = max(float(countries.sum()), 1e-6)
        alone = np.where(country > 0, countries[country] - own, 0.0)
        out[:, 19] = alone / max(total, 1.0)
        firsts = np.bincount(admin1, mass, len(gazetteer.admin1_codes))
        firsts[0] = 0.0
        out[:, 20] = np.where(admin1 > 0, firsts[admin1] - _own(group, admin1, mass), 0.0) / max(total, 1.0)
        sure = mass * (g.share > 0.85)
        sure_countries = np.bincount(country, sure, len(gazetteer.country_codes))
        sure_firsts = np.bincount(admin1, sure, len(gazetteer.admin1_codes))
        out[:, 21] = np.where(country > 0, sure_countries[country] - _own(group, country, sure), 0.0)
        out[:, 22] = np.where(admin1 > 0, sure_firsts[admin1] - _own(group, admin1, sure), 0.0)
        self._nearness(out, g, mass, kind)
        out[:, 30] = country == publisher
        out[:, 33] = kind[g.first][group]
        return np.asarray(countries, np.float64)

    def _nearness(
        self, out: NDArray[np.float32], g: Guess, mass: NDArray[np.float32], kind: NDArray[np.uint8]
    ) -> None:
        """How much weight of other names lies within about 50, 200 and 800 km."""
        anchors = np.flatnonzero((mass > 0.25) & (kind > 1) & ~np.isnan(self._lat[g.entities]))[
            :_MOST_ANCHORS
        ]
        if not len(anchors):
            return
        km = self._km(g.entities, g.entities[anchors])
        other = (g.group[:, None] != g.group[anchors][None, :]) * mass[anchors][None, :]
        km = np.where(np.isnan(km), 1e5, km)
        for column, scale in ((23, 50.0), (24, 200.0), (25, 800.0)):
            out[:, column] = (np.exp(-km / scale) * other).sum(axis=1)

    def prior_shares(
        self, guess: Guess, prior: SourcePrior
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """By candidate: the source prior's shares of its country and division; looked up once for a guess."""
        if guess.prior_shares is None or guess.prior_shares[0] is not prior:
            gazetteer, e = self._gazetteer, guess.entities
            of_country = _shares_of(prior.countries, gazetteer.country_number)[gazetteer.country[e]]
            of_admin1 = _shares_of(prior.admin1, gazetteer.admin1_number)[gazetteer.admin1[e]]
            guess.prior_shares = prior, of_country, of_admin1
        return guess.prior_shares[1:]

    def _prior_rows(self, out: NDArray[np.float32], g: Guess, prior: SourcePrior) -> None:
        """Columns 26 to 29: how much of the source prior is a candidate's country, its division, near it, and
        itself."""
        out[:, 26], out[:, 27] = self.prior_shares(g, prior)
        if prior.points:
            lat, lon, weight = np.array(prior.points, np.float32).T.copy()
            lat, lon = np.radians(lat), np.radians(lon)
            if self._atlas:
                self._atlas.near_prior(g.candidates, lat, lon, weight, out)
            else:
                km = self._km_points(g.entities, lat, lon)
                km = np.where(np.isnan(km), 1e5, km)
                out[:, 28] = (np.exp(-km / 80.0) * weight).sum(axis=1)
        named = dict(prior.places)
        out[:, 29] = [named.get(i, 0.0) for i in self._gazetteer.geonameid[g.entities].tolist()]


def _shares_of(shares: Mapping[str, float], number: Mapping[str, int]) -> NDArray[np.float64]:
    """Shares by code as a column by the code's number; what the gazetteer does not know has none."""
    column = np.zeros(len(number))
    for code, share in shares.items():
        if code in number:
            column[number[code]] = share
    return column


class Guess:
    """The candidates of all groups, side by side: `group` numbers their groups, `first` is where each group
    begins."""

    def __init__(self, groups: list[Group], gazetteer: Gazetteer, atlas: Any = None) -> None:
        self.groups = groups
        self.size = np.array([len(g.entities) for g in groups], np.intp)
        ends = np.cumsum(self.size)
        self.first = ends - self.size
        self.group = np.repeat(np.arange(len(groups)), self.size)
        self.entities = np.concatenate([g.entities for g in groups])
        self.how = np.concatenate([g.how for g in groups])
        self.weight = np.array([g.weight for g in groups], np.float32)
        self.contains = np.array([g.contains for g in groups], np.bool_)
        if any(g.contained is not None for g in groups):
            self.contained = np.concatenate([_signs(g) for g in groups])
        else:
            self.contained = np.zeros(len(self.entities), np.int8)
        self.prior_shares: tuple[SourcePrior, NDArray[np.float64], NDArray[np.float64]] | None = (
            None  # what was asked last
        )
        self.candidates = None
        if atlas:
            firsts = np.concatenate(([0], ends))
            self.candidates = _compiled.Candidates(
                self.entities, self.how, firsts, self.contained, self.contains.view(np.uint8)
            )
            self.share: NDArray[np.float32] = atlas.shares(self.candidates, _SHARPNESS)
        else:
            self.share = self._shares(gazetteer)

    @property
    def order(self) -> NDArray[np.intp]:
        """Where each candidate stands among those of its name."""
        return np.arange(len(self.entities)) - self.first[self.group]

    def _shares(self, gazetteer: Gazetteer) -> NDArray[np.float32]:
        prior = gazetteer.log_population[self.entities] * 1.0 + _PRIOR_OF_KIND[gazetteer.kind[self.entities]]
        prior = (
            prior
            + 5.0 * self.contained
            - 1.0 * (self.how == ALIAS)
            - 3.0 * (self.how == SHORT) * (~self.contains[self.group])
        )
        value = prior * _SHARPNESS
        value = np.exp(value - np.maximum.reduceat(value, self.first)[self.group])
        return np.asarray(value / np.add.reduceat(value, self.first)[self.group], np.float32)

    def best(self, score: NDArray[np.float32]) -> list[int]:
        """For each group, its candidate with the highest score, the first of equals."""
        if self.candidates is not None:
            return self.candidates.best(score)  # type: ignore[no-any-return]
        order = np.lexsort((self.order, -score, self.group))
        return order[self.first].tolist()  # type: ignore[no-any-return]

    def in_domain(self, domain: str | None) -> NDArray[np.bool_]:
        """For each group, whether the source's address holds its name: palestineherald.com,
        edmontonjournal.com."""
        host = (domain or "").lower().replace("-", "")
        return np.array(
            [
                len(g.name) > 3 and g.name.lower().replace(" ", "").replace(".", "") in host
                for g in self.groups
            ]
        )


def _signs(group: Group) -> NDArray[np.int8]:
    """By candidate: 1 where it lies in the name's container, -1 where others do, 0 where none does."""
    if group.contained is None:
        return np.zeros(len(group.entities), np.int8)
    return np.where(group.contained, 1, -1).astype(np.int8)


def _own(group: NDArray[np.intp], region: NDArray[np.intp], mass: NDArray[np.float32]) -> NDArray[np.float64]:
    """For each candidate, the mass that its own name gives its region."""
    key = group * 100_000 + region
    _, inverse = np.unique(key, return_inverse=True)
    return np.asarray(np.bincount(inverse, mass)[inverse])
