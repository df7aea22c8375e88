"""What the API answers about the pipeline: submissions, dead letters, sources, queues and workers, webhooks, sessions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field


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
    unacknowledged: int | None
    oldest_s: float | None


class WorkerRow(BaseModel):
    """A worker and whether it moves."""

    name: str
    service: str
    healthy: bool
    said_s: float


class Pipeline(BaseModel):
    """The pipeline now. `broker` is false while Redis does not answer: then queues and workers are not known.

    `outcomes` are of the time that is asked for: attempts by outcome, stage and reason.
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
    """A token of which a session begins."""

    token: str = Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")


class Health(BaseModel):
    """Whether the desk can answer: it has read what is stored, and follows the feed."""

    ready: bool
    articles: int
    behind_s: float
