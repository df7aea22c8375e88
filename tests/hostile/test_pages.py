"""Hostile pages among honest ones, through ingest's handler and its pool: each ends with a reason, and holds
no other up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.contract.messages import ArticleFetched, UrlSettled, UrlSubmitted
from services.demo.pages import render, stories
from services.ingest.extract import Extraction
from services.ingest.extract.effort import MOST_STEPS, UNUSUAL_STEPS, steps_of
from services.ingest.extract.rules import SiteRules
from services.ingest.fetch import Fetched
from services.ingest.handler import Page, extract_here, ingest
from services.ingest.isolation import Isolation
from services.ingest.url_pool import UrlPool
from tests.hostile.growing import PAGES

POISON = str(Path(__file__).parents[1] / "pipeline" / "poison")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOO_COMPLEX = [
    "nested a in a list",
    "nested div",
    "many options in a select",
    "many attributes",
    "foster parents",
    "nested form",
]
HELD = "<div>" * 4000 + "poison-ingest-loop"  # much work, and it never ends where it is done


def _honest() -> dict[str, bytes]:
    pages = {path: render(path, "https://courier.example") for path in stories()}
    return {f"https://courier.example{path}": page.encode() for path, page in pages.items() if page}


def _submitted(url: str, *, suspect: bool = False, attempt: int = 1) -> UrlSubmitted:
    return UrlSubmitted(
        submission_id=1, url=url, canonical_url=url, attempt=attempt, dispatched_at=NOW, suspect=suspect
    )


def _reader(pages: dict[str, bytes]) -> Callable[[UrlSubmitted], Page]:
    def read(submitted: UrlSubmitted) -> Page:
        body = pages[submitted.url]
        return Page(Fetched(submitted.url, 200, body, None, NOW, 1.0))

    return read


@pytest.mark.parametrize("family", PAGES)
def test_a_hostile_page_ends_as_an_article_or_with_a_reason(family: str) -> None:
    url = "https://hostile.example/a"
    ended = ingest(_submitted(url), _reader({url: PAGES[family](60_000).encode()}), extract_here(SiteRules()))
    if isinstance(ended, UrlSettled):
        assert ended.outcome == "skipped", ended.error
        assert ended.reason in ("page_too_complex", "no_article", "home_page", "empty_page")
    else:
        assert ended.article.text


def test_honest_pages_are_done_while_a_hostile_one_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """With as many threads as pages: the hostile ones wait for processes of their own, and take no one else's
    time."""
    monkeypatch.setenv("PYTHONPATH", POISON)
    assert UNUSUAL_STEPS < steps_of(HELD.encode()) < MOST_STEPS
    honest = _honest()
    held = {f"https://hostile.example/{n}": HELD.encode() for n in range(2)}
    refused = {f"https://hostile.example/{f}": PAGES[f](1_000_000).encode() for f in TOO_COMPLEX}
    read = _reader({**honest, **held, **refused})
    apart = Isolation(deadline_s=2)
    ends: dict[str, ArticleFetched | UrlSettled] = {}
    all_others_ended = threading.Event()

    def held_until_all_others_ended(body: bytes, charset: str | None, url: str, now: datetime) -> Extraction:
        assert all_others_ended.wait(120)
        return apart.extract(body, charset, url, now)

    here = extract_here(SiteRules(), held_until_all_others_ended)

    def do(url: str) -> Future[None]:
        ends[url] = ingest(_submitted(url), read, here)
        if all(other in ends for other in (*honest, *refused)):
            all_others_ended.set()
        done: Future[None] = Future()
        done.set_result(None)
        return done

    urls = [*held, *refused, *honest]
    UrlPool(len(held) + 2, starts_within_s=60).work(urls, do, do)
    for url in honest:
        assert isinstance(ends[url], ArticleFetched)
    for url in refused:
        assert (_end(ends[url])) == ("skipped", "page_too_complex")
    for url in held:
        assert (_end(ends[url])) == ("retry", "extraction_killed")


def test_a_page_that_is_killed_apart_twice_is_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", POISON)
    url = "https://hostile.example/a"
    read = _reader({url: HELD.encode()})
    apart = Isolation(processes=1, deadline_s=1, second_deadline_s=1)
    first = ingest(_submitted(url), read, extract_here(SiteRules(), apart.extract))
    assert _end(first) == ("retry", "extraction_killed")
    second = ingest(_submitted(url, suspect=True, attempt=2), read, apart.again)
    assert _end(second) == ("failed", "extraction_killed")


def test_a_suspect_that_is_innocent_is_stored() -> None:
    honest = _honest()
    url = next(iter(honest))
    ended = ingest(_submitted(url, suspect=True, attempt=2), _reader(honest), Isolation(processes=1).again)
    assert isinstance(ended, ArticleFetched)


def test_much_work_apart_gives_what_it_gives_here() -> None:
    url = "https://hostile.example/a"
    page = (
        "<div>" * 4000
        + "<p>The council of the town voted on Tuesday to mend the old bridge of the town.</p>" * 9
    ).encode()
    assert UNUSUAL_STEPS < steps_of(page) < MOST_STEPS
    here = ingest(_submitted(url), _reader({url: page}), extract_here(SiteRules()))
    apart = ingest(
        _submitted(url), _reader({url: page}), extract_here(SiteRules(), Isolation(processes=1).extract)
    )
    assert isinstance(here, ArticleFetched) and isinstance(apart, ArticleFetched)
    assert apart.article == here.article


def _end(ended: ArticleFetched | UrlSettled) -> tuple[str, str]:
    assert isinstance(ended, UrlSettled)
    return ended.outcome, ended.reason
