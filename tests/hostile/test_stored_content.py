"""Nothing that is stored runs a script, becomes markup, leads to a script or leaves the host, in any view of
the page.

The policy in the answers' headers would stop most of it: it is switched off here, so that the page alone has
to.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest
import uvicorn
from playwright.sync_api import Browser, Dialog, Error, Page, Route, expect

from services.desk.app import build
from services.desk.delivery import Deliverer
from services.desk.pages import STATIC
from services.desk.serving import server_config
from services.desk.settings import DeskSettings
from services.local.postgres import EmbeddedPostgres
from services.local.valkey import EmbeddedRedis
from services.runtime.settings import load
from tests.conftest import eventually
from tests.desk.conftest import named_database
from tests.desk.test_page import browser  # noqa: F401  the fixture
from tests.hostile import stored_payloads
from tests.hostile.stored_payloads import ADDRESSES, PAYLOADS, ROWS, SEEN

_RAW = ("/articles?limit=200", "/articles/1", "/facets", "/names", "/topics", "/changes?after=0",
"/stories", "/stories/1", "/articles/1/story", "/articles/1/copies", "/changes?kind=story_created",
"/submissions/1", "/pipeline", "/sources", "/sources/report",
    "/dead-letters?limit=500", "/webhooks", "/deletions", "/audit", "/articles/1/diff?before=1")  # fmt: skip
_FOUND_IN_THE_PAGE = """() => {
  const found = globalThis.ran ? [`a script of a payload ran ${globalThis.ran} times`] : [];
  for (const e of document.querySelectorAll("script, iframe, object, embed, base, meta[http-equiv], frame, portal, noscript img, math, animate, style, video, source, details"))
    if (!(e.localName === "script" && e.getAttribute("src") === "/static/js/app.js")) found.push(`element ${e.outerHTML.slice(0, 120)}`);
  for (const e of document.querySelectorAll("*")) {
    for (const a of e.attributes) {
      const value = a.value.replace(/[\\x00-\\x20]/g, "").toLowerCase();
      if (a.name.startsWith("on")) found.push(`handler ${a.name} of ${e.localName}`);
      if (a.name === "srcset" || a.name === "srcdoc" || a.name === "formaction" || a.name === "ping") found.push(`${a.name} of ${e.localName}`);
      if (a.name === "style" && !/^--share:[0-9.]+%;?$/.test(value)) found.push(`style ${a.value}`);
      if (["href", "xlink:href", "src", "action", "poster", "data"].includes(a.name)) {
        const to = new URL(a.value, location.href);
        const outward = e.localName === "a" && (to.protocol === "http:" || to.protocol === "https:") && e.rel.includes("noopener") && e.rel.includes("noreferrer");
        if (to.origin !== location.origin && !outward) found.push(`${a.name} of ${e.localName}: ${a.value.slice(0, 120)}`);
      }
    }
  }
  return found;
}"""  # noqa: E501


@pytest.fixture(scope="module")
def desk(postgres: EmbeddedPostgres, redis_server: EmbeddedRedis) -> Iterator[str]:
    """A desk over a database full of payloads; no webhook is spoken to."""
    with named_database(postgres, "payloads") as database_url, pytest.MonkeyPatch.context() as patch:
        with psycopg.connect(database_url) as connection:
            stored_payloads.fill(connection)
        patch.setattr(Deliverer, "start", lambda _: None)
        patch.setattr(Deliverer, "stop", lambda _: None)
        environ = {
            "DATELINE_DATABASE_URL": database_url,
            "DATELINE_REDIS_URL": redis_server.url,
            "DATELINE_DESK_RATE": "100000",
            "DATELINE_FLOWER_URL": ADDRESSES[0],
        }
        app = build(load(DeskSettings, environ))
        server = uvicorn.Server(server_config(app, address="127.0.0.1", port=0))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        eventually("the desk runs", lambda: server.started and app.state.desk.columns.ready, within_s=30)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        app.state.desk.follower.signal_stop()
        server.should_exit = True
        thread.join(20)


@contextmanager
def _watched(browser: Browser, desk: str, **more: Any) -> Iterator[tuple[Page, list[str]]]:  # noqa: F811
    """A tab, and what payloads did in it."""
    found: list[str] = []
    context = browser.new_context(base_url=desk, service_workers="block", **more)
    tab = context.new_page()
    context.on("page", lambda other: found.append(f"a page opened: {other.url}"))
    context.on(
        "request",
        lambda asked: (
            found.append(f"asked: {asked.url}") if urlsplit(asked.url)[:2] != urlsplit(desk)[:2] else None
        ),
    )

    def told(dialog: Dialog) -> None:
        found.append(f"dialog: {dialog.message}")
        with suppress(Error):  # its page may have gone on
            dialog.dismiss()

    tab.on("dialog", told)
    tab.on("pageerror", lambda error: found.append(f"error: {error}"))
    tab.on(
        "console", lambda said: found.append(said.text) if "Content Security Policy" in said.text else None
    )
    tab.on(
        "framenavigated",
        lambda frame: (
            found.append(f"went to {frame.url}") if urlsplit(frame.url)[:2] != urlsplit(desk)[:2] else None
        ),
    )
    yield tab, found
    context.close()


def _look(tab: Page, found: list[str], *, shows: bool = True) -> None:
    """Move over and focus everything, then look for what a payload may have become."""
    if shows:
        expect(tab.locator("main")).to_contain_text(SEEN)
    tab.evaluate(
        "() => { for (const e of document.querySelectorAll('main *')) for (const kind of ['mouseover', "
        "'focus', 'pointerenter']) e.dispatchEvent(new Event(kind, {bubbles: true})); }"
    )
    found += tab.evaluate(_FOUND_IN_THE_PAGE)


def _through_the_views(tab: Page, found: list[str], articles: range) -> None:
    tab.goto("/")
    expect(tab.locator("#articles li").first).to_be_visible()
    _look(tab, found)
    tab.get_by_role("button", name="Older articles").click()
    expect(tab.locator("#articles > li")).to_have_count(ROWS)
    _look(tab, found)
    for number in articles:
        tab.goto(f"/?view=article&id={number}")
        expect(tab.locator("#body")).to_be_visible()
        tab.locator("main button", has_text="What changed since version").first.click()
        tab.locator("ins").first.wait_for(state="attached")
        tab.locator("button.quote").first.click()
        _look(tab, found)
    tab.goto("/?view=stories&order=latest")
    expect(tab.locator("#stories li").first).to_be_visible()
    _look(tab, found)
    for number in articles[:3]:  # the first family and the list of stories have every payload
        tab.goto(f"/?view=copies&id={number}")
        expect(tab.locator(".pair mark").first).to_be_visible()
        tab.locator(".passages button").first.click()
        _look(tab, found)
        tab.goto(f"/?view=story&id={(number + 1) // 2}")
        tab.get_by_role("button", name="Compare").first.click()
        expect(tab.locator(".pair mark").first).to_be_visible()
        _look(tab, found)
    tab.goto("/?view=pipeline")
    expect(tab.locator("#p-days")).to_be_visible()
    tab.get_by_role("button", name="Replay all").first.wait_for()
    _look(tab, found)
    tab.goto("/?view=submit")
    tab.locator("#urls").fill("\n".join([*ADDRESSES[:6], *PAYLOADS]))
    tab.locator("main form button").click()
    expect(tab.locator(".steps li").nth(10)).to_be_visible()
    _look(tab, found)


def _reflected(tab: Page, found: list[str], payloads: Sequence[str]) -> None:
    """What stands in the address is no better than what is stored."""
    for payload in payloads:
        for key in (
            "text",
            "source",
            "provider",
            "topic",
            "region",
            "since",
            "until",
            "near",
            "language",
            "role",
            "story",
            "collapse",
        ):
            if key == "text" or payload is PAYLOADS[1]:
                beside = f"&topic={quote(payload)}" if key == "text" else ""
                tab.goto(f"/?{key}={quote(payload)}{beside}")
                expect(tab.locator("main > *").first).to_be_visible()
                _look(tab, found, shows=False)
        for view in ("view=story&id", "view=copies&id", "view=stories&text", "view=stories&order"):
            tab.goto(f"/?{view}={quote(payload)}")
            expect(tab.locator("main > *").first).to_be_visible()
            _look(tab, found, shows=False)


_SOME = range(1, len(PAYLOADS) + 1, 2)
"""Articles that hold every payload: of two neighbours each has the other's in its former version."""
_REST = range(2, len(PAYLOADS) + 1, 2)
_FEW = range(1, 4)


@pytest.mark.parametrize(
    ("policy", "width", "scheme", "articles"),
    [
        pytest.param("without the policy", 1280, "light", _SOME, id="without-wide"),
        pytest.param("with the policy", 375, "dark", _FEW, id="with-narrow"),
        pytest.param("without the policy", 1280, "light", _REST, marks=pytest.mark.long, id="the rest"),
        pytest.param("without the policy", 375, "dark", _FEW, marks=pytest.mark.long, id="without-narrow"),
        pytest.param("with the policy", 1280, "light", _FEW, marks=pytest.mark.long, id="with-wide"),
    ],
)
def test_no_stored_content_runs_or_leaves(
    browser: Browser,  # noqa: F811
    desk: str,
    policy: str,
    width: int,
    scheme: Any,
    articles: range,
) -> None:
    shape: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with _watched(browser, desk, bypass_csp=policy == "without the policy", **shape) as (tab, found):
        _through_the_views(tab, found, articles)
        assert found == []


@pytest.mark.parametrize("payloads", [PAYLOADS[1::2], pytest.param(PAYLOADS[::2], marks=pytest.mark.long)])
def test_nothing_in_an_address_runs_or_leaves(
    browser: Browser,  # noqa: F811
    desk: str,
    payloads: Sequence[str],
) -> None:
    with _watched(browser, desk, bypass_csp=True) as (tab, found):
        _reflected(tab, found, payloads)
        assert found == []


def test_no_answer_of_the_api_is_a_page(browser: Browser, desk: str) -> None:  # noqa: F811
    with _watched(browser, desk, bypass_csp=True) as (tab, found):
        for path in _RAW:
            answer = tab.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            assert answer.headers["content-type"] == "application/json"
            assert tab.evaluate("globalThis.ran") is None
        assert found == []


_AS_MARKUP = (
    "((...all) => { for (const c of all) c instanceof Node"
    " ? element.append(c) : element.insertAdjacentHTML('beforeend', c); })("
)
_BREAKS = {
    "children are markup": ("dom.js", "element.append(", _AS_MARKUP),
    "any address is followed": ("dom.js", "/^https?:\\/\\//i.test(url)", "true"),
    "an image is loaded": (
        "article.js",
        'h("h1", {',
        'h("img", { src: "http://192.0.2.1:9/x.png" }), h("h1", {',
    ),
}


@pytest.mark.parametrize("how", _BREAKS)
def test_a_page_that_is_broken_on_purpose_is_found_out(browser: Browser, desk: str, how: str) -> None:  # noqa: F811
    name, sound, broken = _BREAKS[how]
    source = Path(STATIC / "js" / name).read_text(encoding="utf-8")
    assert sound in source

    def serve(route: Route) -> None:
        route.fulfill(body=source.replace(sound, broken), content_type="text/javascript")

    with _watched(browser, desk, bypass_csp=True) as (tab, found):
        tab.route(f"**/static/js/{name}", serve)

        def found_out() -> bool:
            for number in range(1, 6):
                try:
                    tab.goto(f"/?view=article&id={number}")
                    tab.locator("#body, iframe, img").first.wait_for(state="attached")
                    found.extend(tab.evaluate(_FOUND_IN_THE_PAGE))
                except Error as error:  # a page that payloads have taken elsewhere
                    found.append(str(error))
                if found:
                    return True
            return False

        eventually("the break is found out", found_out)
