"""Streams that end with their reader: when it goes, when it stops reading, when its token is taken back or ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping

import anyio
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

CHECK_S = 2.0
"""How often it is asked whether the reader may still read."""


class Ending(StreamingResponse):
    """A stream; `over` is called once when it ends, however it ends, and gives back what it held.

    Uvicorn's connection ends where nothing is read for long, which arrives here as a reader that has gone.
    """

    def __init__(
        self, content: AsyncIterator[str] | Iterable[bytes], *, allowed: Callable[[], bool], over: Callable[[], None],
        media_type: str, headers: Mapping[str, str],
    ) -> None:  # fmt: skip
        super().__init__(content, media_type=media_type, headers=headers)
        self._allowed, self._over = allowed, over

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Wait until the reader has gone, or may not read any more."""
        while True:
            with anyio.move_on_after(CHECK_S):
                await super().listen_for_disconnect(receive)
                return
            if not await run_in_threadpool(self._allowed):
                return

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                if close := getattr(self.body_iterator, "aclose", None):
                    await close()
                await run_in_threadpool(self._over)
