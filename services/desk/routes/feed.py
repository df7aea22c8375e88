"""The change feed, by pages and as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from services.desk import models, story_models
from services.desk.access import CallerToken, needs
from services.desk.parameters import MAX_ID
from services.desk.state import Desk, TheDesk
from services.desk.story_rows import told_stories
from services.desk.streaming import RevocableStream
from services.store import changes, search

router = APIRouter(tags=["changes"], dependencies=[needs("read")])
_PACE_S = 0.25
_ALIVE_S = 15.0
_LIFE_S = 3600.0
"""Lifetime of a stream. The browser then reconnects; a client that ignores its stream gives back its
place."""
MOST_WATCHERS = 100


@router.get("/changes")
def feed(
    desk: TheDesk,
    after: Annotated[
        int, Query(ge=0, le=MAX_ID, description="`cursor` of the page before; 0 from the beginning")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    kind: Annotated[
        list[changes.Kind],
        Query(max_length=8, description="kinds of changes; those of articles where left out"),
    ] = [],  # noqa: B006  FastAPI copies it
    collapse: Annotated[
        Literal["copies", "stories"] | None,
        Query(
            description="without articles that are copies, or with the first article of each story only; the "
            "feed then ends at what the stories service has taken in"
        ),
    ] = None,
) -> story_models.Changes:
    """Every stored, changed, retagged or deleted article once, at its latest change, in commit order; with
    `kind`, also or only stories that were created, grew or merged.

    To process each change exactly once, store `cursor` and the results of a page in one transaction.
    """
    with desk.pool.connection() as connection:
        page = changes.page(
            connection, after, limit=limit, kinds=kind or changes.OF_ARTICLES, collapse=collapse
        )
        articles = search.summaries(connection, [c.article_id for c in page.entries if c.article_id])
        told = told_stories(connection, [c.story_id for c in page.entries if c.story_id])
    rows = {row["id"]: models.Summary.model_validate(row) for row in articles}
    found = [
        story_models.Change(
            seq=c.seq, kind=c.kind, changed_at=c.changed_at, article_id=c.article_id,
            article=rows.get(c.article_id or 0), story_id=c.story_id, story=told.get(c.story_id or 0),
            other_id=c.other_id, mark=c.mark,
        )
        for c in page.entries
    ]  # fmt: skip
    return story_models.Changes(changes=found, cursor=page.cursor, more=page.more)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 503: {"model": models.Problem}},
)
async def events(request: Request, desk: TheDesk, token: CallerToken) -> StreamingResponse:
    """Committed changes as server-sent events: `change` with {cursor, articles: [ids], kinds, stories: [ids],
    story_kinds}."""
    if desk.watchers >= MOST_WATCHERS:
        raise HTTPException(503, "too many live streams: try again later", {"Retry-After": "30"})
    desk.watchers += 1
    return RevocableStream(
        _event_stream(desk, _start_cursor(request, desk.columns.cursor)),
        allowed=lambda: desk.is_valid(token),
        over=desk.release_watcher,
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


def _start_cursor(request: Request, now: int) -> int:
    """The position to start from: after the browser's Last-Event-ID, or now."""
    last = request.headers.get("last-event-id", "")
    return min(int(last), now) if last.isascii() and last.isdigit() and len(last) < 20 else now


async def _event_stream(desk: Desk, cursor: int) -> AsyncIterator[str]:
    quiet_s = told_s = 0.0
    yield f"retry: 2000\nevent: hello\ndata: {json.dumps({'cursor': cursor})}\n\n"
    while not desk.follower.ended and told_s < _LIFE_S:
        news = [c for c in list(desk.follower.recent) if c.seq > cursor]
        if news:
            cursor, quiet_s = news[-1].seq, 0.0
            of_articles = [c for c in news if c.article_id is not None]
            of_stories = [c for c in news if c.story_id is not None]
            told = {
                "cursor": cursor,
                "articles": [c.article_id for c in of_articles],
                "kinds": [c.kind for c in of_articles],
                "stories": [c.story_id for c in of_stories],
                "story_kinds": [c.kind for c in of_stories],
            }
            yield f"id: {cursor}\nevent: change\ndata: {json.dumps(told)}\n\n"
        elif quiet_s >= _ALIVE_S:
            quiet_s = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(_PACE_S)
        quiet_s += _PACE_S
        told_s += _PACE_S
