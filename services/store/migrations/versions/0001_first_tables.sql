-- A generated column must not depend on a session's settings, so the language picks the configuration here.
-- The headline weighs most; the first 1,500 characters carry nearly all that a search asks for, at a
-- third of the cost of indexing whole bodies.
CREATE FUNCTION dateline_search(language text, title text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector(configuration, coalesce(title, '')), 'A')
        || setweight(to_tsvector(configuration, left(coalesce(body, ''), 1500)), 'B')
    FROM (SELECT (CASE split_part(language, '-', 1)
        WHEN 'ar' THEN 'arabic' WHEN 'da' THEN 'danish' WHEN 'de' THEN 'german' WHEN 'en' THEN 'english'
        WHEN 'es' THEN 'spanish' WHEN 'fi' THEN 'finnish' WHEN 'fr' THEN 'french' WHEN 'hu' THEN 'hungarian'
        WHEN 'id' THEN 'indonesian' WHEN 'it' THEN 'italian' WHEN 'nl' THEN 'dutch' WHEN 'no' THEN 'norwegian'
        WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian' WHEN 'ru' THEN 'russian' WHEN 'sv' THEN 'swedish'
        WHEN 'tr' THEN 'turkish' ELSE 'simple' END)::regconfig AS configuration) AS chosen
$$;

CREATE TABLE articles (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url_hash          bytea NOT NULL,
    url               text NOT NULL,
    canonical_url     text NOT NULL,
    source_domain     text NOT NULL,
    site_name         text,
    provider          text,
    agency            text,
    dateline          text,
    title             text NOT NULL,
    authors           text[] NOT NULL DEFAULT '{}',
    published_at      timestamptz,
    modified_at       timestamptz,
    language          text,
    text              text NOT NULL,
    word_count        integer NOT NULL,
    image_url         text,
    section           text,
    keywords          text[] NOT NULL DEFAULT '{}',
    paywalled         boolean NOT NULL DEFAULT false,
    content_hash      text NOT NULL,
    extractor         text NOT NULL,
    extractor_version text NOT NULL,
    version           integer NOT NULL DEFAULT 1,
    fetched_at        timestamptz NOT NULL,
    stored_at         timestamptz NOT NULL DEFAULT now(),
    last_seen_at      timestamptz NOT NULL DEFAULT now(),
    search            tsvector GENERATED ALWAYS AS (dateline_search(language, title, text)) STORED
);
CREATE UNIQUE INDEX articles_url_hash_key ON articles (url_hash);
CREATE INDEX articles_published_at ON articles (published_at);
CREATE INDEX articles_stored_at ON articles (stored_at);
CREATE INDEX articles_source_domain ON articles (source_domain, published_at);
CREATE INDEX articles_search ON articles USING gin (search);

CREATE TABLE article_versions (
    article_id        bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    version           integer NOT NULL,
    title             text NOT NULL,
    text              text NOT NULL,
    content_hash      text NOT NULL,
    extractor_version text NOT NULL,
    fetched_at        timestamptz NOT NULL,
    replaced_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (article_id, version)
);

CREATE TABLE article_topics (
    article_id     bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    code           text NOT NULL,
    name           text NOT NULL,
    path           text[] NOT NULL,
    score          double precision NOT NULL,
    evidence       jsonb NOT NULL DEFAULT '[]',
    provenance     text[] NOT NULL DEFAULT '{}',
    tagger_version text NOT NULL,
    PRIMARY KEY (article_id, code)
);
CREATE INDEX article_topics_path ON article_topics USING gin (path);
CREATE INDEX article_topics_code ON article_topics (code, article_id);

CREATE TABLE article_countries (
    article_id     bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    code           text NOT NULL,
    name           text NOT NULL,
    m49            integer NOT NULL,
    score          double precision NOT NULL,
    focus          boolean NOT NULL,
    roles          text[] NOT NULL,
    mentions       integer NOT NULL,
    evidence       jsonb NOT NULL DEFAULT '[]',
    tagger_version text NOT NULL,
    PRIMARY KEY (article_id, code)
);
CREATE INDEX article_countries_code ON article_countries (code, article_id);
CREATE INDEX article_countries_m49 ON article_countries (m49);

CREATE TABLE article_places (
    article_id     bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start          integer NOT NULL,
    "end"          integer NOT NULL,
    quote          text NOT NULL,
    name           text,
    geonameid      bigint,
    kind           text,
    country        text,
    admin1         text,
    lat            double precision,
    lon            double precision,
    score          double precision NOT NULL,
    tagger_version text NOT NULL,
    PRIMARY KEY (article_id, start)
);
CREATE INDEX article_places_geonameid ON article_places (geonameid);
CREATE INDEX article_places_country ON article_places (country, admin1);
CREATE INDEX article_places_lat_lon ON article_places (lat, lon);

CREATE TABLE article_links (
    article_id bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    position   integer NOT NULL,
    url        text NOT NULL,
    title      text NOT NULL,
    kind       text NOT NULL CONSTRAINT article_links_kind CHECK (kind IN ('body', 'related')),
    PRIMARY KEY (article_id, position)
);

CREATE TABLE submissions (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url             text NOT NULL,
    canonical_url   text NOT NULL,
    url_hash        bytea NOT NULL,
    host            text NOT NULL,
    state           text NOT NULL CONSTRAINT submissions_state
                    CHECK (state IN ('pending', 'in_flight', 'stored', 'skipped', 'failed', 'refused')),
    reason          text,
    detail          text,
    attempts        smallint NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    submitted_at    timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    dispatched_at   timestamptz,
    origin          text NOT NULL,
    hints           jsonb NOT NULL DEFAULT '{}',
    article_id      bigint REFERENCES articles (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX submissions_url_hash_key ON submissions (url_hash);
CREATE INDEX submissions_due ON submissions (next_attempt_at) WHERE state = 'pending';
CREATE INDEX submissions_in_flight ON submissions (dispatched_at) WHERE state = 'in_flight';
CREATE INDEX submissions_state ON submissions (state, reason);
CREATE INDEX submissions_article_id ON submissions (article_id);

CREATE TABLE submission_attempts (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    attempt       smallint NOT NULL,
    stage         text NOT NULL,
    outcome       text NOT NULL,
    reason        text,
    detail        text,
    ended_at      timestamptz NOT NULL DEFAULT now(),
    stamps        jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX submission_attempts_submission_id ON submission_attempts (submission_id);
CREATE INDEX submission_attempts_ended_at ON submission_attempts (ended_at);

CREATE TABLE dead_letters (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint REFERENCES submissions (id) ON DELETE CASCADE,
    url           text NOT NULL,
    stage         text NOT NULL,
    error         text,
    reason        text NOT NULL,
    traceback     text,
    payload       jsonb,
    attempts      smallint NOT NULL,
    failed_at     timestamptz NOT NULL DEFAULT now(),
    replayed_at   timestamptz
);
CREATE INDEX dead_letters_failed_at ON dead_letters (failed_at);
CREATE INDEX dead_letters_reason ON dead_letters (reason, stage);
CREATE INDEX dead_letters_submission_id ON dead_letters (submission_id);
