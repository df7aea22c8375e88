"""The read API: stable pages, whole articles, diffs, submissions, replay of dead letters, invalid
parameters."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from services.contract.messages import Name, Quotation
from services.store import ledger
from services.store.intake import parse_line
from tests.articles import enriched, stored
from tests.conftest import eventually

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_pages_hold_while_others_are_stored(client: TestClient, pool: ConnectionPool) -> None:
    ids = stored(pool, *(enriched(published_at=NOW - timedelta(hours=n)) for n in range(30)))
    eventually("all are counted", lambda: client.get("/articles").json()["total"] == 30, within_s=10)
    first = client.get("/articles", params={"limit": 10}).json()
    stored(pool, *(enriched(published_at=NOW + timedelta(hours=n)) for n in range(5)))
    eventually("the new ones are counted", lambda: client.get("/articles").json()["total"] == 35, within_s=10)
    second = client.get("/articles", params={"limit": 10, "cursor": first["next"]}).json()
    third = client.get("/articles", params={"limit": 50, "cursor": second["next"]}).json()
    assert [a["id"] for page in (first, second, third) for a in page["articles"]] == ids
    assert third["next"] is None


def test_names_and_codes_of_topics_and_regions_are_both_understood(
    client: TestClient, pool: ConnectionPool
) -> None:
    (about,) = stored(pool, enriched(topics=("medtop:15000000",), countries={"ML": ("about",)}))
    stored(pool, enriched(topics=("medtop:04000000",), countries={"FR": ("about",)}))
    for parameters in (
        {"topic": "sport"},
        {"topic": "medtop:15000000"},
        {"region": "Mali"},
        {"region": "ml"},
        {"region": "Sahel"},
        {"region": "M49:11"},
    ):
        eventually(
            f"{parameters} finds it",
            lambda p=parameters: (
                [a["id"] for a in client.get("/articles", params=p).json()["articles"]] == [about]
            ),  # type: ignore[misc]
            within_s=10,
        )
    topics = {t["code"]: t for t in client.get("/topics", params={"names": "de"}).json()["topics"]}
    assert topics["medtop:15000000"]["name"] == "Sport"
    assert topics["medtop:15000000"]["articles"] == 1
    regions = client.get("/regions").json()
    assert next(r for r in regions["countries"] if r["code"] == "ML")["articles"] == 1
    assert next(a for a in regions["areas"] if a["name"] == "Sahel")["articles"] == 1


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"region": "Atlantis"}, "region"),
        ({"topic": "no such topic"}, "topic"),
        ({"since": "yesterday"}, "since"),
        ({"since": "99999999d"}, "since"),
        ({"near": "91,0,5"}, "near"),
        ({"near": "1,2"}, "near"),
        ({"language": "English"}, "language"),
        ({"role": "author"}, "role"),
        ({"cursor": "x"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"colour": "red"}, "colour"),
        ({"text": "a\x00b"}, "text"),
    ],
)
def test_a_wrong_question_is_told_by_the_name_of_its_parameter(
    client: TestClient, parameters: dict[str, str], named: str
) -> None:
    refused = client.get("/articles", params=parameters)
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"][-1] == named


@pytest.mark.parametrize(
    ("parameters", "near"),
    [
        ({"region": "Frnace"}, "Did you mean France"),
        ({"topic": "sprot"}, "Did you mean sport"),
        ({"role": "abuot"}, "Did you mean about?"),
        ({"langauge": "en"}, "Did you mean language?"),
        ({"colour": "red"}, "Known are"),
        ({"language": "English"}, "such as en"),
    ],
)
def test_a_refusal_names_the_nearest_right_value(
    client: TestClient, parameters: dict[str, str], near: str
) -> None:
    refused = client.get("/articles", params=parameters)
    assert refused.status_code == 422
    assert near in refused.json()["detail"][0]["msg"]


def test_an_article_comes_with_everything_and_its_quotes_are_its_text(
    client: TestClient, pool: ConnectionPool
) -> None:
    (number,) = stored(
        pool,
        enriched(
            title="<script>alert(1)</script>",
            text="Flood waters rose.",
            topics=("medtop:03000000",),
            countries={"ML": ("about", "mentioned")},
        ),
    )
    found = client.get(f"/articles/{number}").json()
    assert found["title"] == "<script>alert(1)</script>"
    for tag in (*found["topics"], *found["countries"]):
        assert tag["evidence"]
        assert all(found["text"][q["start"] : q["end"]] == q["text"] for q in tag["evidence"])
    assert client.get("/articles/999999").status_code == 404


def test_versions_are_compared_word_by_word(client: TestClient, pool: ConnectionPool) -> None:
    url = "https://example.org/edited"
    (number,) = stored(pool, enriched(url, title="Ten hurt", text="Ten people were hurt.", content_hash="1"))
    stored(pool, enriched(url, title="Twelve hurt", text="Twelve people were badly hurt.", content_hash="2"))
    diff = client.get(f"/articles/{number}/diff", params={"before": 1}).json()
    assert (diff["before"], diff["after"]) == (1, 2)
    assert [(p["kind"], p["text"]) for p in diff["text"]] == [
        ("removed", "Ten"), ("added", "Twelve"), ("same", " people were "), ("added", "badly "),
        ("same", "hurt."),
    ]  # fmt: skip
    assert client.get(f"/articles/{number}/diff", params={"before": 7}).status_code == 404


def test_urls_in_give_receipts_after_they_are_recorded(client: TestClient, pool: ConnectionPool) -> None:
    lines = [
        "https://example.org/a",
        {"url": "https://example.org/b", "section": "World"},
        "file:///etc/passwd",
        "https://example.org/a",
    ]
    done = client.post("/submissions", json={"urls": lines})
    assert done.status_code == 202
    told = done.json()
    assert [r["accepted"] for r in told["receipts"]] == [True, True, False, True]
    assert told["receipts"][2]["reason"] == "scheme_refused"
    assert (told["new"], told["refused"]) == (2, 1)
    with pool.connection() as connection:
        hints = connection.execute(
            "SELECT url, hints FROM submissions WHERE state = 'pending' ORDER BY url"
        ).fetchall()
    assert hints == [("https://example.org/a", {}), ("https://example.org/b", {"section": "World"})]
    number = told["receipts"][0]["id"]
    by_id, by_url = (
        client.get(f"/submissions/{number}").json(),
        client.get("/submissions", params={"url": "https://example.org/a"}).json(),
    )
    assert by_id == by_url
    assert client.get("/submissions", params={"url": "file:///etc/passwd"}).json()["state"] == "refused"
    assert client.get("/submissions/999999").status_code == 404


def test_dead_letters_are_listed_and_started_again(client: TestClient, pool: ConnectionPool) -> None:
    with pool.connection() as connection:
        ledger.record(connection, [parse_line(f"https://example.org/{n}", "test") for n in range(3)])  # type: ignore[misc]
        connection.execute("UPDATE submissions SET state = 'failed', reason = 'http_404'")
        connection.execute(
            "INSERT INTO dead_letters (submission_id, url, stage, reason, attempts) "
            "SELECT id, url, 'ingest', 'http_404', 5 FROM submissions"
        )
    letters = client.get("/dead-letters").json()["letters"]
    assert len(letters) == 3
    for path, key in (("/dead-letters", "letters"), ("/pipeline", "reasons")):
        assert client.get(path, params={"since": "1h"}).json()[key]
        assert client.get(path, params={"until": "2020-01-01"}).json()[key] == []
        assert client.get(path, params={"since": "yesterday"}).status_code == 422
    assert client.post("/dead-letters/replay", json={}).status_code == 400, (
        "all of them is not a choice by accident"
    )
    assert client.post("/dead-letters/replay", json={"ids": [letters[0]["id"]]}).json() == {"urls": 1}
    assert len(client.get("/dead-letters").json()["letters"]) == 2
    assert client.post("/dead-letters/replay", json={"reason": "http_404"}).json() == {"urls": 2}
    assert client.get("/pipeline").json()["states"] == {"pending": 3}


def test_the_feed_gives_each_article_once_and_says_where_to_go_on(
    client: TestClient, pool: ConnectionPool
) -> None:
    ids = stored(pool, *(enriched() for _ in range(7)))
    with pool.connection() as connection:
        connection.execute("DELETE FROM articles WHERE id = %s", (ids[0],))
    seen, cursor = [], 0
    while True:
        page = client.get("/changes", params={"after": cursor, "limit": 3}).json()
        seen += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert sorted(c["article_id"] for c in seen) == sorted(ids)
    assert {c["kind"] for c in seen} == {"stored", "deleted"}
    assert [c["article"] is None for c in seen if c["kind"] == "deleted"] == [True]
    assert client.get("/changes", params={"after": cursor}).json() == {
        "changes": [],
        "cursor": cursor,
        "more": False,
    }


def test_while_postgres_is_away_the_answer_says_so_and_recovers(
    client: TestClient, pool: ConnectionPool, database_url: str
) -> None:
    name = database_url.rsplit("/", 1)[1]
    admin = database_url.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        away = client.get("/pipeline")
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert away.status_code == 503
    assert "Postgres" in away.json()["detail"]
    eventually("it answers again", lambda: client.get("/pipeline").status_code == 200, within_s=60)


def test_the_page_is_small(client: TestClient) -> None:
    """The first view, as it travels, stays below 300 KB."""
    paths = ["/", "/static/style.css", "/static/icon.svg", "/static/world.json"]
    paths += [
        f"/static/js/{name}.js"
        for name in (
            "app",
            "api",
            "article",
            "board",
            "copies",
            "dom",
            "map",
            "marks",
            "name",
            "pipeline",
            "printed",
            "state",
            "stories",
            "story",
            "submit",
        )
    ]
    paths += ["/facets", "/articles?limit=25", "/names"]
    total = 0
    for path in paths:
        with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200, path
            total += sum(len(block) for block in answer.iter_raw())
    assert total < 300_000, json.dumps({"bytes": total})


def test_people_and_organisations_are_found_counted_and_told(
    client: TestClient, pool: ConnectionPool
) -> None:
    message = enriched(title="with names")
    tags = msgspec.structs.replace(
        message.tags,
        names=[
            Name(start=0, end=6, text="LISBON", label="PER", key="ann lee", name="Ann Lee", score=0.9),
            Name(start=8, end=15, text="Reuters", label="ORG", key="reuters", name="Reuters", score=0.9),
        ],
        quotes=[Quotation(start=0, end=6, text="LISBON", speaker="Ann Lee", key="ann lee")],
    )
    named, _ = stored(pool, msgspec.structs.replace(message, tags=tags), enriched(title="without"))
    eventually("both are counted", lambda: client.get("/articles").json()["total"] == 2, within_s=10)
    for asked in ({"person": "Ms Ann LEE"}, {"org": "reuters"}, {"quoted": "Ann Lee", "person": "Ann Lee"}):
        assert [a["id"] for a in client.get("/articles", params=asked).json()["articles"]] == [named]
    facets = client.get("/facets").json()
    assert facets["people"] == [{"key": "ann lee", "name": "Ann Lee", "articles": 1}]
    assert facets["organisations"] == [{"key": "reuters", "name": "Reuters", "articles": 1}]
    told = client.get("/names/person/Ann Lee").json()
    assert (told["key"], told["articles"], [q["quote"] for q in told["quotes"]]) == ("ann lee", 1, ["LISBON"])
    assert client.get("/names/person/Nobody").status_code == 404
