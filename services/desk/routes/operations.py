"""Routes of operation: state of the pipeline, sources and their completeness, dead letters."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from redis.exceptions import RedisError

from services.contract.errors import DatelineError
from services.desk import models, reports
from services.desk.access import needs
from services.desk.acting import Admin, who
from services.desk.parameters import MAX_ID, Id, Moment, Word, asked
from services.desk.state import Desk, TheDesk
from services.runtime import worker_states
from services.store import audit, completeness, dead_letters, sources, story_progress
from services.store.status import outcomes, pipeline_state

router = APIRouter(tags=["operations"])


@router.get("/pipeline", dependencies=[needs("read")])
def pipeline(desk: TheDesk, since: Moment | None = None, until: Moment | None = None) -> reports.Pipeline:
    """Counts by state, rates by stage, the oldest items, queues and workers.

    With `since` or `until`, `reasons` are of URLs settled in that time, and `outcomes` of its attempts.
    """
    begin, end = asked("since", since), asked("until", until)
    with desk.pool.connection() as connection:
        state = pipeline_state(connection, since=begin, until=end)
        ended = outcomes(connection, since=begin, until=end) if begin or end else []
        behind, behind_s = story_progress.lag(connection)
    oldest = state["oldest"] or {}
    queues, workers, answers = _broker(desk)
    return reports.Pipeline(
        states=state["states"],
        reasons=state["reasons"],
        outcomes=ended,
        oldest_due_s=_age_s(oldest.get("due")),
        oldest_in_flight_s=_age_s(oldest.get("in_flight")),
        rates=state["rates"],
        stages=[
            {k: float(v) if k in ("per_minute", "mean_ms") and v is not None else v for k, v in row.items()}
            for row in state["stages"]
        ],
        dead_letters=state["dead_letters"],
        articles=state["articles"]["articles"],
        newest_article_at=state["articles"]["newest"],
        stories_behind=behind,
        stories_behind_s=behind_s if behind else None,
        broker=answers,
        queues=queues,
        workers=workers,
        flower_url=desk.settings.flower_url,
    )


def _broker(desk: Desk) -> tuple[list[reports.QueueRow], list[reports.WorkerRow], bool]:
    try:
        depths = desk.queues.depths()
        known = worker_states.workers(desk.redis)
    except (DatelineError, RedisError):
        return [], [], False
    now = time.time()
    queues = [
        reports.QueueRow(
            queue=d.queue, waiting=d.waiting, unacknowledged=d.unacknowledged,
            oldest_s=max(0.0, now - d.oldest) if d.oldest else None,
        )
        for d in depths
    ]  # fmt: skip
    workers = [
        reports.WorkerRow(
            name=name, service=said.service, healthy=said.healthy, said_s=max(0.0, now - said.at)
        )
        for name, said in sorted(known.items())
    ]
    return queues, workers, True


def _age_s(moment: datetime | None) -> float | None:
    return max(0.0, (datetime.now(UTC) - moment).total_seconds()) if moment else None


@router.get("/sources", dependencies=[needs("read")])
def list_sources(desk: TheDesk) -> reports.Sources:
    """Feeds, sitemaps and front pages; broken and silent ones first."""
    with desk.pool.connection() as connection:
        rows = sources.listed(connection)
        silent = {row["id"]: row for row in completeness.silent(connection)}
    for row in rows:
        still = silent.get(row["id"], {})
        row |= {
            "state": _state(row, bool(still)),
            "still_s": still.get("still_s"),
            "habit_s": still.get("habit_s"),
        }
    order = ("broken", "silent", "new", "ok", "paused")
    rows.sort(key=lambda row: (order.index(row["state"]), row["title"] or row["url"]))
    return reports.Sources.model_validate({"sources": rows})


def _state(row: dict[str, Any], silent: bool) -> str:
    if row["paused"]:
        return "paused"
    if row["errors_in_row"]:
        return "broken"
    if row["last_success_at"] is None:
        return "new"
    return "silent" if silent else "ok"


@router.get("/sources/report", dependencies=[needs("read")])
def report(
    desk: TheDesk, days: Annotated[int, Query(ge=1, le=90)] = 7, source: Annotated[Id | None, Query()] = None
) -> reports.Completeness:
    """Items listed by sources, and articles stored, by source and day (UTC)."""
    with desk.pool.connection() as connection:
        rows = completeness.by_day(connection, days=days, source_id=source)
    return reports.Completeness.model_validate({"days": rows})


@router.get("/dead-letters", dependencies=[needs("read")])
def letters(
    desk: TheDesk, reason: Word | None = None, stage: Word | None = None, source: Word | None = None,
    since: Moment | None = None, until: Moment | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> reports.Letters:  # fmt: skip
    """URLs that failed permanently and were not replayed since, newest first."""
    which = dead_letters.LetterFilter(
        reason=reason, stage=stage, source=source, since=asked("since", since), until=asked("until", until)
    )
    with desk.pool.connection() as connection:
        rows = dead_letters.list_letters(connection, which, limit=limit)
    return reports.Letters.model_validate({"letters": rows})


@router.post("/dead-letters/replay", dependencies=[needs("admin")], responses=models.problems(400))
def replay(desk: TheDesk, admin: Admin, body: reports.Replay) -> reports.Replayed:
    """Replay dead letters: their URLs are due again, with a fresh attempt count."""
    if not (body.ids or body.reason or body.stage or body.source):
        raise HTTPException(400, "say which letters: by ids, reason, stage or source")
    ids = tuple(i for i in body.ids if 0 < i <= MAX_ID)
    if body.ids and not ids:
        return reports.Replayed(urls=0)
    which = dead_letters.LetterFilter(ids=ids, reason=body.reason, stage=body.stage, source=body.source)
    with desk.pool.connection() as connection:
        urls = dead_letters.replay(connection, which)
        audit.note(
            connection, who(admin), "letters_replayed", urls=urls, **body.model_dump(exclude_defaults=True)
        )
    return reports.Replayed(urls=urls)
