"""Models of the API: stories, copies, and the change feed that tells of both."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from services.desk.models import CopyBrief, StoryBrief, Summary, Timeline
from services.store.changes import Kind


class StorySummary(StoryBrief):
    """A story in a list. `first`: its first article, whose title is the story's; `growth`: articles per hour
    over the last six hours; `merged_into`: the story that it became part of."""

    language: str | None
    created_at: datetime
    updated_at: datetime
    merged_into: int | None
    growth: float
    first: Summary | None


class StoryPage(BaseModel):
    """A page of stories. `next` is the cursor of the next page."""

    stories: list[StorySummary]
    next: str | None


class StoryArticle(BaseModel):
    """An article of a story. `at`: when it appeared; `score`: the probability that it belongs to the story,
    null for the article that began it; `evidence`: words, names, figures and places that both have, as the
    article writes them."""

    id: int
    title: str
    url: str
    source: str
    site_name: str | None
    provider: str | None
    language: str | None
    published_at: datetime | None
    at: datetime
    score: float | None
    evidence: dict[str, list[str]]
    copy_relation: CopyBrief | None = Field(alias="copy", serialization_alias="copy")


class StoryPlace(BaseModel):
    """A place that articles of a story name, and how many do."""

    geonameid: int | None
    name: str
    kind: str | None
    country: str | None
    lat: float
    lon: float
    articles: int


class StoryEvent(BaseModel):
    """What became of a story, with its size at that time. `mark`: the number of articles that it had grown
    to; `other_id`: the story that `story_id` became part of, or was part of before."""

    seq: int
    kind: Kind
    story_id: int
    other_id: int | None
    mark: int
    articles: int
    reports: int
    sources: int
    at: datetime


class StoryDetail(StorySummary):
    """A story: its first articles in the order in which they appeared, the places that they name, articles
    over time, and what became of it, the latest first. `next`: the cursor of more articles."""

    members: list[StoryArticle]
    next: str | None
    places: list[StoryPlace]
    timeline: Timeline
    history: list[StoryEvent]


class StoryOfArticle(BaseModel):
    """The story of an article; null where the article is alone or not yet compared."""

    article_id: int
    story: StoryDetail | None


class Passage(BaseModel):
    """Words that both texts have: offsets in characters in the copy's text, and in its parent's."""

    start: int
    end: int
    parent_start: int
    parent_end: int


class CopyRelation(CopyBrief):
    """How a copy relates to its parent. `parent_share`: of the parent's words, those in the passages;
    `also_id`: the second source of a joined text; `score`: the probability that it is a copy; `current`:
    false while a text has changed since both were compared, and `passages` are then left out."""

    article_id: int
    also_id: int | None
    parent_share: float
    score: float
    version: str
    related_at: datetime
    current: bool
    passages: list[Passage]


class FamilyMember(BaseModel):
    """An article of a family of one text; `copy` is null for its root."""

    id: int
    title: str
    url: str
    source: str
    site_name: str | None
    provider: str | None
    agency: str | None
    language: str | None
    published_at: datetime | None
    at: datetime
    word_count: int
    copy_relation: CopyRelation | None = Field(alias="copy", serialization_alias="copy")


class Family(BaseModel):
    """The articles of one text. `article`: the one that was asked for; `root`: who had it first, null where
    it was deleted; `copies`: a page of the others, in the order in which they appeared, of `total`."""

    article_id: int
    root_id: int
    root: FamilyMember | None
    article: FamilyMember
    copies: list[FamilyMember]
    total: int


class Change(BaseModel):
    """A change of an article or a story. `article` is its current state; null if it was deleted. `story` is
    the story's; `other_id`: the story that it became part of (`story_merged`) or was part of before
    (`story_split`); `mark`: the number of articles that it has grown to (`story_grew`)."""

    seq: int
    kind: Kind
    changed_at: datetime
    article_id: int | None
    article: Summary | None
    story_id: int | None
    story: StorySummary | None
    other_id: int | None
    mark: int


class Changes(BaseModel):
    """The next changes; `cursor` is the position to continue from."""

    changes: list[Change]
    cursor: int
    more: bool
