-- In the order of hashes, so that two batches with common articles cannot deadlock.
INSERT INTO articles AS a (
    url_hash, url, canonical_url, source_domain, site_name, provider, agency, dateline, title, authors,
    published_at, modified_at, language, text, word_count, image_url, section, keywords, paywalled,
    content_hash, extractor, extractor_version, fetched_at, signals, topics_version, regions_version,
    names_version, links)
SELECT decode(url_hash, 'hex'), url, canonical_url, source_domain, site_name, provider, agency, dateline,
    title, coalesce(authors, '{}'), published_at, modified_at, language, text, word_count, image_url, section,
    coalesce(keywords, '{}'), coalesce(paywalled, false), content_hash, extractor, extractor_version,
    fetched_at, coalesce(signals, '{}'), topics_version, regions_version, names_version,
    coalesce(links, '[]')
FROM json_to_recordset(%(rows)s) AS r (
    url_hash text, url text, canonical_url text, source_domain text, site_name text, provider text,
    agency text, dateline text, title text, authors text[], published_at timestamptz,
    modified_at timestamptz, language text, text text, word_count integer, image_url text, section text,
    keywords text[], paywalled boolean, content_hash text, extractor text, extractor_version text,
    fetched_at timestamptz, signals jsonb, topics_version text, regions_version text,
    names_version text, links jsonb)
ORDER BY url_hash
ON CONFLICT (url_hash) DO UPDATE SET
    url = excluded.url, site_name = excluded.site_name, provider = excluded.provider,
    agency = excluded.agency, dateline = excluded.dateline, title = excluded.title,
    authors = excluded.authors, published_at = coalesce(excluded.published_at, a.published_at),
    modified_at = excluded.modified_at, language = excluded.language, text = excluded.text,
    word_count = excluded.word_count, image_url = excluded.image_url, section = excluded.section,
    keywords = excluded.keywords, paywalled = excluded.paywalled, signals = excluded.signals,
    topics_version = excluded.topics_version, regions_version = excluded.regions_version,
    names_version = excluded.names_version, links = excluded.links, content_hash = excluded.content_hash, extractor = excluded.extractor,
    extractor_version = excluded.extractor_version, last_seen_at = now(),
    version = a.version + (a.content_hash <> excluded.content_hash)::int
RETURNING id, encode(url_hash, 'hex'), xmax = 0
