"""Models of the API: submissions, dead letters, sources, queues, workers, webhooks and sessions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field


class Submission(BaseModel):
    """URLs, as strings or as objects with a `url` and metadata (title, published_at, authors, section,
    language)."""

    urls: list[str | dict[str, Any]] = Field(min_length=1, max_length=1000)
    again: bool = Field(False, description="fetch known URLs once more")


class Receipt(BaseModel):
    """The result of one line: its row in the ledger, or the reason why it was refused."""

    url: str
    accepted: bool
    id: int | None
    state: str
    reason: str | None
    detail: str | None


class Receipts(BaseModel):
    """Receipts in the order of the URLs; the response is sent after they were committed."""

    receipts: list[Receipt]
    new: int
    known: int
    again: int
    refused: int


class Trace(BaseModel):
    """The history of a URL."""

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
    """A dead letter: a URL that failed permanently, and why."""

    id: int
    url: str
    stage: str
    reason: str
    error: str | None
    attempts: int
    failed_at: datetime


class Letters(BaseModel):
    """Dead letters, newest first."""

    letters: list[Letter]


class Replay(BaseModel):
    """A selection of dead letters; at least one condition is required."""

    ids: list[int] = Field(default=[], max_length=1000)
    reason: str | None = Field(None, max_length=200, pattern=r"^[^\x00]*$")
    stage: str | None = Field(None, max_length=40, pattern=r"^[^\x00]*$")
    source: str | None = Field(None, max_length=255, pattern=r"^[^\x00]*$")


class Replayed(BaseModel):
    """The number of URLs that are due again."""

    urls: int


class SourceRow(BaseModel):
    """A source with its statistics. `state`: ok, paused, broken, silent or new."""

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
    """The items that a source listed on a day, and their results."""

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
    """Sources; those with problems first."""

    sources: list[SourceRow]


class Completeness(BaseModel):
    """Items listed and stored, by source and day."""

    days: list[SourceDay]


class QueueRow(BaseModel):
    """A queue and its length."""

    queue: str
    waiting: int
    unacknowledged: int | None
    oldest_s: float | None


class WorkerRow(BaseModel):
    """A worker, and whether it makes progress."""

    name: str
    service: str
    healthy: bool
    said_s: float


class Pipeline(BaseModel):
    """The current state of the pipeline. `broker` is false while Redis does not respond; queues and
    workers are then unknown.

    `outcomes` are attempts in the requested time, by outcome, stage and reason. `stories_behind`: changes of
    articles that the stories service has not taken in yet, and the age of the oldest.
    """

    states: dict[str, int]
    reasons: list[dict[str, Any]]
    outcomes: list[dict[str, Any]] = []
    oldest_due_s: float | None
    oldest_in_flight_s: float | None
    rates: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    dead_letters: int
    articles: int
    newest_article_at: datetime | None
    stories_behind: int
    stories_behind_s: float | None
    broker: bool
    queues: list[QueueRow]
    workers: list[WorkerRow]
    flower_url: str


class WebhookIn(BaseModel):
    """A webhook to create: the receiver's URL, and a query with the filters of /articles, and `kind`: kinds
    of changes as of /changes."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")
    url: str = Field(min_length=8, max_length=2000, pattern=r"^https?://[^\x00\s]+$")
    filters: dict[str, Any] = {}


class WebhookRow(BaseModel):
    """A webhook with its delivery state."""

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
    """A new webhook. `secret` is the key of its signatures and is shown only here."""

    id: int
    secret: str


class Webhooks(BaseModel):
    """All webhooks."""

    webhooks: list[WebhookRow]


class Me(BaseModel):
    """The authenticated client."""

    name: str
    scopes: list[str]


class SignIn(BaseModel):
    """The token to begin a session with."""

    token: str = Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")


class Health(BaseModel):
    """Readiness: the stored articles are loaded, and the change feed is followed."""

    ready: bool
    articles: int
    behind_s: float
