"""What the API answers about articles, topics and regions, as its OpenAPI description tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

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


class ResultPage(BaseModel):
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


class EvidenceQuote(BaseModel):
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
    evidence: list[EvidenceQuote]
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
    evidence: list[EvidenceQuote]
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
    evidence: list[EvidenceQuote]


class PageLink(BaseModel):
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


class ArticleDetail(BaseModel):
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
    links: list[PageLink]
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


class TopicName(BaseModel):
    """A topic's name and the topic above it."""

    code: str
    name: str
    parent: str | None


class Names(BaseModel):
    """Names of topics, of countries by code, and of areas."""

    topics: list[TopicName]
    countries: dict[str, str]
    areas: list[str]


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


class RegionTree(BaseModel):
    """Countries and areas."""

    countries: list[RegionNode]
    areas: list[AreaNode]


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
