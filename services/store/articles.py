"""Writes a batch of tagged articles: upserts their rows and settles
their ledger entries in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Json, Jsonb

from services.contract.messages import ArticleEnriched, Tags
from services.contract.urls import domain_of, identity_hash, page_identity, parse_url
from services.store import deletion
from services.store.database import sql
from services.store.named import entities

_KNOWN = sql("articles_known")
_KEEP_VERSION = sql("articles_keep_version")
_UPSERT = sql("articles_upsert")
_TOUCH = sql("articles_touch")
_FORGET_LINKS = sql("links_forget")
_CHILDREN = {
    table: sql(f"{table}_insert")
    for table in ("topics", "countries", "places", "localities", "names", "quotes")
}
_VERSIONS = {"topics": "topics_version", "names": "names_version", "quotes": "names_version"}
_STORED = sql("submissions_stored")
_LETTERS = sql("dead_letters_settle")
_RETAG = sql("articles_retag")
_ATTEMPTS = sql("attempts_insert")


def write_articles(connection: Connection[Any], batch: Sequence[ArticleEnriched]) -> dict[str, int]:
    """Upserts `batch` in the caller's transaction. Idempotent.

    Returns counts: new articles, changed ones (the earlier text goes to
    article_versions), unchanged ones (only `last_seen_at` changes), and refused ones (a
    tombstone). Raises BadUrl for an article with an invalid URL.
    """
    batch = [_under_its_own(message) for message in batch]
    batch, refused = _allowed(connection, batch)
    if not batch:
        return {"refused": refused}
    keys = [identity_hash(m.article.canonical_url).hex() for m in batch]
    latest = dict(zip(keys, batch, strict=True))
    known = {
        bytes(row[0]).hex(): (row[1], row[2])
        for row in connection.execute(_KNOWN, {"hashes": [bytes.fromhex(h) for h in latest]})
    }
    alike = {
        h: known[h][0] for h, m in latest.items() if h in known and known[h][1] == m.article.content_hash
    }
    # A replay of an unchanged page is written: its purpose is to update what is derived from the page.
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
    counts = {
        "new": len(writes) - len(changed) - again,
        "changed": len(changed),
        "unchanged": len(same) + again,
    }
    return counts | {"refused": refused} if refused else counts


def _allowed(
    connection: Connection[Any], batch: Sequence[ArticleEnriched]
) -> tuple[Sequence[ArticleEnriched], int]:
    """Refuses articles with a tombstone on any of their URLs; returns
    the others, and how many were refused.
    """
    if not deletion.any_barred(connection):
        return batch, 0
    hashes = [{identity_hash(m.article.canonical_url), parse_url(m.article.url).hash} for m in batch]
    gone = deletion.barred(connection, set().union(*hashes), [m.ticket.submission_id for m in batch])
    late = [
        m
        for m, own in zip(batch, hashes, strict=True)
        if own & gone.hashes or m.ticket.submission_id in gone.submissions
    ]
    if not late:
        return batch, 0
    archived = [m.article.archived for m in late if m.article.archived]
    deletion.refuse(
        connection, [m.ticket.submission_id for m in late], [(a.file, a.offset) for a in archived]
    )
    return [m for m in batch if m not in late], len(late)


def _under_its_own(message: ArticleEnriched) -> ArticleEnriched:
    """Re-checks the canonical URL, whichever producer sent it: a site may only name URLs of its own.

    So an upsert replaces an article only by one of the same site, and never an original by a copy.
    """
    article = message.article
    canonical = page_identity(article.url, article.canonical_url)
    if canonical == article.canonical_url:
        return message
    own = msgspec.structs.replace(article, canonical_url=canonical, source_domain=domain_of(canonical))
    return msgspec.structs.replace(message, article=own)


def _write(connection: Connection[Any], writes: dict[str, ArticleEnriched]) -> dict[str, int]:
    rows = [_article_row(h, m) for h, m in writes.items()]
    returned = connection.execute(_UPSERT, {"rows": Json(rows)}).fetchall()
    ids = {h: article_id for article_id, h, _ in returned}
    replaced = [article_id for article_id, _, inserted in returned if not inserted]
    _write_tags(connection, {ids[h]: m.tags for h, m in writes.items()}, replaced)
    if replaced:
        connection.execute(_FORGET_LINKS, {"ids": replaced})
    return ids


def _write_tags(connection: Connection[Any], tagged: Mapping[int, Tags], replaced: Sequence[int]) -> None:
    """Inserts the tags of articles by id, after deleting the earlier tags of those in `replaced`."""
    for kind, statement in _CHILDREN.items():
        if replaced:
            connection.execute(f"DELETE FROM article_{kind} WHERE article_id = ANY(%s)", (list(replaced),))
        rows = [
            {
                "article_id": article_id,
                "tagger_version": getattr(tags, _VERSIONS.get(kind, "regions_version")),
                "tags": found,
            }
            for article_id, tags in tagged.items()
            if (found := entities(tags.names) if kind == "names" else getattr(tags, kind))
        ]
        if rows:  # json, not jsonb: Postgres reads it once, and building jsonb first costs half as much again
            connection.execute(statement, {"rows": Json(rows)})


def write_tags(connection: Connection[Any], tagged: Mapping[int, Tags]) -> int:
    """Replaces all tags of stored articles, by id, in the caller's
    transaction; returns how many were found.
    """
    rows = [
        {
            "id": i,
            "language": t.language,
            "topics_version": t.topics_version,
            "regions_version": t.regions_version,
            "names_version": t.names_version or None,
        }
        for i, t in sorted(tagged.items())
    ]
    found = [row[0] for row in connection.execute(_RETAG, {"rows": Jsonb(rows)})]
    _write_tags(connection, {i: tagged[i] for i in found}, found)
    return len(found)


def _article_row(url_hash: str, message: ArticleEnriched) -> dict[str, Any]:
    row = msgspec.structs.asdict(message.article)  # shallow: nested structs are encoded by the JSON encoder
    del row["validators"], row["archived"]
    return row | {
        "url_hash": url_hash,
        "language": message.tags.language or message.article.language,
        "topics_version": message.tags.topics_version,
        "regions_version": message.tags.regions_version,
        "names_version": message.tags.names_version or None,
    }


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
    """Settles the attempts of a batch. Idempotent: a redelivered message settles nothing."""
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
