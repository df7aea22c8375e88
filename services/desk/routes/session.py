"""Sign-in and sign-out, the authenticated client, and the health check."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from services.desk import models, reports, session_cookie
from services.desk.access import caller, from_own_page
from services.desk.state import TheDesk
from services.runtime import logs
from services.store import desk_sessions, tokens
from services.store.tokens import Token

router = APIRouter(tags=["session"])
_REFUSED = models.problems(401)
_OWN_PAGE = [Depends(from_own_page)]
log = logs.get(__name__)


@router.get("/me", responses=_REFUSED)
def me(found: Annotated[Token, Depends(caller)]) -> reports.Me:
    """The authenticated client and its scopes."""
    return reports.Me(name=found.name, scopes=sorted(found.scopes))


@router.post("/session", responses=models.problems(401, 403), dependencies=_OWN_PAGE)
def sign_in(desk: TheDesk, request: Request, response: Response, body: reports.SignIn) -> reports.Me:
    """Begin a session of a token; its id is set as a cookie. The browser's previous session ends."""
    with desk.pool.connection() as connection:
        found = tokens.find(connection, body.token)
        if found is not None:
            begun = desk_sessions.begin(connection, found)
            if former := session_cookie.read(request):
                desk_sessions.end(connection, former)
    if found is None:
        raise HTTPException(
            401, "this token is not known, has ended or was revoked", {"WWW-Authenticate": "Bearer"}
        )
    session_cookie.write(request, response, begun)
    log.info("session_begun", token=found.name, token_id=found.id)
    return reports.Me(name=found.name, scopes=sorted(found.scopes))


@router.delete("/session", status_code=204, responses=models.problems(403), dependencies=_OWN_PAGE)
def sign_out(desk: TheDesk, request: Request, response: Response) -> None:
    """End the session, with its live streams and exports."""
    if session_id := session_cookie.read(request):
        with desk.pool.connection() as connection:
            name = desk_sessions.end(connection, session_id)
        if name is not None:
            log.info("session_ended", token=name)
    session_cookie.delete(request, response)


@router.get("/health", responses={503: {"model": reports.Health}})
def health(desk: TheDesk, response: Response) -> reports.Health:
    """200 if the stored articles are loaded and the change feed is followed, else 503. Needs no token."""
    told = reports.Health(
        ready=desk.columns.ready and desk.follower.behind_s < 30,
        articles=desk.columns.data.sizes[0],
        behind_s=round(desk.follower.behind_s, 3),
    )
    response.status_code = 200 if told.ready else 503
    return told
