"""Sanitises names and quotations: a producer of another version, or a foreign one, may send anything."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from services.contract.bounds import at_word, storable
from services.contract.limits import MAX_NAME_CHARS
from services.contract.messages import Name, Quotation

MAX_NAMES, MAX_QUOTATIONS, MAX_QUOTATION_CHARS = 2_000, 500, 3_000
_LABELS = frozenset(("PER", "ORG", "LOC", "MISC"))


def bounded_names(names: Sequence[Name], text_chars: int) -> list[Name]:
    """Names within the text, one at each place, with known labels; at most MAX_NAMES."""
    found: dict[int, Name] = {}
    for name in names[: 10 * MAX_NAMES]:
        if not 0 <= name.start <= name.end <= text_chars or name.label not in _LABELS:
            continue
        role = name.role or ""
        # Nearly all are as they should be: names are many, and this is done for each stored article.
        fit = (
            max(len(name.text), len(name.name), len(name.key), len(role)) <= MAX_NAME_CHARS
            and 0.0 <= name.score <= 1.0
            and (name.text + name.name + name.key + role).isprintable()
        )  # fmt: skip
        found.setdefault(name.start, name if fit else _bounded(name))
    return [name for name in found.values() if name.key][:MAX_NAMES]


def _bounded(name: Name) -> Name:
    return replace(
        name, text=_cut(name.text), name=_cut(name.name), key=_cut(name.key),
        role=_cut(name.role) if name.role else None, score=min(max(name.score, 0.0), 1.0),
    )  # fmt: skip


def bounded_quotes(quotes: Sequence[Quotation], text_chars: int) -> list[Quotation]:
    """Quotations within the text, one at each place; at most MAX_QUOTATIONS."""
    found: dict[int, Quotation] = {}
    for quote in quotes[: 10 * MAX_QUOTATIONS]:
        if not 0 <= quote.start <= quote.end <= text_chars:
            continue
        begin, end = quote.cue_start, quote.cue_end
        told = begin is not None and end is not None and 0 <= begin <= end <= text_chars
        found.setdefault(quote.start, Quotation(
            start=quote.start, end=quote.end, text=storable(quote.text)[:MAX_QUOTATION_CHARS],
            speaker=_cut(quote.speaker) if quote.speaker else None,
            key=_cut(quote.key) if quote.key else None,
            cue=_cut(quote.cue) if quote.cue and told else None, cue_start=begin if told else None,
            cue_end=end if told else None,
        ))  # fmt: skip
    return list(found.values())[:MAX_QUOTATIONS]


def _cut(text: str) -> str:
    return at_word(storable(text), MAX_NAME_CHARS)
