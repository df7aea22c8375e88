"""Streaming responses that end when the client disconnects, stops reading, or loses its token or session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping

import anyio
from anyio.to_thread import run_sync
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

CHECK_S = 2.0
"""How often the client's authorisation is checked, in seconds."""
_CUT_S = 0.2


def _nothing() -> None:
    """There is nothing to cancel."""


class RevocableStream(StreamingResponse):
    """A stream. `allowed` is checked while it runs; `over` is called once at its end, however it ends, to
    release its resources.

    `cut` cancels what a thread of the stream waits for, such as a query; it is called repeatedly until the
    thread has ended. The response starts with the first block, so that an earlier error still has its status.
    The server closes a connection whose client stops reading, which arrives here as a disconnect.
    """

    def __init__(
        self, content: AsyncIterator[str] | Iterable[bytes], *, allowed: Callable[[], bool],
        over: Callable[[], None], cut: Callable[[], None] = _nothing, media_type: str,
        headers: Mapping[str, str],
    ) -> None:  # fmt: skip
        super().__init__(content, media_type=media_type, headers=headers)
        self._allowed, self._over, self._cut = allowed, over, cut
        self._is_cut = self._is_done = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the whole stream."""
        failure: Exception | None = None
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._watch, receive, group.cancel_scope)
                try:
                    await self.stream_response(send)
                except Exception as error:  # noqa: BLE001  raised below, outside of the group
                    failure = error
                finally:
                    self._is_done = True
                group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                if close := getattr(self.body_iterator, "aclose", None):
                    await close()
                await run_in_threadpool(self._over)
        if failure is not None and not self._is_cut:
            raise failure

    async def stream_response(self, send: Send) -> None:
        """Sends the response once its first block is available."""
        blocks = aiter(self.body_iterator)
        block = await anext(blocks, b"")
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while block:
            body = block.encode() if isinstance(block, str) else bytes(block)
            await send({"type": "http.response.body", "body": body, "more_body": True})
            block = await anext(blocks, b"")
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _watch(self, receive: Receive, streaming: anyio.CancelScope) -> None:
        await self._until_it_may_not_go_on(receive)
        self._is_cut = True
        streaming.cancel()
        with anyio.CancelScope(shield=True):
            own = anyio.CapacityLimiter(1)  # independent of busy threads
            while not self._is_done:
                await run_sync(self._cut, limiter=own)
                await anyio.sleep(_CUT_S)

    async def _until_it_may_not_go_on(self, receive: Receive) -> None:
        while True:
            with anyio.move_on_after(CHECK_S):
                await self.listen_for_disconnect(receive)
                return
            if not await run_in_threadpool(self._allowed):
                return
