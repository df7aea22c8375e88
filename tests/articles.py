"""Articles for tests, written through the store as the pipeline would write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from psycopg_pool import ConnectionPool

from services.contract.envelopes import decode
from services.contract.messages import Article, ArticleEnriched, Country, Place, Quote, Tags, Topic
from services.enrich.topics.taxonomy import Taxonomy
from services.store.articles import write_articles

_EXAMPLE = Path(__file__).parent / "contract" / "examples" / "ArticleEnriched.v1.json"
_numbers = count(1)
_taxonomy = Taxonomy()


def enriched(url: str | None = None, *, topics: tuple[str, ...] = (),
countries: dict[str, tuple[str, ...]] | None = None,
             places: tuple[Place, ...] = (), **article: Any) -> ArticleEnriched:  # fmt: skip
    """A message with these tags; `countries` maps codes to roles. What is not named is that of the golden
    example."""
    (message,) = decode(ArticleEnriched, json.loads(_EXAMPLE.read_text(encoding="utf-8")))
    where = url or f"https://news.example.org/{next(_numbers)}"
    parts = {
        "url": where,
        "canonical_url": where,
        "source_domain": "news.example.org",
        "fetched_at": datetime.now(UTC),
    } | article
    parts.setdefault("content_hash", f"{parts.get('title')}{parts.get('text')}"[-40:])
    changed: Article = msgspec.structs.replace(message.article, **parts)
    word = changed.text.split()[0]
    quote = [Quote(text=word, start=0, end=len(word))]
    tags = Tags(
        language=changed.language,
        topics=[
            Topic(code=c, name=_taxonomy.name(c), path=_taxonomy.path(c), score=0.9, evidence=quote,
            provenance=["text"])
            for c in topics
        ],
        countries=[
            Country(code=c, name=c, m49=1, score=0.8, focus="about" in roles, roles=list(roles), mentions=1,
            evidence=quote)
            for c, roles in (countries or {}).items()
        ],
        places=list(places),
        topics_version="t1",
        regions_version="r1",
    )  # fmt: skip
    ticket = msgspec.structs.replace(message.ticket, submission_id=0, url=where)
    return msgspec.structs.replace(message, ticket=ticket, article=changed, tags=tags)


def stored(pool: ConnectionPool, *messages: ArticleEnriched) -> list[int]:
    """Write them one after the other; their ids, which rise."""
    with pool.connection() as connection:
        for message in messages:
            write_articles(connection, [message])
        ids = dict(connection.execute("SELECT canonical_url, id FROM articles").fetchall())
    return [ids[m.article.canonical_url] for m in messages]
