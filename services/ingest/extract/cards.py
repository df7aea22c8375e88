"""Elements of other stories: teasers, tickers and comments, whose dates and bylines are not the page's."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from services.ingest.extract.head import Head
from services.ingest.extract.text import fold
from services.ingest.extract.vocabulary import TELLING, read_class

_LEVELS = 6
_OUTSIDE = frozenset(("aside", "nav"))
_ROOTS = frozenset(("body", "html", "main"))
_CARD = 500  # characters; what holds more is no single teaser
_META_LINE = 120  # characters; date and author stand in a line of an article's own header or footer
_LONG = 25  # characters of a link that may be a headline
_MOST_LINKS = 20
_NO_STORY = re.compile(
    r"author|autor|auteur|profile|staff|people|/by/|mailto:|share|facebook|twitter|whatsapp|telegram|linkedin|"
    r"^#|^javascript:",
    re.IGNORECASE,
)


class OwnStory:
    """What tells the page's own story from the others on it: its headline."""

    def __init__(self, head: Head, headlines: list[str]) -> None:
        self._titles = [fold(t) for t in (head.first("og:title") or "", head.title, *headlines[:4]) if t]

    def has(self, node: LexborNode) -> bool:
        """Whether an element belongs to the page's own story, as far as what stands around it tells."""
        around: LexborNode | None = node
        for _ in range(_LEVELS):
            if around is None or around.tag in _ROOTS:
                return True
            if around is not node and around.css_first("h1") is not None:
                return True
            if self._is_apart(around):
                return False
            if len(around.text() or "") > _CARD:
                return True
            if self._heads_another(around):
                return False
            around = around.parent
        return True

    def _is_apart(self, around: LexborNode) -> bool:
        if around.tag in _OUTSIDE:
            return True
        attributes = around.attributes
        verdict, flags = read_class(f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip())
        if verdict == -2:
            return True
        return verdict < 0 and not flags & TELLING and len(around.text() or "") > _META_LINE

    def _heads_another(self, around: LexborNode) -> bool:
        """Whether a link here is as long as a headline, and is not the page's own."""
        links = [around] if around.tag == "a" else around.css("a[href]")[:_MOST_LINKS]
        for link in links:
            text = fold(link.text() or "")
            if len(text) < _LONG or _NO_STORY.search(link.attributes.get("href") or ""):
                continue
            if not any(text in title or title in text for title in self._titles):
                return True
        return False
