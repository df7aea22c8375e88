"""Reading what is stored: search, a URL's life, the pipeline's state. Read only; whoever reads uses this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from services.contract.urls import Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to search for; every part narrows the result.

    `countries` are ISO codes: an article has any of them in `role`, or all of them where they are asked for `together`.
    `areas` are names or M49 codes of the table `areas`, and stand for their members. `near` is (latitude, longitude, km):
    an article names a place within that distance. `place` is the GeoNames id of one that it names.
    """

    text: str | None = None
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    together: bool = False
    role: str = "about"
    areas: tuple[str, ...] = ()
    near: tuple[float, float, float] | None = None
    place: int | None = None
    source: str | None = None
    provider: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 20


_MATCHES = (
    "a.search @@ (websearch_to_tsquery('english', %(text)s) || websearch_to_tsquery('simple', %(text)s))"
)
_TIME = "coalesce(a.published_at, a.fetched_at)"
_SUMMARY = """
    a.id, a.title, a.canonical_url AS url, a.source_domain AS source, coalesce(a.provider, a.site_name) AS provider, a.language,
    a.published_at, a.stored_at, a.word_count, left(a.text, 240) AS opening,
    (SELECT coalesce(array_agg(t.name ORDER BY t.score DESC), '{}') FROM article_topics t WHERE t.article_id = a.id) AS topics,
    (SELECT coalesce(array_agg(c.name ORDER BY c.score DESC), '{}') FROM article_countries c
        WHERE c.article_id = a.id AND c.focus) AS countries
"""


RANKED = 2_000
"""Of the articles that match a text, so many of the newest are ranked: a common word matches a third of all."""


def search(connection: Connection[Any], query: Query) -> list[dict[str, Any]]:
    """Articles, the best match among the newest `RANKED` first, or without a text the newest.

    `topics` are codes, and find their descendants too.
    """
    statement, values = _search(query)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values, prepare=False).fetchall()


def explain(connection: Connection[Any], query: Query) -> list[str]:
    """The plan by which Postgres answers a search, with what it took."""
    statement, values = _search(query)
    rows = connection.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", values, prepare=False)
    return [row[0] for row in rows]


def _search(query: Query) -> tuple[str, dict[str, Any]]:
    where, values = conditions(query)
    found = f"SELECT a.id FROM articles a WHERE {where} ORDER BY {_TIME} DESC, a.id DESC LIMIT %(limit)s"
    order = f"{_TIME} DESC, a.id DESC"
    if query.text:
        asked = "websearch_to_tsquery('english', %(text)s) || websearch_to_tsquery('simple', %(text)s)"
        matches = f"SELECT a.id FROM articles a WHERE {where} ORDER BY a.id DESC LIMIT %(ranked)s"
        order = f"ts_rank(a.search, {asked}) DESC, {order}"
        found = f"SELECT a.id FROM articles a WHERE a.id IN ({matches}) ORDER BY {order} LIMIT %(limit)s"
    # Summaries are made of the few that are shown.
    statement = f"SELECT {_SUMMARY} FROM articles a WHERE a.id IN ({found}) ORDER BY {order}"
    return statement, values | {"limit": query.limit, "ranked": max(RANKED, query.limit)}


def summaries(connection: Connection[Any], ids: Sequence[int]) -> list[dict[str, Any]]:
    """What `search` gives, for these articles, in the order of their ids; those that are gone are left out."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"SELECT {_SUMMARY} FROM articles a WHERE a.id = ANY(%s)", (list(ids),)
        ).fetchall()
    by_id = {row["id"]: row for row in rows}
    return [by_id[i] for i in ids if i in by_id]


def matching(connection: Connection[Any], query: Query, ids: Sequence[int]) -> set[int]:
    """Those of `ids` that a search finds."""
    where, values = conditions(query)
    rows = connection.execute(
        f"SELECT a.id FROM articles a WHERE a.id = ANY(%(ids)s) AND {where}", values | {"ids": list(ids)}
    )
    return {row[0] for row in rows}


def ids_of(connection: Connection[Any], query: Query, *, most: int) -> list[int]:
    """Ids of up to `most` articles that a search finds, the newest by id."""
    where, values = conditions(query)
    statement = f"SELECT a.id FROM articles a WHERE {where} ORDER BY a.id DESC LIMIT %(most)s"
    # Not prepared: a plan made for any words takes those of a common one for rare, and is ten times as slow.
    return [row[0] for row in connection.execute(statement, values | {"most": most}, prepare=False)]


def conditions(query: Query) -> tuple[str, dict[str, Any]]:
    """A query as a condition on `articles a`, and the values that it binds."""
    where, values = ["true"], {}
    if query.text:
        # Stemmed as English and as written: titles of other languages match by their own words.
        where.append(_MATCHES)
        values["text"] = query.text
    if query.topics:
        where.append(
            "EXISTS (SELECT FROM article_topics t WHERE t.article_id = a.id AND t.path && %(topics)s)"
        )
        values["topics"] = list(query.topics)  # type: ignore[assignment]
    conditions, bound = _where_of(query)
    where.extend(conditions)
    values |= bound
    for name, expression in (
        ("source", "a.source_domain"),
        ("provider", "coalesce(a.provider, a.site_name)"),
        ("language", "a.language"),
    ):
        if getattr(query, name):
            where.append(f"{expression} = %({name})s")
            values[name] = getattr(query, name)
    if query.since:
        where.append(f"{_TIME} >= %(since)s")
        values["since"] = query.since  # type: ignore[assignment]
    if query.until:
        where.append(f"{_TIME} < %(until)s")
        values["until"] = query.until  # type: ignore[assignment]
    return " AND ".join(where), values


def _where_of(query: Query) -> tuple[list[str], dict[str, Any]]:
    """The conditions on countries, areas and places, and their values."""
    where: list[str] = []
    values: dict[str, Any] = {"role": query.role}
    named = "SELECT FROM article_countries c WHERE c.article_id = a.id AND %(role)s = ANY(c.roles) AND c.code"
    if query.countries and query.together:
        # Found as a set: few articles have both, and looking for them from the newest on may take all there are.
        alone = "SELECT c.article_id FROM article_countries c WHERE %(role)s = ANY(c.roles) AND c.code"
        where.append(
            f"a.id IN ({' INTERSECT '.join(f'{alone} = %(country{n})s' for n in range(len(query.countries)))})"
        )
        values |= {f"country{n}": code for n, code in enumerate(query.countries)}
    elif query.countries:
        where.append(f"EXISTS ({named} = ANY(%(countries)s))")
        values["countries"] = list(query.countries)
    for n, area in enumerate(query.areas):
        where.append(f"EXISTS ({named} = ANY(dateline_members(%(area{n})s)))")
        values[f"area{n}"] = area
    if query.near:
        values |= dict(zip(("lat", "lon", "km"), query.near, strict=True))
        where.append(
            "a.id IN (SELECT p.article_id FROM article_places p "
            "WHERE point(p.lon, p.lat) <@ dateline_box(%(lat)s, %(lon)s, %(km)s) "
            "AND dateline_km(p.lat, p.lon, %(lat)s, %(lon)s) <= %(km)s)"
        )
    if query.place:
        where.append(
            "EXISTS (SELECT FROM article_places p WHERE p.article_id = a.id AND p.geonameid = %(place)s)"
        )
        values["place"] = query.place
    return where, values


def area_names(connection: Connection[Any]) -> list[tuple[str, int]]:
    """The areas that a search knows: name and M49 code (0 where it has none)."""
    return [(row[0], row[1]) for row in connection.execute("SELECT name, m49 FROM areas ORDER BY name")]


def own_topics(connection: Connection[Any]) -> list[tuple[str, list[str]]]:
    """Topics of the user's own rules that articles have: name and path."""
    rows = connection.execute(
        "SELECT DISTINCT ON (code) name, path FROM article_topics WHERE code >= 'rule:' AND code < 'rule;' ORDER BY code"
    )
    return [(row[0], row[1]) for row in rows]


def trace(connection: Connection[Any], url: Url) -> dict[str, Any] | None:
    """A URL's whole life: its submission, every attempt with its steps, its dead letters, its article."""
    return _trace(connection, "url_hash = %(key)s", url.hash)


def trace_by_id(connection: Connection[Any], submission_id: int) -> dict[str, Any] | None:
    """The same for a submission's id."""
    return _trace(connection, "id = %(key)s", submission_id)


def trace_refused(connection: Connection[Any], raw: str) -> dict[str, Any] | None:
    """The same for a line that a door refused, by its text."""
    return _trace(connection, "state = 'refused' AND url = %(key)s", raw)


def _trace(connection: Connection[Any], condition: str, key: Any) -> dict[str, Any] | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            f"SELECT id, url, canonical_url, state, reason, detail, attempts, next_attempt_at, submitted_at, updated_at, "
            f"dispatched_at, origin, article_id FROM submissions WHERE {condition}",
            {"key": key},
        ).fetchone()
        if row is None:
            return None
        row["history"] = cursor.execute(
            "SELECT attempt, stage, outcome, reason, detail, ended_at, stamps FROM submission_attempts "
            "WHERE submission_id = %s ORDER BY id",
            (row["id"],),
        ).fetchall()
        row["dead_letters"] = cursor.execute(
            "SELECT id, stage, reason, error, attempts, failed_at, replayed_at FROM dead_letters WHERE submission_id = %s ORDER BY id",
            (row["id"],),
        ).fetchall()
        row["article"] = cursor.execute(
            "SELECT id, title, canonical_url, source_domain, language, word_count, version, stored_at, last_seen_at "
            "FROM articles WHERE id = %s",
            (row["article_id"],),
        ).fetchone()
        return row


_STEPS = ("fetched", "extracted", "tagged", "stored")


def not_stored(
    connection: Connection[Any],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
) -> list[dict[str, Any]]:
    """URLs that did not end stored, counted by state and reason with an example; in a time, those that came to it then."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT state, reason, count(*) AS urls, min(url) AS example FROM submissions "
            "WHERE reason IS NOT NULL AND state <> 'stored' "
            "AND (%(since)s::timestamptz IS NULL OR updated_at >= %(since)s) "
            "AND (%(until)s::timestamptz IS NULL OR updated_at < %(until)s) "
            "GROUP BY state, reason ORDER BY count(*) DESC, state, reason LIMIT %(limit)s",
            {"since": since, "until": until, "limit": limit},
        ).fetchall()


def outcomes(
    connection: Connection[Any], *, since: datetime | None, until: datetime | None, limit: int = 50
) -> list[dict[str, Any]]:
    """Attempts that ended in a time, counted by outcome, stage and reason: also those of URLs that were stored later."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT outcome, stage, reason, count(*) AS attempts FROM submission_attempts "
            "WHERE (%(since)s::timestamptz IS NULL OR ended_at >= %(since)s) "
            "AND (%(until)s::timestamptz IS NULL OR ended_at < %(until)s) "
            "GROUP BY outcome, stage, reason ORDER BY count(*) DESC, outcome, stage, reason LIMIT %(limit)s",
            {"since": since, "until": until, "limit": limit},
        ).fetchall()


def known_reasons(connection: Connection[Any]) -> list[str]:
    """Every reason that an attempt ever ended with here."""
    rows = connection.execute("SELECT DISTINCT reason FROM outcome_counts WHERE reason <> '' ORDER BY reason")
    return [row[0] for row in rows]


def known_sources(connection: Connection[Any]) -> list[str]:
    """Every domain that has articles. Each is looked up in the index after the one before: of a million articles few rows are read."""
    rows = connection.execute(
        "WITH RECURSIVE domains AS (SELECT min(source_domain) AS domain FROM articles UNION ALL "
        "SELECT (SELECT min(source_domain) FROM articles WHERE source_domain > domain) FROM domains WHERE domain IS NOT NULL) "
        "SELECT domain FROM domains WHERE domain IS NOT NULL"
    )
    return [row[0] for row in rows]


def pipeline_state(
    connection: Connection[Any], *, since: datetime | None = None, until: datetime | None = None
) -> dict[str, Any]:
    """Counts by state, the oldest due URL, rates by outcome and stage, dead letters; and the reasons of what did not end
    stored, of a time where one is asked for."""
    with connection.cursor(row_factory=dict_row) as cursor:
        states = cursor.execute("SELECT state, count(*) AS urls FROM submissions GROUP BY state").fetchall()
        reasons = not_stored(connection, since=since, until=until)
        oldest = cursor.execute(
            "SELECT min(next_attempt_at) FILTER (WHERE state = 'pending' AND next_attempt_at <= now()) AS due, "
            "min(dispatched_at) FILTER (WHERE state = 'in_flight') AS in_flight FROM submissions WHERE state IN ('pending', 'in_flight')"
        ).fetchone()
        rates = cursor.execute(
            "SELECT outcome, count(*) FILTER (WHERE ended_at > now() - interval '1 minute') AS last_minute, count(*) AS last_hour "
            "FROM submission_attempts WHERE ended_at > now() - interval '1 hour' GROUP BY outcome ORDER BY outcome"
        ).fetchall()
        stages = cursor.execute(
            # Extraction's slower ways stand by themselves, by the name that the extractor gives them.
            "SELECT s->>'stage' AS stage, concat(s->>'event', ' (' || nullif(split_part(s->'detail'->>'method', '/', 1), 'blocks') "
            "|| ')') AS event, count(*) / 5.0 AS per_minute, "
            "avg((s->>'elapsed_ms')::float8) AS mean_ms FROM submission_attempts, jsonb_array_elements(stamps) AS s "
            "WHERE ended_at > now() - interval '5 minutes' GROUP BY 1, 2 "
            "UNION ALL SELECT 'store', 'stored', count(*) / 5.0, NULL FROM submission_attempts "
            "WHERE outcome = 'stored' AND ended_at > now() - interval '5 minutes' HAVING count(*) > 0"
        ).fetchall()
        dead = cursor.execute(
            "SELECT count(*) AS letters FROM dead_letters WHERE replayed_at IS NULL"
        ).fetchone()
        articles = cursor.execute(
            "SELECT count(*) AS articles, max(stored_at) AS newest FROM articles"
        ).fetchone()
    return {
        "states": {r["state"]: r["urls"] for r in states},
        "reasons": reasons,
        "oldest": oldest,
        "rates": rates,
        "stages": sorted(stages, key=lambda row: _order(row["event"])),
        "dead_letters": dead["letters"] if dead else 0,
        "articles": articles,
    }


def _order(event: str) -> tuple[int, str]:
    step = event.split(" (", maxsplit=1)[0]
    return (_STEPS.index(step) if step in _STEPS else len(_STEPS), event)


def outcome_totals(connection: Connection[Any]) -> list[dict[str, Any]]:
    """How many attempts ever ended, by stage, outcome and reason; these only grow."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT stage, outcome, reason, sum(urls)::bigint AS urls FROM outcome_counts "
            "GROUP BY stage, outcome, reason ORDER BY stage, outcome, reason"
        ).fetchall()
