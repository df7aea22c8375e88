"""Writing a batch of enriched articles: all of its rows and its ledger entries, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Json, Jsonb

from services.contract.messages import ArticleEnriched, Tags
from services.contract.urls import identity_hash
from services.store.database import sql

_KNOWN = sql("articles_known")
_KEEP_VERSION = sql("articles_keep_version")
_UPSERT = sql("articles_upsert")
_TOUCH = sql("articles_touch")
_FORGET_LINKS = sql("links_forget")
_CHILDREN = {
    "article_topics": sql("topics_insert"),
    "article_countries": sql("countries_insert"),
    "article_places": sql("places_insert"),
    "article_localities": sql("localities_insert"),
}
_STORED = sql("submissions_stored")
_LETTERS = sql("dead_letters_settle")
_RETAG = sql("articles_retag")
_ATTEMPTS = sql("attempts_insert")


def write_articles(connection: Connection[Any], batch: Sequence[ArticleEnriched]) -> dict[str, int]:
    """Write `batch` within the caller's transaction; safe to repeat with the same batch.

    Returns counts: new articles, changed ones (the former text goes to article_versions) and
    unchanged ones (only `last_seen_at` moves).
    """
    keys = [identity_hash(m.article.canonical_url).hex() for m in batch]
    latest = dict(zip(keys, batch, strict=True))
    known = {
        bytes(row[0]).hex(): (row[1], row[2])
        for row in connection.execute(_KNOWN, {"hashes": [bytes.fromhex(h) for h in latest]})
    }
    alike = {h: known[h][0] for h, m in latest.items() if h in known and known[h][1] == m.article.content_hash}
    # A replay is there to write again what is derived from the same page.
    same = {h: article_id for h, article_id in alike.items() if not latest[h].ticket.replay}
    changed = [known[h][0] for h in latest if h in known and h not in alike]
    ids = dict(same)
    if same:
        connection.execute(_TOUCH, {"ids": list(same.values())})
    if changed:
        connection.execute(_KEEP_VERSION, {"ids": changed})
    writes = {h: m for h, m in latest.items() if h not in same}
    if writes:
        ids |= _write(connection, writes)
    _settle(connection, batch, [ids[key] for key in keys])
    again = len(alike) - len(same)
    return {"new": len(writes) - len(changed) - again, "changed": len(changed), "unchanged": len(same) + again}


def _write(connection: Connection[Any], writes: dict[str, ArticleEnriched]) -> dict[str, int]:
    rows = [_article_row(h, m) for h, m in writes.items()]
    returned = connection.execute(_UPSERT, {"rows": Json(rows)}).fetchall()
    ids = {h: article_id for article_id, h, _ in returned}
    replaced = [article_id for article_id, _, inserted in returned if not inserted]
    for table, statement in _CHILDREN.items():
        children = [row for h, m in writes.items() for row in _child_rows(table, ids[h], m.tags)]
        _replace(connection, table, statement, replaced, children)
    if replaced:
        connection.execute(_FORGET_LINKS, {"ids": replaced})
    return ids


def _replace(
    connection: Connection[Any], table: str, statement: str, article_ids: list[int], rows: list[dict[str, Any]]
) -> None:
    if article_ids:
        connection.execute(f"DELETE FROM {table} WHERE article_id = ANY(%s)", (article_ids,))
    if rows:  # read once, as it comes: as jsonb it would be built first, which costs half as much again
        connection.execute(statement, {"rows": Json(rows)})


def write_tags(connection: Connection[Any], tagged: Mapping[int, Tags]) -> int:
    """Give stored articles (by id) new tags in place of all their old ones, in the caller's transaction."""
    rows = [
        {"id": i, "language": t.language, "topics_version": t.topics_version, "regions_version": t.regions_version}
        for i, t in sorted(tagged.items())
    ]
    found = [row[0] for row in connection.execute(_RETAG, {"rows": Jsonb(rows)})]
    for table, statement in _CHILDREN.items():
        children = [row for i in found for row in _child_rows(table, i, tagged[i])]
        _replace(connection, table, statement, found, children)
    return len(found)


def _article_row(url_hash: str, message: ArticleEnriched) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(message.article)
    for name in ("validators", "archived"):
        row.pop(name, None)
    return row | {
        "url_hash": url_hash,
        "language": message.tags.language or message.article.language,
        "topics_version": message.tags.topics_version,
        "regions_version": message.tags.regions_version,
    }


def _child_rows(table: str, article_id: int, tags: Tags) -> list[dict[str, Any]]:
    tagged, version = {
        "article_topics": (tags.topics, tags.topics_version),
        "article_countries": (tags.countries, tags.regions_version),
        "article_places": (tags.places, tags.regions_version),
        "article_localities": (tags.localities, tags.regions_version),
    }[table]
    rows: list[dict[str, Any]] = msgspec.to_builtins(tagged)
    for position, row in enumerate(rows):
        row["article_id"], row["tagger_version"] = article_id, version
        if table == "article_localities":
            row["position"] = position
    return rows


def _stored_row(message: ArticleEnriched, article_id: int) -> dict[str, Any]:
    validators = message.article.validators
    return {
        "submission_id": message.ticket.submission_id,
        "article_id": article_id,
        "etag": validators.etag if validators else None,
        "last_modified": validators.last_modified if validators else None,
        "archived": msgspec.to_builtins(message.article.archived) if message.article.archived else None,
    }


def _settle(connection: Connection[Any], batch: Sequence[ArticleEnriched], ids: Sequence[int]) -> None:
    """End the attempts of a batch, each once, however often its message comes."""
    rows = [_stored_row(m, article_id) for m, article_id in zip(batch, ids, strict=True)]
    before = dict(connection.execute(_STORED, {"rows": Jsonb(rows)}).fetchall())
    if late := [submission_id for submission_id, state in before.items() if state == "failed"]:
        connection.execute(_LETTERS, {"ids": late})
    ended = {m.ticket.submission_id: m for m in batch if m.ticket.submission_id in before}
    attempts = [
        {
            "submission_id": submission_id,
            "attempt": m.ticket.attempt,
            "stage": "store",
            "outcome": "stored",
            "stamps": msgspec.to_builtins(m.stamps),
        }
        for submission_id, m in ended.items()
    ]
    if attempts:
        connection.execute(_ATTEMPTS, {"rows": Jsonb(attempts)})
