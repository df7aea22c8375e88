"""What the API answers, as its OpenAPI description tells it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

Role = Literal["about", "mentioned", "dateline", "publisher"]


class Problem(BaseModel):
    """Why a request was refused."""

    detail: Any


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These answers, as an address declares them."""
    return {status: {"model": Problem} for status in statuses}


class Summary(BaseModel):
    """An article in a list. `topics` and `countries` are names, the surest first; `countries` those it is about."""

    id: int
    title: str
    url: str
    source: str
    provider: str | None
    language: str | None
    published_at: datetime | None
    stored_at: datetime
    word_count: int
    opening: str
    topics: list[str]
    countries: list[str]


class Page(BaseModel):
    """A page of a query. `next` is the cursor of the page behind it; `sampled`: only the newest matches were looked at."""

    articles: list[Summary]
    total: int
    next: str | None
    sampled: bool


class Bucket(BaseModel):
    """Articles published in the time from `start` on."""

    start: datetime
    articles: int


class Timeline(BaseModel):
    """Articles by time; `bucket_s` is the length of a bucket in seconds. Buckets without articles are left out."""

    bucket_s: int
    buckets: list[Bucket]


class Facets(BaseModel):
    """Counts of a query: each with every filter but its own."""

    total: int
    sampled: bool
    topics: dict[str, int]
    countries: dict[str, int]
    languages: dict[str, int]
    sources: dict[str, int]
    providers: dict[str, int]
    timeline: Timeline


class Quote(BaseModel):
    """Evidence: `text` is the article's text from `start` to `end`, in characters."""

    text: str
    start: int
    end: int


class TopicTag(BaseModel):
    """An IPTC Media Topic; `score` is a probability."""

    code: str
    name: str
    path: list[str]
    score: float
    evidence: list[Quote]
    provenance: list[str]
    tagger_version: str


class CountryTag(BaseModel):
    """A country and the roles in which the article has it."""

    code: str
    name: str
    m49: int
    score: float
    focus: bool
    roles: list[Role]
    mentions: int
    evidence: list[Quote]
    tagger_version: str


class PlaceTag(BaseModel):
    """A place where the text names it; without a name where it stayed unresolved."""

    start: int
    end: int
    quote: str
    name: str | None
    geonameid: int | None
    kind: str | None
    country: str | None
    admin1: str | None
    lat: float | None
    lon: float | None
    score: float
    tagger_version: str


class LocalityTag(BaseModel):
    """A division or city that the article is about."""

    name: str
    kind: str
    country: str
    admin1: str | None
    geonameid: int | None
    lat: float | None
    lon: float | None
    score: float
    mentions: int
    evidence: list[Quote]


class Link(BaseModel):
    """A link of the page."""

    url: str
    title: str
    kind: str


class Version(BaseModel):
    """An earlier text of an article."""

    version: int
    title: str
    fetched_at: datetime
    replaced_at: datetime


class Article(BaseModel):
    """All that is stored of an article."""

    id: int
    url: str
    canonical_url: str
    source: str
    site_name: str | None
    provider: str | None
    agency: str | None
    dateline: str | None
    title: str
    authors: list[str]
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    text: str
    word_count: int
    image_url: str | None
    section: str | None
    keywords: list[str]
    paywalled: bool
    version: int
    extractor: str
    extractor_version: str
    topics_version: str | None
    regions_version: str | None
    fetched_at: datetime
    stored_at: datetime
    last_seen_at: datetime
    topics: list[TopicTag]
    countries: list[CountryTag]
    places: list[PlaceTag]
    localities: list[LocalityTag]
    links: list[Link]
    versions: list[Version]


class Piece(BaseModel):
    """A piece of a comparison: words that stand in both texts, only in the earlier or only in the later one."""

    kind: Literal["same", "removed", "added"]
    text: str


class Diff(BaseModel):
    """Two versions of an article compared, word by word."""

    article_id: int
    before: int
    after: int
    title: list[Piece]
    text: list[Piece]


class TopicNode(BaseModel):
    """A topic of the tree with the articles of a query that have it or one below it."""

    code: str
    name: str
    parent: str | None
    articles: int


class Topics(BaseModel):
    """The topics in use."""

    language: str
    topics: list[TopicNode]


class RegionNode(BaseModel):
    """A country with the articles of a query; `lat` and `lon` are the middle of where its people live."""

    code: str
    name: str
    m49: int
    articles: int
    lat: float | None
    lon: float | None


class AreaNode(BaseModel):
    """An area of many countries."""

    name: str
    m49: int
    members: list[str]
    articles: int


class Regions(BaseModel):
    """Countries and areas."""

    countries: list[RegionNode]
    areas: list[AreaNode]


class Submission(BaseModel):
    """URLs, one a string, or objects with a `url` and what is known of the page (title, published_at, authors, section, language)."""

    urls: list[str | dict[str, Any]] = Field(min_length=1, max_length=1000)
    again: bool = Field(False, description="fetch known URLs once more")


class Receipt(BaseModel):
    """What became of one line: its row in the ledger, or the reason why it was refused."""

    url: str
    accepted: bool
    id: int | None
    state: str
    reason: str | None
    detail: str | None


class Receipts(BaseModel):
    """Receipts in the order of the URLs; they were recorded before this was sent."""

    receipts: list[Receipt]
    new: int
    known: int
    again: int
    refused: int


class Trace(BaseModel):
    """A URL's whole life."""

    id: int
    url: str
    canonical_url: str
    state: str
    reason: str | None
    detail: str | None
    attempts: int
    next_attempt_at: datetime | None
    submitted_at: datetime
    updated_at: datetime
    dispatched_at: datetime | None
    origin: str
    article_id: int | None
    history: list[dict[str, Any]]
    dead_letters: list[dict[str, Any]]
    article: dict[str, Any] | None


class Letter(BaseModel):
    """A dead letter: a URL that failed for good, and why."""

    id: int
    url: str
    stage: str
    reason: str
    error: str | None
    attempts: int
    failed_at: datetime


class Letters(BaseModel):
    """Dead letters, the newest first."""

    letters: list[Letter]


class Replay(BaseModel):
    """Which letters: any part may be left out, but not all of them."""

    ids: list[int] = Field(default=[], max_length=1000)
    reason: str | None = Field(None, max_length=200, pattern=r"^[^\x00]*$")
    stage: str | None = Field(None, max_length=40, pattern=r"^[^\x00]*$")
    source: str | None = Field(None, max_length=255, pattern=r"^[^\x00]*$")


class Replayed(BaseModel):
    """How many URLs start again."""

    urls: int


class Change(BaseModel):
    """A change of an article. `article` is what it is now; none once it was deleted."""

    seq: int
    article_id: int
    kind: Literal["stored", "changed", "retagged", "deleted"]
    changed_at: datetime
    article: Summary | None


class Changes(BaseModel):
    """The next changes; `cursor` is where to go on."""

    changes: list[Change]
    cursor: int
    more: bool


class SourceRow(BaseModel):
    """A source and how it fares. `state`: ok, paused, broken, silent or new."""

    id: int
    url: str
    kind: str
    title: str | None
    state: Literal["ok", "paused", "broken", "silent", "new"]
    items: int
    items_a_day: float | None
    interval_s: float
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    errors_in_row: int
    reason: str | None
    detail: str | None
    still_s: float | None
    habit_s: float | None


class SourceDay(BaseModel):
    """What a source listed on a day, and what became of it."""

    source_id: int
    title: str | None
    url: str
    day: date
    listed: int
    stored: int
    skipped: int
    failed: int
    waiting: int
    unknown: int
    reason: str | None


class Sources(BaseModel):
    """Sources, those that need a look first."""

    sources: list[SourceRow]


class Completeness(BaseModel):
    """Listed against stored, by source and day."""

    days: list[SourceDay]


class QueueRow(BaseModel):
    """A queue's depth."""

    queue: str
    waiting: int
    unacknowledged: int
    oldest_s: float | None


class WorkerRow(BaseModel):
    """A worker and whether it moves."""

    name: str
    service: str
    healthy: bool
    said_s: float


class Pipeline(BaseModel):
    """The pipeline now. `broker` is false while Redis does not answer: then queues and workers are not known."""

    states: dict[str, int]
    reasons: list[dict[str, Any]]
    oldest_due_s: float | None
    oldest_in_flight_s: float | None
    rates: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    dead_letters: int
    articles: int
    newest_article_at: datetime | None
    broker: bool
    queues: list[QueueRow]
    workers: list[WorkerRow]
    flower_url: str


class WebhookIn(BaseModel):
    """A search to be told of: the receiver, and the filters of the search as in /articles."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")
    url: str = Field(min_length=8, max_length=2000, pattern=r"^https?://[^\x00\s]+$")
    filters: dict[str, Any] = {}


class WebhookRow(BaseModel):
    """A webhook and how it fares."""

    id: int
    name: str
    url: str
    query: dict[str, Any]
    cursor: int
    paused: bool
    failures: int
    next_attempt_at: datetime
    last_error: str | None
    last_delivered_at: datetime | None
    delivered: int
    created_at: datetime


class WebhookMade(BaseModel):
    """A new webhook. `secret` signs its deliveries and is told only here."""

    id: int
    secret: str


class Webhooks(BaseModel):
    """All webhooks."""

    webhooks: list[WebhookRow]


class Me(BaseModel):
    """Who the desk takes you for."""

    name: str
    scopes: list[str]


class SignIn(BaseModel):
    """A token, to be kept in a cookie that scripts cannot read."""

    token: str = Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")


class Health(BaseModel):
    """Whether the desk can answer: it has read what is stored, and follows the feed."""

    ready: bool
    articles: int
    behind_s: float
