"""The headline, without the site's name: of all candidates the one for which most evidence speaks."""

from __future__ import annotations

from services.ingest.extract.blocks import Walked
from services.ingest.extract.head import Head
from services.ingest.extract.headline_features import Evidence
from services.ingest.extract.headline_weights import WEIGHTS
from services.ingest.extract.headlines import candidates_of, stated_titles
from services.ingest.extract.site_names import Site
from services.ingest.extract.text import fold

__all__ = ["find_title", "fold"]


def find_title(head: Head, page: Walked, site: Site) -> str:
    """The headline; empty where the page has nothing that may be one.

    A linear model ranks the candidates (`training/extraction/headlines.py`). Where the only `h1` says what
    the metadata say, there is nothing to rank.
    """
    if len(page.h1) == 1:
        seen = fold(page.h1[0].text)
        for source, text in stated_titles(head):
            if source in ("ld", "og") and fold(text) == seen != "":
                return text
    candidates = candidates_of(head, page, site)
    if len(candidates) < 2:
        return candidates[0].text if candidates else ""
    evidence = Evidence(candidates, page, site)
    if other := evidence.another_headline():
        return other.text
    return max(candidates, key=lambda c: sum(WEIGHTS.get(said, 0.0) for said in evidence.of(c))).text
