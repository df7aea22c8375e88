"""However a page is reached, it is one article; and what it said before is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.demo.pages import render_story, stories
from services.demo.site import Site
from services.local.stack import Stack
from tests.pipeline.lives import rows, settle, submit

pytestmark = pytest.mark.pipeline
STORY = next(s for s in stories().values() if s.layout == "broadsheet")


def _page(target: str, base: str) -> str | None:
    """One story at its own address, as AMP, and at an address that names the first as canonical."""
    path = target.partition("?")[0].rstrip("/")
    if path in ("/one/story", "/one/story/amp", "/print/4711"):
        return render_story(replace(STORY, path=path, canonical="/one/story"), base)
    return None


def test_variants_amp_and_canonical_links_end_as_one_article(stack: Stack) -> None:
    with Site(render=_page) as site:
        urls = [
            f"{site.url}/one/story",
            f"{site.url}/one/story/",
            f"{site.url}/one/story?utm_source=feed&fbclid=1",
            f"{site.url}/one/story/amp",
            f"{site.url}/print/4711",
        ]
        submit(stack, *urls)
        recorded = rows(stack, "SELECT url FROM submissions WHERE url LIKE %s", f"{site.url}%")
        assert len(recorded) == 2  # the print page is another address until its page names the first one
        settle(stack, [url for (url,) in recorded])
        found = rows(
            stack, "SELECT canonical_url, version FROM articles WHERE canonical_url LIKE %s", f"{site.url}%"
        )
        assert found == [(f"{site.url}/one/story", 1)]
        linked = rows(
            stack,
            "SELECT count(DISTINCT article_id), count(*) FROM submissions WHERE url LIKE %s",
            f"{site.url}%",
        )
        assert linked == [(1, 2)]


def test_a_refetch_keeps_the_former_text_only_where_it_changed(stack: Stack) -> None:
    body = list(STORY.body)

    def page(target: str, base: str) -> str | None:
        return render_story(replace(STORY, path="/changing", canonical=None, body=body), base)

    seen = "SELECT version, text, last_seen_at, stored_at FROM articles WHERE canonical_url = %s"
    with Site(render=page) as site:
        url = f"{site.url}/changing"
        submit(stack, url)
        settle(stack, [url])
        ((_, first, last_seen, stored_at),) = rows(stack, seen, url)
        submit(stack, url, again=True)
        settle(stack, [url])
        ((version, text, seen_again, stored_again),) = rows(stack, seen, url)
        assert (version, text, stored_again) == (1, first, stored_at)
        assert seen_again > last_seen
        body[-1] += " The council has since corrected the figure."
        submit(stack, url, again=True)
        settle(stack, [url])
        ((version, text, _, _),) = rows(stack, seen, url)
        assert version == 2
        assert text.endswith("has since corrected the figure.")
        kept = rows(
            stack,
            "SELECT v.version, v.text FROM article_versions v JOIN articles a ON a.id = v.article_id WHERE "
            "a.canonical_url = %s",
            url,
        )
        assert kept == [(1, first)]
