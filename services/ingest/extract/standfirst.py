"""The summary between headline and body, which many a template sets outside the body's container."""

from __future__ import annotations

import re

from services.ingest.extract.blocks import Block, Walked
from services.ingest.extract.lines import ENDS, is_byline_or_date
from services.ingest.extract.title import fold
from services.ingest.extract.vocabulary import is_junk_line

_WORDS = re.compile(r"\w+")


def find_standfirst(page: Walked, kept: list[Block], title: str, description: str) -> list[Block]:
    """The summary between headline and body, where it stands outside the body's container."""
    if not kept:
        return []
    start = max((h.order for h in page.h1 if h.order < kept[0].order), default=None)
    if start is None and title and not page.h1:
        start = next((b.order for b in page.blocks[: kept[0].order] if title in b.text), None)
    if start is None:
        return []
    between = [
        block
        for block in page.blocks[start + 1 : kept[0].order]
        if block.drop == "outside"
        and len(block.text) >= 40
        and block.density <= 0.3
        and block.container.verdict >= 0
    ]
    if not between:
        return []
    said = set(_WORDS.findall(description.lower()))
    have = {fold(b.text) for b in kept[:6]}
    found = []
    headline = page.blocks[start]
    for block in between:
        if fold(block.text) in have or is_byline_or_date(block.text) or is_junk_line(block.text):
            continue
        parent = block.container.parent
        if parent is not None and parent.verdict < 0:
            continue
        around = (
            block.container,
            parent,
            parent.parent if parent is not None and block.kind == "li" else None,
        )
        named = any(node is not None and _STANDFIRST.search(node.name) for node in around)
        below = block.order <= start + 3 and (
            block.container is headline.container or parent is headline.container
        )
        if (
            (named and block.prose > 0)
            or (below and len(block.text) > 60 and block.text[-1] in ENDS)
            or _as_described(block.text, said)
        ):
            found.append(block)
            have.add(fold(block.text))
    return found[:5]


def _as_described(text: str, said: set[str]) -> bool:
    """Whether most of a text's words are `said` in the page's own summary."""
    words = set(_WORDS.findall(text.lower()))
    return len(words & said) > 0.7 * len(words)


_STANDFIRST = re.compile(
    r"dek\b|deck|standfirst|summary|lead|intro|excerpt|subtitle|sub-?head|subline|chapo|sapo|description|abstract|strap"
    r"|vorspann|entradilla|occhiello|sommario",
    re.IGNORECASE,
)
