"""Answers that the desk's outer layers give without the application."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.types import Send

from services.desk.headers import secured


async def refuse(send: Send, status: int, detail: object, headers: Mapping[str, str] | None = None) -> None:
    """Answer without the application. The connection stays: what still comes of a body is thrown away until the head's deadline."""
    body = json.dumps({"detail": detail}).encode()
    told = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    start = [(name.lower().encode(), value.encode()) for name, value in told.items()]
    await send(secured({"type": "http.response.start", "status": status, "headers": start}))
    await send({"type": "http.response.body", "body": body})
