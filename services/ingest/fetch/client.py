"""One fetch: asked for politely, redirects followed by hand, the body read under a deadline and a cap."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urljoin

import requests
from urllib3.exceptions import DecodeError, HTTPError

from services import __version__
from services.contract.errors import BadUrl, DatelineError, PermanentError, TransientError
from services.contract.limits import MAX_PAGE_BYTES
from services.contract.messages import Validators
from services.contract.urls import parse_url, server_of
from services.ingest.fetch.failures import classified
from services.ingest.fetch.inflate import TooLarge, Truncated, inflate
from services.ingest.fetch.politeness import HOST_FAILED, STATUS_FAILED, Asked, NoPoliteness, Politeness
from services.ingest.fetch.response import check_kind, check_status, content_type, validators_of
from services.ingest.fetch.robots import AGENT, Robots
from services.runtime.deadline import Deadlines
from services.runtime.guard import Gate
from services.runtime.guarded_http import guarded_adapter

_MAX_REDIRECTS = 8
_CHUNK = 64 * 1024
_PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
_BUSY_HOLD_S = 30.0
Cookies = list[requests.cookies.RequestsCookieJar]
"""Those of one fetch, which end with it: a jar, once a site has set any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """Bounds of one fetch: seconds for the whole of it, bytes decoded, and what may be connected to."""

    timeout_s: float = 30.0
    max_bytes: int = MAX_PAGE_BYTES
    gate: Gate = field(default_factory=Gate)
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its bytes (decompressed), where it was in the end, and what the server said beside them."""

    url: str
    status: int
    body: bytes
    charset: str | None
    fetched_at: datetime
    elapsed_ms: float
    headers: tuple[tuple[str, str], ...] = ()
    validators: Validators | None = None
    kind: str = ""
    moved_to: str | None = None

    def header(self, name: str) -> str:
        """A header's values, joined as HTTP allows."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)


class Fetcher:
    """Fetches pages; safe to share between threads."""

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        connections: int = 32,
        politeness: Politeness | None = None,
        robots: Robots | None = None,
    ) -> None:
        self._policy = policy
        self._politeness = politeness or NoPoliteness()
        self._robots = robots
        self._deadlines = Deadlines()
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no .netrc: the address check must see every connection
        adapter = guarded_adapter(policy.gate, pool_size=max(connections, 10))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        contact = f"; +{policy.contact}" if policy.contact else ""
        self._session.headers.update(
            {
                "User-Agent": f"{AGENT}/{__version__} (news archiving{contact})",
                "Accept-Language": "*",
                "Accept-Encoding": "gzip, deflate",
            }
        )

        self._headers = dict(self._session.headers)

    def obey(self, robots: Robots) -> None:
        """Ask `robots` before each page from now on."""
        self._robots = robots

    def fetch(self, url: str, *, token: str = "", validators: Validators | None = None) -> Fetched:
        """Fetch one page. `token` names the URL to the politeness of all workers.

        Raises Skipped for what is no HTML page and what robots.txt forbids, Deferred while the host must be left
        alone, NotModified for a 304, TransientError for what may pass (time-outs, 429, 5xx) and PermanentError
        for what will not (404, a refused address, a page over the cap).
        """
        fetched = self.get(url, token=token, validators=validators)
        check_kind(fetched.kind, fetched.body, fetched.url)
        return fetched

    def get(
        self,
        url: str,
        *,
        token: str = "",
        validators: Validators | None = None,
        accept: str = _PAGE,
        within_fetch: bool = False,
        max_bytes: int = 0,
    ) -> Fetched:
        """The same for an answer of any kind, such as a feed; `within_fetch`: a part of one that is under way.

        `max_bytes`: where it may be larger than a page.
        """
        started = time.monotonic()
        deadline = started + self._policy.timeout_s
        headers = {"Accept": accept} | _conditions(validators)
        try:
            return self._follow(url, token, headers, deadline, started, hop=within_fetch, max_bytes=max_bytes)
        except DatelineError:
            raise
        except (requests.RequestException, HTTPError, OSError) as error:
            if time.monotonic() >= deadline:
                raise self._late(url) from error
            raise classified(error, url) from error

    def read_robots(self, url: str) -> tuple[int, bytes]:
        """Status and body of a robots.txt, whatever the status is; not asked about in robots.txt itself."""
        started = time.monotonic()
        deadline = started + min(15.0, self._policy.timeout_s)
        try:
            fetched = self._follow(url, "robots", {"Accept": "text/plain,*/*;q=0.1"}, deadline, started, robots=True)
        except DatelineError:
            raise
        except (requests.RequestException, HTTPError, OSError) as error:
            raise classified(error, url) from error
        return fetched.status, fetched.body

    def _follow(
        self,
        url: str,
        token: str,
        headers: dict[str, str],
        deadline: float,
        started: float,
        *,
        robots: bool = False,
        hop: bool = False,
        max_bytes: int = 0,
    ) -> Fetched:
        limit = max_bytes or self._policy.max_bytes
        seen: list[str] = []
        cookies: Cookies = []
        current, moved_for_good = url, True
        while True:
            if time.monotonic() >= deadline:
                raise self._late(url)
            host = server_of(current)
            delay_s = 0.0 if robots or self._robots is None else self._robots.check(current).crawl_delay_s
            with self._politeness.turn(host, token, crawl_delay_s=delay_s, hop=robots or hop or bool(seen)) as asked:
                answer = self._ask(current, url, headers, cookies, deadline, asked, limit, any_status=robots)
            if isinstance(answer, _Body):
                response = answer.response
                kind, charset = content_type(response)
                return Fetched(
                    url=parse_url(current).url,
                    status=response.status_code,
                    body=answer.body,
                    charset=charset,
                    fetched_at=datetime.now(UTC),
                    elapsed_ms=(time.monotonic() - started) * 1000,
                    headers=tuple(response.headers.items()),
                    validators=validators_of(response),
                    kind=kind,
                    moved_to=current if seen and moved_for_good else None,
                )
            seen.append(current)
            moved_for_good = moved_for_good and answer.for_good
            current = _next(url, current, answer.target, seen)

    def _ask(
        self,
        current: str,
        url: str,
        headers: dict[str, str],
        cookies: Cookies,
        deadline: float,
        asked: Asked,
        limit: int,
        *,
        any_status: bool,
    ) -> _Body | _Redirect:
        """One request and its answer. What it means for the host is noted in `asked`."""
        left_s = max(0.1, deadline - time.monotonic())
        try:
            with self._deadlines.until(deadline) as watched:
                response = self._send(current, headers, cookies, left_s)
                with response:
                    asked.answered = True
                    target = response.headers.get("location")
                    if response.is_redirect and target:
                        return _Redirect(target, response.status_code in (301, 308))
                    if not any_status:
                        check_status(response, url)
                    body = self._read(response, deadline, limit)
        except TransientError as error:
            asked.failed = STATUS_FAILED if error.reason.startswith("http_") else HOST_FAILED
            busy = error.reason in ("http_429", "http_503")
            asked.retry_after_s = (
                error.retry_after_s or (_BUSY_HOLD_S if error.reason == "http_429" else 0.0) if busy else 0.0
            )
            raise
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = classified(error, current)
            asked.failed = HOST_FAILED if isinstance(failure, TransientError) else 0
            if watched.expired:
                raise self._late(url) from error
            raise
        if watched.expired:  # the connection was shut: what came may be only a part
            asked.failed = HOST_FAILED
            raise self._late(url)
        return _Body(response, body)

    def _send(self, url: str, headers: dict[str, str], cookies: Cookies, left_s: float) -> requests.Response:
        """By the adapter itself: a session would read a redirect's whole body first, however large."""
        if cookies:
            jar = cookies[0]
            request = self._session.prepare_request(requests.Request("GET", url, headers=headers, cookies=jar))
        else:
            # There is nothing else to prepare, and preparing is a quarter of what sending costs.
            request = requests.PreparedRequest()
            request.method, request.url = "GET", parse_url(url).url
            request.headers = {**self._headers, **headers}  # type: ignore[assignment]
        adapter = self._session.get_adapter(url)
        response = adapter.send(request, stream=True, timeout=min(15.0, left_s), verify=True)
        if "set-cookie" in response.headers:
            cookies[:] = cookies or [requests.cookies.RequestsCookieJar()]
            requests.cookies.extract_cookies_to_jar(cookies[0], request, response.raw)  # type: ignore[no-untyped-call]
        return response

    def _read(self, response: requests.Response, deadline: float, limit: int) -> bytes:
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise PermanentError("too_large", f"{response.url} is {int(declared):,} bytes; at most {limit:,} are read")
        packed = response.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip")
        body = bytearray()
        for chunk in _chunks(response, decoded=not packed):
            body += chunk
            if len(body) > limit:
                raise PermanentError("too_large", f"{response.url} is larger than {limit:,} bytes")
            if time.monotonic() > deadline:
                raise self._late(response.url)
        if not packed:
            return bytes(body)
        try:
            return inflate(bytes(body), limit)
        except TooLarge as error:
            raise PermanentError(
                "too_large", f"{response.url} is larger than {limit:,} bytes when decompressed"
            ) from error
        except Truncated as error:
            raise _cut_short(response) from error
        except zlib.error as error:
            raise DecodeError(f"{response.url}: {error}") from error

    def _late(self, url: str) -> TransientError:
        return TransientError("timeout", f"{url} took longer than {self._policy.timeout_s:g} s to send its page")


@dataclass(frozen=True, slots=True)
class _Body:
    response: requests.Response
    body: bytes


@dataclass(frozen=True, slots=True)
class _Redirect:
    target: str
    for_good: bool


def _conditions(validators: Validators | None) -> dict[str, str]:
    found = {}
    if validators and validators.etag:
        found["If-None-Match"] = validators.etag
    if validators and validators.last_modified:
        found["If-Modified-Since"] = validators.last_modified
    return found


def _next(url: str, current: str, target: str, seen: list[str]) -> str:
    try:
        following = parse_url(urljoin(current, target)).url
    except (BadUrl, ValueError) as error:
        raise PermanentError(
            "bad_redirect", f"{url} redirects to {target[:120]!r}, which cannot be fetched: {error}"
        ) from error
    # Once back at the same address may be a cookie that was set on the way; twice is a circle.
    if following in seen and len(seen) > 2:
        raise PermanentError("redirect_loop", f"{url} redirects in a circle, back to {following}")
    if len(seen) > _MAX_REDIRECTS:
        raise PermanentError(
            "too_many_redirects", f"{url} redirects more than {_MAX_REDIRECTS} times, last to {following}"
        )
    return following


def _chunks(response: requests.Response, *, decoded: bool) -> Iterator[bytes]:
    # read1 hands over what has arrived, so that a server that drips cannot hold the loop from its deadline.
    raw = response.raw
    while chunk := raw.read1(_CHUNK, decode_content=decoded):
        yield chunk
    unpacker = getattr(getattr(raw, "_decoder", None), "_obj", None)
    if unpacker is not None and not getattr(unpacker, "eof", True):
        raise _cut_short(response)


def _cut_short(response: requests.Response) -> TransientError:
    return TransientError("truncated", f"{response.url}: its compressed body ends too early")
