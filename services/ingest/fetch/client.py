"""One fetch: redirects followed by hand, the body read under a deadline and a cap, failures sorted by class."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError, NameResolutionError

from services import __version__
from services.contract.errors import BadUrl, DatelineError, PermanentError, Skipped, TransientError
from services.contract.limits import MAX_PAGE_BYTES
from services.contract.urls import parse_url
from services.ingest.fetch.guard import AddressRefused, guarded_adapter

_MAX_REDIRECTS = 8
_CHUNK = 64 * 1024
_HTML = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "")
_MAGIC = {
    b"%PDF": "pdf", b"\x89PNG": "image", b"GIF8": "image", b"\xff\xd8\xff": "image", b"RIFF": "media", b"PK\x03\x04": "archive",
    b"\x1f\x8b": "archive", b"ID3": "media", b"OggS": "media", b"\x00\x00\x00\x18ftyp": "media", b"\x00\x00\x00\x20ftyp": "media",
    b"\x7fELF": "binary", b"MZ\x90": "binary",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """Bounds of one fetch: seconds for the whole of it, bytes decoded, hosts that may be private."""

    timeout_s: float = 30.0
    max_bytes: int = MAX_PAGE_BYTES
    allow_hosts: tuple[str, ...] = ()
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: its bytes (decompressed), where it was in the end, and the charset that the server named."""

    url: str
    status: int
    body: bytes
    charset: str | None
    fetched_at: datetime
    elapsed_ms: float


class Fetcher:
    """Fetches pages; safe to share between threads."""

    def __init__(self, policy: FetchPolicy, *, connections: int = 32) -> None:
        self._policy = policy
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no .netrc: the address check must see every connection
        adapter = guarded_adapter(policy.allow_hosts, pool_size=max(connections, 10))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        contact = f"; +{policy.contact}" if policy.contact else ""
        self._session.headers.update(
            {
                "User-Agent": f"Dateline/{__version__} (news archiving{contact})",
                "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
                "Accept-Language": "*",
                "Accept-Encoding": "gzip, deflate",
            }
        )

    def fetch(self, url: str) -> Fetched:
        """Fetch one page.

        Raises Skipped for what is no HTML page, TransientError for what may pass (time-outs, 429, 5xx) and
        PermanentError for what will not (404, a refused address, a page over the cap).
        """
        started = time.monotonic()
        deadline = started + self._policy.timeout_s
        try:
            with self._follow(url, deadline) as response:
                _check_status(response, url)
                body = self._read(response, deadline)
                kind, charset = _content_type(response)
                _check_kind(kind, body, response.url)
                return Fetched(
                    url=parse_url(response.url).url,
                    status=response.status_code,
                    body=body,
                    charset=charset,
                    fetched_at=datetime.now(UTC),
                    elapsed_ms=(time.monotonic() - started) * 1000,
                )
        except DatelineError:
            raise
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _classified(error, url) from error

    def _follow(self, url: str, deadline: float) -> requests.Response:
        seen: list[str] = []
        current = url
        while True:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TransientError("timeout", f"{url}: redirects took longer than {self._policy.timeout_s:.0f} s")
            response = self._session.get(
                current, timeout=(min(10.0, left_s), min(15.0, left_s)), stream=True, allow_redirects=False
            )
            target = response.headers.get("location")
            if not (response.is_redirect and target):
                return response
            response.close()
            seen.append(current)
            try:
                current = parse_url(urljoin(current, target)).url
            except (BadUrl, ValueError) as error:
                raise PermanentError(
                    "bad_redirect", f"{url} redirects to {target[:120]!r}, which cannot be fetched: {error}"
                ) from error
            if current in seen and len(seen) > 2:
                raise PermanentError("redirect_loop", f"{url} redirects in a circle, back to {current}")
            if len(seen) > _MAX_REDIRECTS:
                raise PermanentError(
                    "too_many_redirects", f"{url} redirects more than {_MAX_REDIRECTS} times, last to {current}"
                )

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        limit = self._policy.max_bytes
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise PermanentError("too_large", f"{response.url} is {int(declared):,} bytes; at most {limit:,} are read")
        body = bytearray()
        for chunk in self._chunks(response):
            body += chunk
            if len(body) > limit:
                raise PermanentError("too_large", f"{response.url} is larger than {limit:,} bytes when decompressed")
            if time.monotonic() > deadline:
                raise TransientError(
                    "timeout", f"{response.url} took longer than {self._policy.timeout_s:.0f} s to send its page"
                )
        return bytes(body)

    @staticmethod
    def _chunks(response: requests.Response) -> Iterator[bytes]:
        # read1 hands over what has arrived, so that a server that drips cannot hold the loop from its deadline.
        raw = response.raw
        while chunk := raw.read1(_CHUNK, decode_content=True):
            yield chunk


def _check_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    said = f"{url} answered {status} {response.reason or ''}".strip()
    if status in (408, 425, 429) or status >= 500:
        raise TransientError(f"http_{status}", said, retry_after_s=_retry_after(response.headers.get("retry-after")))
    raise PermanentError(f"http_{status}", said)


def _retry_after(raw: str | None) -> float | None:
    """Seconds in a Retry-After header, given as a number or as a date."""
    if not raw:
        return None
    if raw.strip().isdigit():
        return float(raw)
    try:
        return max(0.0, (parsedate_to_datetime(raw) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _content_type(response: requests.Response) -> tuple[str, str | None]:
    header = response.headers.get("content-type", "")
    kind, _, rest = header.partition(";")
    charset = rest.partition("charset=")[2].split(";")[0].strip(" \"'") or None
    return kind.strip().lower(), charset


def _check_kind(kind: str, body: bytes, url: str) -> None:
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


def _classified(error: Exception, url: str) -> DatelineError:
    """What a failed connection means: try again, or not."""
    chain: list[BaseException] = []
    node: BaseException | None = error
    while node is not None and node not in chain:
        chain.append(node)
        reason = getattr(node, "reason", None)
        node = node.__cause__ or node.__context__ or (reason if isinstance(reason, BaseException) else None)
    for link in chain:
        if isinstance(link, AddressRefused):
            return link
    said = " ".join(str(error).split())[:300]
    if any(isinstance(link, (NameResolutionError, socket.gaierror)) for link in chain):
        return TransientError("dns_failure", f"{url}: the host name does not resolve")
    if isinstance(error, requests.exceptions.SSLError):
        return PermanentError("tls_error", f"{url}: the TLS certificate was not accepted ({said})")
    if isinstance(error, requests.exceptions.Timeout) or any(isinstance(link, TimeoutError) for link in chain):
        return TransientError("timeout", f"{url} did not answer in time")
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return TransientError("connection_refused", f"{url}: the host refused the connection")
    if any(isinstance(link, ConnectionResetError) for link in chain):
        return TransientError("connection_reset", f"{url}: the host reset the connection")
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return PermanentError("malformed_url", f"{url}: {said}")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return PermanentError("bad_encoding", f"{url}: its compressed body is damaged")
    return TransientError("unreachable", f"{url}: {said}")
