"""Which of a page's blocks are the article: the container that holds it, then a filter block by block.

Every dropped block carries the rule that dropped it, which is what `--explain` prints. The work is done by `containers`,
`block_filter` and `links`, each compiled from the same text where there is a compiler.
"""

from __future__ import annotations

from services.ingest.extract.block_filter import filtered
from services.ingest.extract.blocks import Body, Container, Walked
from services.ingest.extract.links import gathered
from services.runtime.compiled import compiled

_compiled = compiled("services.ingest.extract")


def find_body(page: Walked, title: str, description: str = "") -> Body:
    """The article's body. Blocks left out have `drop` set to the rule's name.

    `description` is the page's own summary, by which a standfirst outside the container is known.
    """
    body: Body = (_compiled.filtered if _compiled else filtered)(page, title, description)
    return body


def hrefs_of(page: Walked, container: Container) -> list[tuple[str, str, bool]]:
    """The page's links after `find_body`: address, title, and whether it leads to another story beside the text in `container`."""
    links: list[tuple[str, str, bool]] = (_compiled.gathered if _compiled else gathered)(page, container)
    return links
