"""Headers of every answer: what keeps a page to itself, and what is told out of caches."""

from __future__ import annotations

from starlette.types import Message

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""What an answer has unless it says otherwise itself; only the page's own files do, which may be kept."""
RAW = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


def secured(message: Message) -> Message:
    """The beginning of an answer, with all of HEADERS; any other message as it is."""
    if message["type"] == "http.response.start":
        headers = list(message.get("headers", ()))
        present = {name.lower() for name, _ in headers}
        message["headers"] = headers + [header for header in RAW if header[0] not in present]
    return message
