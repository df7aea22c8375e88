"""The demo site's pages by path: articles, pages without an article, and paths that fail."""

from __future__ import annotations

from html import escape

from services.demo.courier import NAME, DemoStory, elsewhere, stories, teasers
from services.demo.layouts import LAYOUTS

__all__ = [
    "DemoStory",
    "elsewhere",
    "faults",
    "no_articles",
    "render",
    "render_story",
    "render_target",
    "stories",
    "teasers",
]


def no_articles() -> dict[str, str]:
    """Pages without an article: path to the expected reason."""
    return {"/": "home_page", "/video/harbour-at-dawn": "no_article"}


def faults() -> dict[str, str]:
    """Paths that fail: path to the expected reason in the ledger."""
    return {
        "/gone": "http_404",
        "/report.pdf": "not_html",
        "/huge": "too_large",
        "/empty": "empty_page",
        "/data.json": "not_html",
    }


def render_story(story: DemoStory, base: str) -> str:
    """The HTML of a story in its layout; `base` is the site's URL."""
    return LAYOUTS[story.layout](story, base)


def render(path: str, base: str) -> str | None:
    """The HTML of the page at `path`, or None if there is none. `base` is the site's URL."""
    if story := stories().get(path) or elsewhere().get(path):
        return render_story(story, base)
    if path == "/":
        items = "".join(
            f'<li><h2><a href="{s.path}">{escape(s.title)}</a></h2></li>' for s in stories().values()
        )
        head, body = f"<title>{NAME}</title>", f"<h1>{NAME}</h1><ul>{items}</ul>"
        return f"<!DOCTYPE html><html lang=en><head>{head}</head><body>{body}</body></html>"
    if path == "/video/harbour-at-dawn":
        head = f"<title>Harbour at dawn | {NAME}</title>"
        body = "<h1>Harbour at dawn</h1><video src=/v.mp4></video><p>Watch: 1:12</p>"
        return f"<!DOCTYPE html><html lang=en><head>{head}</head><body>{body}</body></html>"
    return None


def render_target(target: str, base: str) -> str | None:
    """The page of a request target; its query is ignored."""
    return render(target.partition("?")[0], base)
