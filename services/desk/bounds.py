"""Bounds of a request: what is refused by its head alone, and bodies that are read only for callers who may send one."""

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
"""Of bodies that are read or worked on at the same time, whoever sends them."""
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Bounded:
    """Passes on requests with a head of a fair size and, where they bring a body, with all of it; refuses the others."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...] = (), body_s: float = BODY_S) -> None:
        self._app, self._body_s, self._held = app, body_s, 0
        self._hosts = frozenset(host.lower() for host in hosts) | _OWN_NAMES if hosts else frozenset[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
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
            except _Gone:
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
        """The length that a body is said to have, -1 where that is not said, None without one. Raises what the head is refused with."""
        if scope["method"] not in METHODS:
            raise HTTPException(405, "there is no such method here", {"allow": ", ".join(sorted(METHODS))})
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > URL_BYTES:
            raise HTTPException(414, f"a URL may have {URL_BYTES:,} bytes here")
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
            raise HTTPException(431, f"headers may have {HEAD_BYTES:,} bytes here")
        if (
            self._hosts
            and scope["path"] != "/health"
            and host_name(host.decode("latin-1")) not in self._hosts
        ):
            raise HTTPException(
                421, "this desk is not opened by that name: DATELINE_DESK_HOSTS lists those that it has"
            )
        return length or None

    async def _allowed(self, scope: Scope, length: int) -> int:
        """How long its body may be, once it is known that its sender may send one. Raises what it is refused with."""
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
        """The whole body, whose bytes are counted in `taken` as they come. Raises what it is refused with."""
        try:
            async with asyncio.timeout(self._body_s):
                return await self._read(receive, most, taken)
        except TimeoutError:
            raise HTTPException(
                408, f"the body did not come within {self._body_s:g} s", {"connection": "close"}
            ) from None

    async def _read(self, receive: Receive, most: int, taken: list[int]) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            part = message.get("body", b"")
            body += part
            taken[0] += len(part)
            self._held += len(part)
            if len(body) > most:
                raise _too_large(most)
            if self._held > ALL_BODIES_BYTES:
                raise HTTPException(503, "too many bodies are on their way: come again", {"retry-after": "2"})
            if not message.get("more_body", False):
                return bytes(body)


class _Gone(Exception):
    """The client went before its body had come."""


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"a body may have {most:,} bytes here: send fewer URLs at once")


def _replayed(body: bytes, receive: Receive) -> Receive:
    kept: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return kept.pop() if kept else await receive()

    return replay


def _whole(value: bytes) -> int:
    return int(value) if value.isdigit() and len(value) < 16 else -1 if value != b"0" else 0
