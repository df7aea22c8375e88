"""Searching by where: countries in their roles, together, areas, places within
a distance; and the indexes that serve it.
"""

from __future__ import annotations

import pytest
from psycopg_pool import ConnectionPool

from services.enrich.regions.countries import DATA
from services.store import search
from services.store.search_query import Query

_ARTICLE = (
    "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, language, word_count, "
    "content_hash, extractor, "
    "extractor_version, fetched_at) VALUES (%s, 'u', 'u', 'x.example', %s, 'x', 'en', 1, 'h', 'e', '1', "
    "now()) RETURNING id"
)
_COUNTRY = (
    "INSERT INTO article_countries (article_id, code, name, m49, score, focus, roles, mentions, "
    "tagger_version) "
    "VALUES (%s, %s, %s, 0, 1, %s, %s, 1, 'v')"
)
_PLACE = (
    'INSERT INTO article_places (article_id, start, "end", quote, name, geonameid, kind, country, lat, lon, '
    "score, tagger_version) "
    "VALUES (%s, 0, 1, 'q', 'n', %s, 'city', 'XX', %s, %s, 1, 'v')"
)
ARTICLES = {
    "mali": [("ML", ["about"])],
    "mali and france": [("ML", ["about"]), ("FR", ["about", "mentioned"])],
    "france, published in mali": [("FR", ["about"]), ("ML", ["publisher"])],
    "japan": [("JP", ["about"])],
}
KYIV, BROVARY, LVIV, SUVA = (50.45, 30.52), (50.51, 30.79), (49.84, 24.03), (-18.14, 178.44)


@pytest.fixture
def filled(pool: ConnectionPool) -> ConnectionPool:
    with pool.connection() as connection:
        for n, (title, countries) in enumerate(ARTICLES.items()):
            row = connection.execute(_ARTICLE, (n.to_bytes(16, "big"), title)).fetchone()
            assert row is not None
            for code, roles in countries:
                connection.execute(_COUNTRY, (row[0], code, code, "about" in roles, roles))
        for n, (title, point) in enumerate(
            (("kyiv", KYIV), ("brovary", BROVARY), ("lviv", LVIV), ("suva", SUVA)), 100
        ):
            row = connection.execute(_ARTICLE, (n.to_bytes(16, "big"), title)).fetchone()
            assert row is not None
            connection.execute(_PLACE, (row[0], n, *point))
    return pool


def _titles(pool: ConnectionPool, query: Query) -> set[str]:
    with pool.connection() as connection:
        return {row["title"] for row in search.find(connection, query)}


def test_countries_are_any_or_together(filled: ConnectionPool) -> None:
    assert _titles(filled, Query(countries=("ML",))) == {"mali", "mali and france"}
    assert _titles(filled, Query(countries=("ML", "JP"))) == {"mali", "mali and france", "japan"}
    assert _titles(filled, Query(countries=("ML", "FR"), together=True)) == {"mali and france"}


def test_roles_are_kept_apart(filled: ConnectionPool) -> None:
    assert _titles(filled, Query(countries=("ML",), role="publisher")) == {"france, published in mali"}
    assert _titles(filled, Query(countries=("FR",), role="mentioned")) == {"mali and france"}


def test_an_area_stands_for_its_members(filled: ConnectionPool) -> None:
    assert _titles(filled, Query(areas=("Sahel",))) == {"mali", "mali and france"}
    assert _titles(filled, Query(areas=("European Union",))) == {
        "mali and france",
        "france, published in mali",
    }
    assert _titles(filled, Query(areas=("30",))) == {"japan"}  # M49: Eastern Asia


def test_places_are_found_within_a_distance(filled: ConnectionPool) -> None:
    assert _titles(filled, Query(near=(*KYIV, 10))) == {"kyiv"}
    assert _titles(filled, Query(near=(*KYIV, 100))) == {"kyiv", "brovary"}
    assert _titles(filled, Query(near=(*KYIV, 500))) == {"kyiv", "brovary", "lviv"}
    assert _titles(filled, Query(place=103)) == {"suva"}


def test_places_are_found_in_a_form(filled: ConnectionPool) -> None:
    with filled.connection() as connection:
        connection.execute("UPDATE article_places SET form = 'adjective' WHERE geonameid = 101")
    assert _titles(filled, Query(near=(*KYIV, 100), forms=("name", "dateline"))) == {"kyiv"}
    assert _titles(filled, Query(near=(*KYIV, 100), forms=("adjective",))) == {"brovary"}
    assert _titles(filled, Query(place=103, forms=("name",))) == {"suva"}
    assert _titles(filled, Query(place=103, forms=("institution",))) == set()


def test_one_line_of_sql_asks_the_same(filled: ConnectionPool) -> None:
    about_the_sahel = (
        "SELECT count(DISTINCT article_id) FROM article_countries WHERE focus "
        "AND code = ANY(dateline_members('sahel'))"
    )
    near_kyiv = "SELECT count(*) FROM article_places WHERE dateline_km(lat, lon, 50.45, 30.52) < 100"
    with filled.connection() as connection:
        assert connection.execute(about_the_sahel).fetchone() == (2,)
        assert connection.execute(near_kyiv).fetchone() == (2,)


def test_a_distance_is_answered_by_the_index_on_points(filled: ConnectionPool) -> None:
    with filled.connection() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT article_id FROM article_places "
            "WHERE point(lon, lat) <@ dateline_box(50.45, 30.52, 100)"
        ).fetchall()
    assert "article_places_point" in str(plan)


def test_the_areas_of_the_database_are_those_of_the_gazetteer(pool: ConnectionPool) -> None:
    import gzip
    import json

    built = json.loads(gzip.decompress((DATA / "areas.json.gz").read_bytes()))
    with pool.connection() as connection:
        stored = {
            row[0]: (row[1], row[2])
            for row in connection.execute("SELECT name, m49, members FROM areas").fetchall()
        }
    assert stored == {name: (area["m49"], area["members"]) for name, area in built.items()}
