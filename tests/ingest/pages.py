"""A plain page around whatever a test is about."""

from __future__ import annotations

from services.ingest.extract import Extraction, extract
from tests.ingest.test_extract import NOW

PROSE = "".join(
    f"<p>{line}</p>"
    for line in (
        "The harbour council voted late on Tuesday to close the old pier, engineers having warned.",
        "Ferry operators said the decision would add forty minutes to the crossing of the bay.",
        "Traders in the streets behind the pier fear that they will lose the summer season.",
    )
)
TITLE = "Council closes the old pier for two years"


def page(
    head: str = "",
    body: str = "",
    end: str = "",
    url: str = "https://www.courier.example/news/pier",
    lang: str = "en",
) -> Extraction:
    """The article of a page with this in its head, below its headline, and behind its text."""
    html = (
        f'<html lang="{lang}"><head><title>{TITLE}</title>{head}</head>'
        f"<body><article><h1>{TITLE}</h1>{body}{PROSE}{end}</article></body></html>"
    )
    return extract(html, url, now=NOW)
