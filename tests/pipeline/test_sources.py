"""From a feed to stored articles; conditional fetches; an archive, a replay and another crawler's WARC."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.demo.pages import render, stories
from services.demo.site import Site
from services.local.stack import Stack
from tests.conftest import eventually
from tests.ingest.hostile import HostileSite
from tests.pipeline.lives import rows, settle, submit
from tests.raw_http import whole

pytestmark = pytest.mark.pipeline


@pytest.fixture
def courier() -> Iterator[HostileSite]:
    """The demo's stories under a raw server, which can answer 304 and serve feeds."""
    with HostileSite() as site:
        yield site


def _dateline(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        env=stack.environ | {"DATELINE_ALLOW_HOSTS": "127.0.0.1",
        "DATELINE_HOME": os.environ["DATELINE_HOME"]},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def _stories(site: HostileSite, *names: str) -> list[str]:
    """Serve stories at addresses of one word each."""
    for name, path in zip(names, stories(), strict=False):
        page = (render(path, site.url) or "").replace(site.url + path, f"{site.url}/{name}").encode()
        site.more[name] = lambda c, page=page: c.sendall(whole(page, 'ETag: "v1"'))  # type: ignore[misc]
    return [f"{site.url}/{name}" for name in names]


def test_sources_of_every_kind_become_stored_articles(
    stack: Stack, courier: HostileSite, tmp_path: Path
) -> None:
    urls = _stories(courier, "one", "two", "three", "four")
    item = "<item><title>A</title><link>{}</link><category>ports</category></item>"
    courier.more["rss"] = lambda c: c.sendall(
        whole(f"<rss version='2.0'><channel><title>R</title>{item.format(urls[0])}</channel></rss>".encode())
    )
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>1</id><link href="{urls[1]}"/></entry></feed>'  # noqa: E501
    courier.more["atom"] = lambda c: c.sendall(whole(atom.encode()))
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": urls[2]}]}
    courier.more["json"] = lambda c: c.sendall(whole(json.dumps(feed).encode()))
    news = f'<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{urls[3]}</loc><n:news><n:title>T</n:title></n:news></url></urlset>'
    courier.more["news.xml"] = lambda c: c.sendall(whole(news.encode()))
    index = f"<sitemapindex><sitemap><loc>{courier.url}/news.xml</loc></sitemap></sitemapindex>"
    courier.more["index.xml"] = lambda c: c.sendall(whole(index.encode()))
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        f'<opml version="2.0"><body><outline text="Folder"><outline text="Mine" xmlUrl="{courier.url}/rss"/>'
        f'<outline xmlUrl="{courier.url}/atom"/></outline></body></opml>'
    )
    tested = _dateline(stack, "sources", "test", f"{courier.url}/rss")
    assert "1 entries" in tested.stdout, tested.stderr
    assert _dateline(stack, "sources", "add", "--opml", str(opml)).stdout.count("added") == 2
    assert (
        _dateline(
            stack, "sources", "add", *(f"{courier.url}/{n}" for n in ("json", "index.xml", "broken"))
        ).returncode
        == 0
    )
    eventually(
        "every source was polled",
        lambda: rows(stack, "SELECT count(*) FROM sources WHERE polls > 0")[0][0] == 5,
        between=stack.watch,
    )
    assert set(settle(stack, urls).values()) == {("stored", None)}
    listed = {
        row["url"]: row
        for row in map(json.loads, _dateline(stack, "sources", "list", "--json").stdout.splitlines())
    }
    assert listed[f"{courier.url}/rss"]["title"] == "Mine"
    assert [listed[f"{courier.url}/{n}"]["kind"] for n in ("rss", "atom", "json", "index.xml")] == [
        "rss",
        "atom",
        "json",
        "sitemap",
    ]
    assert (listed[f"{courier.url}/broken"]["reason"], listed[f"{courier.url}/broken"]["errors_in_row"]) == (
        "http_404",
        1,
    )
    table = _dateline(stack, "sources", "list").stdout
    assert "broken 1×: http_404" in " ".join(table.split())
    again = tmp_path / "again.opml"
    again.write_text(_dateline(stack, "sources", "list", "--opml").stdout)
    assert _dateline(stack, "sources", "add", "--opml", str(again)).stdout.count("known") == 5
    ((keywords,),) = rows(
        stack,
        "SELECT a.keywords FROM articles a JOIN submissions s ON s.article_id = a.id WHERE s.url = %s",
        urls[0],
    )
    assert "ports" in keywords
    for url in listed:
        assert _dateline(stack, "sources", "remove", url).returncode == 0


def test_a_refetch_is_conditional_and_a_304_only_touches(stack: Stack, courier: HostileSite) -> None:
    (url,) = _stories(courier, "conditional")
    submit(stack, url)
    settle(stack, [url])
    seen = "SELECT a.last_seen_at, a.version, s.etag FROM articles a JOIN submissions s ON s.article_id = a.id WHERE s.url = %s"  # noqa: E501
    ((before, version, etag),) = rows(stack, seen, url)
    assert etag == '"v1"'
    courier.more["conditional"] = lambda c: c.sendall(
        b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    )
    submit(stack, url, again=True)
    assert settle(stack, [url])[url][0] == "stored"
    ((after, version_after, _),) = rows(stack, seen, url)
    assert (after > before, version_after) == (True, version)
    outcomes = rows(
        stack,
        "SELECT outcome FROM submission_attempts t JOIN submissions s ON s.id = t.submission_id WHERE s.url "
        "= %s ORDER BY t.id",
        url,
    )
    assert outcomes == [("stored",), ("unchanged",)]


def test_signals_of_the_publisher_stand_with_the_article(stack: Stack, courier: HostileSite) -> None:
    page = (render(next(iter(stories())), courier.url) or "").replace(
        "<head>", '<head><meta name="robots" content="noarchive, noai">'
    )
    courier.more["signals"] = lambda c: c.sendall(
        whole(page.encode(), "X-Robots-Tag: noimageai", "TDM-Reservation: 1")
    )
    url = f"{courier.url}/signals"
    submit(stack, url)
    settle(stack, [url])
    ((signals,),) = rows(
        stack,
        "SELECT a.signals FROM articles a JOIN submissions s ON s.article_id = a.id WHERE s.url = %s",
        url,
    )
    assert signals == {
        "robots": "noarchive, noai",
        "x-robots-tag": "noimageai",
        "tdm-reservation": "1",
        "noai": "1",
    }


def test_a_url_whose_host_must_wait_costs_no_attempt(tmp_path: Path, courier: HostileSite) -> None:
    urls = _stories(courier, "w1", "w2", "w3", "w4")
    settings = {
        "DATELINE_ALLOW_HOSTS": "127.0.0.1",
        "DATELINE_HOST_LIMIT": "2/1",
        "DATELINE_ENRICH_CONCURRENCY": "1",
    }
    stack = Stack(tmp_path, environ=settings, flower=False, desk=False)
    stack.start()
    try:
        submit(stack, *urls)
        assert set(settle(stack, urls).values()) == {("stored", None)}
        assert rows(stack, "SELECT DISTINCT attempts FROM submissions") == [(1,)]
        assert rows(stack, "SELECT DISTINCT outcome FROM submission_attempts") == [("stored",)]
    finally:
        stack.hurry()
        stack.stop()
        stack.wipe()


_ROWS = (
    "SELECT s.url, a.title, a.text, a.authors, a.published_at, a.provider, a.language, "
    "ARRAY(SELECT code FROM article_topics t WHERE t.article_id = a.id ORDER BY code), "
    "ARRAY(SELECT code FROM article_countries c WHERE c.article_id = a.id ORDER BY code), "
    "ARRAY(SELECT quote FROM article_places p WHERE p.article_id = a.id ORDER BY start) "
    "FROM articles a JOIN submissions s ON s.article_id = a.id WHERE s.url LIKE %s ORDER BY s.url"
)


def _cut_off(stack: Stack, *arguments: str) -> None:
    """Begin a replay, and kill it once it has kept something."""
    folder = Path(os.environ["DATELINE_HOME"]) / "replay"
    environ = stack.environ | {"DATELINE_HOME": os.environ["DATELINE_HOME"]}
    begun = subprocess.Popen(
        [sys.executable, "-m", "services.cli", *arguments], env=environ, start_new_session=True
    )
    eventually("it has kept where it is", lambda: list(folder.glob("*.json")))
    os.killpg(begun.pid, signal.SIGKILL)
    begun.wait()


@pytest.mark.parametrize(
    "numbers", [range(150, 250), pytest.param(range(530), marks=pytest.mark.long)], ids=["100", "530"]
)
def test_a_replay_gives_the_same_rows_and_mends_what_was_damaged(stack: Stack, numbers: range) -> None:
    from chaos.site import page, path_of

    with Site(render=page) as site:
        urls = [site.url + path_of(n) for n in numbers if n % 50 not in (7, 13)]
        submit(stack, *urls)
        settle(stack, urls, within_s=180)
    fetched = rows(stack, _ROWS, f"{site.url}/chaos/%")
    learned = "SELECT 1 FROM source_priors WHERE source_domain = '127.0.0.1' AND prior IS NOT NULL AND articles >= 50"  # noqa: E501
    eventually("the site's source prior is learned", lambda: rows(stack, learned), between=stack.watch)
    _dateline(stack, "replay", "--yes", "--source", "127.0.0.1")  # what was tagged before that
    settle(stack, urls, within_s=120)
    settled = rows(stack, _ROWS, f"{site.url}/chaos/%")
    assert [row[:8] for row in settled] == [row[:8] for row in fetched]  # a prior affects only the places
    _cut_off(stack, "replay", "--dry-run", "--source", "127.0.0.1")
    same = _dateline(stack, "replay", "--dry-run", "--source", "127.0.0.1")
    assert "the same as stored" in same.stdout, same.stderr
    assert "of an interrupted run" in same.stderr
    ((archived,),) = rows(
        stack,
        "SELECT count(*) FROM submissions s JOIN articles a ON a.id = s.article_id WHERE s.archived IS NOT "
        "NULL AND a.source_domain = '127.0.0.1'",
    )
    assert f"{archived:,}" in same.stdout
    with stack.connect() as connection:
        connection.execute(
            "UPDATE articles SET text = 'damaged', content_hash = 'x' WHERE id IN (SELECT article_id FROM "
            "submissions WHERE url LIKE %s)",
            (f"{site.url}/chaos/1__",),
        )
        connection.execute(
            "DELETE FROM article_topics WHERE article_id IN (SELECT article_id FROM submissions WHERE url "
            "LIKE %s)",
            (f"{site.url}/chaos/2__",),
        )
    summary = _dateline(stack, "replay", "--dry-run", "--source", "127.0.0.1").stdout
    assert "another text" in summary
    assert "another topics" in summary
    done = _dateline(stack, "replay", "--yes", "--source", "127.0.0.1")
    assert "go through the pipeline again" in done.stdout, done.stderr
    settle(stack, urls, within_s=120)  # the site is gone: nothing was fetched
    assert rows(stack, _ROWS, f"{site.url}/chaos/%") == settled


def test_the_warc_of_another_crawler_goes_through_without_a_fetch(stack: Stack, tmp_path: Path) -> None:
    from dataclasses import replace
    from datetime import UTC, datetime

    from services.ingest.archive import Archive
    from services.ingest.fetch import Fetched

    base = "https://crawled.example"
    crawl = Archive(tmp_path / "crawl")
    page = Fetched(
        base,
        200,
        b"",
        "utf-8",
        datetime(2026, 3, 1, tzinfo=UTC),
        0.0,
        (("Content-Type", "text/html; charset=utf-8"),),
    )
    for path in stories():
        crawl.write(replace(page, url=base + path, body=(render(path, base) or "").encode()), base + path)
    crawl.close()
    (file,) = (tmp_path / "crawl").glob("*.warc.gz")
    done = _dateline(stack, "submit", "--warc", str(file))
    assert done.stdout.startswith(f"{len(stories())} new"), done.stderr
    urls = [base + path for path in stories()]
    assert set(settle(stack, urls).values()) == {("stored", None)}
    for path, story in stories().items():
        assert rows(
            stack,
            "SELECT a.text FROM articles a JOIN submissions s ON s.article_id = a.id WHERE s.url = %s",
            base + path,
        ) == [(story.text,)]
    assert _dateline(stack, "submit", "--warc", str(file)).stdout.startswith("0 new")
