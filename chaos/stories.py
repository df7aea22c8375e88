"""Whether copies and stories are those of a quiet run: the service's own code over the same articles, beside
its tables, with nothing that breaks."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg

from services.stories import rebuild
from services.stories.follower import connect
from services.stories.settings import StoriesSettings

_EVER = "1990-01-01 00:00:00+00"
_COPIES = """
SELECT article_id, coalesce(a.root_id, b.root_id) FROM
    (SELECT article_id, root_id, parent_id, kind, share, passages, reason FROM public.article_copies) a
    FULL JOIN (SELECT article_id, root_id, parent_id, kind, share, passages, reason
        FROM pg_temp.article_copies) b USING (article_id)
WHERE (a.root_id, a.parent_id, a.kind, a.share, a.passages, a.reason)
    IS DISTINCT FROM (b.root_id, b.parent_id, b.kind, b.share, b.passages, b.reason)
"""
_FIRST = "min(article_id) OVER of_story AS first, count(*) OVER of_story AS size"
_OF_STORY = "WINDOW of_story AS (PARTITION BY story_id)"
_MEMBERS = f"""
SELECT article_id, a.story_id FROM
    (SELECT article_id, story_id, score, {_FIRST} FROM public.story_articles {_OF_STORY}) a
    FULL JOIN (SELECT article_id, score, {_FIRST} FROM pg_temp.story_articles {_OF_STORY}) b
    USING (article_id)
WHERE (a.first, a.size, a.score) IS DISTINCT FROM (b.first, b.size, b.score)
"""
_COUNTS = """
SELECT s.id FROM public.stories s LEFT JOIN (
    SELECT story_id, count(*) AS articles FROM public.story_articles GROUP BY 1) n ON n.story_id = s.id
WHERE s.articles <> coalesce(n.articles, 0)
"""
_EVENTS = """
SELECT s.id FROM public.stories s WHERE s.articles > 1 AND 1 <> (
    SELECT count(*) FROM public.story_events e WHERE e.story_id = s.id AND e.kind = 'story_created')
"""


def caught_up(database_url: str, *, pump: Callable[[], None] = lambda: None, within_s: float = 120.0) -> bool:
    """Waits until the service has taken in all that is stored; False if it does not. `pump` runs before each
    look."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        pump()
        with psycopg.connect(database_url) as connection:
            row = connection.execute(
                "SELECT coalesce((SELECT max(seq) FROM article_changes), 0) <= "
                "coalesce((SELECT max(cursor) FROM stories_progress), 0)"
            ).fetchone()
        if row == (True,):
            return True
        time.sleep(0.25)
    return False


def differing(database_url: str, slice_s: float) -> list[str]:
    """A line for each article whose copies or story a quiet run tells otherwise, and for each story that is
    not counted or announced once."""
    settings = StoriesSettings(
        redis_url="", own_broker_url="", profile="development", log_format="json", log_level="info",
        heartbeat_file="", database_url=database_url, slice_s=slice_s, window_days=14.0,
        keep_events_days=90.0,
    )  # fmt: skip
    found = []
    with connect(database_url) as scratch:
        since = scratch.execute("SELECT %s::timestamptz", (_EVER,)).fetchone()
        assert since is not None
        rebuild.relate(scratch, settings, since[0])
        found += [f"article {a} is a copy of {r} otherwise" for a, r in scratch.execute(_COPIES)]
        found += [f"article {a} is in story {s} otherwise" for a, s in scratch.execute(_MEMBERS)]
        found += [f"story {s[0]} is counted wrongly" for s in scratch.execute(_COUNTS)]
        found += [f"story {s[0]} is not announced once" for s in scratch.execute(_EVENTS)]
    return found
