"""A database of many made-up articles, filled quickly: what benchmarks of reading and of growth run on.

Words are drawn by Zipf's law from a vocabulary of 30,000, topics, countries and sources likewise, so that
some filters are broad and some narrow; dates lie in the last two years. Triggers and the text index wait
until all rows are in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg

from services.enrich.regions.countries import load_countries
from services.enrich.topics.taxonomy import Taxonomy

_WORDS, _OPENING, _TITLE = 30_000, 80, 9
_SOURCES, _CHUNK = 400, 20_000
_SYLLABLES = (
    "ba be bi bo bu da de di do du fa fe ga go ka ke ki ko la le li lo ma me mi mo na ne no pa pe po ra re "
    "ri ro sa se so ta te to va vi"
).split()
_LANGUAGES = ("en", "en", "en", "en", "fr", "de", "es")
_ARTICLE = (
    "COPY articles (url_hash, url, canonical_url, source_domain, title, text, language, word_count, "
    "content_hash, extractor, "
    "extractor_version, published_at, fetched_at, stored_at, topics_version, regions_version) FROM STDIN"
)


def vocabulary() -> list[str]:
    """The words, commonest first: all of two, three and four syllables."""
    found: list[str] = []
    for n in range(_WORDS):
        word, rest = "", n + len(_SYLLABLES)
        while rest:
            rest, syllable = divmod(rest, len(_SYLLABLES))
            word += _SYLLABLES[syllable]
        found.append(word)
    return found


def fill(
    database_url: str, articles: int, *, seed: int = 1, say: Callable[[str], None] = lambda _: None
) -> None:
    """Add `articles` to a migrated database, which must be the caller's to break while this runs."""
    draw = np.random.default_rng(seed)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("DROP INDEX IF EXISTS articles_search")
        row = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
        first = int(row[0]) if row else 0
        for start in range(0, articles, _CHUNK):
            _chunk(connection, draw, first + start, min(_CHUNK, articles - start))
            if start % 100_000 == 0:
                say(f"{start:,} of {articles:,} articles")
        say("the text index and the feed")
        connection.execute("CREATE INDEX articles_search ON articles USING gin (search)")
        connection.execute(
            "INSERT INTO article_changes (article_id, seq, kind) SELECT id, nextval('article_changes_seq'), "
            "'stored' FROM articles "
            "WHERE id > %s ORDER BY id",
            (first,),
        )
        connection.execute("VACUUM ANALYZE")


def fill_up_to(database_url: str, articles: int, *, say: Callable[[str], None] = lambda _: None) -> int:
    """Fill a migrated database until it holds so many articles; returns how many it holds, which may have
    been more."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM articles").fetchone()
    there = int(row[0]) if row else 0
    if there < articles:
        fill(database_url, articles - there, say=say)
    return max(there, articles)


def _zipf(draw: Any, size: int, shape: Any) -> Any:
    weights = 1.0 / np.arange(1, size + 1)
    return np.searchsorted(np.cumsum(weights / weights.sum()), draw.random(shape))


def _chunk(connection: psycopg.Connection[Any], draw: Any, first: int, size: int) -> None:
    words = np.array(vocabulary(), object)
    titles = words[_zipf(draw, _WORDS, (size, _TITLE))]
    openings = words[_zipf(draw, _WORDS, (size, _OPENING))]
    sources = _zipf(draw, _SOURCES, size)
    ages = draw.random(size) * 730 * 86_400
    now = datetime.now(UTC)

    def lines() -> Iterator[str]:
        for n in range(size):
            number = first + n + 1
            url = f"https://source{sources[n]}.example/{number}"
            when = (now - timedelta(seconds=float(ages[n]))).isoformat()
            text = " ".join(openings[n])
            yield "\t".join((
                f"\\\\x{number:032x}", url, url, f"source{sources[n]}.example",
                " ".join(titles[n]).capitalize(), f"{text}\\n\\n{text}",
                _LANGUAGES[number % len(_LANGUAGES)], str(2 * _OPENING), str(number), "bench", "1", when,
                when, when, "1", "1",
            ))  # fmt: skip

    _copy(connection, _ARTICLE, lines())
    row = connection.execute("SELECT max(id) FROM articles").fetchone()
    assert row is not None
    ids = np.arange(row[0] - size + 1, row[0] + 1)
    _copy(
        connection,
        "COPY article_topics (article_id, code, name, path, score, tagger_version) FROM STDIN",
        _topics(draw, ids),
    )
    placed = (
        "COPY article_countries (article_id, code, name, m49, score, focus, roles, mentions, tagger_version) "
        "FROM STDIN"
    )
    _copy(connection, placed, _countries(draw, ids))
    named = (
        'COPY article_places (article_id, start, "end", quote, name, geonameid, kind, country, lat, lon, '
        "score, tagger_version) FROM STDIN"
    )
    _copy(connection, named, _places(draw, ids))


def _copy(connection: psycopg.Connection[Any], statement: str, lines: Iterator[str]) -> None:
    with connection.cursor().copy(statement) as copy:
        copy.write("".join(f"{line}\n" for line in lines))


def _topics(draw: Any, ids: Any) -> Iterator[str]:
    tree = Taxonomy()
    codes = sorted(tree.codes(), key=lambda code: (len(tree.path(code)), code))
    for article, found in zip(ids.tolist(), _zipf(draw, len(codes), (len(ids), 3)), strict=True):
        for code in {codes[n] for n in found}:
            yield f"{article}\t{code}\t{tree.name(code)}\t{{{','.join(tree.path(code))}}}\t0.8\t1"


def _countries(draw: Any, ids: Any) -> Iterator[str]:
    known = load_countries()
    codes = sorted(known, key=lambda code: -known[code]["population"])
    for article, found in zip(ids.tolist(), _zipf(draw, len(codes), (len(ids), 2)), strict=True):
        for n, code in enumerate({codes[m] for m in found}):
            roles = "{about,mentioned}" if not n else "{mentioned}"
            country, focus = known[code], "f" if n else "t"
            yield f"{article}\t{code}\t{country['name']}\t{country['m49']}\t0.9\t{focus}\t{roles}\t2\t1"


def _places(draw: Any, ids: Any) -> Iterator[str]:
    lat, lon = draw.uniform(-50, 65, (len(ids), 2)), draw.uniform(-180, 180, (len(ids), 2))
    for n, article in enumerate(ids.tolist()):
        for m in range(2):
            place = f"name\tname\t{draw.integers(1, 200_000)}\tcity\tXX\t{lat[n, m]:.3f}\t{lon[n, m]:.3f}"
            yield f"{article}\t{m * 10}\t{m * 10 + 4}\t{place}\t0.9\t1"
