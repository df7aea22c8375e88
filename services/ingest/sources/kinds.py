"""Detection of a body's format from its bytes, after decompression and whatever precedes its root element."""

from __future__ import annotations

import re
import zlib

from services.contract.errors import PermanentError
from services.contract.limits import MAX_SITEMAP_BYTES

_SLICE = 256 * 1024
_BLANK = re.compile(rb"[\s\x00]*")
_MARK = b"\xef\xbb\xbf"
_ROOT = re.compile(
    rb"<(?:[a-z_][\w.-]*:)?(urlset|sitemapindex|rss|feed|rdf|channel|html|head|body)(?=[\s/>])", re.IGNORECASE
)
_DOCTYPE = re.compile(rb"<!doctype\s+([\w:.-]+)", re.IGNORECASE)
_JUNK = 64 * 1024
"""Characters from the start within which a root element is searched: sites print warnings before it."""


def unzipped(body: bytes, url: str) -> bytes:
    """A body that may be gzip, with any number of members. A damaged body gives what precedes the damage.

    Raises PermanentError when nothing can be decompressed, or when the result exceeds a sitemap's limit.
    """
    for _ in range(2):  # a compressed file that was compressed again in transit
        if not body.startswith(b"\x1f\x8b"):
            break
        body = _unpacked(body, url)
    return body


def _unpacked(body: bytes, url: str) -> bytes:
    whole, at = bytearray(), 0
    while body.startswith(b"\x1f\x8b", at):
        member = zlib.decompressobj(wbits=31)
        while at < len(body) and not member.eof:
            part = body[at : at + _SLICE]
            try:
                whole += member.decompress(part, MAX_SITEMAP_BYTES + 1 - len(whole))
            except zlib.error as error:
                if not whole:
                    raise PermanentError("bad_sitemap", f"{url} is damaged gzip: {error}") from error
                return bytes(whole)
            if len(whole) > MAX_SITEMAP_BYTES:
                raise PermanentError(
                    "too_large", f"{url} is larger than {MAX_SITEMAP_BYTES:,} bytes when decompressed"
                )
            at += len(part) - len(member.unused_data) - len(member.unconsumed_tail)
    return bytes(whole)


def root_of(body: bytes) -> tuple[str, int]:
    """The root element's name, in lower case without prefix, and its offset; ("", 0) where none is known."""
    at = _past_prolog(body)
    if doctype := _DOCTYPE.match(body, at):
        behind = _past_prolog(body, body.find(b">", at) + 1 or at)
        if (root := _ROOT.match(body, behind)) and root[1].lower() not in (b"html", b"head", b"body"):
            return root[1].decode().lower(), behind
        return doctype[1].decode("ascii", "replace").lower(), at
    found = _ROOT.search(body, at, at + _JUNK)
    return (found[1].decode().lower(), found.start()) if found else ("", 0)


def _past_prolog(body: bytes, at: int = 0) -> int:
    """The offset behind whitespace, comments, processing instructions and any doctype but HTML's."""
    while True:
        at = _after_blanks(body, at)
        if body.startswith(b"<?", at):
            end = body.find(b">", at)
        elif body.startswith(b"<!--", at):
            end = body.find(b"-->", at)
            end = end + 2 if end >= 0 else end
        elif (doctype := _DOCTYPE.match(body, at)) and doctype[1].lower() != b"html":
            end = body.find(b">", at)
            if body.find(b"[", at, end) >= 0:
                end = body.find(b">", body.find(b"]", at))
        else:
            return at
        if end < 0:
            return at
        at = end + 1


def _after_blanks(body: bytes, at: int) -> int:
    """The offset behind whitespace and byte order marks (some files have several)."""
    while True:
        found = _BLANK.match(body, at)
        at = found.end() if found else at
        if not body.startswith(_MARK, at):
            return at
        at += len(_MARK)
