"""The links of a page that are the article's, and those to other stories beside it."""

from __future__ import annotations

from services.ingest.extract.blocks import Block, Container, Walked

# Variables are annotated for the compiler (setup.py), which is also why some loops are written out.

_TEASER_RULES = frozenset({"card", "links", "under a heading of other stories", "heading of other stories"})


def hrefs_of(page: Walked, container: Container) -> list[tuple[str, str, bool]]:
    """The page's links after `find_body`: address, title, and whether it leads to another story beside the
    text in `container`."""
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
