"""Tagger of names: people, organisations, places and other names of articles, and who is quoted."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from services.contract.messages import Name, Quotation
from services.enrich.names.entities import Entity, merged
from services.enrich.names.quotations import Quoted, quotations
from services.enrich.names.recogniser import Recogniser, Span
from services.enrich.names.roles import role_of

_CODE = 1  # raised with every change that moves a name
_MOST = 2_000
"""Names of one article, the first ones: more are a table, and no article's."""


class NameRequest(Struct, frozen=True, eq=False):
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

    def tag_all(self, asked: Sequence[NameRequest]) -> list[Named]:
        """The names and quotations of several articles; offsets are characters of each `text`."""
        return [self.tag(a) for a in asked]

    def tag(self, asked: NameRequest) -> Named:
        """The same of one. The headline is read along, since it may have the full form of a name."""
        whole = asked.text
        if asked.title and not whole.startswith(asked.title):
            whole = f"{asked.title}.\n\n{whole}"
        body = len(whole) - len(asked.text)
        candidates = self.recogniser.read(whole, asked.language)
        if candidates is None:
            return Named([], [])
        spans = self.recogniser.named(candidates, asked.language)[:_MOST]
        entities = merged(whole, spans)
        names = []
        for span, entity in zip(spans, entities, strict=True):
            if span.start < body:
                continue
            role = role_of(candidates, span, whole) if span.label == "PER" else None
            names.append(_name(whole, body, span, entity, role))
        quotes = [
            _quotation(whole, body, quoted, entities)
            for quoted in quotations(whole, spans, candidates)
            if quoted.start >= body
        ]
        return Named(names, quotes)


def _name(whole: str, body: int, span: Span, entity: Entity, role: str | None) -> Name:
    return Name(
        start=span.start - body, end=span.end - body, text=whole[span.start : span.end], label=span.label,
        key=entity.key, name=entity.name, role=role, score=span.score,
    )  # fmt: skip


def _quotation(whole: str, body: int, quoted: Quoted, entities: Sequence[Entity]) -> Quotation:
    speaker = entities[quoted.speaker] if quoted.speaker is not None else None
    begin, end = quoted.cue
    told = begin >= body
    return Quotation(
        start=quoted.start - body, end=quoted.end - body, text=whole[quoted.start : quoted.end],
        speaker=speaker.name if speaker else None, key=speaker.key if speaker else None,
        cue=whole[begin:end] if told else None, cue_start=begin - body if told else None,
        cue_end=end - body if told else None,
    )  # fmt: skip
