"""Tagger of names: people, organisations, places and other names of articles, each with its entity."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from services.contract.messages import Name, Quotation
from services.enrich.names.entities import merged
from services.enrich.names.recogniser import Recogniser

_CODE = 1  # raised with every change that moves a name
_MOST = 2_000
"""Names of one article, the first ones: more are a table, and no article's."""


class Asked(Struct, frozen=True, eq=False):
    """An article that is to be tagged."""

    title: str
    text: str
    language: str | None = None


class Named(Struct, frozen=True):
    """What one article says of whom."""

    names: list[Name]
    quotes: list[Quotation]


class NameTagger:
    """Tags articles, one or several at a time; loads its tables once. `version` names data and code."""

    def __init__(self) -> None:
        self.recogniser = Recogniser()
        self.version = f"{_CODE}-{self.recogniser.version}"

    def tag_all(self, asked: Sequence[Asked]) -> list[Named]:
        """The names and quotations of several articles; offsets are characters of each `text`."""
        return [self.tag(a) for a in asked]

    def tag(self, asked: Asked) -> Named:
        """The same of one. The headline is read along, since it may have the full form of a name."""
        whole = asked.text
        if asked.title and not whole.startswith(asked.title):
            whole = f"{asked.title}.\n\n{whole}"
        body = len(whole) - len(asked.text)
        spans = self.recogniser.find(whole, asked.language)
        if len(spans) > _MOST:
            spans = spans[:_MOST]
        if not spans:
            return Named([], [])
        entities = merged(whole, spans)
        names = [
            Name(
                start=s.start - body,
                end=s.end - body,
                text=whole[s.start : s.end],
                label=s.label,
                key=e.key,
                name=e.name,
            )
            for s, e in zip(spans, entities, strict=True)
            if s.start >= body
        ]
        return Named(names, [])
