"""What an answer is, by looking at it: its status, its kind, its charset, what it asks of us."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from services.contract.errors import NotModified, PermanentError, Skipped, TransientError
from services.contract.messages import Validators

_HTML = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "")
_MAGIC = {
    b"%PDF": "pdf", b"\x89PNG": "image", b"GIF8": "image", b"\xff\xd8\xff": "image", b"RIFF": "media", b"PK\x03\x04": "archive",
    b"\x1f\x8b": "archive", b"ID3": "media", b"OggS": "media", b"\x00\x00\x00\x18ftyp": "media", b"\x00\x00\x00\x20ftyp": "media",
    b"\x7fELF": "binary", b"MZ\x90": "binary",
}  # fmt: skip
_MAX_HEADER_CHARS = 500


def check_status(response: requests.Response, url: str) -> None:
    """Raise what a status other than 2xx means."""
    status = response.status_code
    if 200 <= status < 300:
        return
    if status == 304:
        raise NotModified("not_modified", f"{url} is as it was")
    said = f"{url} answered {status} {response.reason or ''}".strip()
    if status in (408, 425, 429) or status >= 500:
        raise TransientError(f"http_{status}", said, retry_after_s=retry_after(response.headers.get("retry-after")))
    raise PermanentError(f"http_{status}", said)


def retry_after(raw: str | None) -> float | None:
    """Seconds in a Retry-After header, given as a number or as a date."""
    if not raw:
        return None
    if raw.strip().isdigit():
        return float(raw)
    try:
        return max(0.0, (parsedate_to_datetime(raw) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def content_type(response: requests.Response) -> tuple[str, str | None]:
    """Kind and charset that the server names."""
    return kind_and_charset(response.headers.get("content-type", ""))


def kind_and_charset(header: str) -> tuple[str, str | None]:
    """A Content-Type header's kind, in lower case, and its charset."""
    kind, _, rest = header.partition(";")
    charset = rest.partition("charset=")[2].split(";")[0].strip(" \"'") or None
    return kind.strip().lower(), charset


def check_kind(kind: str, body: bytes, url: str) -> None:
    """Whether the body is a page, by looking at it: a content type may lie either way."""
    if not body.strip():
        raise Skipped("empty_page", f"{url} answered with an empty body")
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            raise Skipped(
                "not_html",
                f"{url} is {'a PDF' if name == 'pdf' else f'{name} data'}, not an HTML page (sent as {kind or 'no type'})",
            )
    start = body[:1024].lstrip().lower()
    looks_html = start.startswith((b"<!doctype html", b"<html", b"<head", b"<!--")) or b"<html" in start
    if kind not in _HTML and not looks_html:
        raise Skipped("not_html", f"{url} was sent as {kind}, not as an HTML page")
    if kind == "text/plain" and b"<" not in start:
        raise Skipped("not_html", f"{url} is plain text, not an HTML page")


def validators_of(response: requests.Response) -> Validators | None:
    """What the server gave for a conditional request next time."""
    etag, last_modified = (
        (response.headers.get(name) or "").strip()[:_MAX_HEADER_CHARS] or None for name in ("etag", "last-modified")
    )
    return Validators(etag=etag, last_modified=last_modified) if etag or last_modified else None
