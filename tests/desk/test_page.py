"""The page in a real browser: live updates, facets, marked evidence, replay; by mouse and by keyboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from services.demo.pages import stories
from services.demo.site import Site
from services.local.stack import Stack
from tests.conftest import eventually

JAPAN = "/world/asia/earthquake-off-niigata"
VIEWS = {
    "articles": "/",
    "article": "/?view=article&id={id}",
    "pipeline": "/?view=pipeline",
    "submit": "/?view=submit",
}
SHOWS = {"articles": "#articles li", "article": "#body mark", "pipeline": "#p-now", "submit": "#urls"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        why = "no Chromium here: install it (Debian: apt install chromium)"
        pytest.fail(why) if os.environ.get("REQUIRE_TOOLS") else pytest.skip(why)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def desk(stack: Stack, site: Site) -> str:
    """The desk of the running pipeline, with the demo's stories stored and a failed URL."""
    base = str(stack.desk_url).rstrip("/")
    urls = [site.url + path for path in stories() if path != JAPAN]
    requests.post(
        f"{base}/submissions", json={"urls": [*urls, f"{site.url}/gone"]}, timeout=10
    ).raise_for_status()

    def settled() -> bool:
        with stack.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM submissions WHERE state IN ('pending', 'in_flight') AND url = ANY(%s)",
                (urls,),
            ).fetchone()
        return row is not None and row[0] == 0

    eventually("the stories are stored", settled, within_s=90, between=stack.watch)
    return base


@pytest.fixture
def page(browser: Browser, desk: str) -> Iterator[Page]:
    """A tab that fails its test for an error in a script, a breach of the policy, or a word to any other
    host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=desk)
    found: list[str] = []
    tab = context.new_page()
    tab.on("pageerror", lambda error: found.append(f"error: {error}"))
    tab.on(
        "console", lambda said: found.append(said.text) if "Content Security Policy" in said.text else None
    )
    tab.on(
        "request",
        lambda asked: (
            found.append(asked.url) if urlsplit(asked.url).netloc != urlsplit(desk).netloc else None
        ),
    )
    yield tab
    context.close()
    assert found == []


def _article(stack: Stack, path: str) -> int:
    with stack.connect() as connection:
        row = connection.execute(
            "SELECT id FROM articles WHERE url LIKE '%%' || %s ORDER BY id DESC", (path,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def _choices(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_submitted_url_arrives_in_both_views_without_a_reload(page: Page, site: Site, desk: str) -> None:
    page.goto("/")
    expect(page.locator("#articles li").first).to_be_visible()
    page.evaluate("window.still = true")
    other = page.context.new_page()
    other.goto("/?view=submit")
    other.locator("#urls").fill(f"{site.url}{JAPAN}\nfile:///etc/passwd")
    other.keyboard.press("Tab")
    other.keyboard.press("Tab")
    other.keyboard.press("Enter")
    expect(other.locator(".steps li", has_text=JAPAN)).to_contain_text("stored", timeout=30_000)
    expect(other.locator(".steps li", has_text="passwd")).to_contain_text("scheme_refused")
    expect(page.locator("#articles li", has_text="Niigata")).to_be_visible(timeout=15_000)
    assert page.evaluate("window.still"), "the page was not loaded anew"
    other.locator(".steps a", has_text="Strong earthquake").click()
    expect(other.locator("h1")).to_contain_text("earthquake")


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_a_country_and_a_topic_filter_everything_and_the_address_keeps_them(
    page: Page, way: str, desk: str
) -> None:
    page.goto("/")
    all_of_them = page.locator("#total")
    expect(all_of_them).to_contain_text("article")
    before = all_of_them.inner_text()
    kenya = page.locator('svg.world [data-code="KE"]')
    expect(kenya).to_have_attribute("role", "button")
    if way == "mouse":
        kenya.click()
    else:
        page.locator('svg.world [tabindex="0"]').focus()
        for _ in range(60):
            if page.evaluate("document.activeElement.dataset.code") == "KE":
                break
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    expect(page.locator('svg.world [data-code="KE"]')).to_have_attribute("aria-pressed", "true")
    assert _choices(page) == {"region": ["KE"]}
    expect(all_of_them).not_to_have_text(before)
    bars = page.locator("svg.timeline g").count()
    titles = page.locator("#articles h3").all_inner_texts()
    told = requests.get(f"{desk}/articles?region=KE", timeout=10).json()
    assert titles == [a["title"] for a in told["articles"]]
    assert 1 <= bars <= len(titles)
    topic = page.locator(".side .bars button.bar").first
    if way == "mouse":
        topic.click()
    else:
        topic.focus()
        page.keyboard.press("Enter")
    expect(page.locator(".chips li")).to_have_count(4)  # the total, two filters, and all of them away
    chosen = _choices(page)
    assert chosen["region"] == ["KE"]
    assert chosen["topic"][0].startswith("medtop:")
    view = page.locator("#articles").inner_text()
    page.reload()
    expect(page.locator("#articles li").first).to_be_visible()
    assert page.locator("#articles").inner_text() == view, "the address gives the same view to a colleague"
    page.go_back()
    expect(page.locator(".chips li")).to_have_count(2)
    assert _choices(page) == {"region": ["KE"]}


def test_search_and_the_region_box_work_with_the_keyboard(page: Page, desk: str) -> None:
    page.goto("/")
    expect(page.locator("#articles li").first).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#text").focus()
    page.keyboard.type("zzzz-no-such-word")
    page.keyboard.press("Enter")
    expect(page.locator("#total")).to_have_text("0 articles")
    page.locator("#text").fill("")
    page.keyboard.press("Enter")
    expect(page.locator("#total")).not_to_have_text("0 articles")
    page.locator("#area").fill("Africa")
    page.keyboard.press("Enter")
    expect(page.locator(".chips")).to_contain_text("Africa")
    assert _choices(page) == {"region": ["Africa"]}


def test_the_marked_words_are_exactly_the_quotes_of_the_evidence(page: Page, stack: Stack, desk: str) -> None:
    checked = 0
    for path in list(stories())[:4]:
        if path == JAPAN:
            continue
        number = _article(stack, path)
        told: dict[str, Any] = requests.get(f"{desk}/articles/{number}", timeout=10).json()
        page.goto(f"/?view=article&id={number}")
        expect(page.locator("#body")).to_be_visible()
        assert page.locator("#body").evaluate("e => e.textContent") == told["text"]
        marks: list[dict[str, Any]] = page.locator("#body mark").evaluate_all(
            "all => all.map(m => ({start: +m.dataset.start, end: +m.dataset.end, text: m.textContent, kinds: "
            "[...m.classList]}))"
        )
        quotes = [("topic", q) for t in told["topics"] for q in t["evidence"]]
        quotes += [("country", q) for c in told["countries"] for q in c["evidence"]]
        quotes += [
            ("place", {"text": p["quote"], "start": p["start"], "end": p["end"]}) for p in told["places"]
        ]
        quotes += [
            ("name", {"text": told["text"][start:end], "start": start, "end": end})
            for n in told["names"]
            for start, end in zip(n["spans"][::2], n["spans"][1::2], strict=True)
        ]
        for kind, quote in quotes:
            pieces = [
                m
                for m in marks
                if quote["start"] <= m["start"] and m["end"] <= quote["end"] and kind in m["kinds"]
            ]
            assert "".join(m["text"] for m in pieces) == quote["text"]
            checked += 1
        for mark in marks:
            for kind in mark["kinds"]:
                assert any(
                    k == kind and q["start"] <= mark["start"] and mark["end"] <= q["end"] for k, q in quotes
                ), mark
    assert checked > 40
    button = page.locator("button.quote").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("mark.lit").first).to_have_text(button.inner_text())


def test_a_dead_letter_is_replayed_with_the_keyboard(page: Page, stack: Stack, site: Site) -> None:
    url = f"{site.url}/gone"

    def failed() -> bool:
        with stack.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM dead_letters WHERE url = %s AND replayed_at IS NULL", (url,)
            ).fetchone()
        return row is not None and row[0] > 0

    eventually("there is a dead letter", failed, within_s=60, between=stack.watch)
    page.goto("/?view=pipeline")
    button = page.get_by_role("button", name=f"Replay {url}").first
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("status")
        .filter(has_text="1 URL starts again")
        .or_(page.locator("main [role=status]", has_text="1 URL"))
    ).to_be_visible()
    with stack.connect() as connection:
        row = connection.execute(
            "SELECT count(*) FROM dead_letters WHERE url = %s AND replayed_at IS NOT NULL", (url,)
        ).fetchone()
    assert row is not None
    assert row[0] >= 1


def test_a_title_of_markup_stays_text(page: Page, stack: Stack) -> None:
    number = _article(stack, next(iter(stories())))
    bad = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    with stack.connect() as connection:
        before = connection.execute(
            "SELECT title, canonical_url FROM articles WHERE id = %s", (number,)
        ).fetchone()
        connection.execute(
            "UPDATE articles SET title = %s, canonical_url = 'javascript:alert(3)' WHERE id = %s",
            (bad, number),
        )
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    try:
        page.goto(f"/?view=article&id={number}")
        expect(page.locator("h1")).to_have_text(bad)
        assert page.locator("main img, main script, a[href^=javascript]").count() == 0
        assert asked == []
    finally:
        with psycopg.connect(stack.postgres.url) as connection:
            assert before is not None
            connection.execute(
                "UPDATE articles SET title = %s, canonical_url = %s WHERE id = %s", (*before, number)
            )


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (375, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.long),
        pytest.param(375, "light", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("view", VIEWS)
def test_no_view_keeps_anybody_out(
    browser: Browser, desk: str, stack: Stack, view: str, width: int, scheme: Any
) -> None:
    path = VIEWS[view].format(id=_article(stack, list(stories())[1]))
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, base_url=desk
    )
    tab = context.new_page()
    tab.goto(path)
    expect(tab.locator(SHOWS[view]).first).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width, "nothing lies beyond the edge"
    serious = [
        v["id"] for v in Axe().run(tab).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert serious == []
    context.close()
