"""The messages between services: immutable, versioned JSON, each named as an event in the past tense.

Consumers ignore unknown fields, so a field may be added at any time. A field is never renamed or given
another meaning: that needs a new version on a new route. All times are aware UTC datetimes; all offsets
count characters of `Article.text`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from services.contract.source_prior import SourcePrior

Moment = Annotated[datetime, Meta(tz=True)]
Stage = Literal["dispatch", "ingest", "enrich", "store"]
Outcome = Literal["stored", "unchanged", "skipped", "failed", "retry", "deferred"]
SourceKind = Literal["auto", "rss", "atom", "json", "sitemap", "page"]

WORKER_LOST = "worker_lost"
NO_PROGRESS = "no_progress"
EXTRACTION_KILLED = "extraction_killed"
SUSPICIOUS = frozenset({WORKER_LOST, NO_PROGRESS, EXTRACTION_KILLED})
"""Reasons after which a URL is processed in isolation: it may be the cause of its worker's crash."""


class Hints(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Metadata that the submitter already has; the page's own metadata has precedence."""

    title: str | None = None
    published_at: Moment | None = None
    authors: list[str] = []
    section: str | None = None
    language: str | None = None
    keywords: list[str] = []


class Validators(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """HTTP validators of the last response, for a conditional request (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


class Archived(Struct, frozen=True, kw_only=True):
    """Position of a raw response: WARC file (relative to the archive), offset and length in bytes."""

    file: str
    offset: int
    length: int


class Stamp(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of an attempt: the stage, when the step ended, how long it took in milliseconds."""

    stage: Stage
    event: str
    at: Moment
    elapsed_ms: float = 0.0
    detail: dict[str, Any] = {}


class UrlSubmitted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A URL from the ledger is due. `attempt` counts from 1 and is committed before the message is sent.

    `validators`: of the stored response; the fetch is conditional. `archived`: read from there instead of
    fetching. `suspect`: its last worker was lost, so it is processed in isolation. `prior`: the source prior,
    learned from the source's stored articles.
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
    prior: SourcePrior | None = msgspec.field(default=None, name="home")


class Ticket(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Identifies the attempt that a message belongs to. `replay`: the page was read from the archive."""

    submission_id: int
    url: str
    attempt: int
    dispatched_at: Moment
    suspect: bool = False
    replay: bool = False


class Link(Struct, frozen=True, kw_only=True):
    """A link of the page: `body` in the article text, `related` a teaser of another article."""

    url: str
    title: str
    kind: Literal["body", "related"]


class Article(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An extracted article. `text`: paragraphs separated by blank lines, plain text, NFC."""

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
    """Evidence of a tag: `text` equals `Article.text[start:end]`."""

    text: str
    start: int
    end: int


class Topic(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An IPTC Media Topic. `path`: codes from level 1 down to `code`; `score`: a probability, 0 to 1."""

    code: str
    name: str
    path: list[str]
    score: float
    evidence: list[Quote] = []
    provenance: list[str] = []


class Country(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A country: ISO 3166-1 alpha-2 `code`, UN M49 code; `roles` say how the article refers to it."""

    code: str
    name: str
    m49: int
    score: float
    focus: bool
    roles: list[str]
    mentions: int
    evidence: list[Quote] = []


PlaceForm = Literal["name", "adjective", "institution", "dateline"]
"""How a text speaks of a place. A literal place is a name or a dateline."""


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One toponym mention, resolved to a GeoNames entry; None in all optional fields if it is unresolved.

    `lat` and `lon` are degrees (WGS 84). `form` says how the text speaks of it: by its name, by an adjective
    or its people ("Canadian"), by an institution that stands for a country ("the Kremlin"), or as a dateline.
    """

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
    form: PlaceForm = "name"


class Locality(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A division or city that the article is about, in one of the countries that it is about."""

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


class Name(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One mention of a name; `text` equals `Article.text[start:end]`.

    `label`: PER, ORG, LOC or MISC. `key`: the same for all mentions of an entity, in this article and others:
    its full name folded. `name`: the fullest form in the article, `role`: the title or office beside it.
    """

    start: int
    end: int
    text: str
    label: str
    key: str
    name: str
    role: str | None = None
    score: float = 0.0


class Quotation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody is quoted with, within quotation marks: `text` equals `Article.text[start:end]`.

    `speaker`: the speaker's name, None where the text does not tell; `key`: as of `Name`. `cue`: the words
    that introduce the quotation, at `cue_start` to `cue_end`.
    """

    start: int
    end: int
    text: str
    speaker: str | None = None
    key: str | None = None
    cue: str | None = None
    cue_start: int | None = None
    cue_end: int | None = None


class Tags(Struct, frozen=True, kw_only=True):
    """All tags of one article. Producers before names were tagged send neither names nor quotes."""

    language: str | None
    topics: list[Topic]
    countries: list[Country]
    places: list[Place]
    topics_version: str
    regions_version: str
    localities: list[Locality] = []
    names: list[Name] = []
    quotes: list[Quotation] = []
    names_version: str = ""


class ArticleFetched(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ingest fetched a page and extracted an article. `prior`: the source prior."""

    ticket: Ticket
    article: Article
    stamps: list[Stamp] = []
    prior: SourcePrior | None = msgspec.field(default=None, name="home")


class ArticleEnriched(Struct, frozen=True, kw_only=True):
    """Enrich tagged an article with language, topics and places."""

    ticket: Ticket
    article: Article
    tags: Tags
    stamps: list[Stamp] = []


class UrlSettled(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt ended without an article to store: `outcome`, with a stable code in `reason`."""

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
    """A source is due for a poll. `turn` counts its polls: a sitemap index is read in rotation."""

    source_id: int
    url: str
    kind: SourceKind
    dispatched_at: Moment
    validators: Validators | None = None
    turn: int = 0


class FeedEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item of a feed or sitemap: a URL and the metadata that the source gives."""

    url: str
    hints: Hints = Hints()


class SourcePolled(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A source was polled. `reason` is empty on success; `moved_to`: the target of a permanent redirect.

    `more`: holds entries only; the last message of the poll follows and carries the source's health.
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
    """The ticket for later messages of this attempt."""
    return Ticket(
        submission_id=submitted.submission_id,
        url=submitted.url,
        attempt=submitted.attempt,
        dispatched_at=submitted.dispatched_at,
        suspect=submitted.suspect,
        replay=submitted.archived is not None,
    )


def worker_lost(ticket: Ticket, stage: Stage, how: str) -> UrlSettled:
    """The result of an attempt whose worker was lost: retried in isolation until no attempts are left."""
    detail = f"the {stage} worker that processed it {how}"
    return UrlSettled(
        ticket=ticket,
        stage=stage,
        outcome="retry",
        reason=WORKER_LOST,
        detail=detail,
        payload={"url": ticket.url},
    )


Message = UrlSubmitted | ArticleFetched | ArticleEnriched | UrlSettled | SourceDue | SourcePolled


def __getattr__(name: str) -> Any:
    """Deprecated: encoding is in `services.contract.envelopes`. Kept until 1.0."""
    if name in ("decode", "decode_each", "encode", "encode_item"):
        from services.contract import envelopes

        return getattr(envelopes, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
