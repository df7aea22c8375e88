"""What enrich does with one article: language, topics, regions. Knows no queue and no database."""

from __future__ import annotations

import time
import traceback
from datetime import UTC, datetime
from typing import Any

from services.contract.home import Home, Sighting
from services.contract.messages import Article, ArticleEnriched, ArticleFetched, Stamp, Tags, UrlSettled
from services.enrich import language
from services.enrich.regions.tagger import RegionTagger
from services.enrich.topics.publisher import NOBODY, Publisher
from services.enrich.topics.rules import TopicRules
from services.enrich.topics.tagger import TopicTagger


class Taggers:
    """The taggers, loaded once; each is a pure function of an article and has a version."""

    def __init__(self, rules: TopicRules | None = None) -> None:
        self.topics = TopicTagger()
        self.regions = RegionTagger()
        self.rules = rules or TopicRules()
        language.load()

    @property
    def topics_version(self) -> str:
        """Of the topic tagger and, where there are any, of the user's rules."""
        return f"{self.topics.version}+rules.{self.rules.version}" if self.rules.version else self.topics.version

    def tag(
        self,
        title: str,
        text: str,
        *,
        stated_language: str | None = None,
        dateline: str | None = None,
        domain: str | None = None,
        home: Home | None = None,
        publisher: Publisher = NOBODY,
    ) -> Tags:
        """Everything the taggers say of one article. Offsets are characters of `text`; `home` is where its source is at home,
        `publisher` what that says of the subject."""
        found = language.identify(f"{title}. {text}", stated_language)
        regions = self.regions.tag(title, text, dateline=dateline, domain=domain, language=found, home=home)
        return Tags(
            language=found,
            topics=[*self.topics.tag(title, text, found, publisher), *self.rules.tag(title, text, found)],
            countries=regions.countries,
            places=regions.places,
            localities=regions.localities,
            topics_version=self.topics_version,
            regions_version=self.regions.version,
        )

    def sighting(
        self,
        title: str,
        text: str,
        *,
        stated_language: str | None = None,
        dateline: str | None = None,
        domain: str | None = None,
    ) -> Sighting:
        """What an article says of where its source is at home."""
        found = language.identify(f"{title}. {text}", stated_language)
        return self.regions.sighting(title, text, dateline=dateline, domain=domain, language=found)

    def explain(
        self, title: str, text: str, *, stated_language: str | None = None, dateline: str | None = None,
        domain: str | None = None, home: Home | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Every name of an article that was considered as a place, with its candidates and why one won."""
        found = language.identify(f"{title}. {text}", stated_language)
        return self.regions.explain(title, text, dateline=dateline, domain=domain, language=found, home=home)


def enrich(message: ArticleFetched, taggers: Taggers) -> ArticleEnriched | UrlSettled:
    """Tag one article. An article that breaks a tagger comes back as a failed URL; nothing is raised."""
    article: Article = message.article
    started = time.perf_counter()
    try:
        tags = taggers.tag(
            article.title,
            article.text,
            stated_language=article.language,
            dateline=article.dateline,
            domain=article.source_domain,
            home=message.home,
            publisher=Publisher(section=article.section, keywords=article.keywords, url=article.canonical_url),
        )
    except Exception as error:  # noqa: BLE001  the door's last resort: one article fails, its batch goes on
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
    elapsed_ms = round((time.perf_counter() - started) * 1000, 1)
    detail = {"topics": len(tags.topics), "countries": len(tags.countries), "places": len(tags.places)}
    stamp = Stamp(stage="enrich", event="tagged", at=datetime.now(UTC), elapsed_ms=elapsed_ms, detail=detail)
    return ArticleEnriched(ticket=message.ticket, article=article, tags=tags, stamps=[*message.stamps, stamp])
