"""HTTP client for pages: rate limits, redirects, deadline, size limit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests

from services import __version__
from services.contract.errors import BadUrl, DatelineError, PermanentError, TransientError
from services.contract.limits import MAX_PAGE_BYTES
from services.contract.messages import Validators
from services.contract.urls import parse_url, resolve, server_of
from services.ingest.fetch.body import read_body
from services.ingest.fetch.bot_walls import WALL_BYTES, BotWall, check_wall
from services.ingest.fetch.cookies import Cookies
from services.ingest.fetch.decoding import ACCEPTED
from services.ingest.fetch.failures import FAILURES, classified
from services.ingest.fetch.politeness import HOST_FAILED, STATUS_FAILED, HostRequest, NoPoliteness, Politeness
from services.ingest.fetch.redirects import Redirect, has_text, redirect_of, refresh_of
from services.ingest.fetch.response import check_kind, check_status, content_type, validators_of
from services.ingest.fetch.robots import AGENT, Robots
from services.ingest.fetch.robots import MAX_BYTES as ROBOTS_BYTES
from services.net.deadline import Deadlines
from services.net.guard import Gate
from services.net.guarded_http import check_gate, guarded_adapter

_MAX_REDIRECTS = 8
_PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
_BUSY_HOLD_S = 30.0
State = tuple[str, frozenset[tuple[str, str, str, str | None]]]
"""The URL and the cookies of a request within a fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """Limits of one fetch: seconds in all, bytes after decoding, and the addresses that may be connected
    to."""

    timeout_s: float = 30.0
    max_bytes: int = MAX_PAGE_BYTES
    gate: Gate = field(default_factory=Gate)
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response: its decoded body, its final URL, its headers."""

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
        """The values of a header, joined with commas."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)


class Fetcher:
    """Fetches pages. Thread-safe."""

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
        # no proxies and no .netrc: the address check must see every connection
        self._session.trust_env = False
        adapter = guarded_adapter(policy.gate, pool_size=max(connections, 10))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        contact = f"; +{policy.contact}" if policy.contact else ""
        self._session.headers.update(
            {
                "User-Agent": f"{AGENT}/{__version__} (news archiving{contact})",
                "Accept-Language": "*",
                "Accept-Encoding": ACCEPTED,
            }
        )

        self._headers = dict(self._session.headers)

    def obey(self, robots: Robots) -> None:
        """Checks `robots` before each page from now on."""
        self._robots = robots

    def check_gate(self) -> None:
        """Raises BadSettings where the address check lets a private address through."""
        check_gate(self._session.get_adapter, self._policy.gate)

    def fetch(self, url: str, *, token: str = "", validators: Validators | None = None) -> Fetched:
        """Fetches one page. `token` identifies the URL to the rate limiter that all workers share.

        Raises Skipped (no HTML, or disallowed by robots.txt), Deferred (the host must not be asked yet),
        NotModified (304), TransientError (time-outs, 429, 5xx) and PermanentError (404, a refused address, a
        page over the limit).
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
        """Fetches a response of any kind, such as a feed. `within_fetch`: a part of one that is under way.

        `max_bytes`: its size limit, where that differs from a page's.
        """
        started = time.monotonic()
        deadline = started + self._policy.timeout_s
        headers = {"Accept": accept} | _conditions(validators)
        try:
            return self._follow(url, token, headers, deadline, started, hop=within_fetch, max_bytes=max_bytes)
        except DatelineError:
            raise
        except FAILURES as error:
            if time.monotonic() >= deadline:
                raise self._late(url) from error
            raise classified(error, url) from error

    def read_robots(self, url: str) -> tuple[int, bytes]:
        """Status and body of a robots.txt, whatever the status; robots.txt is not consulted for itself."""
        started = time.monotonic()
        deadline = started + min(15.0, self._policy.timeout_s)
        try:
            fetched = self._follow(
                url, "robots", {"Accept": "text/plain,*/*;q=0.1"}, deadline, started, robots=True
            )
        except DatelineError:
            raise
        except FAILURES as error:
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
        seen: list[State] = []
        cookies = Cookies()
        current, moved_for_good = url, True
        while True:
            if time.monotonic() >= deadline:
                raise self._late(url)
            host, state = server_of(current), (current, cookies.state())
            delay_s = 0.0 if robots or self._robots is None else self._robots.check(current).crawl_delay_s
            with self._politeness.turn(
                host, token, crawl_delay_s=delay_s, hop=robots or hop or bool(seen)
            ) as asked:
                answer = self._ask(current, url, headers, cookies, deadline, asked, limit, robots=robots)
            elsewhere = (
                answer if isinstance(answer, Redirect) else None if robots else _sent_on(current, answer)
            )
            if elsewhere is None:
                assert isinstance(answer, _Body)
                return _fetched(answer, current, started, current if seen and moved_for_good else None)
            seen.append(state)
            following = _next(url, current, elsewhere.target)
            if (
                isinstance(answer, _Body)
                and not _may_follow((following, cookies.state()), seen)
                and has_text(answer.body)
            ):
                return _fetched(answer, current, started, None)
            _check_circle(url, (following, cookies.state()), seen)
            moved_for_good = moved_for_good and elsewhere.for_good
            current = following

    def _ask(
        self,
        current: str,
        url: str,
        headers: dict[str, str],
        cookies: Cookies,
        deadline: float,
        asked: HostRequest,
        limit: int,
        *,
        robots: bool,
    ) -> _Body | Redirect:
        """Sends one request and reads its response. The outcome for the host is noted in `asked`."""
        left_s = max(0.1, deadline - time.monotonic())
        try:
            with self._deadlines.until(deadline) as watched:
                response = self._send(current, headers, cookies, left_s)
                with response:
                    asked.answered = True
                    if elsewhere := redirect_of(response):
                        return elsewhere
                    body = self._read(response, url, deadline, limit, robots=robots)
        except TransientError as error:
            asked.failed = STATUS_FAILED if error.reason.startswith("http_") else HOST_FAILED
            busy = error.reason in ("http_429", "http_503")
            asked.retry_after_s = (
                error.retry_after_s or (_BUSY_HOLD_S if error.reason == "http_429" else 0.0) if busy else 0.0
            )
            raise
        except BotWall as error:
            asked.failed = STATUS_FAILED
            asked.retry_after_s = error.retry_after_s or 0.0
            raise
        except FAILURES as error:
            failure = classified(error, current)
            asked.failed = HOST_FAILED if isinstance(failure, TransientError) else 0
            if watched.expired:
                raise self._late(url) from error
            raise
        if watched.expired:  # the connection was shut: the body may be incomplete
            asked.failed = HOST_FAILED
            raise self._late(url)
        return _Body(response, body)

    def _send(self, url: str, headers: dict[str, str], cookies: Cookies, left_s: float) -> requests.Response:
        """Sends through the adapter itself: a session would read the whole body of a redirect first."""
        # Preparing a request is a quarter of the cost of sending, and there is little to prepare.
        request = requests.PreparedRequest()
        request.method, request.url = "GET", parse_url(url).url
        request.headers = {**self._headers, **headers}  # type: ignore[assignment]
        cookies.add_to(request)
        adapter = self._session.get_adapter(url)
        response = adapter.send(request, stream=True, timeout=min(15.0, left_s), verify=True)
        cookies.take_from(response, request)
        return response

    def _read(
        self, response: requests.Response, url: str, deadline: float, limit: int, *, robots: bool
    ) -> bytes:
        """The body, where the status is good and the response is no bot wall."""
        if robots:
            return read_body(response, ROBOTS_BYTES + 1, deadline, self._late, cut=True)
        status = response.status_code
        if not 200 <= status < 300:
            check_wall(response, url, lambda: read_body(response, WALL_BYTES, deadline, self._late, cut=True))
        check_status(response, url)
        body = read_body(response, limit, deadline, self._late)
        if len(body) <= WALL_BYTES:
            check_wall(response, url, lambda: body)
        return body

    def _late(self, url: str) -> TransientError:
        return TransientError(
            "timeout", f"{url} took longer than {self._policy.timeout_s:g} s to send its page"
        )


@dataclass(frozen=True, slots=True)
class _Body:
    response: requests.Response
    body: bytes


def _conditions(validators: Validators | None) -> dict[str, str]:
    found = {}
    if validators and validators.etag:
        found["If-None-Match"] = validators.etag
    if validators and validators.last_modified:
        found["If-Modified-Since"] = validators.last_modified
    return found


def _fetched(answer: _Body, current: str, started: float, moved_to: str | None) -> Fetched:
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
        moved_to=moved_to,
    )


def _sent_on(current: str, answer: _Body | Redirect) -> Redirect | None:
    """The target of a refresh."""
    if isinstance(answer, Redirect) or not 200 <= answer.response.status_code < 300:
        return None
    kind, _ = content_type(answer.response)
    return refresh_of(current, answer.response.headers.get("refresh", ""), kind, answer.body)


def _next(url: str, current: str, target: str) -> str:
    try:
        return resolve(current, target).url
    except BadUrl as error:
        raise PermanentError(
            "bad_redirect", f"{url} redirects to {target[:120]!r}, which cannot be fetched: {error}"
        ) from error


def _may_follow(following: State, seen: list[State]) -> bool:
    # Some pages answer the second request; a third one with the same cookies is a loop.
    return len(seen) <= _MAX_REDIRECTS and not (following in seen and len(seen) > 2)


def _check_circle(url: str, following: State, seen: list[State]) -> None:
    if _may_follow(following, seen):
        return
    if following in seen:
        raise PermanentError("redirect_loop", f"{url} redirects in a circle, back to {following[0]}")
    raise PermanentError(
        "too_many_redirects", f"{url} redirects more than {_MAX_REDIRECTS} times, last to {following[0]}"
    )
