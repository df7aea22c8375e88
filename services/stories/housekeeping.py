"""Deletes what has left the window, in small transactions: signatures, vectors, and old events."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from services.stories.reader import moment
from services.stories.window import Window

_MOST = 5_000
_DAY_S = 86_400.0
_SIGNATURES = """
WITH old AS (SELECT article_id FROM story_signatures WHERE seen_at < %s ORDER BY seen_at LIMIT %s),
    vectors AS (DELETE FROM story_vectors v USING old WHERE v.article_id = old.article_id)
DELETE FROM story_signatures s USING old WHERE s.article_id = old.article_id
"""
_EVENTS = """
DELETE FROM story_events WHERE seq IN (
    SELECT seq FROM story_events WHERE at < now() - make_interval(secs => %s) ORDER BY at LIMIT %s)
"""


def clear(connection: Connection[Any], window: Window, *, keep_events_days: float) -> int:
    """Deletes up to some thousand rows of each kind; returns how many signatures."""
    first = window.copies.first_seen(window.clock)
    done = connection.execute(_SIGNATURES, (moment(max(0.0, first)), _MOST)).rowcount
    connection.execute(_EVENTS, (keep_events_days * _DAY_S, _MOST))
    return done
