"""The messages between services: frozen, versioned, named as facts that have happened.

JSON on the wire. Consumers ignore fields that they do not know, so a field may be added at any
time; a field is never renamed or given another meaning: that is a new version on a new route.
All times are aware UTC datetimes; all offsets are characters of `Article.text`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from services.contract.errors import BadMessage
from services.contract.home import Home

Moment = Annotated[datetime, Meta(tz=True)]
Stage = Literal["dispatch", "ingest", "enrich", "store"]
Outcome = Literal["stored", "unchanged", "skipped", "failed", "retry", "deferred"]
SourceKind = Literal["auto", "rss", "atom", "json", "sitemap", "page"]

WORKER_LOST = "worker_lost"
NO_PROGRESS = "no_progress"
EXTRACTION_KILLED = "extraction_killed"
SUSPICIOUS = frozenset({WORKER_LOST, NO_PROGRESS, EXTRACTION_KILLED})
"""Reasons after which a URL is worked on apart from others: it may be what kills its workers."""


class Hints(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the submitter already knows of the page; the page itself is believed first."""

    title: str | None = None
    published_at: Moment | None = None
    authors: list[str] = []
    section: str | None = None
    language: str | None = None
    keywords: list[str] = []


class Validators(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a server gave with its last answer, so that it may say 304 next time."""

    etag: str | None = None
    last_modified: str | None = None


class Archived(Struct, frozen=True, kw_only=True):
    """Where a raw response stands: a WARC file (relative to the archive's folder), offset and length in bytes."""

    file: str
    offset: int
    length: int


class Stamp(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a URL's life: which stage, when it ended, how long it took, in milliseconds."""

    stage: Stage
    event: str
    at: Moment
    elapsed_ms: float = 0.0
    detail: dict[str, Any] = {}


class UrlSubmitted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A URL stands in the ledger and is due. `attempt` counts from 1 and is already committed.

    `validators`: of the answer that is stored; the fetch is conditional. `archived`: read from there, not fetched.
    `suspect`: the worker that had it last was lost, perhaps by its doing; it is worked on apart from others.
    `home`: where its source is at home, learned from what is stored of it.
    """

    submission_id: int
    url: str
    canonical_url: str
    attempt: int
    dispatched_at: Moment
    origin: str = "cli"
    hints: Hints = Hints()
    suspect: bool = False
    validators: Validators | None = None
    archived: Archived | None = None
    home: Home | None = None


class Ticket(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which attempt of which submission a later message belongs to. `replay`: of a page read from the archive."""

    submission_id: int
    url: str
    attempt: int
    dispatched_at: Moment
    suspect: bool = False
    replay: bool = False


class Link(Struct, frozen=True, kw_only=True):
    """A link of the page: `body` within the text, `related` a teaser for another story."""

    url: str
    title: str
    kind: Literal["body", "related"]


class Article(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What extraction made of a page. `text` has paragraphs separated by blank lines."""

    url: str
    canonical_url: str
    source_domain: str
    title: str
    text: str
    word_count: int
    content_hash: str
    extractor: str
    extractor_version: str
    fetched_at: Moment
    site_name: str | None = None
    provider: str | None = None
    agency: str | None = None
    dateline: str | None = None
    authors: list[str] = []
    published_at: Moment | None = None
    modified_at: Moment | None = None
    language: str | None = None
    image_url: str | None = None
    section: str | None = None
    keywords: list[str] = []
    paywalled: bool = False
    links: list[Link] = []
    signals: dict[str, str] = {}
    validators: Validators | None = None
    archived: Archived | None = None


class Quote(Struct, frozen=True, kw_only=True):
    """Evidence: `text` is exactly the article's text from `start` to `end`."""

    text: str
    start: int
    end: int


class Topic(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An IPTC Media Topic. `path` runs from level 1 down to `code`; `score` is a probability."""

    code: str
    name: str
    path: list[str]
    score: float
    evidence: list[Quote] = []
    provenance: list[str] = []


class Country(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A country (ISO 3166-1 alpha-2) and the roles in which the article has it."""

    code: str
    name: str
    m49: int
    score: float
    focus: bool
    roles: list[str]
    mentions: int
    evidence: list[Quote] = []


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One mention of a place; the fields of an unresolved one are None."""

    start: int
    end: int
    text: str
    name: str | None = None
    geonameid: int | None = None
    kind: str | None = None
    country: str | None = None
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None
    score: float = 0.0


class Locality(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A division or city that the article is about, within a country that it is about."""

    name: str
    kind: str
    country: str
    admin1: str | None = None
    geonameid: int | None = None
    lat: float | None = None
    lon: float | None = None
    score: float = 0.0
    mentions: int = 0
    evidence: list[Quote] = []


class Tags(Struct, frozen=True, kw_only=True):
    """What the taggers say of one article."""

    language: str | None
    topics: list[Topic]
    countries: list[Country]
    places: list[Place]
    topics_version: str
    regions_version: str
    localities: list[Locality] = []


class ArticleFetched(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ingest fetched a page and extracted an article. `home`: where its source is at home."""

    ticket: Ticket
    article: Article
    stamps: list[Stamp] = []
    home: Home | None = None


class ArticleEnriched(Struct, frozen=True, kw_only=True):
    """Enrich tagged an article."""

    ticket: Ticket
    article: Article
    tags: Tags
    stamps: list[Stamp] = []


class UrlSettled(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt ended without an article to store; `outcome` says how, `reason` why."""

    ticket: Ticket
    stage: Stage
    outcome: Outcome
    reason: str
    detail: str = ""
    retry_after_s: float | None = None
    error: str | None = None
    traceback: str | None = None
    payload: dict[str, Any] | None = None
    stamps: list[Stamp] = []


class SourceDue(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A source is to be polled. `turn` counts its polls: an index of sitemaps is read by turns."""

    source_id: int
    url: str
    kind: SourceKind
    dispatched_at: Moment
    validators: Validators | None = None
    turn: int = 0


class FeedEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item of a source: a URL and what the source says of it."""

    url: str
    hints: Hints = Hints()


class SourcePolled(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A source was polled. `reason` is empty when it answered; `moved_to` names its new address for good.

    `more`: entries alone, ahead of the message that ends this poll and says how the source fares.
    """

    source_id: int
    url: str
    kind: SourceKind
    dispatched_at: Moment
    polled_at: Moment
    reason: str = ""
    detail: str = ""
    unchanged: bool = False
    title: str | None = None
    entries: list[FeedEntry] = []
    validators: Validators | None = None
    moved_to: str | None = None
    retry_after_s: float | None = None
    more: bool = False


def ticket_of(submitted: UrlSubmitted) -> Ticket:
    """The ticket that later messages of this attempt carry."""
    return Ticket(
        submission_id=submitted.submission_id,
        url=submitted.url,
        attempt=submitted.attempt,
        dispatched_at=submitted.dispatched_at,
        suspect=submitted.suspect,
        replay=submitted.archived is not None,
    )


def worker_lost(ticket: Ticket, stage: Stage, how: str) -> UrlSettled:
    """An attempt whose worker was lost: it is tried again, apart from others, until its attempts are used."""
    detail = f"the {stage} worker that had it {how}"
    return UrlSettled(
        ticket=ticket,
        stage=stage,
        outcome="retry",
        reason=WORKER_LOST,
        detail=detail,
        payload={"url": ticket.url},
    )


M = TypeVar("M", bound=Struct)
Message = UrlSubmitted | ArticleFetched | ArticleEnriched | UrlSettled | SourceDue | SourcePolled
VERSION = 1


class _Envelope(Struct):
    """A message body: the type, its version and the items (all of that one type)."""

    type: str | None = None
    v: int | None = None
    items: msgspec.Raw = msgspec.Raw(b"null")


_encoder = msgspec.json.Encoder()
_envelopes = msgspec.json.Decoder(_Envelope)
_lists = msgspec.json.Decoder(list[msgspec.Raw])
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def encode_item(item: Any) -> bytes:
    """One item as it stands in a message body."""
    return _encoder.encode(item)


def encode(kind: type[Any], items: Iterable[bytes]) -> msgspec.Raw:
    """One message body of items of one type, as `encode_item` gave them."""
    head = b'{"type":"%s","v":%d,"items":[' % (kind.__name__.encode(), VERSION)
    return msgspec.Raw(head + b",".join(items) + b"]}")


def decode(kind: type[M], body: msgspec.Raw | dict[str, Any]) -> list[M]:
    """The items of a message body. Raises BadMessage, naming the field that is wrong."""
    items = _items(kind, body)
    try:
        return _decoder(kind).decode(items)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _bad(kind, error) from error


def decode_each(
    kind: type[M], body: msgspec.Raw | dict[str, Any]
) -> tuple[list[M], list[tuple[bytes, BadMessage]]]:
    """The items of a message body, and those that do not decode, as they stand there, each with its reason.

    Raises BadMessage where no item can be told from another.
    """
    try:
        return decode(kind, body), []
    except BadMessage:
        raws = _raws(kind, body)
    found: list[M] = []
    refused: list[tuple[bytes, BadMessage]] = []
    for raw in raws:
        try:
            found += _decoder(kind).decode(b"[" + bytes(raw) + b"]")
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            refused.append((bytes(raw), _bad(kind, error)))
    return found, refused


def _items(kind: type[M], body: msgspec.Raw | dict[str, Any]) -> msgspec.Raw:
    """The list of items, as it is written. Raises BadMessage for another envelope, and for none."""
    try:
        raw = body if isinstance(body, msgspec.Raw) else msgspec.Raw(_encoder.encode(body))
        envelope = _envelopes.decode(raw)
    except (msgspec.DecodeError, ValueError, TypeError, RecursionError) as error:
        raise _bad(kind, error) from error
    if envelope.type != kind.__name__ or envelope.v != VERSION:
        raise BadMessage(
            "bad_message",
            f"expected {kind.__name__} v{VERSION}, got {str(envelope.type)[:80]} v{envelope.v}; "
            "is a service of another version publishing to this queue?",
        )
    return envelope.items


def _raws(kind: type[M], body: msgspec.Raw | dict[str, Any]) -> list[msgspec.Raw]:
    try:
        return _lists.decode(_items(kind, body))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _bad(kind, error) from error


def _decoder(kind: type[M]) -> msgspec.json.Decoder[list[M]]:
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
    return decoder


def _bad(kind: type[Any], error: Exception) -> BadMessage:
    return BadMessage("bad_message", f"{kind.__name__} v{VERSION}: {error}")
