"""Source priors: learned from a source's stored articles, sent with its next URLs, and updated."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg_pool import ConnectionPool

from services.contract.source_prior import Sighting, SourcePrior, learn
from services.scheduler.prior_learner import PriorLearner
from services.store import ledger, source_priors
from services.store.intake import parse_line
from tests.conftest import claim
from tests.taggers import shipped

_ARTICLE = (
    "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, language, word_count, "
    "content_hash, extractor, "
    "extractor_version, fetched_at, stored_at) "
    "VALUES (%s, 'u', 'u', %s, 't', 'x', 'en', 1, 'h', 'e', '1', now(), now() - interval '1 minute') "
    "RETURNING id"
)
_PLACE = (
    'INSERT INTO article_places (article_id, start, "end", quote, name, geonameid, kind, country, admin1, '
    "lat, lon, score, tagger_version) "
    "VALUES (%s, %s, %s, 'q', 'n', %s, %s, %s, %s, %s, %s, %s, 'v')"
)
ALEXANDRIA = (4744091, "city", "US", "US.VA", 38.8, -77.05, 0.9)
VIRGINIA = (6254928, "admin1", "US", "US.VA", 37.5, -78.0, 0.95)
CAIRO = (360630, "city", "EG", "EG.11", 30.06, 31.25, 0.2)


def _store(pool: ConnectionPool, domain: str, count: int, *places: tuple[Any, ...], first: int = 0) -> None:
    with pool.connection() as connection:
        for n in range(first, first + count):
            row = connection.execute(_ARTICLE, (f"{domain}{n}".encode(), domain)).fetchone()
            assert row is not None
            for at, place in enumerate(places):
                connection.execute(_PLACE, (row[0], at * 10, at * 10 + 5, *place))


def test_a_source_prior_has_the_places_that_most_articles_name(pool: ConnectionPool) -> None:
    _store(pool, "alextimes.example", 4, ALEXANDRIA, VIRGINIA, CAIRO)
    with pool.connection() as connection:
        prior = source_priors.relearn(connection, "alextimes.example")
        assert source_priors.priors_of(connection, ["alextimes.example", "other.example"]) == {
            "alextimes.example": prior
        }
    assert prior is not None
    assert prior.countries == {"US": 0.95}  # Cairo was too unsure to count
    assert prior.admin1 == {"US.VA": 0.95}
    assert prior.places == [(4744091, 0.9)]
    assert prior.points == [(38.8, -77.05, 0.9)]


def test_two_articles_are_too_few_for_a_prior(pool: ConnectionPool) -> None:
    _store(pool, "new.example", 2, ALEXANDRIA)
    with pool.connection() as connection:
        assert source_priors.relearn(connection, "new.example") is None
        assert source_priors.priors_of(connection, ["new.example"]) == {}


def test_the_scheduler_learns_priors_of_sources_with_new_articles_only(pool: ConnectionPool) -> None:
    _store(pool, "alextimes.example", 3, ALEXANDRIA, VIRGINIA)
    learner = PriorLearner(pool)
    assert learner.tick() == {"priors": 1}
    assert learner.tick() is None
    _store(pool, "courier.example", 3, CAIRO)
    with pool.connection() as connection:
        connection.execute(
            "UPDATE articles SET stored_at = now() - interval '30 seconds' "
            "WHERE source_domain = 'courier.example'"
        )
    assert learner.tick() == {"priors": 1}


def test_a_prior_is_learned_again_when_its_source_has_a_fourth_more_articles(pool: ConnectionPool) -> None:
    newest = "SELECT id FROM articles ORDER BY id DESC LIMIT %s"
    stored_later = f"UPDATE articles SET stored_at = now() - make_interval(secs => %s) WHERE id IN ({newest})"

    def tick(*, more: int, at: int) -> dict[str, int] | None:
        _store(pool, "alextimes.example", more, VIRGINIA, first=at * 100)
        with pool.connection() as connection:
            connection.execute(stored_later, (55 - at, more))
        return learner.tick()

    learner = PriorLearner(pool)
    _store(pool, "alextimes.example", 12, ALEXANDRIA)
    assert learner.tick() == {"priors": 1}
    assert tick(more=2, at=1) is None
    assert tick(more=1, at=2) == {"priors": 1}, "three of twelve"
    assert tick(more=3, at=3) is None, "three of fifteen"
    with pool.connection() as connection:
        prior = source_priors.priors_of(connection, ["alextimes.example"])["alextimes.example"]
    assert prior.articles == 15


def test_a_url_carries_the_prior_of_its_source(pool: ConnectionPool) -> None:
    _store(pool, "alextimes.example", 3, ALEXANDRIA)
    with pool.connection() as connection:
        source_priors.relearn(connection, "alextimes.example")
        lines = ["https://www.alextimes.example/a", "https://other.example/b"]
        ledger.record(connection, [parse_line(line, "test") for line in lines])  # type: ignore[misc]
        sent = {m.url: m.prior for m in claim(connection, 10)}
    assert sent["https://other.example/b"] is None
    prior = sent["https://www.alextimes.example/a"]
    assert prior is not None
    assert prior.places == [(4744091, 0.9)]


@pytest.mark.parametrize(("prior", "country"), [(None, "EG"), ("virginia", "US")])
def test_a_prior_decides_which_alexandria_is_meant(prior: str | None, country: str) -> None:
    here = SourcePrior(
        countries={"US": 0.95},
        admin1={"US.VA": 0.9},
        places=[(4744091, 0.9)],
        points=[(38.8, -77.05, 0.9)],
        articles=20,
    )
    text = "Police in Alexandria said on Monday that the bridge would be closed for repairs until spring."
    found = shipped().regions.tag("", text, language="en", prior=here if prior else None).places
    assert [p.country for p in found if p.text == "Alexandria"] == [country]


def test_a_place_named_often_in_one_article_counts_once() -> None:
    place = ("US", "US.VA", 4744091, 38.8, -77.05, 0.8)
    prior = learn([Sighting((place,) * 9), Sighting(()), Sighting(()), Sighting((place,))])
    assert prior is not None
    assert prior.countries == {"US": 0.4}


def test_time_passes_only_with_articles(pool: ConnectionPool) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with pool.connection() as connection:
        assert source_priors.changed_since(connection, moment) == ({}, moment)


def test_the_version_before_reads_and_writes_priors_under_their_former_names(pool: ConnectionPool) -> None:
    former = (
        "INSERT INTO source_homes (source_domain, home, articles) "
        "VALUES ('x.example', '{\"articles\": 3}', %s) "
        "ON CONFLICT (source_domain) DO UPDATE SET home = excluded.home, articles = excluded.articles, "
        "learned_at = now()"
    )
    with pool.connection() as connection:
        connection.execute(former, (3,))
        connection.execute(former, (4,))
        assert source_priors.priors_of(connection, ["x.example"]) == {"x.example": SourcePrior(articles=3)}
        seen = connection.execute(
            "SELECT home, articles, learned_at IS NOT NULL FROM source_homes"
        ).fetchall()
    assert seen == [({"articles": 3}, 4, True)]
