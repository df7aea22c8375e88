"""CHECK constraints on the bounds of rows: dates, lengths, scores from 0 to 1, codes.

Rows out of bounds are repaired first: a date becomes NULL, a text is truncated, a score is clamped. Online:
constraints are added NOT VALID, which needs only a short lock, and then validated, which does not block
writers. Each statement is committed by itself and is idempotent.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_FIRST, _LAST = "'1400-01-01 00:00:00+00'", "'2200-01-01 00:00:00+00'"


def _dates(*columns: str) -> str:
    return " AND ".join(f"{c} >= {_FIRST} AND {c} < {_LAST}" for c in columns)


def _chars(**most: int) -> str:
    return " AND ".join(f"char_length({column}) <= {limit}" for column, limit in most.items())


def _list(column: str) -> str:
    return f"cardinality({column}) <= 1000 AND octet_length(array_to_string({column}, ' ')) <= 200000"


_NAMES = ("site_name", "provider", "agency", "dateline", "section")
_POINT = "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180"
_SCORE = "score BETWEEN 0 AND 1"
_ROLES = "roles <@ ARRAY['about', 'mentioned', 'dateline', 'publisher']"
CHECKS = {
    "articles": {
        "articles_dates": _dates("published_at", "modified_at", "fetched_at", "stored_at", "last_seen_at"),
        "articles_addresses": _chars(url=32768, canonical_url=32768, image_url=32768, source_domain=1000)
        + " AND url <> '' AND canonical_url <> '' AND source_domain <> ''",
        "articles_texts": "octet_length(text) <= 1600000 AND "
                          f"{_chars(title=2000, **dict.fromkeys(_NAMES, 2000))}",
        "articles_lists": f"{_list('authors')} AND {_list('keywords')}",
        "articles_counts": "word_count >= 0 AND version >= 1",
        "articles_codes": "content_hash <> '' AND " + _chars(language=40, content_hash=200, extractor=1000),
    },
    "article_topics": {
        "article_topics_bounds": f"code <> '' AND {_SCORE} AND {_chars(code=1000, name=2000)}",
    },
    "article_countries": {
        "article_countries_bounds": f"code <> '' AND {_SCORE} AND mentions >= 0 AND {_ROLES} "
                                    f"AND {_chars(code=100, name=2000)}",
    },
    "article_places": {
        "article_places_bounds": f'start >= 0 AND "end" >= start AND {_SCORE} AND {_POINT} '
                                 f'AND {_chars(quote=4000, name=2000)}',
    },
    "article_localities": {
        "article_localities_bounds": f"country <> '' AND {_SCORE} AND mentions >= 0 AND {_POINT} "
                                     f"AND {_chars(name=2000)}",
    },
    "submissions": {
        "submissions_bounds": "attempts >= 0 AND "
        + _chars(url=32768, canonical_url=32768, host=1000, origin=1000, reason=1000, detail=20000)
        + f" AND {_chars(etag=8192, last_modified=8192)}",
    },
}  # fmt: skip


def _dated(column: str, instead: str = "NULL") -> str:
    return f"{column} = CASE WHEN {_dates(column)} THEN {column} ELSE {instead} END"


def _cut(**most: int) -> str:
    return ", ".join(f"{column} = left({column}, {limit})" for column, limit in most.items())


def _named(**most: int) -> str:
    return ", ".join(
        f"{column} = coalesce(nullif(left({column}, {limit}), ''), '-')" for column, limit in most.items()
    )


def _shortened(column: str) -> str:
    return (
        f"{column} = CASE WHEN {_list(column)} THEN {column} "
        f"ELSE ARRAY(SELECT left(part, 40) FROM unnest({column}) WITH ORDINALITY AS all_of_them (part, n) "
        "WHERE n <= 1000 AND part IS NOT NULL) END"
    )


_SCORED = "score = least(greatest(score, 0), 1)"
_PLACED = f"lat = CASE WHEN {_POINT} THEN lat END, lon = CASE WHEN {_POINT} THEN lon END"
_MENDED = {
    "articles": ", ".join(
        (
            _dated("published_at"), _dated("modified_at"), _dated("fetched_at", "now()"),
            _dated("stored_at", "now()"), _dated("last_seen_at", "now()"),
            _named(url=32768, canonical_url=32768, source_domain=1000),
            _cut(title=2000, **dict.fromkeys(_NAMES, 2000)),
            "image_url = CASE WHEN char_length(image_url) <= 32768 THEN image_url END",
            "text = CASE WHEN octet_length(text) <= 1600000 THEN text ELSE left(text, 400000) END",
            _shortened("authors"), _shortened("keywords"), "word_count = greatest(word_count, 0)",
            "version = greatest(version, 1)",
            "language = CASE WHEN char_length(language) <= 40 THEN language END",
            "content_hash = CASE WHEN content_hash = '' THEN md5(text) ELSE left(content_hash, 200) END",
            "extractor = left(extractor, 1000)",
        )
    ),
    "article_topics": f"{_SCORED}, {_cut(code=1000, name=2000)}",
    "article_countries": f"{_SCORED}, mentions = greatest(mentions, 0), {_cut(code=100, name=2000)}, "
    "roles = ARRAY(SELECT role FROM unnest(roles) AS role "
    "WHERE role IN ('about', 'mentioned', 'dateline', 'publisher'))",
    "article_places": f'start = greatest(start, 0), "end" = greatest("end", start, 0), {_SCORED}, '
                      f'{_PLACED}, {_cut(quote=4000, name=2000)}',
    "article_localities": f"{_SCORED}, mentions = greatest(mentions, 0), {_PLACED}, {_cut(name=2000)}",
    "submissions": "attempts = greatest(attempts, 0), etag = CASE WHEN char_length(etag) <= 8192 THEN etag "
                   "END, "
    "last_modified = CASE WHEN char_length(last_modified) <= 8192 THEN last_modified END, "
    + _cut(url=32768, canonical_url=32768, host=1000, origin=1000, reason=1000, detail=20000),
}  # fmt: skip
# Tags without a name, or without a position in the text, are deleted.
_NOTHING = {
    "article_topics": "code = ''",
    "article_countries": "code = ''",
    "article_places": "start < 0",
    "article_localities": "country = ''",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table, checks in CHECKS.items():
            _mend(table)
            changes = (
                f"DROP CONSTRAINT IF EXISTS {name}, ADD CONSTRAINT {name} CHECK ({check}) NOT VALID"
                for name, check in checks.items()
            )
            op.execute(f"ALTER TABLE {table} {', '.join(changes)}")
            _mend(table)  # rows written since the first repair
            for name in checks:
                op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def _mend(table: str) -> None:
    if table in _NOTHING:
        op.execute(f"DELETE FROM {table} WHERE {_NOTHING[table]}")
    kept = " AND ".join(f"({check})" for check in CHECKS[table].values())
    op.execute(f"UPDATE {table} SET {_MENDED[table]} WHERE NOT ({kept})")


def downgrade() -> None:
    for table, checks in CHECKS.items():
        op.execute(f"ALTER TABLE {table} {', '.join(f'DROP CONSTRAINT {name}' for name in checks)}")
