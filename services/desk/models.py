"""Models of the API: articles, topics and regions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

CopyKind = Literal["verbatim", "cut", "extended", "edited", "joined"]
Role = Literal["about", "mentioned", "dateline", "publisher"]


class Problem(BaseModel):
    """An error."""

    detail: Any


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI declaration of error responses."""
    return {status: {"model": Problem} for status in statuses}


class StoryBrief(BaseModel):
    """The size of a story of several articles: `reports` counts copies of one text once, `sources` domains.
    `first_at` and `last_at`: when its earliest and its latest article appeared."""

    id: int
    articles: int
    reports: int
    sources: int
    first_at: datetime
    last_at: datetime


class CopyBrief(BaseModel):
    """That an article's text is a copy. `parent_id`: of the text that it was compared with; `root_id`: of
    the first of the family, nearly always the same; `share`: of its words, those that stand there too."""

    root_id: int
    parent_id: int
    kind: CopyKind
    share: float
    reason: str


class Summary(BaseModel):
    """An article in a list. `topics` and `countries` are names by descending score; `countries`: those
    that it is about. `story`: where it has others; `copy`: where its text is one."""

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
    story: StoryBrief | None
    copy_relation: CopyBrief | None = Field(alias="copy", serialization_alias="copy")


class ResultPage(BaseModel):
    """A page of results. `next` is the cursor of the next page; `sampled`: only the newest matches were
    considered. `total` counts all articles that match, also with `collapse`."""

    articles: list[Summary]
    total: int
    next: str | None
    sampled: bool


class Bucket(BaseModel):
    """The number of articles published in the bucket that begins at `start`."""

    start: datetime
    articles: int


class Timeline(BaseModel):
    """Articles over time; `bucket_s` is the length of a bucket in seconds. Empty buckets are left out."""

    bucket_s: int
    buckets: list[Bucket]


class NameCount(BaseModel):
    """How many articles name a person or organisation."""

    key: str
    name: str
    articles: int


class Facets(BaseModel):
    """Counts of a query's articles; each facet ignores its own filter."""

    total: int
    sampled: bool
    topics: dict[str, int]
    countries: dict[str, int]
    languages: dict[str, int]
    sources: dict[str, int]
    providers: dict[str, int]
    people: list[NameCount]
    organisations: list[NameCount]
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
    """A country and its roles in the article."""

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
    """A mention of a place; without a name if it was not resolved."""

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
    form: Literal["name", "adjective", "institution", "dateline"]
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


class NameQuotation(BaseModel):
    """What somebody is quoted with, and where."""

    article_id: int
    title: str
    source: str
    published_at: datetime | None
    start: int
    end: int
    quote: str
    cue: str | None


class NameBucket(BaseModel):
    """How many articles of a day name somebody."""

    start: datetime
    articles: int


class NamePage(BaseModel):
    """A person or organisation: attention over time, what it is quoted with, who is named beside it."""

    label: Literal["PER", "ORG"]
    key: str
    name: str
    articles: int
    forms: list[str]
    roles: list[str]
    days: list[NameBucket]
    people: list[NameCount]
    organisations: list[NameCount]
    quotes: list[NameQuotation]


class NameTag(BaseModel):
    """A person or organisation that the article names; `spans`: starts and ends of mentions in turn."""

    label: Literal["PER", "ORG"]
    key: str
    name: str
    role: str | None
    score: float
    mentions: int
    spans: list[int]
    tagger_version: str


class QuotationTag(BaseModel):
    """A direct quotation, who speaks where the text tells, and the words that introduce it."""

    start: int
    end: int
    quote: str
    speaker: str | None
    key: str | None
    cue: str | None
    cue_start: int | None
    cue_end: int | None
    tagger_version: str


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
    """Everything stored about an article. `copies`: how many others have been made of its text, or of the
    text of the family that it is a copy in."""

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
    names_version: str | None
    fetched_at: datetime
    stored_at: datetime
    last_seen_at: datetime
    story: StoryBrief | None
    copy_relation: CopyBrief | None = Field(alias="copy", serialization_alias="copy")
    copies: int
    topics: list[TopicTag]
    countries: list[CountryTag]
    places: list[PlaceTag]
    localities: list[LocalityTag]
    names: list[NameTag]
    quotes: list[QuotationTag]
    links: list[PageLink]
    versions: list[Version]


class Piece(BaseModel):
    """A part of a diff: text in both versions, only in the earlier, or only in the later one."""

    kind: Literal["same", "removed", "added"]
    text: str


class Diff(BaseModel):
    """The diff of two versions of an article."""

    article_id: int
    before: int
    after: int
    title: list[Piece]
    text: list[Piece]


class TopicName(BaseModel):
    """A topic's name and its parent."""

    code: str
    name: str
    parent: str | None


class Names(BaseModel):
    """Names of topics, of countries by code, and of areas."""

    topics: list[TopicName]
    countries: dict[str, str]
    areas: list[str]


class TopicNode(BaseModel):
    """A topic of the tree; counts include its descendants."""

    code: str
    name: str
    parent: str | None
    articles: int


class Topics(BaseModel):
    """The topics of a query's articles."""

    language: str
    topics: list[TopicNode]


class RegionNode(BaseModel):
    """A country with its count; `lat` and `lon` are its centre of population."""

    code: str
    name: str
    m49: int
    articles: int
    lat: float | None
    lon: float | None


class AreaNode(BaseModel):
    """An area with several countries."""

    name: str
    m49: int
    members: list[str]
    articles: int


class RegionTree(BaseModel):
    """Countries and areas."""

    countries: list[RegionNode]
    areas: list[AreaNode]
