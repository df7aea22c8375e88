"""Tables of articles, their tags, versions and changes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Double,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from services.store.schema.columns import (
    NAMES,
    POINT,
    ROLES,
    SCORE,
    article_id_column,
    chars,
    check,
    dated,
    few,
    id_column,
    metadata,
    moment,
)

# Written out, since a generated column needs an immutable expression.
SEARCH_CONFIGURATIONS = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "id": "indonesian", "it": "italian", "nl": "dutch", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
"""Language code to the text search configuration of Postgres that stems
it; other languages are not stemmed.
"""

articles = Table(
    "articles",
    metadata,
    id_column(),
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
    moment("published_at"),
    moment("modified_at"),
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
    Column("names_version", Text),
    moment("fetched_at", required=True),
    moment("stored_at", required=True, now=True),
    moment("last_seen_at", required=True, now=True),
    Column("search", TSVECTOR, Computed("dateline_search(language, title, text)", persisted=True)),
    Index("articles_url_hash_key", "url_hash", unique=True),
    Index("articles_published_at", "published_at"),
    Index("articles_newest", text("coalesce(published_at, fetched_at)"), "id"),
    Index("articles_stored_at", "stored_at"),
    Index("articles_source_domain", "source_domain", "published_at"),
    Index("articles_search", "search", postgresql_using="gin"),
    check("articles_dates", dated("published_at", "modified_at", "fetched_at", "stored_at", "last_seen_at")),
    check(
        "articles_addresses",
        chars(url=32768, canonical_url=32768, image_url=32768, source_domain=1000),
        "url <> '' AND canonical_url <> '' AND source_domain <> ''",
    ),
    check("articles_texts", "octet_length(text) <= 1600000", chars(title=2000, **dict.fromkeys(NAMES, 2000))),
    check("articles_lists", few("authors"), few("keywords")),
    check("articles_counts", "word_count >= 0 AND version >= 1"),
    check("articles_codes", "content_hash <> ''", chars(language=40, content_hash=200, extractor=1000)),
)

article_versions = Table(
    "article_versions",
    metadata,
    article_id_column(),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("extractor_version", Text, nullable=False),
    moment("fetched_at", required=True),
    moment("replaced_at", required=True, now=True),
)

article_topics = Table(
    "article_topics",
    metadata,
    article_id_column(),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("path", ARRAY(Text), nullable=False),
    Column("score", Double, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=text("'[]'")),
    Column("provenance", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("tagger_version", Text, nullable=False),
    Index("article_topics_path", "path", postgresql_using="gin"),
    Index("article_topics_code", "code", "article_id"),
    check("article_topics_bounds", "code <> ''", SCORE, chars(code=1000, name=2000)),
)

article_countries = Table(
    "article_countries",
    metadata,
    article_id_column(),
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
    check(
        "article_countries_bounds", "code <> ''", SCORE, "mentions >= 0", ROLES, chars(code=100, name=2000)
    ),
)

article_places = Table(
    "article_places",
    metadata,
    article_id_column(),
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
    Column("form", Text, nullable=False, server_default=text("'name'")),
    Column("tagger_version", Text, nullable=False),
    Index("article_places_geonameid", "geonameid"),
    Index("article_places_country", "country", "admin1"),
    Index("article_places_point", text("point(lon, lat)"), postgresql_using="gist"),
    check(
        "article_places_bounds",
        'start >= 0 AND "end" >= start',
        SCORE,
        POINT,
        chars(quote=4000, name=2000),
    ),
    check("article_places_form", "form IN ('name', 'adjective', 'institution', 'dateline')"),
)

article_localities = Table(
    "article_localities",
    metadata,
    article_id_column(),
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
    check("article_localities_bounds", "country <> ''", SCORE, "mentions >= 0", POINT, chars(name=2000)),
)

article_names = Table(
    "article_names",
    metadata,
    article_id_column(),
    Column("label", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text),
    Column("score", Double, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("spans", ARRAY(Integer), nullable=False),
    Column("tagger_version", Text, nullable=False),
    Index("article_names_key", "key", "label", "article_id"),
    check(
        "article_names_bounds",
        "label IN ('PER', 'ORG') AND key <> ''",
        SCORE,
        "mentions >= 0",
        "cardinality(spans) <= 4000",
        chars(key=2000, name=2000, role=2000),
    ),
)

article_quotes = Table(
    "article_quotes",
    metadata,
    article_id_column(),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("speaker", Text),
    Column("key", Text),
    Column("cue", Text),
    Column("cue_start", Integer),
    Column("cue_end", Integer),
    Column("tagger_version", Text, nullable=False),
    Index("article_quotes_key", "key", "article_id", postgresql_where=text("key IS NOT NULL")),
    check(
        "article_quotes_bounds",
        'start >= 0 AND "end" >= start',
        chars(quote=4000, speaker=2000, key=2000, cue=2000),
    ),
)

# Links stored before the column `articles.links`; the view `article_links` shows both.
article_links_former = Table(
    "article_links_former",
    metadata,
    article_id_column(),
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
    moment("changed_at", required=True, now=True),
    Index("article_changes_seq_key", "seq", unique=True),
)

areas = Table(
    "areas",
    metadata,
    Column("name", Text, primary_key=True),
    Column("m49", Integer, nullable=False),
    Column("members", ARRAY(Text), nullable=False),
)
