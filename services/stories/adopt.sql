-- -- rebuilt: the articles that are written, and the story of each under the id that it keeps
CREATE TEMP TABLE rebuilt AS
    SELECT n.article_id, n.story_id AS number, 0::bigint AS story_id FROM pg_temp.story_articles n
        JOIN public.articles a ON a.id = n.article_id WHERE a.stored_at >= :since
-- -- kept: of each new story the old one with which it has most articles in common
CREATE TEMP TABLE kept AS
    SELECT DISTINCT ON (old) number, old FROM (
        SELECT DISTINCT ON (number) number, old, common FROM (
            SELECT n.story_id AS number, o.story_id AS old, count(*) AS common
            FROM pg_temp.story_articles n JOIN public.story_articles o USING (article_id) GROUP BY 1, 2) p
        ORDER BY number, common DESC, old) b
    ORDER BY old, common DESC, number
-- -- new ids of the others
INSERT INTO kept (number, old)
    SELECT number, coalesce((SELECT max(next_story) FROM public.stories_progress), 1) - 1 + row_number()
        OVER (ORDER BY number)
    FROM (SELECT DISTINCT story_id AS number FROM pg_temp.story_articles
          EXCEPT SELECT number FROM kept) others
-- -- their index
CREATE UNIQUE INDEX ON kept (number)
-- -- stories of the articles
UPDATE rebuilt r SET story_id = k.old FROM kept k WHERE k.number = r.number
-- -- stories that change
CREATE TEMP TABLE touched AS
    SELECT DISTINCT v.story FROM rebuilt r LEFT JOIN public.story_articles o USING (article_id),
        LATERAL (VALUES (r.story_id), (o.story_id)) AS v (story)
    WHERE o.story_id IS DISTINCT FROM r.story_id AND v.story IS NOT NULL
-- -- stories that are new, from those that were there
CREATE TEMP TABLE split AS
    SELECT DISTINCT ON (r.story_id) r.story_id, o.story_id AS former FROM rebuilt r
        LEFT JOIN public.story_articles o USING (article_id)
        WHERE NOT EXISTS (SELECT FROM public.stories s WHERE s.id = r.story_id AND s.merged_into IS NULL)
        ORDER BY r.story_id, o.story_id
-- -- stories that become part of others
CREATE TEMP TABLE joined AS
    SELECT DISTINCT ON (o.story_id) o.story_id, r.story_id AS into_id FROM rebuilt r
        JOIN public.story_articles o USING (article_id) WHERE o.story_id <> r.story_id AND NOT EXISTS (
            SELECT FROM public.story_articles s LEFT JOIN rebuilt t USING (article_id)
            WHERE s.story_id = o.story_id AND coalesce(t.story_id, s.story_id) = o.story_id)
        AND NOT EXISTS (SELECT FROM rebuilt t WHERE t.story_id = o.story_id)
        ORDER BY o.story_id, r.story_id
-- -- count copies_removed
DELETE FROM public.article_copies c USING rebuilt r WHERE r.article_id = c.article_id
    AND NOT EXISTS (SELECT FROM pg_temp.article_copies n WHERE n.article_id = c.article_id)
-- -- count copies
INSERT INTO public.article_copies AS c SELECT n.* FROM pg_temp.article_copies n JOIN rebuilt USING (article_id)
ON CONFLICT (article_id) DO UPDATE SET root_id = excluded.root_id, parent_id = excluded.parent_id,
    kind = excluded.kind, share = excluded.share, parent_share = excluded.parent_share,
    passages = excluded.passages, reason = excluded.reason, also_id = excluded.also_id,
    score = excluded.score, version = excluded.version, related_at = now()
WHERE (c.root_id, c.parent_id, c.kind, c.share, c.parent_share, c.passages, c.reason, c.also_id, c.score,
    c.version) IS DISTINCT FROM (excluded.root_id, excluded.parent_id, excluded.kind, excluded.share,
    excluded.parent_share, excluded.passages, excluded.reason, excluded.also_id, excluded.score,
    excluded.version)
-- -- new stories
INSERT INTO public.stories AS s (id, first_article_id, language, articles, reports, sources, first_at, last_at)
    SELECT p.story_id, n.first_article_id, n.language, 0, 0, 0, n.first_at, n.last_at
    FROM split p JOIN kept k ON k.old = p.story_id JOIN pg_temp.stories n ON n.id = k.number
ON CONFLICT (id) DO UPDATE SET merged_into = NULL
-- -- count articles
INSERT INTO public.story_articles AS s (article_id, story_id, at, source, score, evidence, version)
    SELECT n.article_id, r.story_id, n.at, n.source, n.score, n.evidence, n.version
    FROM pg_temp.story_articles n JOIN rebuilt r USING (article_id)
ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, at = excluded.at,
    source = excluded.source, score = excluded.score, evidence = excluded.evidence, version = excluded.version
WHERE (s.story_id, s.at, s.source, s.score, s.evidence, s.version) IS DISTINCT FROM (excluded.story_id,
    excluded.at, excluded.source, excluded.score, excluded.evidence, excluded.version)
-- -- those that became part of others
UPDATE public.stories s SET merged_into = j.into_id, articles = 0, reports = 0, sources = 0, updated_at = now()
    FROM joined j WHERE s.id = j.story_id
-- -- and those that had become part of them
UPDATE public.stories s SET merged_into = j.into_id FROM joined j WHERE s.merged_into = j.story_id
-- -- counts of stories, and of those whose copies changed
SELECT dateline_count_stories(array(SELECT story FROM touched UNION SELECT story_id FROM rebuilt
    JOIN public.article_copies c USING (article_id) WHERE c.related_at = now()))
-- -- signatures
DELETE FROM public.story_signatures
-- -- vectors
DELETE FROM public.story_vectors
-- -- frequencies
DELETE FROM public.story_frequencies
-- -- signatures of articles that are there
INSERT INTO public.story_signatures SELECT n.* FROM pg_temp.story_signatures n
    WHERE EXISTS (SELECT FROM public.story_articles s WHERE s.article_id = n.article_id)
-- -- vectors of articles that are there
INSERT INTO public.story_vectors SELECT n.* FROM pg_temp.story_vectors n
    WHERE EXISTS (SELECT FROM public.story_articles s WHERE s.article_id = n.article_id)
-- -- counts of words
INSERT INTO public.story_frequencies SELECT * FROM pg_temp.story_frequencies
-- -- progress
INSERT INTO public.stories_progress AS p (method, cursor, position, next_story, clock)
    SELECT method, 0, position, next_story, clock FROM pg_temp.stories_progress
ON CONFLICT (id) DO UPDATE SET method = excluded.method, position = excluded.position,
    next_story = greatest(p.next_story, (SELECT coalesce(max(old), 0) + 1 FROM kept)), clock = excluded.clock,
    updated_at = now()
-- -- the ids that are given out next
UPDATE public.stories_progress SET next_story = greatest(next_story, (SELECT coalesce(max(id), 0) + 1
    FROM public.stories))
-- -- the order of the change feed
SELECT pg_advisory_xact_lock(4719, 6)
-- -- count events
INSERT INTO public.story_events (seq, kind, story_id, other_id, mark, articles, reports, sources)
    SELECT nextval('article_changes_seq'), e.kind, e.story_id, e.other_id, 0, coalesce(s.articles, 0),
        coalesce(s.reports, 0), coalesce(s.sources, 0)
    FROM (SELECT 'story_split' AS kind, p.story_id, p.former AS other_id FROM split p JOIN public.stories n
              ON n.id = p.story_id WHERE p.former IS NOT NULL AND n.articles > 1
          UNION ALL SELECT 'story_created', s.id, NULL FROM touched t JOIN public.stories s ON s.id = t.story
              WHERE s.articles > 1 AND NOT EXISTS (SELECT FROM split p WHERE p.story_id = s.id AND p.former
                  IS NOT NULL)
          UNION ALL SELECT 'story_merged', j.story_id, j.into_id FROM joined j JOIN public.story_events o
              ON o.story_id = j.story_id AND o.kind = 'story_created') e
        LEFT JOIN public.stories s ON s.id = e.story_id
    WHERE NOT EXISTS (SELECT FROM public.story_events o WHERE o.story_id = e.story_id AND o.kind = e.kind
        AND o.mark = 0 AND coalesce(o.other_id, 0) = coalesce(e.other_id, 0))
    ORDER BY e.story_id, e.kind
