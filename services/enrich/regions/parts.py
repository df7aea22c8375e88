"""An article as it comes to be tagged, and its headline, dateline and body put together, so that they are
read as one text."""

from __future__ import annotations

from msgspec import Struct

from services.contract.source_prior import SourcePrior


class RegionRequest(Struct, frozen=True, eq=False):
    """An article that is to be tagged, with what is known of it; `prior` is the source prior."""

    title: str
    text: str
    dateline: str | None = None
    domain: str | None = None
    language: str | None = None
    prior: SourcePrior | None = None


class Parts(Struct, frozen=True):
    """Headline, dateline and body joined for reading; where each stands in the whole."""

    whole: str
    title_end: int
    stated: tuple[int, int]  # the dateline, where it had to be put before the body or opens it
    body: int


def join(title: str, text: str, dateline: str | None) -> Parts:
    """Headline, then the dateline where the body does not open with it, then the body. Offsets of the body
    are `text`'s own."""
    whole, title_end = "", 0
    if title and not text.startswith(title):
        whole = title + ".\n\n"
        title_end = len(whole)
    stated = (title_end, title_end)
    if dateline and dateline not in text[:200]:
        whole += dateline + " "
        stated = (title_end, len(whole))
    elif dateline and text.startswith(dateline):
        stated = (len(whole), len(whole) + len(dateline) + 1)
    return Parts(whole + text, title_end, stated, len(whole))
