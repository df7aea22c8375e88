"""Routes of deletions, tombstones and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel, Field

from services.contract.errors import DatelineError
from services.contract.moments import FORMS, asked_moment
from services.contract.urls import parse_url
from services.desk import models
from services.desk.access import needs
from services.desk.acting import Admin, who
from services.desk.parameters import MAX_ID, Id, Moment, refused
from services.desk.state import TheDesk
from services.store import audit, deletion

router = APIRouter(tags=["deletion"], dependencies=[needs("admin")])
_Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$")]
_ON_REQUEST = "on request"


class Deletion(BaseModel):
    """What to delete: articles by id, URLs (without an article too). `reason` is kept with the tombstones."""

    ids: list[Id] = Field(default=[], max_length=500)
    urls: list[Annotated[str, Field(max_length=4000)]] = Field(default=[], max_length=500)
    reason: _Reason = _ON_REQUEST


class DeletionResult(BaseModel):
    """What was deleted; `raw`: raw responses that `dateline articles erase` will remove from the archive."""

    articles: int
    submissions: int
    raw: int
    addresses: int


class Tombstone(BaseModel):
    """A deleted URL that may not be stored again."""

    url_hash: str
    url: str | None
    article_id: int | None
    reason: str
    deleted_by: str
    deleted_at: datetime


class Tombstones(BaseModel):
    """Tombstones, newest first."""

    deletions: list[Tombstone]


class Allowed(BaseModel):
    """The number of URLs that may be stored again."""

    addresses: int


class Act(BaseModel):
    """An entry of the audit log."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: dict[str, Any]


class Acts(BaseModel):
    """Entries of the audit log, newest first."""

    acts: list[Act]


@router.delete("/articles/{article_id}", responses=models.problems(404))
def delete_article(
    desk: TheDesk, admin: Admin, article_id: Annotated[int, Path(ge=1, le=MAX_ID)],
    reason: Annotated[_Reason, Query()] = _ON_REQUEST,
) -> DeletionResult:  # fmt: skip
    """Delete an article permanently, with its versions, tags, links and raw responses, and leave
    tombstones for its URLs."""
    with desk.pool.connection() as connection:
        done = deletion.delete(connection, ids=[article_id], reason=reason, who=who(admin))
        if not done.articles:
            connection.rollback()
            raise HTTPException(404, f"there is no article {article_id}")
    return DeletionResult.model_validate(done, from_attributes=True)


@router.post("/deletions")
def delete_articles(desk: TheDesk, admin: Admin, body: Deletion) -> DeletionResult:
    """Delete articles by id or URL, and leave tombstones for their URLs; a URL without an article gets one
    as well."""
    hashes = [_hash(url, "body", "urls") for url in body.urls]
    with desk.pool.connection() as connection:
        done = deletion.delete(connection, ids=body.ids, hashes=hashes, reason=body.reason, who=who(admin))
    return DeletionResult.model_validate(done, from_attributes=True)


@router.get("/deletions")
def deletions(desk: TheDesk, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Tombstones:
    """Tombstones, newest first."""
    with desk.pool.connection() as connection:
        return Tombstones.model_validate({"deletions": deletion.listed(connection, limit=limit)})


@router.delete("/deletions", responses=models.problems(404))
def allow(desk: TheDesk, admin: Admin, url: Annotated[str, Query(max_length=4000)]) -> Allowed:
    """Remove a tombstone, so that the URL may be submitted again."""
    with desk.pool.connection() as connection:
        lifted = deletion.allow(connection, _hash(url), who=who(admin))
    if not lifted:
        raise HTTPException(404, "this address is not kept out")
    return Allowed(addresses=lifted)


@router.get("/audit")
def acts(
    desk: TheDesk,
    since: Annotated[Moment | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Acts:
    """The audit log, newest first."""
    try:
        moment = asked_moment(since) if since else None
    except ValueError as error:
        raise refused("since", since or "", f"is not {FORMS}") from error
    with desk.pool.connection() as connection:
        return Acts.model_validate({"acts": audit.listed(connection, since=moment, limit=limit)})


def _hash(url: str, where: str = "query", name: str = "url") -> bytes:
    try:
        return parse_url(url).hash
    except DatelineError as error:
        raise refused(name, url, str(error), where=where) from error
