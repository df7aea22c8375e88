"""Interpretation of a response: status, content type, charset, validators."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from services.contract.errors import NotModified, PermanentError, Skipped, TransientError
from services.contract.messages import Validators

_HTML = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "")
_MAGIC = {
    b"%PDF": "pdf", b"\x89PNG": "image", b"GIF8": "image", b"\xff\xd8\xff": "image", b"RIFF": "media",
    b"PK\x03\x04": "archive",
    b"\x1f\x8b": "archive", b"ID3": "media", b"OggS": "media", b"\x00\x00\x00\x18ftyp": "media",
    b"\x00\x00\x00\x20ftyp": "media",
    b"\x7fELF": "binary", b"MZ\x90": "binary",
}  # fmt: skip
_MAX_HEADER_CHARS = 500
_LONGEST_WAIT_S = 24 * 3600.0
_SECONDS = re.compile(
    r"([0-9]+)(?:\.[0-9]*)?(?:\s*(?:s|sec|seconds?))?(?:\s*,\s*[0-9]+)*", re.ASCII | re.IGNORECASE
)
_UNITS = re.compile(r"([0-9]{1,9})\s*(m|min|minutes?|h|hours?)", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", re.ASCII)
_RANGE = re.compile(r"\s*bytes\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})\s*\Z", re.ASCII | re.IGNORECASE)
_KIND = re.compile(r"(?:^|,)\s*([^\s/;,=\"']+/[^\s/;,=\"']+)")
_CHARSET = re.compile(r"charset\s*[=:]\s*[\"']*\s*([^\s;,\"']+)", re.IGNORECASE)


def check_status(response: requests.Response, url: str) -> None:
    """Raises the error of a status other than 2xx."""
    status = response.status_code
    if status == 206 and _is_part(response.headers.get("content-range", "")):
        raise TransientError("truncated", f"{url}: only a part of the page was sent, which nobody asked for")
    if 200 <= status < 300:
        return
    if status == 304 and _is_conditional(response):
        raise NotModified("not_modified", f"{url} is as it was")
    said = f"{url} answered {status} {response.reason or ''}".strip()
    if status in (304, 408, 425, 429) or status >= 500:  # 304 without a conditional request: a faulty cache
        raise TransientError(
            f"http_{status}", said, retry_after_s=retry_after(response.headers.get("retry-after"))
        )
    raise PermanentError(f"http_{status}", said)


def _is_part(content_range: str) -> bool:
    found = _RANGE.match(content_range)
    return found is not None and (int(found[1]) > 0 or int(found[2]) + 1 < int(found[3]))


def _is_conditional(response: requests.Response) -> bool:
    asked = getattr(response.request, "headers", None) or {}
    return "If-None-Match" in asked or "If-Modified-Since" in asked


def retry_after(raw: str | None) -> float | None:
    """Seconds of a Retry-After header (a number, or a date in any of HTTP's three forms); at most a day."""
    text = (raw or "").strip(" \t\"';")
    if number := _SECONDS.fullmatch(text):
        return float(_LONGEST_WAIT_S if len(number[1]) > 9 else min(int(number[1]), _LONGEST_WAIT_S))
    if (found := _UNITS.fullmatch(text)) is not None:
        return min(int(found[1]) * (60.0 if found[2][0] in "mM" else 3600.0), _LONGEST_WAIT_S)
    try:
        until = datetime.fromisoformat(text) if _ISO.match(text) else parsedate_to_datetime(text[:100])
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        wait_s = (until - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(0.0, wait_s), _LONGEST_WAIT_S)


def content_type(response: requests.Response) -> tuple[str, str | None]:
    """Media type and charset of the Content-Type header."""
    return kind_and_charset(response.headers.get("content-type", ""))


def kind_and_charset(header: str) -> tuple[str, str | None]:
    """A Content-Type value's media type, in lower case, and charset. Of several types the last counts, as
    in browsers."""
    header = header[:_MAX_HEADER_CHARS]
    kinds = _KIND.findall(header)
    kind = kinds[-1] if kinds else header.partition(";")[0]
    charset = _CHARSET.search(header)
    return kind.strip().lower(), (charset[1] if charset else None)


def check_kind(kind: str, body: bytes, url: str) -> None:
    """Raises Skipped where the body is no HTML, judged by its bytes: content types are often wrong."""
    if not body.removeprefix(b"\xef\xbb\xbf").strip():
        raise Skipped("empty_page", f"{url} answered with an empty body")
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            raise Skipped(
                "not_html",
                f"{url} is {'a PDF' if name == 'pdf' else f'{name} data'}, not an HTML page (sent as "
                f"{kind or 'no type'})",
            )
    start = body[:1024].lstrip().lower()
    looks_html = start.startswith((b"<!doctype html", b"<html", b"<head", b"<!--")) or b"<html" in start
    if kind not in _HTML and not looks_html:
        raise Skipped("not_html", f"{url} was sent as {kind}, not as an HTML page")
    if kind == "text/plain" and b"<" not in start:
        raise Skipped("not_html", f"{url} is plain text, not an HTML page")


def validators_of(response: requests.Response) -> Validators | None:
    """ETag and Last-Modified, for a conditional request next time."""
    etag, last_modified = (
        (response.headers.get(name) or "").strip()[:_MAX_HEADER_CHARS] or None
        for name in ("etag", "last-modified")
    )
    return Validators(etag=etag, last_modified=last_modified) if etag or last_modified else None
