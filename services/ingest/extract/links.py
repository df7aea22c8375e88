"""The links of a page that are the article's, and those to other stories beside it."""

from __future__ import annotations

from services.ingest.extract.blocks import Block, Container, Walked

# --- From here on `_compiled` holds this very text too (setup.py), with blocks and containers of its own: that is what variables are
# --- annotated for, and why some loops are written out.

_TEASER_RULES = frozenset({"card", "links", "under a heading of other stories", "heading of other stories"})


def gathered(page: Walked, container: Container) -> list[tuple[str, str, bool]]:
    """`body.hrefs_of`."""
    block: Block
    found = []
    for block in page.blocks:
        if not block.hrefs:
            continue
        related = block.drop in _TEASER_RULES or (
            block.drop == "furniture" and block.container.within(container)
        )
        if block.drop is None or related:
            for href, title in block.hrefs:
                found.append((href, title, related))
    return found
