"""Security headers of every response: content security policy, no framing, no sniffing, no referrer, no
caching."""

from __future__ import annotations

from starlette.types import Message

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""Defaults; a response's own header has precedence, as Cache-Control of static files."""
RAW = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


def secured(message: Message) -> Message:
    """Adds HEADERS to the start of a response; returns any other message unchanged."""
    if message["type"] == "http.response.start":
        headers = list(message.get("headers", ()))
        present = {name.lower() for name, _ in headers}
        message["headers"] = headers + [header for header in RAW if header[0] not in present]
    return message
