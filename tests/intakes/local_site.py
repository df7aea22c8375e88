"""What tests of the intakes by case share: a local server; and Dateline's own poller, fetcher, ingest and
command line."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.contract.envelopes import decode, encode, encode_item
from services.contract.errors import DatelineError, NotModified, PermanentError, TransientError  # noqa: F401
from services.contract.messages import ArticleFetched, SourceDue, SourcePolled, UrlSettled, UrlSubmitted
from services.contract.routes import URL_LIST  # noqa: F401
from services.contract.urls import parse_url
from services.ingest.archive import Archive
from services.ingest.batcher import Batcher  # noqa: F401
from services.ingest.extract.rules import SiteRules
from services.ingest.fetch import Fetched, Fetcher, FetchPolicy
from services.ingest.fetch.robots import Robots  # noqa: F401
from services.ingest.handler import extract_here, ingest
from services.ingest.reader import Reader
from services.ingest.sources.poll import Poller
from services.runtime.celery_app import make_app  # noqa: F401
from services.runtime.embedded import EmbeddedRedis  # noqa: F401
from services.runtime.guard import Gate
from services.runtime.publish import Publisher  # noqa: F401
from services.scheduler.list_intake import ListIntake  # noqa: F401
from services.store import sources  # noqa: F401
from tests import raw_http
from tests.conftest import claim  # noqa: F401
from tests.raw_http import RawSite as Site
from tests.raw_http import chunked, redirect  # noqa: F401

FILES = Path(__file__).parent / "files"
G = "https://gazette.example"
A, B, C = f"{G}/a", f"{G}/b", f"{G}/c"
NOW = datetime(2026, 9, 1, tzinfo=UTC)
"""When a feed that is handed over without a server was fetched."""
SENTENCES = (
    "The crews of the northern ferry line walked out on Monday over their rosters, and no boat left the "
    "harbour before noon.",
    "The company said that it would bring in two replacement vessels from the mainland by the end of the "
    "week.",
    "Islanders who had waited since dawn were taken to a school hall, where volunteers handed out soup and "
    "blankets.",
    "A spokeswoman for the union called the offer of last Friday an insult to people who work fourteen hours "
    "a day.",
    "The minister for transport has asked both sides to come to the capital for talks on Thursday morning.",
    "Fishermen have begun to carry post and medicine to the outer islands, as they did in the strike ten "
    "years ago.",
)
PAGE = (
    "<!DOCTYPE html><html><head><title>Ferry strike</title></head><body><article><h1>Ferry strike</h1>"
    + "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    + "</article></body></html>"
).encode()
"""An article, in ASCII."""
SAID = "volunteers handed out soup and blankets"
"""What stands in it."""


class Cases(dict[str, tuple[Any, ...]]):
    """The cases of one subject, by name."""

    def add(self, name: str, kind: str, *what: Any, **more: Any) -> None:
        """A case: its name, its kind in general words, and what the test of its subject takes."""
        assert name not in self, name
        self[name] = (kind, what, more)

    def each(self) -> Any:
        """Parametrises a test by name; a question of policy is passed over."""
        marks = [
            pytest.param(
                name,
                id=name,
                marks=[pytest.mark.skip(reason=f"policy: {more['policy']}")] if "policy" in more else [],
            )
            for name, (_, _, more) in self.items()
        ]
        return pytest.mark.parametrize("name", marks)


# --- answers


def whole(body: bytes | str = PAGE, *lines: bytes | str, **more: Any) -> bytes:
    """As raw_http.whole, of an article unless something else is given."""
    return raw_http.whole(body, *lines, **more)


# --- Dateline's fetcher, poller, ingest


def fetcher(*, timeout_s: float = 5.0, hosts: Iterable[str] = ("127.0.0.1", "::1", "localhost")) -> Fetcher:
    """Dateline's own fetcher; it reaches this machine only."""
    own = tuple(hosts)

    def lookup(host: str, port: int) -> list[str]:
        if host == "::1":
            return ["::1"]
        if host in own or f"{host}:{port}" in own:
            return ["127.0.0.1"]
        raise socket.gaierror(socket.EAI_NONAME, "no such host here")

    return Fetcher(FetchPolicy(gate=Gate(allow_hosts=own, lookup=lookup), timeout_s=timeout_s))


def outcome(url: str, with_fetcher: Fetcher | None = None, **more: Any) -> Fetched | DatelineError:
    """What a fetch comes to: a page, or the error that it ends with. Any other exception is a failure."""
    try:
        return (with_fetcher or fetcher()).fetch(url, **more)
    except DatelineError as error:
        return error


def ingested(
    url: str, *, archive: Archive | None = None, submitted: UrlSubmitted | None = None
) -> ArticleFetched | UrlSettled:
    """What ingest makes of a URL: fetched, or read from the archive, and extracted."""
    submitted = submitted or UrlSubmitted(
        submission_id=1,
        url=url,
        canonical_url=parse_url(url).canonical,
        attempt=1,
        dispatched_at=datetime.now(UTC),
    )
    result = ingest(submitted, Reader(fetcher(), archive).read, extract_here(SiteRules()))
    encode_item(result)
    return result


def text_of(result: ArticleFetched | UrlSettled) -> str:
    """An article's text; fails where there is none."""
    assert isinstance(result, ArticleFetched), f"{result.outcome}: {result.reason}: {result.detail}"
    return result.article.text


def due(url: str, kind: Any = "auto") -> SourceDue:
    """A source whose time has come."""
    return SourceDue(source_id=1, url=url, kind=kind, dispatched_at=datetime.now(UTC))


def carried(polled: SourcePolled) -> SourcePolled:
    """A poll's result as it comes out of its queue."""
    (back,) = decode(SourcePolled, encode(SourcePolled, [encode_item(polled)]))
    return back


def poll(site: Site, path: str, *, kind: Any = "auto", timeout_s: float = 20.0) -> SourcePolled:
    """One poll of a path of the site."""
    return carried(Poller(fetcher(timeout_s=timeout_s)).poll(due(site.url + path, kind)))


class Canned:
    """Answers of other hosts, at a fixed time, in a fetcher's place."""

    def __init__(self, answers: dict[str, Fetched]) -> None:
        self._answers = answers

    def get(self, url: str, **_: Any) -> Fetched:
        """As Fetcher.get."""
        if url not in self._answers:
            raise PermanentError("http_404", f"{url} answered 404 Not Found")
        return self._answers[url]

    fetch = get


def listed(
    body: bytes | str,
    *,
    base: str = f"{G}/feed",
    kind: str = "application/xml",
    charset: str | None = None,
    now: datetime = NOW,
) -> SourcePolled:
    """A poll of `base` that is answered with `body` at `now`: real reading, no server."""
    raw = body.encode() if isinstance(body, str) else body
    answer = Fetched(
        url=base, status=200, body=raw, charset=charset, fetched_at=now, elapsed_ms=0.0, kind=kind
    )
    return carried(Poller(Canned({base: answer})).poll(due(base)))  # type: ignore[arg-type]


def urls_of(polled: SourcePolled) -> list[str]:
    """The URLs that a poll names; fails where it ended with an error."""
    assert polled.reason == "", f"{polled.reason}: {polled.detail}"
    return [entry.url for entry in polled.entries]


def check(polled: SourcePolled, right: Any, site: Site | None = None) -> None:
    """Whether a poll named just these URLs (those that begin with / are the site's), or passes a check of its
    own."""
    if callable(right):
        right(polled)
        return
    base = site.url if site else ""
    assert urls_of(polled) == [base + url if url.startswith("/") else url for url in right]


# --- what is right of a poll


def has(*urls: str) -> Callable[[SourcePolled], None]:
    """These URLs are among those that are named."""

    def right(polled: SourcePolled) -> None:
        assert set(urls) <= set(urls_of(polled)), urls_of(polled)[:10]

    return right


def count(number: int) -> Callable[[SourcePolled], None]:
    """So many URLs are named."""

    def right(polled: SourcePolled) -> None:
        assert len(urls_of(polled)) == number

    return right


def title(text: str) -> Callable[[SourcePolled], None]:
    """The first entry has this title."""

    def right(polled: SourcePolled) -> None:
        urls_of(polled)
        assert polled.entries[0].hints.title == text

    return right


def published(iso: str | None, *, entries: int | None = None) -> Callable[[SourcePolled], None]:
    """The first entry has this date, or none; nothing else of the source is lost."""

    def right(polled: SourcePolled) -> None:
        urls = urls_of(polled)
        if entries is not None:
            assert len(urls) == entries
        wanted = datetime.fromisoformat(iso).astimezone(UTC) if iso else None
        found = polled.entries[0].hints.published_at
        # A fraction of a second may be dropped.
        assert found == wanted or (found and wanted and abs(found - wanted) < timedelta(seconds=1)), (
            f"{found}, right {wanted}"
        )

    return right


def broken(polled: SourcePolled) -> None:
    """The source does not count as one that answered well and had nothing."""
    assert polled.reason, f"counts as healthy, with {len(polled.entries)} entries"


def something(polled: SourcePolled) -> None:
    """Something is named."""
    assert urls_of(polled)


# --- the command line


def dateline(*arguments: str, env: dict[str, str] | None = None, stdin: bytes | None = None) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(main, list(arguments), env=env, input=stdin)


def fell(done: Result) -> str:
    """How a command ended, for a message."""
    crash = done.exception if done.exception and not isinstance(done.exception, SystemExit) else None
    return f"exit {done.exit_code} {crash!r} {done.output[-400:]}"


def ledger_of(database_url: str) -> list[tuple[str, str, str | None]]:
    """What stands in the ledger: URL, state, reason."""
    with psycopg.connect(database_url) as connection:
        return connection.execute("SELECT url, state, reason FROM submissions ORDER BY id").fetchall()


def json_lines(text: str) -> list[dict[str, Any]]:
    """JSON, one object a line."""
    return [json.loads(line) for line in text.splitlines() if line.strip()]
