"""Handler of articles: language, topics, regions, names. Pure: knows no queue and no database."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from services.contract.limits import MAX_TEXT_CHARS
from services.contract.messages import Article, ArticleEnriched, ArticleFetched, Stamp, Tags, UrlSettled
from services.contract.source_prior import Sighting, SourcePrior
from services.enrich import language
from services.enrich.agreement import agreed_names
from services.enrich.names import tagger as names
from services.enrich.names.tagger import NameTagger
from services.enrich.regions import parts
from services.enrich.regions.tagger import RegionTagger
from services.enrich.topics import tagger as topics
from services.enrich.topics.publisher import NOBODY, PublisherLabels
from services.enrich.topics.rules import TopicRules
from services.enrich.topics.tagger import TopicTagger


class Story(Struct, frozen=True, eq=False):
    """The input of the taggers: `prior` is the source prior, `publisher` what the publisher says of the
    subject."""

    title: str
    text: str
    stated_language: str | None = None
    dateline: str | None = None
    domain: str | None = None
    prior: SourcePrior | None = None
    publisher: PublisherLabels = NOBODY


class Taggers:
    """The taggers, loaded once; each is a pure function of an article, with a version."""

    def __init__(self, rules: TopicRules | None = None) -> None:
        self.topics = TopicTagger()
        self.regions = RegionTagger()
        self.names = NameTagger()
        self.rules = rules or TopicRules()
        language.load()

    @property
    def topics_version(self) -> str:
        """The version of the topic tagger and, where there are any, of the user's rules."""
        return (
            f"{self.topics.version}+rules.{self.rules.version}" if self.rules.version else self.topics.version
        )

    def tag(
        self,
        title: str,
        text: str,
        *,
        stated_language: str | None = None,
        dateline: str | None = None,
        domain: str | None = None,
        prior: SourcePrior | None = None,
        publisher: PublisherLabels = NOBODY,
    ) -> Tags:
        """All tags of one article. Offsets are characters of `text`; `prior` is the source prior,
        `publisher` what the publisher says of the subject."""
        return self.tag_all([Story(title, text, stated_language, dateline, domain, prior, publisher)])[0]

    def tag_all(self, stories: Sequence[Story]) -> list[Tags]:
        """All tags of several articles. Each tagger processes all of them before the next one starts, so
        that its tables stay in the processor's caches."""
        stories = [_bounded(story) for story in stories]
        languages = [language.identify(f"{s.title}. {s.text}", s.stated_language) for s in stories]
        places = self.regions.tag_all(
            [
                parts.RegionRequest(s.title, s.text, s.dateline, s.domain, found, s.prior)
                for s, found in zip(stories, languages, strict=True)
            ]
        )
        subjects = self.topics.tag_all(
            [
                topics.TopicRequest(s.title, s.text, found, s.publisher)
                for s, found in zip(stories, languages, strict=True)
            ]
        )
        called = self.names.tag_all(
            [_of_names(s, found) for s, found in zip(stories, languages, strict=True)]
        )
        agreed = [
            agreed_names(who.names, who.quotes, where.places)
            for who, where in zip(called, places, strict=True)
        ]
        return [
            Tags(
                language=found,
                topics=[*about, *self.rules.tag(s.title, s.text, found)],
                countries=where.countries,
                places=where.places,
                localities=where.localities,
                topics_version=self.topics_version,
                regions_version=self.regions.version,
                names=named,
                quotes=quoted,
                names_version=self.names.version,
            )
            for s, found, where, about, (named, quoted) in zip(
                stories, languages, places, subjects, agreed, strict=True
            )
        ]

    def sightings(self, stories: Sequence[Story]) -> list[Sighting]:
        """The places of each article, from which source priors are learned."""
        stories = [_bounded(story) for story in stories]
        return self.regions.sightings([
            parts.RegionRequest(s.title, s.text, s.dateline, s.domain,
            language.identify(f"{s.title}. {s.text}", s.stated_language))
            for s in stories
        ])  # fmt: skip

    def explain(self, story: Story) -> list[dict[str, Any]]:
        """Every name that was considered as a place, with its candidates and the reason for the choice."""
        s = _bounded(story)
        found = language.identify(f"{s.title}. {s.text}", s.stated_language)
        return self.regions.explain(
            s.title, s.text, dateline=s.dateline, domain=s.domain, language=found, prior=s.prior
        )

    def explain_countries(self, story: Story) -> list[dict[str, Any]]:
        """Every country that was considered, with what spoke for it and against."""
        s = _bounded(story)
        found = language.identify(f"{s.title}. {s.text}", s.stated_language)
        return self.regions.explain_countries(
            s.title, s.text, dateline=s.dateline, domain=s.domain, language=found, prior=s.prior
        )

    def explain_names(self, story: Story) -> names.Named:
        """Every name with its entity, title and score, and every quotation with its speaker."""
        s = _bounded(story)
        found = language.identify(f"{s.title}. {s.text}", s.stated_language)
        return self.names.tag(_of_names(s, found))


def _of_names(story: Story, found: str | None) -> names.NameRequest:
    """What the tagger of names reads; short texts in their likeliest language."""
    spoken = found or language.likely(f"{story.title}. {story.text}")
    return names.NameRequest(story.title, story.text, spoken)


_MOST_TITLE, _MOST_DATELINE = 1_000, 200


def _bounded(story: Story) -> Story:
    """The story cut to the lengths that are read."""
    if (
        len(story.title) <= _MOST_TITLE
        and len(story.text) <= MAX_TEXT_CHARS
        and len(story.dateline or "") <= _MOST_DATELINE
    ):
        return story
    dateline = story.dateline if len(story.dateline or "") <= _MOST_DATELINE else None
    return replace(
        story, title=story.title[:_MOST_TITLE], text=story.text[:MAX_TEXT_CHARS], dateline=dateline
    )


def enrich(messages: Sequence[ArticleFetched], taggers: Taggers) -> list[ArticleEnriched | UrlSettled]:
    """Tags a batch of articles. Never raises: an article that breaks a tagger is returned as a failed URL,
    the others with their tags."""
    started = time.perf_counter()
    try:
        tagged = taggers.tag_all([_story(message) for message in messages])
    except Exception as error:  # noqa: BLE001  the last resort: one article fails, its batch goes on
        if len(messages) == 1:
            return [_failed(messages[0], error)]
        return [result for message in messages for result in enrich([message], taggers)]
    each_ms = round((time.perf_counter() - started) * 1000 / max(1, len(messages)), 1)
    return [_enriched(message, tags, each_ms) for message, tags in zip(messages, tagged, strict=True)]


def _story(message: ArticleFetched) -> Story:
    article: Article = message.article
    return Story(
        article.title,
        article.text,
        stated_language=article.language,
        dateline=article.dateline,
        domain=article.source_domain,
        prior=message.prior,
        publisher=PublisherLabels(
            section=article.section, keywords=article.keywords, url=article.canonical_url
        ),
    )


def _enriched(message: ArticleFetched, tags: Tags, elapsed_ms: float) -> ArticleEnriched:
    """`elapsed_ms` is the article's share of its batch's time."""
    detail = {"topics": len(tags.topics), "countries": len(tags.countries), "places": len(tags.places)}
    stamp = Stamp(stage="enrich", event="tagged", at=datetime.now(UTC), elapsed_ms=elapsed_ms, detail=detail)
    return ArticleEnriched(
        ticket=message.ticket, article=message.article, tags=tags, stamps=[*message.stamps, stamp]
    )


def _failed(message: ArticleFetched, error: Exception) -> UrlSettled:
    article: Article = message.article
    return UrlSettled(
        ticket=message.ticket,
        stage="enrich",
        outcome="failed",
        reason="tagger_error",
        detail=f"tagging failed: {error}",
        error=f"{type(error).__name__}: {error}",
        traceback="".join(traceback.format_exception(error)),
        payload={"url": article.url, "title": article.title, "text_chars": len(article.text)},
        stamps=message.stamps,
    )
