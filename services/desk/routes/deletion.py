"""Deleting articles for good, letting addresses back, and who did what."""

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
    """What is to go: articles by id, addresses by URL (also of no article yet); `reason` stays with the tombstone."""

    ids: list[Id] = Field(default=[], max_length=500)
    urls: list[Annotated[str, Field(max_length=4000)]] = Field(default=[], max_length=500)
    reason: _Reason = _ON_REQUEST


class DeletionResult(BaseModel):
    """What went; `raw` answers are removed from the archive by `dateline articles erase`, where it is."""

    articles: int
    submissions: int
    raw: int
    addresses: int


class Tombstone(BaseModel):
    """An address that is kept out."""

    url_hash: str
    url: str | None
    article_id: int | None
    reason: str
    deleted_by: str
    deleted_at: datetime


class Tombstones(BaseModel):
    """Addresses that are kept out, the newest first."""

    deletions: list[Tombstone]


class Allowed(BaseModel):
    """How many addresses may come again."""

    addresses: int


class Act(BaseModel):
    """An entry of the audit."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: dict[str, Any]


class Acts(BaseModel):
    """Entries of the audit, the newest first."""

    acts: list[Act]


@router.delete("/articles/{article_id}", responses=models.problems(404))
def delete_article(
    desk: TheDesk, admin: Admin, article_id: Annotated[int, Path(ge=1, le=MAX_ID)],
    reason: Annotated[_Reason, Query()] = _ON_REQUEST,
) -> DeletionResult:  # fmt: skip
    """Delete an article for good, with its versions, tags, links and raw answers, and keep its addresses out."""
    with desk.pool.connection() as connection:
        done = deletion.delete(connection, ids=[article_id], reason=reason, who=who(admin))
        if not done.articles:
            connection.rollback()
            raise HTTPException(404, f"there is no article {article_id}")
    return DeletionResult.model_validate(done, from_attributes=True)


@router.post("/deletions")
def delete_articles(desk: TheDesk, admin: Admin, body: Deletion) -> DeletionResult:
    """Delete articles by id or URL, and keep their addresses out; an address that is not stored is kept out as well."""
    hashes = [_hash(url, "body", "urls") for url in body.urls]
    with desk.pool.connection() as connection:
        done = deletion.delete(connection, ids=body.ids, hashes=hashes, reason=body.reason, who=who(admin))
    return DeletionResult.model_validate(done, from_attributes=True)


@router.get("/deletions")
def deletions(desk: TheDesk, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Tombstones:
    """Addresses that are kept out, the newest first."""
    with desk.pool.connection() as connection:
        return Tombstones.model_validate({"deletions": deletion.listed(connection, limit=limit)})


@router.delete("/deletions", responses=models.problems(404))
def allow(desk: TheDesk, admin: Admin, url: Annotated[str, Query(max_length=4000)]) -> Allowed:
    """Let a deleted address come back, when it is submitted again."""
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
    """Who deleted or changed what, the newest first."""
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
