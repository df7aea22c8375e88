"""Article text that only a page's data hold: JSON-LD bodies, live-blog posts, and the state of scripts that
would draw it (`__NEXT_DATA__`, `Fusion.globalContent`, Apollo, and the like)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from selectolax.lexbor import LexborHTMLParser

from services.ingest.extract.head import Head, clean
from services.ingest.extract.text import fold

_PARAGRAPHS = re.compile(r"\n\s*\n|\r\n|\n|</(?:p|h[1-6]|li|div|blockquote)>|<br\s*/?>", re.IGNORECASE)
_ASSIGNED = re.compile(r"(?:^|[;\s])[\w.$\[\]'\"]{3,80}\s*=\s*(?=[{\[])")
_SHORTEST_SCRIPT, _LONGEST_SCRIPT = 500, 2_000_000
_MOST_SCRIPTS, _MOST_STATES, _MOST_VALUES, _MOST_DEPTH = 60, 4, 60_000, 40
_PROSE = 40  # characters of a string that may be a paragraph
_LEAST = 300  # characters of an article
_BODY_KEY = re.compile(  # `bodyHtml`, `articleText`, but not `altText`
    r"(?:body|article|story|post|main|full|rich|raw|text|content)_?(?:html|text|body|content|markdown|paragraphs?)"
)
_TEXT_KEYS = frozenset(
    "text content html body value articlebody paragraph paragraphs blocks elements content_elements children "
    "components data items raw markup story sections".split()
)
_TITLE_KEYS = frozenset("title headline headlines name basic heading".split())


def stated_chars(head: Head) -> int:
    """How long that text is at most, markup included."""
    body, posts = head.article.get("articleBody"), head.article.get("liveBlogUpdate")
    posts = posts if isinstance(posts, list) else ()
    texts = (body, *(post.get("articleBody") for post in posts if isinstance(post, dict)))
    return sum(len(text) for text in texts if isinstance(text, str))


def stated_text(head: Head) -> str:
    """The text that the article's JSON-LD carries, its posts where it is a live blog; empty without one."""
    body = head.article.get("articleBody")
    posts = head.article.get("liveBlogUpdate")
    text = paragraphs_of(body) if isinstance(body, str) else ""
    if isinstance(posts, list):
        lines = (post.get(key) for post in posts[:500] if isinstance(post, dict) for key in _POST_KEYS)
        live = "\n\n".join(paragraphs_of(line) for line in lines if isinstance(line, str) and line.strip())
        text = f"{text}\n\n{live}".strip() if text not in live else live
    return text


_POST_KEYS = ("headline", "articleBody")


def paragraphs_of(text: str) -> str:
    """A text of a script, with or without markup, as paragraphs."""
    paragraphs = (clean(part) for part in _PARAGRAPHS.split(text))
    return "\n\n".join(part for part in paragraphs if part)


def state_text(tree: LexborHTMLParser, titles: list[str]) -> str:
    """The article's text in the state of the page's scripts; empty where none holds one.

    That is the text of the object which has one of `titles`, so that other stories in the state are none.
    """
    wanted = {folded for title in titles if (folded := fold(title))}
    best = ""
    for state in _states(tree):
        found = _Search(state, wanted).text()
        if len(found) > len(best):
            best = found
    return best if _size(best) >= _LEAST else ""


def _size(text: str) -> int:
    """How long a text is, in letters: a sign of a script without blanks says as much as two."""
    return len(text) * (2 if text and text[len(text) // 2] > "\u2e80" else 1)


def _states(tree: LexborHTMLParser) -> Iterator[Any]:
    found = 0
    for node in tree.css("script")[:_MOST_SCRIPTS]:
        kind = node.attributes.get("type") or ""
        raw = node.text() or ""
        if "ld+json" in kind or not _SHORTEST_SCRIPT <= len(raw) <= _LONGEST_SCRIPT:
            continue
        if kind == "application/json" or raw.lstrip()[:1] in ("{", "["):
            state = _decoded(raw)
        else:
            assigned = list(_ASSIGNED.finditer(raw))[:_MOST_STATES]
            state = [s for match in assigned if (s := _first_value(raw, match.end())) is not None]
        if state:
            yield state
            found += 1
            if found >= _MOST_STATES:
                return


def _decoded(raw: str) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _first_value(raw: str, start: int) -> Any:
    try:
        return json.JSONDecoder(strict=False).raw_decode(raw, start)[0]
    except (ValueError, RecursionError):
        return None


class _Search:
    """A search through one state, of bounded length."""

    def __init__(self, state: Any, wanted: set[str]) -> None:
        self._state, self._wanted = state, wanted
        self._left = _MOST_VALUES
        self._known: dict[str, Any] = {}  # objects that others refer to by key, as Apollo has them

    def text(self) -> str:
        """The longest text of an object that has the page's title."""
        best = ""
        stack: list[tuple[Any, int]] = [(self._state, 0)]
        while stack and self._left > 0:
            value, depth = stack.pop()
            self._left -= 1
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            if isinstance(value, dict):
                self._known.update((k, v) for k, v in value.items() if ":" in k and isinstance(v, dict))
                if self._has_title(value):
                    found = "\n\n".join(dict.fromkeys(self._prose(value, 0)))
                    best = max(best, found, key=len)
                    continue
            if depth < _MOST_DEPTH:
                stack += [(item, depth + 1) for item in inner if isinstance(item, (dict, list))]
        return best

    def _has_title(self, value: dict[str, Any]) -> bool:
        for key in _TITLE_KEYS & value.keys():
            said = value[key]
            titles = said.values() if isinstance(said, dict) else (said,)
            if any(isinstance(title, str) and fold(title) in self._wanted for title in titles):
                return True
        return False

    def _prose(self, value: Any, depth: int) -> Iterator[str]:
        """Paragraphs below a value, in their order, of the keys that hold text."""
        if depth > _MOST_DEPTH or self._left <= 0:
            return
        self._left -= 1
        if isinstance(value, str):
            if _size(value) >= _PROSE and not value.startswith(("http", "/", "data:")):
                yield from paragraphs_of(value).split("\n\n")
        elif isinstance(value, list):
            for item in value:
                yield from self._prose(item, depth + 1)
        elif isinstance(value, dict):
            if isinstance(ref := value.get("__ref"), str):
                yield from self._prose(self._known.get(ref), depth + 1)
                return
            for key, inner in value.items():
                name = key.lower().partition("(")[0]
                if name in _TEXT_KEYS or _BODY_KEY.fullmatch(name):
                    yield from self._prose(inner, depth + 1)
