"""Search by place on the command line: areas, M49 codes, a point; errors name valid values; source priors are
shown."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from services.cli import main

_ARTICLE = (
    "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, language, word_count, "
    "content_hash, extractor, "
    "extractor_version, fetched_at) VALUES ('1', 'u', 'u', 'x.example', 'Mali holds talks', 'x', 'en', 1, "
    "'h', 'e', '1', now()) RETURNING id"
)


@pytest.fixture
def filled(pool: ConnectionPool, database_url: str, monkeypatch: pytest.MonkeyPatch) -> ConnectionPool:
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    with pool.connection() as connection:
        row = connection.execute(_ARTICLE).fetchone()
        assert row is not None
        connection.execute(
            "INSERT INTO article_countries (article_id, code, name, m49, score, focus, roles, mentions, "
            "tagger_version) "
            "VALUES (%s, 'ML', 'Mali', 466, 1, true, '{about,mentioned}', 1, 'v')",
            (row[0],),
        )
        connection.execute(
            'INSERT INTO article_places (article_id, start, "end", quote, name, kind, country, lat, lon, '
            "score, tagger_version) "
            "VALUES (%s, 0, 1, 'q', 'Bamako', 'city', 'ML', 12.65, -8.0, 1, 'v')",
            (row[0],),
        )
        connection.execute(
            "INSERT INTO source_priors (source_domain, prior, articles) VALUES ('x.example', %s, 12)",
            (Jsonb({"countries": {"ML": 0.75}, "admin1": {"ML.01": 0.5}, "articles": 12}),),
        )
    return pool


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--region", "Sahel"), True),
        (("--region", "M49:11"), True),
        (("--region", "EU"), False),
        (("--region", "Mali", "--role", "mentioned"), True),
        (("--region", "Mali", "--role", "dateline"), False),
        (("--near", "12.6,-8.0,50"), True),
        (("--near", "50.45,30.52,50"), False),
    ],
)
def test_search_by_where(filled: ConnectionPool, options: tuple[str, ...], found: bool) -> None:
    done = _run("search", "--json", *options)
    assert done.exit_code == 0, done.output
    titles = [json.loads(line)["title"] for line in done.stdout.splitlines()]
    assert titles == (["Mali holds talks"] if found else [])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--region", "Atlantis"), "M49 code"),
        (("--near", "here"), "50.45,30.52,100"),
        (("--near", "95,0,10"), "latitude -90 to 90"),
    ],
)
def test_a_wrong_where_says_what_would_be_right(
    filled: ConnectionPool, options: tuple[str, ...], said: str
) -> None:
    done = _run("search", *options)
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())


def test_source_priors_are_shown(filled: ConnectionPool) -> None:
    done = _run("sources", "priors")
    assert done.exit_code == 0, done.output
    assert "ML 75%" in done.output
    (row,) = [
        json.loads(line) for line in _run("sources", "priors", "x.example", "--json").stdout.splitlines()
    ]
    assert row["prior"]["admin1"] == {"ML.01": 0.5}
    former = _run("sources", "homes", "x.example", "--json")
    assert former.stdout == _run("sources", "priors", "x.example", "--json").stdout
    assert "deprecated" in former.stderr
