"""Stories and copies on the API: lists, one story, a text's family, collapsing, the feed and webhooks."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from services.desk.columns import Columns
from services.desk.finding import Finder
from services.store import article_reader, search
from services.store.search_query import Query
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.story_rows import NOON, copy, event, printed, story, taken_in


@pytest.fixture
def strike(client: TestClient, pool: ConnectionPool) -> list[int]:
    """A story that four houses printed: two copies of the first, and a report of its own."""
    ids = stored(pool, *(printed(n) for n in range(4)), enriched(title="Alone", published_at=NOON))
    with pool.connection() as connection:
        story(connection, 71, ids[:4], copies=2)
        story(connection, 72, ids[4:])
        copy(connection, ids[1], ids[0], [0, 82, 0, 82], kind="cut")
        copy(connection, ids[2], ids[0], [0, 40, 0, 40, 83, 147, 83, 147])
    eventually("all are counted", lambda: client.get("/articles").json()["total"] == 5, within_s=10)
    return ids


def _ids(client: TestClient, path: str = "/articles", **asked: Any) -> list[int]:
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()[path.strip("/")]]


def test_an_article_tells_its_story_and_what_it_is_a_copy_of(client: TestClient, strike: list[int]) -> None:
    rows = {row["id"]: row for row in client.get("/articles").json()["articles"]}
    assert (rows[strike[0]]["story"]["id"], rows[strike[0]]["copy"]) == (71, None)
    assert {k: rows[strike[3]]["story"][k] for k in ("articles", "reports", "sources")} == {
        "articles": 4, "reports": 2, "sources": 4,
    }  # fmt: skip
    assert datetime.fromisoformat(rows[strike[3]]["story"]["first_at"]) == NOON
    assert rows[strike[1]]["copy"] == {
        "root_id": strike[0], "parent_id": strike[0], "kind": "cut", "share": 0.9, "reason": "earliest seen",
    }  # fmt: skip
    assert rows[strike[4]]["story"] is None
    detail = client.get(f"/articles/{strike[1]}").json()
    assert (detail["copies"], detail["copy"]["kind"], detail["story"]["id"]) == (2, "cut", 71)
    assert client.get(f"/articles/{strike[4]}").json()["copies"] == 0


def test_a_family_has_its_root_and_the_passages_that_prove_each_copy(
    client: TestClient, strike: list[int], pool: ConnectionPool
) -> None:
    texts = {number: client.get(f"/articles/{number}").json()["text"] for number in strike}
    for asked in strike[:3]:
        found = client.get(f"/articles/{asked}/copies").json()
        assert (found["article_id"], found["root_id"], found["root"]["id"]) == (asked, strike[0], strike[0])
        assert (found["total"], [c["id"] for c in found["copies"]]) == (2, strike[1:3])
        for member in found["copies"]:
            assert member["copy"]["current"]
            assert member["copy"]["passages"]
            for p in member["copy"]["passages"]:
                quoted = texts[member["id"]][p["start"] : p["end"]]
                assert quoted == texts[strike[0]][p["parent_start"] : p["parent_end"]] != ""
    alone = client.get(f"/articles/{strike[4]}/copies").json()
    assert (alone["root_id"], alone["copies"], alone["total"]) == (strike[4], [], 0)
    page = client.get(f"/articles/{strike[0]}/copies", params={"limit": 1, "offset": 1}).json()
    assert ([c["id"] for c in page["copies"]], page["total"]) == (strike[2:3], 2)
    assert client.get("/articles/999999/copies").status_code == 404
    stored(pool, printed(1, text="All of it is new.", content_hash="new"))
    changed = client.get(f"/articles/{strike[1]}/copies").json()["article"]["copy"]
    assert (changed["current"], changed["passages"]) == (False, []), "no passage of a text that is gone"
    with pool.connection() as connection:
        connection.execute("DELETE FROM articles WHERE id = %s", (strike[0],))
    orphaned = client.get(f"/articles/{strike[2]}/copies").json()
    assert (orphaned["root"], orphaned["article"]["copy"]["passages"]) == (None, [])


def test_a_story_has_its_articles_in_order_with_evidence_places_and_history(
    client: TestClient, strike: list[int], pool: ConnectionPool
) -> None:
    with pool.connection() as connection:
        connection.execute(
            'INSERT INTO article_places (article_id, start, "end", quote, name, geonameid, kind, country, '
            "lat, lon, score, tagger_version) SELECT id, 0, 4, 'Lisbon', 'Lisbon', 2267057, 'city', 'PT', "
            "38.7, -9.1, 0.9, '1' FROM articles WHERE id = ANY(%s)",
            (strike[:3],),
        )
    found = client.get("/stories/71").json()
    assert [m["id"] for m in found["members"]] == strike[:4]
    assert [m["score"] for m in found["members"]] == [None, 0.8, 0.8, 0.8]
    assert found["members"][3]["evidence"] == {"words": ["strike"]}
    assert [m["copy"] and m["copy"]["kind"] for m in found["members"]] == [None, "cut", "edited", None]
    assert found["first"]["id"] == strike[0]
    assert [(p["name"], p["articles"]) for p in found["places"]] == [("Lisbon", 3)]
    assert [b["articles"] for b in found["timeline"]["buckets"]] == [1, 1, 1, 1]
    assert [e["kind"] for e in found["history"]] == ["story_created"]
    assert client.get(f"/articles/{strike[2]}/story").json()["story"]["id"] == 71
    assert client.get(f"/articles/{strike[4]}/story").json() == {"article_id": strike[4], "story": None}
    assert client.get("/stories/99").status_code == client.get("/articles/999999/story").status_code == 404
    first = client.get("/stories/71", params={"limit": 3}).json()
    rest = client.get("/stories/71", params={"limit": 3, "cursor": first["next"]}).json()
    assert [m["id"] for m in first["members"] + rest["members"]] == strike[:4]
    assert rest["next"] is None
    assert client.get("/stories/71", params={"cursor": "9" * 18 + ".1"}).status_code == 422


def test_a_story_that_became_part_of_another_is_answered_by_that(
    client: TestClient, strike: list[int], pool: ConnectionPool
) -> None:
    with pool.connection() as connection:
        connection.execute(
            "UPDATE stories SET merged_into = 71, articles = 0, reports = 0, sources = 0 WHERE id = 72"
        )
        connection.execute("UPDATE story_articles SET story_id = 71 WHERE story_id = 72")
        event(connection, 72, "story_merged", other=71)
    assert client.get("/stories/72").json()["id"] == 71
    assert [e["kind"] for e in client.get("/stories/71").json()["history"]] == [
        "story_merged",
        "story_created",
    ]
    assert set(_ids(client, story=72)) == set(strike)


def test_stories_are_listed_by_size_growth_and_newness(client: TestClient, pool: ConnectionPool) -> None:
    now = datetime.now(UTC)
    sizes = {11: (6, 100.0), 12: (4, 50.0), 13: (3, 1.0), 14: (2, 0.5), 15: (1, 0.1)}  # articles, hours ago
    numbers = iter(range(100))
    for story_id, (many, hours) in sizes.items():
        ids = stored(pool, *(
            printed(next(numbers), published_at=now - timedelta(hours=hours, minutes=-n)) for n in range(many)
        ))  # fmt: skip
        with pool.connection() as connection:
            story(connection, story_id, ids)
    assert _ids(client, "/stories") == [11, 12, 13, 14], "one article is no story"
    assert _ids(client, "/stories", order="new") == [14, 13, 12, 11]
    assert _ids(client, "/stories", order="latest") == [14, 13, 12, 11]
    assert _ids(client, "/stories", order="growth") == [13, 14], "only those that grow"
    assert _ids(client, "/stories", least=4) == [11, 12]
    growth = {s["id"]: s["growth"] for s in client.get("/stories").json()["stories"]}
    assert growth == {11: 0, 12: 0, 13: 0.5, 14: 0.333}
    for order in ("size", "growth", "new", "latest"):
        whole, seen, cursor = _ids(client, "/stories", order=order), [], None
        while True:
            asked = {"order": order, "limit": 1} | ({"cursor": cursor} if cursor else {})
            page = client.get("/stories", params=asked).json()
            seen += [row["id"] for row in page["stories"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == whole, order
    cursor = client.get("/stories", params={"limit": 1}).json()["next"]
    refused = client.get("/stories", params={"order": "new", "cursor": cursor})
    assert refused.status_code == 422
    assert "by size" in refused.json()["detail"][0]["msg"]


def test_stories_take_the_filters_of_articles(
    client: TestClient, strike: list[int], pool: ConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = stored(
        pool,
        enriched(title="Flood", language="fr", topics=("medtop:03000000",), countries={"ML": ("about",)},
                 published_at=NOON + timedelta(days=9)),
        enriched(title="Flut", language="fr", published_at=NOON + timedelta(days=9)),
    )  # fmt: skip
    with pool.connection() as connection:
        story(connection, 90, others)
    eventually("all are counted", lambda: client.get("/articles").json()["total"] == 7, within_s=10)
    asked: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [71, 90]), ({"language": "fr"}, [90]), ({"source": "house2.example"}, [71]),
        ({"text": "strike"}, [71]),
        ({"topic": "disaster, accident and emergency incident"}, [90]), ({"region": "Sahel"}, [90]),
        ({"since": "2026-03-03T13:30Z", "until": "2026-03-04"}, [71]), ({"until": "2020-01-01"}, []),
        ({"story": 90}, [90]), ({"source": "nowhere.example"}, []),
    ]  # fmt: skip
    for parameters, expected in asked:
        assert _ids(client, "/stories", **parameters) == expected, parameters
    monkeypatch.setattr("services.desk.routes.stories._MOST_BY_ID", 0)  # as where too many match
    for parameters, expected in asked:
        assert _ids(client, "/stories", **parameters) == expected, parameters
    refused = client.get("/stories", params={"order": "sizes"}).json()["detail"][0]
    assert (refused["loc"][-1], "Did you mean size?" in refused["msg"]) == ("order", True)


def test_one_article_stands_for_each_text_or_story(client: TestClient, strike: list[int]) -> None:
    alone = strike[4]
    assert _ids(client) == [*strike[3:0:-1], alone, strike[0]]
    assert _ids(client, collapse="copies") == [strike[3], alone, strike[0]]
    assert _ids(client, collapse="stories") == [strike[3], alone]
    assert _ids(client, collapse="copies", source="house2.example") == [strike[2]], (
        "a copy stands where alone"
    )
    refused = client.get("/articles", params={"collapse": "copy"})
    assert "Did you mean copies?" in refused.json()["detail"][0]["msg"]
    lines = client.get("/export", params={"collapse": "stories", "format": "csv"}).text.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [str(strike[3]), str(alone)]


@pytest.mark.parametrize("by", ["copies", "stories"])
def test_pages_and_exports_collapse_alike_whatever_is_related(pool: ConnectionPool, by: str) -> None:
    draw = random.Random(11)
    ids = stored(pool, *(
        printed(n, source_domain=f"s{n % 3}.example", published_at=NOON + timedelta(0, draw.randrange(9)))
        for n in range(60)
    ))  # fmt: skip
    with pool.connection() as connection:
        left, n = list(ids), 100
        while left:
            members, left = left[: (size := draw.randrange(1, 9))], left[size:]
            story(connection, n, members, seq=False)
            for copied in members[1 : draw.randrange(1, 6)]:
                copy(connection, copied, members[0], [])
            n += 1
    columns = Columns()
    with pool.connection() as connection:
        columns.load(connection)
    finder = Finder(pool, columns)
    for source in (None, "s0.example", "s1.example"):
        for limit in (3, 200):
            query = Query(collapse=by, source=source, limit=200)
            seen, cursor = [], None
            while True:
                page = finder.page(query, cursor=cursor, limit=limit)
                seen += page.ids
                if (cursor := page.next) is None:
                    break
            with pool.connection() as connection:
                rows = [row["id"] for row in search.find(connection, query)]
                exported = [row["id"] for row in article_reader.stream(connection, query)]
                assert article_reader.count(connection, query) == len(rows)
            assert sorted(seen) == sorted(rows) == exported
            assert len(set(seen)) == len(seen)


def test_the_feed_tells_of_stories_where_it_is_asked_to(
    client: TestClient, strike: list[int], pool: ConnectionPool
) -> None:
    plain = client.get("/changes").json()
    assert {c["kind"] for c in plain["changes"]} == {"stored"}
    assert len(plain["changes"]) == 5
    with pool.connection() as connection:
        event(connection, 71, "story_grew", mark=5, articles=5)
        event(connection, 72, "story_merged", other=71)
    asked: dict[str, Any] = {"kind": ["story_created", "story_grew", "story_merged"]}
    told = client.get("/changes", params=asked).json()
    assert [(c["kind"], c["story_id"], c["other_id"], c["mark"]) for c in told["changes"]] == [
        ("story_created", 71, None, 0), ("story_grew", 71, None, 5), ("story_merged", 72, 71, 0),
    ]  # fmt: skip
    assert told["changes"][0]["story"]["first"]["id"] == strike[0]
    assert client.get("/changes", params=asked | {"after": told["cursor"]}).json()["changes"] == []
    both = client.get("/changes", params={"kind": ["stored", "story_grew"], "limit": 4}).json()
    assert both["more"]
    rest = client.get("/changes", params={"kind": ["stored", "story_grew"], "after": both["cursor"]}).json()
    assert [c["kind"] for c in both["changes"] + rest["changes"]] == ["stored"] * 5 + ["story_grew"]
    only = client.get("/changes", params={"kind": "deleted"}).json()
    assert (only["changes"], only["cursor"]) == ([], told["cursor"]), "what was passed is not read again"
    refused = client.get("/changes", params={"kind": "story_grown"})
    assert "Did you mean story_grew" in refused.json()["detail"][0]["msg"]


def test_a_feed_without_copies_waits_until_it_is_known_what_is_one(
    client: TestClient, strike: list[int], pool: ConnectionPool
) -> None:
    early = client.get("/changes", params={"collapse": "copies"}).json()
    assert early["changes"] == []
    with pool.connection() as connection:
        taken_in(connection)
    told = client.get("/changes", params={"collapse": "copies", "after": early["cursor"]}).json()
    assert [c["article_id"] for c in told["changes"]] == [strike[0], strike[3], strike[4]]
    (late,) = stored(pool, printed(50))
    again = client.get("/changes", params={"collapse": "copies", "after": told["cursor"]}).json()
    assert again["changes"] == []
    assert again["cursor"] >= told["cursor"]
    with pool.connection() as connection:
        event(connection, 71, "story_grew", mark=5)
        taken_in(connection)
    asked: dict[str, Any] = {
        "collapse": "stories",
        "kind": ["stored", "story_grew"],
        "after": again["cursor"],
    }
    told = client.get("/changes", params=asked).json()
    assert [(c["kind"], c["article_id"], c["story_id"]) for c in told["changes"]] == [
        ("stored", late, None), ("story_grew", None, 71),
    ]  # fmt: skip
    whole = client.get("/changes", params={"collapse": "stories"}).json()
    assert [c["article_id"] for c in whole["changes"]] == [strike[0], strike[4], late]


def test_the_pipeline_tells_what_is_not_compared_yet(
    client: TestClient, strike: list[int], pool: ConnectionPool
) -> None:
    state = client.get("/pipeline").json()
    assert (state["stories_behind"], state["stories_behind_s"] >= 0) == (5, True)
    with pool.connection() as connection:
        taken_in(connection)
    state = client.get("/pipeline").json()
    assert (state["stories_behind"], state["stories_behind_s"]) == (0, None)
