"""Visible text of a page: little on one that only redirects or asks for a human."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

_READ_BYTES = 256 * 1024


def visible_text(body: bytes) -> str:
    """The visible text of a page's beginning, without its title."""
    tree = LexborHTMLParser(body[:_READ_BYTES])
    for hidden in tree.css("script, style, noscript, template, title"):
        hidden.decompose()
    return " ".join((tree.body.text() if tree.body else "").split())
