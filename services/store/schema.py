"""The tables as SQLAlchemy Core objects; a test holds them equal to what the migrations build."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

metadata = MetaData()


def _id() -> Column[Any]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _moment(name: str, *, required: bool = False, now: bool = False) -> Column[Any]:
    return Column(
        name, DateTime(timezone=True), nullable=not required, server_default=text("now()") if now else None
    )


def _article_id(*, key: bool = True) -> Column[Any]:
    return Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=key)


_FIRST, _LAST = "'1400-01-01 00:00:00+00'", "'2200-01-01 00:00:00+00'"
_POINT = "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180"
_SCORE = "score BETWEEN 0 AND 1"
_ROLES = "roles <@ ARRAY['about', 'mentioned', 'dateline', 'publisher']"
_NAMES = ("site_name", "provider", "agency", "dateline", "section")


def _check(name: str, *conditions: str) -> CheckConstraint:
    """Bounds of a row: the last line, behind `services.contract.bounds`, which are narrower."""
    return CheckConstraint(" AND ".join(conditions), name=name)


def _dated(*columns: str) -> str:
    return " AND ".join(f"{c} >= {_FIRST} AND {c} < {_LAST}" for c in columns)


def _chars(**most: int) -> str:
    return " AND ".join(f"char_length({column}) <= {limit}" for column, limit in most.items())


def _few(column: str) -> str:
    return f"cardinality({column}) <= 1000 AND octet_length(array_to_string({column}, ' ')) <= 200000"


STATES = ("pending", "in_flight", "stored", "skipped", "failed", "refused")
"""States of a submission; the last four are terminal."""

# Stemming needs the language; a generated column needs it spelled out.
_CONFIGURATIONS = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "id": "indonesian", "it": "italian", "nl": "dutch", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
SEARCH_CONFIGURATIONS = _CONFIGURATIONS

articles = Table(
    "articles",
    metadata,
    _id(),
    Column("url_hash", LargeBinary, nullable=False),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("source_domain", Text, nullable=False),
    Column("site_name", Text),
    Column("provider", Text),
    Column("agency", Text),
    Column("dateline", Text),
    Column("title", Text, nullable=False),
    Column("authors", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _moment("published_at"),
    _moment("modified_at"),
    Column("language", Text),
    Column("text", Text, nullable=False),
    Column("word_count", Integer, nullable=False),
    Column("image_url", Text),
    Column("section", Text),
    Column("keywords", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("paywalled", Boolean, nullable=False, server_default=text("false")),
    Column("content_hash", Text, nullable=False),
    Column("extractor", Text, nullable=False),
    Column("extractor_version", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("signals", JSONB, nullable=False, server_default=text("'{}'")),
    Column("links", JSONB, nullable=False, server_default=text("'[]'")),
    Column("topics_version", Text),
    Column("regions_version", Text),
    _moment("fetched_at", required=True),
    _moment("stored_at", required=True, now=True),
    _moment("last_seen_at", required=True, now=True),
    Column("search", TSVECTOR, Computed("dateline_search(language, title, text)", persisted=True)),
    Index("articles_url_hash_key", "url_hash", unique=True),
    Index("articles_published_at", "published_at"),
    Index("articles_newest", text("coalesce(published_at, fetched_at)"), "id"),
    Index("articles_stored_at", "stored_at"),
    Index("articles_source_domain", "source_domain", "published_at"),
    Index("articles_search", "search", postgresql_using="gin"),
    _check(
        "articles_dates", _dated("published_at", "modified_at", "fetched_at", "stored_at", "last_seen_at")
    ),
    _check(
        "articles_addresses",
        _chars(url=32768, canonical_url=32768, image_url=32768, source_domain=1000),
        "url <> '' AND canonical_url <> '' AND source_domain <> ''",
    ),
    _check(
        "articles_texts", "octet_length(text) <= 1600000", _chars(title=2000, **dict.fromkeys(_NAMES, 2000))
    ),
    _check("articles_lists", _few("authors"), _few("keywords")),
    _check("articles_counts", "word_count >= 0 AND version >= 1"),
    _check("articles_codes", "content_hash <> ''", _chars(language=40, content_hash=200, extractor=1000)),
)

article_versions = Table(
    "article_versions",
    metadata,
    _article_id(),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("extractor_version", Text, nullable=False),
    _moment("fetched_at", required=True),
    _moment("replaced_at", required=True, now=True),
)

article_topics = Table(
    "article_topics",
    metadata,
    _article_id(),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("path", ARRAY(Text), nullable=False),
    Column("score", Double, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=text("'[]'")),
    Column("provenance", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("tagger_version", Text, nullable=False),
    Index("article_topics_path", "path", postgresql_using="gin"),
    Index("article_topics_code", "code", "article_id"),
    _check("article_topics_bounds", "code <> ''", _SCORE, _chars(code=1000, name=2000)),
)

article_countries = Table(
    "article_countries",
    metadata,
    _article_id(),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("m49", Integer, nullable=False),
    Column("score", Double, nullable=False),
    Column("focus", Boolean, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=text("'[]'")),
    Column("tagger_version", Text, nullable=False),
    Index("article_countries_code", "code", "article_id"),
    Index("article_countries_m49", "m49"),
    _check(
        "article_countries_bounds", "code <> ''", _SCORE, "mentions >= 0", _ROLES, _chars(code=100, name=2000)
    ),
)

article_places = Table(
    "article_places",
    metadata,
    _article_id(),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("name", Text),
    Column("geonameid", BigInteger),
    Column("kind", Text),
    Column("country", Text),
    Column("admin1", Text),
    Column("lat", Double),
    Column("lon", Double),
    Column("score", Double, nullable=False),
    Column("tagger_version", Text, nullable=False),
    Index("article_places_geonameid", "geonameid"),
    Index("article_places_country", "country", "admin1"),
    Index("article_places_point", text("point(lon, lat)"), postgresql_using="gist"),
    _check(
        "article_places_bounds",
        'start >= 0 AND "end" >= start',
        _SCORE,
        _POINT,
        _chars(quote=4000, name=2000),
    ),
)

article_localities = Table(
    "article_localities",
    metadata,
    _article_id(),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("admin1", Text),
    Column("geonameid", BigInteger),
    Column("lat", Double),
    Column("lon", Double),
    Column("score", Double, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=text("'[]'")),
    Column("tagger_version", Text, nullable=False),
    Index("article_localities_geonameid", "geonameid"),
    Index("article_localities_admin1", "admin1"),
    _check("article_localities_bounds", "country <> ''", _SCORE, "mentions >= 0", _POINT, _chars(name=2000)),
)

source_homes = Table(
    "source_homes",
    metadata,
    Column("source_domain", Text, primary_key=True),
    Column("home", JSONB),
    Column("articles", Integer, nullable=False),
    _moment("learned_at", required=True, now=True),
)

areas = Table(
    "areas",
    metadata,
    Column("name", Text, primary_key=True),
    Column("m49", Integer, nullable=False),
    Column("members", ARRAY(Text), nullable=False),
)

# What was stored before links moved to `articles.links`; the view `article_links` shows both.
article_links_former = Table(
    "article_links_former",
    metadata,
    _article_id(),
    Column("position", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column(
        "kind",
        Text,
        CheckConstraint("kind IN ('body', 'related')", name="article_links_kind"),
        nullable=False,
    ),
)

submissions = Table(
    "submissions",
    metadata,
    _id(),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("url_hash", LargeBinary, nullable=False),
    Column("host", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    _moment("next_attempt_at"),
    _moment("submitted_at", required=True, now=True),
    _moment("updated_at", required=True, now=True),
    _moment("dispatched_at"),
    Column("origin", Text, nullable=False),
    Column("hints", JSONB, nullable=False, server_default=text("'{}'")),
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="SET NULL")),
    CheckConstraint(
        "state IN ('pending', 'in_flight', 'stored', 'skipped', 'failed', 'refused')",
        name="submissions_state",
    ),
    Index("submissions_url_hash_key", "url_hash", unique=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("archived", JSONB),
    Column("from_archive", Boolean, nullable=False, server_default=text("false")),
    Index("submissions_due", "next_attempt_at", postgresql_where=text("state = 'pending'")),
    Index("submissions_due_host", "host", "next_attempt_at", postgresql_where=text("state = 'pending'")),
    Index(
        "submissions_due_slot",
        "host",
        "next_attempt_at",
        postgresql_where=text("state = 'pending' AND reason = 'host_wait'"),
    ),
    Index("submissions_in_flight", "dispatched_at", postgresql_where=text("state = 'in_flight'")),
    Index("submissions_state", "state", "reason"),
    Index("submissions_article_id", "article_id"),
    _check(
        "submissions_bounds",
        "attempts >= 0",
        _chars(
            url=32768,
            canonical_url=32768,
            host=1000,
            origin=1000,
            reason=1000,
            detail=20000,
            etag=8192,
            last_modified=8192,
        ),
    ),
)

submission_attempts = Table(
    "submission_attempts",
    metadata,
    _id(),
    Column("submission_id", BigInteger, ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    _moment("ended_at", required=True, now=True),
    Column("stamps", JSONB, nullable=False, server_default=text("'[]'")),
    Index("submission_attempts_submission_id", "submission_id"),
    Index("submission_attempts_ended_at", "ended_at"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    _id(),
    Column("submission_id", BigInteger, ForeignKey("submissions.id", ondelete="CASCADE")),
    Column("url", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("error", Text),
    Column("reason", Text, nullable=False),
    Column("traceback", Text),
    Column("payload", JSONB),
    Column("attempts", SmallInteger, nullable=False),
    _moment("failed_at", required=True, now=True),
    _moment("replayed_at"),
    Index("dead_letters_failed_at", "failed_at"),
    Index("dead_letters_reason", "reason", "stage"),
    Index("dead_letters_submission_id", "submission_id"),
)

outcome_counts = Table(
    "outcome_counts",
    metadata,
    Column("hour", DateTime(timezone=True), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("urls", BigInteger, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    _id(),
    Column("url", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    _moment("added_at", required=True, now=True),
    _moment("next_poll_at", required=True, now=True),
    Column("interval_s", Double, nullable=False, server_default=text("900")),
    Column("etag", Text),
    Column("last_modified", Text),
    _moment("last_polled_at"),
    _moment("last_success_at"),
    _moment("last_new_at"),
    Column("polls", BigInteger, nullable=False, server_default=text("0")),
    Column("items", BigInteger, nullable=False, server_default=text("0")),
    Column("items_a_day", Double),
    Column("errors_in_row", Integer, nullable=False, server_default=text("0")),
    Column("reason", Text),
    Column("detail", Text),
    CheckConstraint("kind IN ('auto', 'rss', 'atom', 'json', 'sitemap', 'page')", name="sources_kind"),
    Index("sources_url_key", "url", unique=True),
    Index("sources_due", "next_poll_at", postgresql_where=text("NOT paused")),
)

source_items = Table(
    "source_items",
    metadata,
    Column("source_id", BigInteger, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("url_hash", LargeBinary, primary_key=True),
    _moment("first_seen_at", required=True, now=True),
    Index("source_items_first_seen_at", "first_seen_at"),
)

article_changes = Table(
    "article_changes",
    metadata,
    Column("article_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column(
        "kind",
        Text,
        CheckConstraint("kind IN ('stored', 'changed', 'retagged', 'deleted')", name="article_changes_kind"),
        nullable=False,
    ),
    _moment("changed_at", required=True, now=True),
    Index("article_changes_seq_key", "seq", unique=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    _moment("created_at", required=True, now=True),
    _moment("expires_at"),
    _moment("last_used_at"),
    _moment("revoked_at"),
    Index("api_tokens_token_hash_key", "token_hash", unique=True),
)

webhooks = Table(
    "webhooks",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("query", JSONB, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    _moment("next_attempt_at", required=True, now=True),
    Column("last_error", Text),
    _moment("last_delivered_at"),
    Column("delivered", BigInteger, nullable=False, server_default=text("0")),
    _moment("created_at", required=True, now=True),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("url_hash", LargeBinary, primary_key=True),
    Column("article_id", BigInteger),
    Column("reason", Text, nullable=False),
    Column("deleted_by", Text, nullable=False),
    _moment("deleted_at", required=True, now=True),
    Index("tombstones_article_id", "article_id"),
)

raw_removals = Table(
    "raw_removals",
    metadata,
    Column("file", Text, primary_key=True),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    _moment("requested_at", required=True, now=True),
    _moment("removed_at"),
    Column("error", Text),
    Index("raw_removals_pending", "requested_at", postgresql_where=text("removed_at IS NULL")),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _moment("at", required=True, now=True),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, server_default=text("''")),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'")),
    Index("audit_at", "at"),
)
