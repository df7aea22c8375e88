"""Error responses of the middleware, sent without the application."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.types import Send

from services.desk.headers import secured


async def refuse(send: Send, status: int, detail: object, headers: Mapping[str, str] | None = None) -> None:
    """Sends an error response. The connection stays open: the rest of a body is discarded until the
    deadline of heads."""
    body = json.dumps({"detail": detail}).encode()
    told = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    start = [(name.lower().encode(), value.encode()) for name, value in told.items()]
    await send(secured({"type": "http.response.start", "status": status, "headers": start}))
    await send({"type": "http.response.body", "body": body})
