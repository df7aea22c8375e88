"""Source priors in Postgres: learned from the places of a source's
stored articles, and passed to the taggers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.contract.source_prior import Sighting, SourcePrior, learn
from services.store.database import sql

_SIGHTINGS = sql("source_priors_sightings")
_LATEST = 300  # newest articles of a source that a prior is learned from
_DUE = """
    SELECT a.source_domain, max(a.stored_at), count(*) FROM articles a
    WHERE a.stored_at > %(after)s AND a.stored_at <= now() - interval '5 seconds'
    GROUP BY a.source_domain
"""
_PUT = """
    INSERT INTO source_priors (source_domain, prior, articles) VALUES (%(domain)s, %(prior)s, %(articles)s)
    ON CONFLICT (source_domain) DO UPDATE SET prior = excluded.prior, articles = excluded.articles,
        learned_at = now()
"""


def changed_since(connection: Connection[Any], after: datetime) -> tuple[dict[str, int], datetime]:
    """Sources with articles stored after `after`, with their number; and the time up to which that is
    complete."""
    rows = connection.execute(_DUE, {"after": after}).fetchall()
    return {row[0]: row[2] for row in sorted(rows)}, max((row[1] for row in rows), default=after)


def learned_until(connection: Connection[Any]) -> datetime | None:
    """When a prior was last learned; None if never."""
    row = connection.execute("SELECT max(learned_at) FROM source_priors").fetchone()
    return row[0] if row else None


def relearn(connection: Connection[Any], domain: str) -> SourcePrior | None:
    """Learns and stores the prior of one source from its latest articles; None if they are too few."""
    rows = connection.execute(_SIGHTINGS, {"domain": domain, "articles": _LATEST}).fetchall()
    sightings = list(_sightings(rows))
    prior = learn(sightings)
    value = Jsonb(msgspec.to_builtins(prior)) if prior else None
    connection.execute(_PUT, {"domain": domain, "prior": value, "articles": len(sightings)})
    return prior


def _sightings(rows: list[Any]) -> Iterator[Sighting]:
    for _, group in groupby(rows, key=lambda row: row[0]):
        yield Sighting(tuple(tuple(row[1:]) for row in group if row[1]))


def priors_of(connection: Connection[Any], domains: Collection[str]) -> dict[str, SourcePrior]:
    """The priors of those sources that have one."""
    rows = connection.execute(
        "SELECT source_domain, prior FROM source_priors WHERE source_domain = ANY(%s) AND prior IS NOT NULL",
        (list(domains),),
    )
    return {row[0]: msgspec.convert(row[1], SourcePrior) for row in rows}


def list_priors(connection: Connection[Any], domain: str | None = None) -> list[dict[str, Any]]:
    """Up to 200 priors, those with the most articles first, or the prior of one source."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT source_domain, prior, articles, learned_at FROM source_priors "
            "WHERE %(domain)s::text IS NULL OR source_domain = %(domain)s "
            "ORDER BY articles DESC, source_domain LIMIT 200",
            {"domain": domain},
        ).fetchall()
