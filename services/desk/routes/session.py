"""Signing in and out, who one is, and whether the desk is well."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from services.desk import models, reports
from services.desk.access import COOKIE, caller, from_own_page
from services.desk.state import TheDesk
from services.store import tokens
from services.store.tokens import Token

router = APIRouter(tags=["session"])
_REFUSED = models.problems(401)
_OWN_PAGE = [Depends(from_own_page)]


@router.get("/me", responses=_REFUSED)
def me(found: Annotated[Token, Depends(caller)]) -> reports.Me:
    """Who the desk takes you for, and what you may do."""
    return reports.Me(name=found.name, scopes=sorted(found.scopes))


@router.post("/session", responses=models.problems(401, 403), dependencies=_OWN_PAGE)
def sign_in(desk: TheDesk, request: Request, response: Response, body: reports.SignIn) -> reports.Me:
    """Keep a token in a cookie, for the page."""
    with desk.pool.connection() as connection:
        found = tokens.find(connection, body.token)
    if found is None:
        raise HTTPException(
            401, "this token is not known, has ended or was revoked", {"WWW-Authenticate": "Bearer"}
        )
    response.set_cookie(
        COOKIE,
        body.token,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        max_age=30 * 86_400,
    )
    return reports.Me(name=found.name, scopes=sorted(found.scopes))


@router.delete("/session", status_code=204, responses=models.problems(403), dependencies=_OWN_PAGE)
def sign_out(response: Response) -> None:
    """Forget the token."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


@router.get("/health", responses={503: {"model": reports.Health}})
def health(desk: TheDesk, response: Response) -> reports.Health:
    """200 while the desk has read what is stored and follows the feed; 503 otherwise. Needs no token."""
    told = reports.Health(
        ready=desk.columns.ready and desk.follower.behind_s < 30,
        articles=desk.columns.data.sizes[0],
        behind_s=round(desk.follower.behind_s, 3),
    )
    response.status_code = 200 if told.ready else 503
    return told
