"""The cookie of the page's session: its id, unreadable for scripts and not sent by other sites' pages."""

from __future__ import annotations

from fastapi import Request, Response

from services.store.desk_sessions import Begun

_NAME = "dateline_session"
_FORMER = "dateline_token"
"""A cookie of earlier versions, which held the token itself."""


def read(request: Request) -> str | None:
    """The session id that a request brings."""
    return request.cookies.get(_NAME)


def write(request: Request, response: Response, begun: Begun) -> None:
    """Sets the cookie for as long as the session can last; behind TLS, for TLS only."""
    response.set_cookie(
        _NAME,
        begun.session_id,
        max_age=int(begun.lasts.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=_is_tls(request),
    )
    _delete(request, response, _FORMER)


def delete(request: Request, response: Response) -> None:
    """Deletes the cookie, and that of earlier versions."""
    _delete(request, response, _NAME)
    _delete(request, response, _FORMER)


def deleting(request: Request) -> dict[str, str]:
    """The header that deletes the cookie, for a refusal."""
    response = Response()
    _delete(request, response, _NAME)
    return {"Set-Cookie": response.headers["set-cookie"]}


def _delete(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(name, httponly=True, samesite="strict", secure=_is_tls(request))


def _is_tls(request: Request) -> bool:
    return request.url.scheme == "https"
