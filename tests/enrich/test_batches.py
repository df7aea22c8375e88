"""Articles tagged together are tagged as each one alone; one that breaks a tagger fails alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from services.contract.envelopes import decode
from services.contract.messages import ArticleEnriched, ArticleFetched, Tags, UrlSettled
from services.contract.source_prior import SourcePrior
from services.enrich.handler import Story, Taggers, enrich
from services.enrich.topics.publisher import PublisherLabels
from tests.taggers import shipped

STORIES = [
    Story("Floods hit Bavaria",
    "MUNICH (AP) - Rivers rose across Bavaria on Monday. Police in Passau, Germany, closed roads. " * 3,
          dateline="MUNICH (AP)", domain="zeitung.de"),
    Story("", ""),
    Story("Goalkeeper saves penalty in cup final",
    "The striker from Lyon missed twice. The match in Marseille ended 2-1. " * 5,
          publisher=PublisherLabels(section="Sport")),
    Story("Hochwasser in Bayern",
    "In Passau stieg die Donau. Die Feuerwehr in München half. Der Ministerpräsident kam am Montag. " * 3,
          stated_language="de"),
    Story("Mix flour", "Mix flour and water. Wait an hour. Bake until brown."),
    Story("Council votes on budget",
    "Springfield council members voted in Springfield on Tuesday, near Chicago.",
          prior=SourcePrior(articles=40, countries={"US": 1.0}, admin1={"US.IL": 0.9})),
    Story("洪水", "广州发生洪水，北京派出救援队。"),
    Story("Prices", "12.5 13.7 15.1 99.2 12.1 14.4 11.9 10.2 17.3 12.2"),
]  # fmt: skip


@pytest.fixture(scope="module")
def taggers() -> Taggers:
    return shipped()


def test_several_are_tagged_as_each_one_alone(taggers: Taggers) -> None:
    alone = [taggers.tag_all([story])[0] for story in STORIES]
    assert taggers.tag_all(STORIES) == alone
    assert taggers.tag_all(STORIES[::-1]) == alone[::-1]
    assert [bool(tags.topics) for tags in alone][:4] == [True, False, True, True]
    assert alone[0].countries[0].code == "DE"
    assert alone[5].places[0].admin1 == "US.IL"


def test_none_are_none(taggers: Taggers) -> None:
    assert taggers.tag_all([]) == []
    assert enrich([], taggers) == []


_EXAMPLE = Path(__file__).parents[1] / "contract" / "examples" / "ArticleFetched.v1.json"


def _fetched(number: int, text: str) -> ArticleFetched:
    (message,) = decode(ArticleFetched, json.loads(_EXAMPLE.read_text(encoding="utf-8")))
    article = msgspec.structs.replace(
        message.article, text=text, title="", dateline=None, section=None, keywords=[]
    )
    ticket = msgspec.structs.replace(message.ticket, submission_id=number)
    return msgspec.structs.replace(message, article=article, ticket=ticket, prior=None)


class _Fragile(Taggers):
    """Breaks on one word."""

    def tag_all(self, stories: list[Story]) -> list[Tags]:  # type: ignore[override]
        if any("unspeakable" in story.text for story in stories):
            raise ZeroDivisionError("a fault of ours")
        return super().tag_all(stories)


def test_an_article_that_breaks_a_tagger_fails_alone(taggers: Taggers) -> None:
    fragile = _Fragile.__new__(_Fragile)
    fragile.__dict__ = taggers.__dict__
    texts = ["Rivers rose in Bavaria on Monday.", "Something unspeakable.", "Police in Lyon closed a road."]
    messages = [_fetched(number, text) for number, text in enumerate(texts, 1)]
    first, broken, last = enrich(messages, fragile)
    assert isinstance(first, ArticleEnriched)
    assert isinstance(last, ArticleEnriched)
    assert [tags.places[0].name for tags in (first.tags, last.tags)] == ["Bavaria", "Lyon"]
    assert isinstance(broken, UrlSettled)
    assert (broken.outcome, broken.reason, broken.ticket) == ("failed", "tagger_error", messages[1].ticket)
    assert "ZeroDivisionError" in (broken.traceback or "")
    assert first.stamps[-1].event == "tagged"
    assert first.stamps[-1].at <= datetime.now(UTC)
