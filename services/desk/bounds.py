"""Limits of a request: URL, headers, method and Host are checked first; a body is read only from an
authenticated client, up to a size and a deadline."""

from __future__ import annotations

import asyncio

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.desk.access import caller, from_own_page, host_name
from services.desk.refusing import refuse
from services.desk.serving import HEAD_BYTES
from services.store.database import AWAY, explain_connection_error

METHODS = frozenset({"GET", "HEAD", "POST", "DELETE"})
URL_BYTES = 8 * 1024
BODY_BYTES = 2 * 1024 * 1024
SIGN_IN_BYTES = 4 * 1024
BODY_S = 20.0
ALL_BODIES_BYTES = 64 * 1024 * 1024
"""The total size of all request bodies in memory at the same time."""
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class RequestLimitsMiddleware:
    """Middleware that rejects requests out of limits, and passes on the others with their whole body read."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...] = (), body_s: float = BODY_S) -> None:
        self._app, self._body_s, self._held = app, body_s, 0
        self._hosts = frozenset(host.lower() for host in hosts) | _OWN_NAMES if hosts else frozenset[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = [0]
        try:
            try:
                length = self._checked(scope)
                if length is not None:
                    most = await self._allowed(scope, length)
                    receive = _replayed(await self._body(receive, most, taken), receive)
            except _ClientDisconnected:
                return
            except HTTPException as refusal:
                await refuse(send, refusal.status_code, refusal.detail, refusal.headers)
                return
            except AWAY as error:
                await refuse(send, 503, str(explain_connection_error(error)), {"retry-after": "2"})
                return
            await self._app(scope, receive, send)
        finally:
            self._held -= taken[0]

    def _checked(self, scope: Scope) -> int | None:
        """Checks the head of a request. Returns the body's declared length, -1 for one of unknown length,
        None without a body. Raises 405, 414, 421 or 431."""
        if scope["method"] not in METHODS:
            raise HTTPException(405, "method not allowed", {"allow": ", ".join(sorted(METHODS))})
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > URL_BYTES:
            raise HTTPException(414, f"the URL is longer than {URL_BYTES:,} bytes")
        size, length, host = 0, None, b""
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"content-length":
                length = _whole(value)
            elif name == b"transfer-encoding":
                length = -1
            elif name == b"host":
                host = value
        if size > HEAD_BYTES:
            raise HTTPException(431, f"the headers are longer than {HEAD_BYTES:,} bytes")
        if (
            self._hosts
            and scope["path"] != "/health"
            and host_name(host.decode("latin-1")) not in self._hosts
        ):
            raise HTTPException(421, "unknown Host header: DATELINE_DESK_HOSTS lists the desk's names")
        return length or None

    async def _allowed(self, scope: Scope, length: int) -> int:
        """The largest permitted body in bytes, after authentication. Raises 401, 403 or 413."""
        request = Request(scope)
        if scope["path"] == "/session":
            most = SIGN_IN_BYTES
            from_own_page(request)
        else:
            most = BODY_BYTES
            scope["dateline.caller"] = await run_in_threadpool(caller, request)
        if length > most:
            raise _too_large(most)
        return most

    async def _body(self, receive: Receive, most: int, taken: list[int]) -> bytes:
        """Reads the whole body and counts its bytes in `taken` as they arrive. Raises 408, 413 or 503."""
        try:
            async with asyncio.timeout(self._body_s):
                return await self._read(receive, most, taken)
        except TimeoutError:
            raise HTTPException(
                408, f"the body was not complete within {self._body_s:g} s", {"connection": "close"}
            ) from None

    async def _read(self, receive: Receive, most: int, taken: list[int]) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientDisconnected
            part = message.get("body", b"")
            body += part
            taken[0] += len(part)
            self._held += len(part)
            if len(body) > most:
                raise _too_large(most)
            if self._held > ALL_BODIES_BYTES:
                raise HTTPException(
                    503, "too many request bodies in progress: try again later", {"retry-after": "2"}
                )
            if not message.get("more_body", False):
                return bytes(body)


class _ClientDisconnected(Exception):
    """The client closed the connection before its body was complete."""


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the body is longer than {most:,} bytes: send fewer URLs at once")


def _replayed(body: bytes, receive: Receive) -> Receive:
    kept: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return kept.pop() if kept else await receive()

    return replay


def _whole(value: bytes) -> int:
    return int(value) if value.isdigit() and len(value) < 16 else -1 if value != b"0" else 0
