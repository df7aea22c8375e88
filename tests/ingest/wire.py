"""A site whose answers stand one after another over connections that may stay open."""

from __future__ import annotations

from collections.abc import Callable

from tests.raw_http import RawSite, Route, whole
from tests.raw_http import redirect as moved

__all__ = ["PAGE", "WireSite", "answer", "moved"]

PAGE = (
    b"<!DOCTYPE html><html><head><title>Harbour</title></head><body><p>"
    + b"The harbour stays shut. " * 40
    + b"</p></body></html>"
)


def answer(
    body: bytes = PAGE,
    *lines: bytes,
    status: bytes = b"200 OK",
    kind: bytes = b"text/html",
    keep: bool = False,
    length: bool = True,
) -> bytes:
    """An answer with these header lines, as they are."""
    return whole(body, *lines, status=status, ct=kind, keep=keep, length=length)


class WireSite(RawSite):
    """Its routes go by path and query, and a function among them is one of the request's headers."""

    def route(self, path: str) -> Route | None:
        found: bytes | Callable[[dict[str, str]], bytes] | None = self.routes.get(path)
        return (lambda _c, _p, headers: found(headers)) if callable(found) else found
