"""Agreement of places and names: what the regions tagger resolved to a place is no person of one word."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from services.contract.messages import Name, Place, Quotation

_PLACES = frozenset({"name", "dateline"})
"""Forms of a place that are its own name."""


def agreed_names(
    names: list[Name], quotes: list[Quotation], places: Sequence[Place]
) -> tuple[list[Name], list[Quotation]]:
    """The names, people of one word that are places wherever they stand relabelled as such; none is quoted.

    A place decides only where each mention of the person is one: "Jordan" beside "Michael Jordan" stays
    a person.
    """
    located = {(p.start, p.end) for p in places if p.form in _PLACES and p.country}
    people = [name for name in names if name.label == "PER"]
    if not located or not any((name.start, name.end) in located for name in people):
        return names, quotes
    kept = {n.key for n in people if " " in n.text or (n.start, n.end) not in located}
    moved = {name.key for name in people} - kept
    if not moved:
        return names, quotes
    return (
        [replace(n, label="LOC", role=None) if n.label == "PER" and n.key in moved else n for n in names],
        [replace(q, speaker=None, key=None) if q.key in moved else q for q in quotes],
    )
