"""Candidates for a headline: what the page's metadata and its visible headings offer, and parts of these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.ingest.extract.blocks import Block, Walked
from services.ingest.extract.head import Head, names_of
from services.ingest.extract.site_names import Site
from services.ingest.extract.text import fold

_MOST_PARTS = 8
_MOST_H1, _MOST_HEADINGS, _MOST_BLOCKS = 4, 6, 60
_SHORTEST, _LONGEST = 3, 300
_LEAST_PROSE = 60.0  # characters of prose by which a block is the article's

_BAR, _COLON = re.compile(r"[|｜_ㅣ│┃«»<>/]|::"), re.compile("[:：]")
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_SEPARATOR = re.compile(
    r"\s+(?:[|–—―·•:：~/-]|--|::|\|\||//)\s+|\s*(?:[|｜_ㅣ│┃«»<>]|::|//)\s*(?=\S)|"
    rf"(?<=[{_CJK}」』！？\d)）])(?:-{{1,2}}|[：:])(?=\S)|(?<=\S)-{{1,2}}(?=[{_CJK}])|\s*：\s*(?=\S)"
)


@dataclass(slots=True)
class Candidate:
    """A text that may be the headline, and where the page says it."""

    text: str
    folded: str
    whole: set[str] = field(default_factory=set)  # sources that say just this
    part: set[str] = field(default_factory=set)  # sources of which it is a run of parts
    block: Block | None = None  # where it is seen
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """What was cut off a title: texts before and behind, and at which signs: bars, dashes or colons."""

    before: tuple[str, ...]
    behind: tuple[str, ...]
    signs: str
    kept: tuple[str, ...]


def stated_titles(head: Head) -> Iterator[tuple[str, str]]:
    """Titles by their source."""
    stated = names_of(head.article.get("headline"))[:1] or names_of(head.article.get("name"))[:1]
    if stated and stated[0]:
        yield "ld", stated[0]
    for source, text in (
        ("og", head.first("og:title")), ("title", head.title), ("twitter", head.first("twitter:title")),
    ):  # fmt: skip
        if text:
            yield source, text


def cuts_of(title: str) -> Iterator[tuple[str, Cut]]:
    """Runs of a title's parts, the whole among them, each with what is cut off."""
    found = list(_SEPARATOR.finditer(title))
    if not found or len(found) >= _MOST_PARTS:
        return
    starts = [0, *(match.end() for match in found)]
    ends = [*(match.start() for match in found), len(title)]
    parts = [title[a:b].strip() for a, b in zip(starts, ends, strict=True)]
    n = len(parts)
    for first in range(n):
        for last in range(first, n):
            text = title[starts[first] : ends[last]].strip()
            if len(text) < _SHORTEST:
                continue
            around = [found[i - 1] for i in (first, last + 1) if 0 < i < n]
            yield (
                text,
                Cut(
                    tuple(p for p in parts[:first] if p),
                    tuple(p for p in parts[last + 1 :] if p),
                    _signs([match[0] for match in around]),
                    tuple(parts[first : last + 1]),
                ),
            )


def _signs(written: list[str]) -> str:
    if not written:
        return ""
    if all(_BAR.search(sign) for sign in written):
        return "bars"
    return "colons" if any(_COLON.search(sign) for sign in written) else "dashes"


def first_prose(page: Walked) -> int:
    """The number of the block with which the article's prose seems to begin."""
    return next((b.order for b in page.blocks if b.prose > _LEAST_PROSE), len(page.blocks))


def candidates_of(head: Head, page: Walked, site: Site) -> list[Candidate]:
    """All texts that may be the headline, each once."""
    found: dict[str, Candidate] = {}

    def take(text: str) -> Candidate | None:
        folded = fold(text)
        if not folded:
            return None
        if folded not in found:
            found[folded] = Candidate(text, folded)
        return found[folded]

    for source, text in stated_titles(head):
        if candidate := take(text):
            candidate.whole.add(source)
    for source, text in stated_titles(head):
        if source == "ld":
            continue
        for part, cut in cuts_of(text):
            if candidate := take(part):
                candidate.cut = candidate.cut or cut
                if cut.before or cut.behind:
                    candidate.part.add(source)
    for block in page.h1[:_MOST_H1]:
        if _SHORTEST <= len(block.text) <= _LONGEST and (candidate := take(block.text)):
            candidate.whole.add("h1")
            candidate.block = candidate.block or block
    begins = first_prose(page)
    headings = [b for b in page.blocks[: begins + 1] if b.heading and b.kind != "h1"]
    for block in headings[-_MOST_HEADINGS:]:
        if _SHORTEST <= len(block.text) <= _LONGEST and (candidate := take(block.text)):
            candidate.whole.add("heading")
            candidate.block = candidate.block or block
    for block in page.blocks[max(0, begins - _MOST_BLOCKS) : begins + 4]:
        if len(block.text) <= _LONGEST and (candidate := found.get(fold(block.text))):
            candidate.whole.add("seen")
            candidate.block = candidate.block or block
    return [candidate for candidate in found.values() if not _is_cut_short(candidate, found)]


def _is_cut_short(candidate: Candidate, among: dict[str, Candidate]) -> bool:
    """Whether a text that ends in dots is the beginning of another one."""
    return candidate.text.endswith(("…", "...")) and any(
        len(other) > len(candidate.folded) and other.startswith(candidate.folded) for other in among
    )
