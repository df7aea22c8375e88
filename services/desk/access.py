"""Authentication and authorisation: tokens with scopes, sessions, unauthenticated local access in
development, and the rate limit of each address."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.desk import session_cookie
from services.desk.headers import secured
from services.desk.proxies import Networks, apply_forwarded, caller_key
from services.desk.refusing import refuse
from services.desk.settings import DeskSettings
from services.store import desk_sessions, tokens
from services.store.tokens import Token

BEARER = HTTPBearer(auto_error=False, description="a token, as `dateline tokens add NAME` prints it")
"""Only for the OpenAPI description; `caller` reads the header and the cookie itself."""
_EVERYTHING = frozenset(tokens.SCOPES)
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_BURST_S = 4.0
_MOST_CALLERS = 10_000


class RateLimiter:
    """Token bucket for each caller: `rate` requests per second, with a burst of four seconds' worth. The
    least recently seen caller is evicted when there are too many."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, caller: str) -> float:
        """Takes one request from the bucket and returns 0, or returns the seconds until one is available."""
        now = self._clock()
        left, at = self._buckets.pop(caller, (self._rate * _BURST_S, now))
        left = min(self._rate * _BURST_S, left + (now - at) * self._rate)
        if len(self._buckets) >= _MOST_CALLERS:
            self._buckets.popitem(last=False)
        self._buckets[caller] = (max(0.0, left - 1) if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) / self._rate


class RateLimitMiddleware:
    """The outermost middleware: applies the rate limit of each address, and adds the security headers to
    every response."""

    def __init__(self, app: ASGIApp, *, rate: int, proxies: Networks = ()) -> None:
        self._app, self._proxies = app, proxies
        self._pace = RateLimiter(rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            await send(secured(message))

        apply_forwarded(scope, self._proxies)
        key = caller_key(scope["client"][0]) if scope.get("client") else "?"
        if wait_s := self._pace.wait_s(key):
            await refuse(
                with_headers, 429, "too many requests: slow down", {"retry-after": str(int(wait_s) + 1)}
            )
            return
        await self._app(scope, receive, with_headers)


def caller(request: Request) -> Token:
    """Authenticates a request. Raises 401 without a valid token or session where one is needed, and 403
    for a cross-site request."""
    if (known := request.scope.get("dateline.caller")) is not None:  # authenticated before the body was read
        return cast("Token", known)
    settings: DeskSettings = request.app.state.settings
    bearer = request.headers.get("authorization", "")
    if bearer.lower().startswith("bearer "):
        return _known(request, bearer[7:].strip())
    from_own_page(request)
    if is_open_to(settings, request):  # before the cookie, so that an expired one locks nobody out
        return Token(0, "this machine", _EVERYTHING)
    if session_id := session_cookie.read(request):
        return _of_session(request, session_id)
    raise HTTPException(
        401,
        "a token is needed: `dateline tokens add NAME --scope read` makes one",
        {"WWW-Authenticate": "Bearer"},
    )


def is_open_to(settings: DeskSettings, request: Request) -> bool:
    """Whether this client needs no token: development profile, an allowed network, and a Host header that
    names this machine.

    The Host header matters: with DNS rebinding another site's name resolves to 127.0.0.1.
    """
    if not settings.is_open or request.client is None:
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    name = host_name(request.headers.get("host", ""))
    named = name in _LOCAL_NAMES or name in settings.hosts
    return named and any(address in network for network in settings.open_to)


def host_name(host: str) -> str:
    """The host name of a Host header, without its port; empty if it cannot be parsed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _known(request: Request, token: str) -> Token:
    with request.app.state.pool.connection() as connection:
        found = tokens.find(connection, token)
    if found is None:
        raise HTTPException(
            401,
            "this token is not known, has ended or was revoked",
            {"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    return found


def _of_session(request: Request, session_id: str) -> Token:
    with request.app.state.pool.connection() as connection:
        found = desk_sessions.find(connection, session_id)
    if found is None:
        raise HTTPException(
            401,
            "this session has ended: sign in again",
            {"WWW-Authenticate": "Bearer"} | session_cookie.deleting(request),
        )
    return found


def from_own_page(request: Request) -> None:
    """Protects against CSRF: raises 403 for a state-changing request that another site's page makes
    through the browser."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = site not in (None, "same-origin", "none")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        foreign = True
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if foreign or (kind and kind != "application/json"):
        raise HTTPException(403, "this request comes from another site; scripts use a token")


def needs(scope: str) -> Any:
    """Returns a dependency that requires `scope`, or admin, which includes every scope. It raises 401 and
    403."""

    def check(found: Annotated[Token, Depends(caller)]) -> Token:
        if scope not in found.scopes and "admin" not in found.scopes:
            raise HTTPException(403, f"this token may not do that: it needs the scope {scope}")
        return found

    return Depends(check)


CallerToken = Annotated[Token, Depends(caller)]
"""The authenticated client, for streams, which check it again while they run."""
