"""Stories and copies on the page, in a real browser: by keyboard, on a phone, in dark, from right to left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from psycopg_pool import ConnectionPool

from services.desk.app import build
from services.desk.serving import server_config
from services.desk.settings import DeskSettings
from services.local.postgres import EmbeddedPostgres
from services.local.valkey import EmbeddedRedis
from services.runtime.settings import load
from services.store.database import open_pool
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.desk.conftest import named_database
from tests.desk.test_page import browser  # noqa: F401  the fixture
from tests.story_rows import TEXT, copy, printed, story

FIRST, SECOND = (f"{sentence}." for sentence in TEXT.split(". ")[:2])
PARENT = f"😀 {FIRST} Between them, the first house says this. {SECOND}"
COPY = f"{SECOND} {FIRST} 🚢 And this is its own."
ARABIC = "افتتح المغرب محطة جديدة للطاقة الشمسية قرب ورزازات، وقالت وزارة الطاقة إنها ستزود مدنا كثيرة."
Printed = tuple[str, dict[str, int]]
VIEWS = {"stories": "/?view=stories", "story": "/?view=story&id=71", "copies": "/?view=copies&id={copy}",
         "arabic": "/?view=copies&id={arabic}"}  # fmt: skip


def _quads(copied: str, parent: str, *parts: str) -> list[int]:
    """Offsets of the parts in both texts."""
    return [
        at + end for part in parts for text in (copied, parent) for at in [text.index(part)]
        for end in (0, len(part))
    ]  # fmt: skip


def _fill(pool: ConnectionPool) -> dict[str, int]:
    place = {"site_name": "The First House", "provider": "Reuters"}
    ids = stored(
        pool, printed(0, text=PARENT, **place), printed(1, text=COPY, site_name="The Second"), printed(2),
        printed(3, title="A report of its own"), enriched(title="Alone"),
        *(printed(n, title=ARABIC[:40], text=ARABIC, language="ar") for n in (5, 6)),
    )  # fmt: skip
    with pool.connection() as connection:
        story(connection, 71, ids[:4], copies=2)
        story(connection, 72, ids[5:], copies=1)
        copy(connection, ids[1], ids[0], _quads(COPY, PARENT, SECOND, FIRST))
        copy(connection, ids[2], ids[0], [], kind="cut")
        copy(connection, ids[6], ids[5], [0, len(ARABIC)] * 2, kind="verbatim")
    return {"parent": ids[0], "copy": ids[1], "own": ids[3], "arabic": ids[6]}


@pytest.fixture(scope="module")
def printed_desk(postgres: EmbeddedPostgres, redis_server: EmbeddedRedis) -> Iterator[Printed]:
    """The address of a desk, and ids of its articles."""
    with named_database(postgres, "story_pages") as database_url:
        pool = open_pool(database_url, size=2)
        ids = _fill(pool)
        pool.close()
        environ = {
            "DATELINE_DATABASE_URL": database_url,
            "DATELINE_REDIS_URL": redis_server.url,
            "DATELINE_DESK_RATE": "100000",
        }
        app = build(load(DeskSettings, environ))
        server = uvicorn.Server(server_config(app, address="127.0.0.1", port=0))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        eventually("the desk runs", lambda: server.started and app.state.desk.columns.ready, within_s=30)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", ids
        app.state.desk.follower.signal_stop()
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def page(browser: Browser, printed_desk: Printed) -> Iterator[Page]:  # noqa: F811
    """A tab that fails its test for an error in a script or a breach of the policy."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=printed_desk[0])
    found: list[str] = []
    tab = context.new_page()
    tab.on("pageerror", lambda error: found.append(f"error: {error}"))
    tab.on(
        "console", lambda said: found.append(said.text) if "Content Security Policy" in said.text else None
    )
    yield tab
    context.close()
    assert found == []


@pytest.fixture
def ids(printed_desk: Printed) -> dict[str, int]:
    return printed_desk[1]


def test_a_row_tells_its_story_and_leads_to_it_by_keyboard(page: Page, ids: dict[str, int]) -> None:
    page.goto("/")
    row = page.locator(f'#articles > li[data-id="{ids["own"]}"]')
    expect(row.locator("a.printed")).to_contain_text("4 articles · 2 reports · 4 sources · first ")
    row.locator("a.printed").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Strike ends (0)")
    assert parse_qs(urlsplit(page.url).query) == {"view": ["story"], "id": ["71"]}
    page.go_back()
    copied = page.locator(f'#articles > li[data-id="{ids["copy"]}"] a.printed').nth(1)
    expect(copied).to_contain_text("an edit of another text, 90 % of its words")
    copied.click()
    expect(page.locator(".pair")).to_be_visible()


def test_a_story_shows_who_printed_what_when_with_copies_under_their_parent(
    page: Page, ids: dict[str, int]
) -> None:
    page.goto("/?view=story&id=71")
    reports = page.locator(".line").first.locator("> li")
    expect(reports).to_have_count(2)
    assert [int(x) for x in reports.evaluate_all("all => all.map(e => e.dataset.id)")] == [
        ids["parent"], ids["own"],
    ]  # fmt: skip
    expect(reports.first).to_contain_text("The First House house0.example with text of Reuters")
    expect(reports.first.locator(".line > li")).to_have_count(2)
    expect(reports.nth(1)).to_contain_text("belongs to it with 80 %")
    times = reports.locator("> p time").evaluate_all("all => all.map(e => [e.dateTime, e.title !== ''])")
    assert times == [["2026-03-03T12:00:00Z", True], ["2026-03-03T15:00:00Z", True]]
    button = reports.first.get_by_role("button", name="Compare").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pair mark").first).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".pair")).to_have_count(0)
    page.get_by_role("link", name="Its articles on the map").click()
    expect(page.locator("#total")).to_have_text("4 articles")
    expect(page.locator(".chips")).to_contain_text("story 71")


def test_marked_passages_are_exactly_what_both_texts_have(page: Page, ids: dict[str, int]) -> None:
    page.goto(f"/?view=copies&id={ids['copy']}")
    expect(page.locator("#family > li")).to_have_count(3)
    sides = page.locator(".pair .text")
    expect(sides).to_have_count(2)
    assert [sides.nth(n).evaluate("e => e.textContent") for n in (0, 1)] == [COPY, PARENT]
    marked = [
        side.locator("mark").evaluate_all("all => all.map(m => [m.dataset.passage, m.textContent])")
        for side in (sides.nth(0), sides.nth(1))
    ]
    assert marked[0] == [["1", SECOND], ["2", FIRST]]
    assert sorted(marked[0]) == sorted(marked[1])
    button = page.locator(".passages button").nth(1)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("mark.lit")).to_have_count(2)
    assert page.locator("mark.lit").all_inner_texts() == [FIRST] * 2
    sides.nth(0).locator("mark").first.click()
    assert page.locator("mark.lit").all_inner_texts() == [SECOND] * 2


def test_the_list_shows_one_of_each_and_its_exports_too(page: Page, ids: dict[str, int]) -> None:
    page.goto("/")
    expect(page.locator("#articles > li")).to_have_count(7)
    for by, rows in (("copies", 4), ("stories", 3)):
        page.locator("#collapse").select_option(by)
        expect(page.locator("#articles > li")).to_have_count(rows)
        assert parse_qs(urlsplit(page.url).query) == {"collapse": [by]}
        expect(page.locator('a[href^="/export"]').first).to_have_attribute(
            "href", f"/export?format=jsonl&collapse={by}"
        )
    page.get_by_role("link", name="as stories").click()
    expect(page.locator("#stories > li")).to_have_count(2)
    page.get_by_role("button", name="Newest").click()
    expect(page.locator("#stories > li").first).to_have_attribute("data-id", "72")
    page.get_by_role("button", name="Growing").click()
    expect(page.locator("main")).to_contain_text("No story had an article within the last six hours.")


def test_right_to_left_texts_stand_from_the_right(page: Page, ids: dict[str, int]) -> None:
    page.goto(f"/?view=copies&id={ids['arabic']}")
    sides = page.locator(".pair .text")
    expect(sides).to_have_count(2)
    for n in (0, 1):
        assert sides.nth(n).evaluate("e => getComputedStyle(e).direction") == "rtl"
    page.goto("/?view=stories")
    title = page.locator('#stories li[data-id="72"] h2')
    assert title.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_a_text_that_has_changed_is_not_marked(
    page: Page, ids: dict[str, int], printed_desk: Printed, postgres: EmbeddedPostgres
) -> None:
    url = postgres.url.rsplit("/", 1)[0] + "/story_pages"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE story_articles SET version = 7 WHERE article_id = %s", (ids["copy"],))
        try:
            page.goto(f"/?view=copies&id={ids['copy']}")
            expect(page.locator(".pair")).to_contain_text("nothing is marked until they are again")
            expect(page.locator(".pair mark")).to_have_count(0)
        finally:
            connection.execute("UPDATE story_articles SET version = 1 WHERE article_id = %s", (ids["copy"],))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_no_view_of_stories_keeps_anybody_out(
    browser: Browser,  # noqa: F811
    printed_desk: Printed,
    view: str,
    scheme: Any,
) -> None:
    desk, numbers = printed_desk
    for width in (1280, 375):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, base_url=desk
        )
        tab = context.new_page()
        tab.goto(VIEWS[view].format(**numbers))
        expect(tab.locator("#stories > li, .line > li").first).to_be_visible()
        if view == "story":
            tab.get_by_role("button", name="Compare").first.click()
            expect(tab.locator(".pair mark").first).to_be_visible()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, "nothing lies beyond the edge"
        serious = [
            v["id"] for v in Axe().run(tab).response["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert serious == []
        context.close()
