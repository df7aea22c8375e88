"""Rows of every table whose every text is a payload: what a page, a feed, a client or a receiver could have
had stored.

The tables and columns are the schema's own: a new one is filled by itself.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.types import BigInteger, Boolean, DateTime, Double, Integer, LargeBinary, SmallInteger, Text

from services.store.schema import metadata

SEEN = "payload-is-text"
"""Stands in every payload, so that a page that shows none is found out."""
_RUN = "globalThis.ran=(globalThis.ran||0)+1;alert(1)"
_AWAY = "http://192.0.2.1:9/x"
PAYLOADS = tuple(
    f"{SEEN} {payload}"
    for payload in (
        f"<script>{_RUN}</script>", f"\"'><script src={_AWAY}.js></script>",
        f"<img src={_AWAY}.png onerror={_RUN}>", f"<img src=x onerror='{_RUN}'>",
        f"<svg onload={_RUN}><animate onbegin={_RUN} attributeName=x dur=1s></svg>",
        f"<svg><a xlink:href='javascript:{_RUN}'><text>x</text></a></svg>",
        f"<iframe srcdoc='<script>parent.{_RUN}</script>'></iframe><iframe src='javascript:{_RUN}'></iframe>",
        f"<details open ontoggle={_RUN}>x</details><input autofocus onfocus={_RUN}>",
        f"<a href='javascript:{_RUN}'>x</a><a href='data:text/html,<script>{_RUN}</script>'>x</a>",
        f"<meta http-equiv=refresh content='0;url={_AWAY}'><base href='{_AWAY}'>",
        f"<link rel=stylesheet href={_AWAY}.css><style>@import "
        f"'{_AWAY}.css';*{{background:url({_AWAY})}}</style>",
        f"<img srcset='{_AWAY} 1x' style='background:url({_AWAY})'><video poster={_AWAY}><source "
        f"src={_AWAY}></video>", f"<form action={_AWAY}><button "
            f"formaction='javascript:{_RUN}'>x</button></form>",
        f"{{{{constructor.constructor('{_RUN}')()}}}} ${{{_RUN}}} <%={_RUN}%> #{{{_RUN}}}",
        f"' onmouseover={_RUN} x='\" onmouseover={_RUN} x=\"",
        f"</title></textarea></script></style>--><script>{_RUN}</script>",
        f"\u202e\u2066</b><b onclick={_RUN}>\u2069\u200f\ufeff",
        f"<noscript><p title=\"</noscript><img src=x onerror={_RUN}>\">",
        f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
        f"&lt;script&gt;{_RUN}&lt;/script&gt;&#60;script&#62;{_RUN}&#60;/script&#62;",
        f"<object data='javascript:{_RUN}'></object><embed src={_AWAY}>",
    )
)  # fmt: skip
ADDRESSES = (
    f"javascript:{_RUN}//https://", f"JaVa\tScRiPt:{_RUN}", f"\x01javascript:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>", f"data:image/svg+xml,<svg onload={_RUN}/>",
    f"vbscript:{_RUN}", f"https://e.invalid/\"><script>{_RUN}</script>",
    f"https://e.invalid/' onmouseover='{_RUN}", f"//192.0.2.1/{SEEN}", f"blob:{_AWAY}",
    f"\njavascript:{_RUN}",
    f"https://e.invalid/{SEEN}",
)  # fmt: skip
ROWS = 2 * len(PAYLOADS)
_NOW = datetime.now(UTC)
_FIXED: dict[tuple[str, str], tuple[Any, ...]] = {
    ("submissions", "state"): ("failed", "refused", "skipped", "stored"), ("sources", "kind"): ("rss",),
    ("article_changes", "kind"): ("stored", "changed"),
    ("article_links_former", "kind"): ("body", "related"), ("article_countries", "code"): ("KE", "FR", "DE"),
    ("article_countries", "roles"): (["about", "mentioned"],),
    ("articles", "language"): ("en", "<b onx=1>"), ("article_localities", "country"): ("KE",),
    ("article_names", "label"): ("PER", "ORG"), ("article_names", "spans"): ([0, 10, 20, 30],),
    ("article_places", "form"): ("name", "institution"),
    ("article_copies", "kind"): ("verbatim", "cut", "edited"),
    ("article_copies", "passages"): ([0, 8, 0, 8],),
    ("stories", "articles"): (3,), ("stories", "reports"): (2,), ("stories", "sources"): (1,),
    ("stories", "language"): ("en", "<b onx=1>"), ("stories", "merged_into"): (None,),
    ("story_articles", "version"): (2,),
    ("story_events", "kind"): ("story_created", "story_grew", "story_merged", "story_split"),
    ("stories_progress", "id"): (1,),
}  # fmt: skip
"""What a column's own check lets in; the rest holds payloads."""


def fill(connection: Connection[Any]) -> None:
    """ROWS rows of each table."""
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if not isinstance(column.type, TSVECTOR)]
        names = ", ".join(f'"{column.name}"' for column in columns)
        statement = f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE VALUES ({', '.join(['%s'] * len(columns))}) ON CONFLICT DO NOTHING"  # noqa: E501
        for n in range(1, ROWS + 1):
            connection.execute(statement, [_value(table, column, n) for column in columns])
    connection.commit()
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.identity is not None:
                connection.execute(
                    f"ALTER TABLE {table.name} ALTER COLUMN {column.name} RESTART WITH {ROWS + 1}"
                )


def _value(table: Table, column: Column[Any], n: int) -> Any:
    kind, name = column.type, column.name
    if table.name == "article_copies" and name in ("root_id", "parent_id"):
        return 2 if n == 1 else 1  # another article
    if (table.name, name) == ("story_articles", "story_id"):
        return (n + 1) // 2
    if (table.name, name) == ("story_articles", "evidence"):
        return Jsonb({"words": [_text(n)], "names": [_text(n + 1)]})
    if (fixed := _FIXED.get((table.name, name))) is not None:
        return fixed[n % len(fixed)]
    if isinstance(kind, ARRAY):
        return [f"rule:{_text(n)}"] if name == "path" else [_text(n), _text(n + 1)]
    if isinstance(kind, JSONB):
        return Jsonb(_json(name, n))
    if isinstance(kind, Text):
        return _of_text(table.name, name, n)
    if isinstance(kind, LargeBinary):
        return hashlib.sha256(f"{table.name} {name} {n}".encode()).digest()
    if isinstance(kind, DateTime):
        return None if name in ("replayed_at", "revoked_at") else _NOW - timedelta(minutes=n)
    if isinstance(kind, Boolean):
        return name == "focus"
    if isinstance(kind, Double):
        known = {"lat": -1.3, "lon": 36.8, "score": 0.9, "share": 0.9, "parent_share": 0.8}
        return known.get(name, float(n))
    assert isinstance(kind, (BigInteger, Integer, SmallInteger)), f"{table.name}.{name}: say what it may hold"
    return {"start": 0, "end": 10, "position": 1}.get(
        name, 2 if (table.name, name) == ("articles", "version") else n if name != "version" else 1
    )


def _of_text(table: str, name: str, n: int) -> str:
    if name in ("url", "canonical_url", "image_url"):
        return ADDRESSES[n % len(ADDRESSES)] + " " * (n // len(ADDRESSES))
    if (table, name) == ("article_topics", "code"):
        return f"rule:{_text(n)}"
    if name == "content_hash":
        return _text(n)[:200]
    return _text(n + 1 if table == "article_versions" else n)  # so that there is something to compare


def _text(n: int) -> str:
    return f"{PAYLOADS[n % len(PAYLOADS)]} {n}"


def _json(name: str, n: int) -> Any:
    text = _text(n)
    if name == "evidence":
        return [{"text": text, "start": 0, "end": 8}]
    if name == "stamps":
        return [{"event": text, "at": _NOW.isoformat(), "elapsed_ms": 1}]
    if name == "links":
        return [{"url": ADDRESSES[n % len(ADDRESSES)], "title": text, "kind": "body"}]
    return {text: text, "url": ADDRESSES[n % len(ADDRESSES)]}
