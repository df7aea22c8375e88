"""Dateline and its peers behind one call: HTML text and URL in; text, title, authors and date out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

Extractor = Callable[[str, str], dict[str, Any]]


def dateline() -> Extractor:
    from services.ingest.extract import as_json, extract

    return lambda html, url: as_json(extract(html, url))


def _trafilatura(**options: Any) -> Extractor:
    import trafilatura

    def run(html: str, url: str) -> dict[str, Any]:
        found = trafilatura.bare_extraction(html, url=url, with_metadata=True, **options)
        if found is None:
            return {}
        row = found.as_dict()
        authors = [a.strip() for a in (row.get("author") or "").split(";") if a.strip()]
        return {
            "text": row.get("text"),
            "title": row.get("title"),
            "authors": authors,
            "published_at": row.get("date"),
        }

    return run


def newspaper4k() -> Extractor:
    import newspaper

    def run(html: str, url: str) -> dict[str, Any]:
        article = newspaper.Article(url or "https://example.org/", fetch_images=False)
        article.download(input_html=html)
        article.parse()
        return {
            "text": article.text,
            "title": article.title,
            "authors": article.authors,
            "published_at": article.publish_date,
        }

    return run


def readability() -> Extractor:
    from lxml import html as lxml_html
    from readability import Document

    def run(html: str, url: str) -> dict[str, Any]:
        document = Document(html)
        return {
            "text": lxml_html.fromstring(document.summary()).text_content(),
            "title": document.short_title(),
        }

    return run


def resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def run(html: str, url: str) -> dict[str, Any]:
        tree = HTMLTree.parse(html)
        return {"text": extract_plain_text(tree, main_content=True, alt_texts=False), "title": tree.title}

    return run


def news_please() -> Extractor:
    from newsplease import NewsPlease

    def run(html: str, url: str) -> dict[str, Any]:
        article = NewsPlease.from_html(html, url=url or None, fetch_images=False)
        return {
            "text": article.maintext,
            "title": article.title,
            "authors": article.authors,
            "published_at": article.date_publish,
        }

    return run


EXTRACTORS: dict[str, Callable[[], Extractor]] = {
    "dateline": dateline,
    "trafilatura": _trafilatura,
    "trafilatura, precision": lambda: _trafilatura(favor_precision=True),
    "trafilatura, fast": lambda: _trafilatura(fast=True),
    "newspaper4k": newspaper4k,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
    "news-please": news_please,
}


def guarded(run: Extractor, html: str, url: str) -> dict[str, Any]:
    """A page that breaks an extractor counts as not extracted."""
    with contextlib.suppress(Exception):
        return run(html, url)
    return {}
