"""Sentences of our own making, with their places marked: what the corpora hold too little of.

People, papers, clubs and treaties that are called after places; waters and mountains; countries that news of
one year never names. Drawn with a fixed seed; their names come from the gazetteer and from the lists below.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from services.enrich.regions.gazetteer import Gazetteer

COUNT = 2_000
_GIVEN = (
    "John Mary Michael Anna David Sarah James Laura Robert Emma Denzel Whitney Peter Kate Thomas Julia "
    "Daniel Alice Mark Helen Paul Rosa Omar Fatima Carlos Elena Igor Mei Kofi Amina"
).split()
_FAMILY = (
    "Smith Jones Miller Brown Taylor Wilson Moore Clark Lewis Walker Hall Young King Wright Green Baker "
    "Adams Nelson Carter Turner Cooper Reed Morgan Bell Murphy Rivera Kelly Howard Ward Cox"
).split()
_FAMILY_PLACES = (
    "Washington Houston Lincoln Jackson Stanley Hamilton London Cleveland Bradford Lancaster Clinton Dallas "
    "Denver Windsor Durham Kingston Preston Boston Burton Weston Carlisle Chester Salisbury Hastings Warwick "
    "Sutton Milton Newton Logan Austin Franklin Madison Raleigh Nelson Wellington Melbourne Darwin Holland "
    "England Ireland France Hilton"
).split()
_GIVEN_PLACES = (
    "Paris Jordan Chad Georgia Sydney Florence Victoria Charlotte Madison Austin Savannah Chelsea Brooklyn "
    "Dakota Carolina Virginia India Kenya Milan Valencia Lincoln Logan Dallas Phoenix Cleveland Troy Chelsea"
).split()
_NOT_PLACES = (
    "{g} {fp} said the plan would fail within weeks.", "{gp} {f} arrived late at the party and left early.",
    "Mr. {fp} declined to comment on the ruling.",
    "{gp} {fp} was seen at the party with {g} {f}.", "{gp} {f}, 34, was charged on Monday.",
    "{g} {fp} won the award for best actor. {fp} thanked the crew.",
    "Sen. {fp} and Rep. {f} opposed the bill.",
    "The {c} Post reported the story first, citing two people.", "The Washington Post and the {c} Tribune "
        "ran the story.", "According to the {c} Times, the deal is dead.",
        "{c} United beat Real {c2} on Wednesday.",
    "{c} City drew with {c2} Rovers in the final.", "The {c} Convention protects prisoners of war.",
    "The {c} Accord was signed years ago.",
    "Judge {g} {fp} sentenced the man to six years.", "{gp} said she was glad to be home. {gp} {f} is nine.",
    "He wrote to {g} {fp} last year.", "{fp}, a widower, said he would stay.",
)  # fmt: skip
_PLACES = (
    "Police in [{c}] arrested two men on Monday.", "The mayor of [{c}] said schools would close.",
    "[{c}] was hit first, officials said.",
    "She moved from [{c}] to [{c2}] ten years ago.", "[{n}] was hit first, then [{n2}].",
    "[{n}]'s president arrived on Sunday.", "Flooding along the [{w}] forced hundreds from their homes.",
    "Snow fell in the [{m}] overnight, and as far south as [{n}].", "Climbers died in the [{m}] on Sunday.",
    "It rained in the [{m}] as far north as [{c}].", "Ships gathered in the [{w}] on Tuesday.",
    "The border between [{n}] and [{n2}] was closed.", "Talks between [{c}] and [{c2}] resumed.",
    "Soldiers from [{n}] crossed into [{n2}], the army said.", "Residents of [{r}] were told to leave.",
    "The region of [{r}] asked for help.",
    "[{a}] asked its creditors in [New York] for more time, the bank said.",
    "WASHINGTON - Wheat credits for [{a}] were switched, an official said.",
    "The government of [{a}] signed the loan in [London].",
    "Gas was found off [{a}], a company in [Houston] said.", "[{a}] will send a minister to [Washington].",
    "Voters in [{a}] went to the polls. [{a}] has had two governments in a year.",
    "[{c}] and [{c2}] were without power.",
)  # fmt: skip


def documents(gazetteer: Gazetteer) -> list[dict[str, Any]]:
    """Rows as the corpora have them: id, domain, title, text, mentions with `scored`."""
    draw = np.random.RandomState(7)
    labels = {
        kind: [gazetteer.label(e) for e in np.flatnonzero(gazetteer.kind == n)]
        for n, kind in enumerate(gazetteer.kinds)
        if kind != "city"
    }
    large = np.flatnonzero(
        (gazetteer.kind == gazetteer.kinds.index("city")) & (gazetteer.population > 150_000)
    )
    cities = [gazetteer.label(e) for e in large]
    plain = re.compile(r"^[A-Z][A-Za-z .'-]+$")
    namesakes = [
        gazetteer.label(e) for e in np.flatnonzero(gazetteer.kind == gazetteer.kinds.index("country"))
        if gazetteer.count(gazetteer.names.get(gazetteer.label(e),
        0)) > 1 and gazetteer.label(e) not in ("Georgia", "Monaco")
    ]  # fmt: skip
    pools = {
        "a": [n for n in namesakes if plain.match(n)],
        "g": _GIVEN, "f": _FAMILY, "fp": _FAMILY_PLACES, "gp": _GIVEN_PLACES,
        "c": [c for c in cities if plain.match(c)],
        "n": [c for c in labels["country"] if plain.match(c)], "w": labels["water"],
        "m": [m for m in labels["landmark"] if m.endswith(("s", "Mountains"))], "r": labels["region"],
    }  # fmt: skip
    rows = []
    for n in range(COUNT):
        template = draw.choice(_NOT_PLACES if n % 2 else _PLACES)
        drawn = {key: str(draw.choice(pool)) for key, pool in pools.items()}
        drawn |= {"c2": str(draw.choice(pools["c"])), "n2": str(draw.choice(pools["n"]))}
        rows.append(_marked(f"made:{n}", template.format(**drawn), gazetteer))
    return rows


def _marked(row_id: str, text: str, gazetteer: Gazetteer) -> dict[str, Any]:
    """Brackets taken out, and what stood in them marked, as the largest place of that name."""
    plain, mentions = "", []
    for part in re.split(r"(\[.*?\])", text):
        if part.startswith("["):
            part = part[1:-1]
            mentions.append(
                {"start": len(plain), "end": len(plain) + len(part), "scored": True}
                | _largest(part, gazetteer)
            )
        plain += part
    return {"id": row_id, "domain": None, "title": "", "text": plain, "mentions": mentions}


def _largest(name: str, gazetteer: Gazetteer) -> dict[str, Any]:
    """The country of that name, else its city with the most people, as a mark; without a place for
    all else."""
    row = gazetteer.names.get(name)
    best = None
    for entity in gazetteer.meanings(row)[0].tolist() if row is not None else ():
        found = gazetteer.describe(entity)
        if found.kind == "country" and found.name == name:
            best = found
            break
        if (
            found.kind == "city"
            and found.name in (name, "New York City")
            and (best is None or found.population > best.population)
        ):
            best = found
    if best is None:
        return {"country": None, "geonameid": None, "lat": None, "lon": None}
    return {"country": best.country, "geonameid": best.geonameid, "lat": best.lat, "lon": best.lon}
