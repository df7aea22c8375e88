"""What speaks for and against a candidate for the headline, as names that a learned weight belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from services.ingest.extract.blocks import Walked
from services.ingest.extract.headlines import Candidate, first_prose
from services.ingest.extract.site_names import Site

_METAS = ("ld", "og", "title", "twitter")
_NEAR, _FAR = 5, 20  # blocks between headline and prose
_OTHER_WORDS = 0.4
_LINE = 24  # characters; a name of a site or a section has fewer
_LENGTHS = ((10, "tiny"), (20, "short"), (40, "middle"), (90, "long"), (130, "longer"))


def _overlap(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(1, min(len(a), len(b)))


def _likeness(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(1, len(a | b))


def _grade(share: float) -> str:
    return "none" if share < 0.15 else "little" if share < 0.4 else "half" if share < 0.7 else "most"


class Evidence:
    """The features of one page's candidates."""

    def __init__(self, candidates: list[Candidate], page: Walked, site: Site) -> None:
        self._candidates, self._page, self._site = candidates, page, site
        self._begins = first_prose(page)
        self._words = {c.folded: _units(c.folded) for c in candidates}
        self._h1s = sum("h1" in c.whole for c in candidates)
        # metadata, of which each is one text
        self._metas = {m: c for c in candidates for m in _METAS if m in c.whole}
        self._named: dict[str, bool] = {}

    def of(self, candidate: Candidate) -> Iterator[str]:
        """The names of all that is so of a candidate."""
        whole, part = candidate.whole, candidate.part
        for source in whole:
            yield source
        for source in part:
            yield f"part of {source}"
        stating = self._stating(candidate)
        yield f"{stating} metas"
        yield f"{sum(m in whole for m in _METAS)} whole metas"
        if "h1" in whole:
            yield "only h1" if self._h1s == 1 else "one of many h1"
            yield f"h1, {stating} metas"
            yield from self._against_metas(candidate)
        elif self._h1s:
            yield from self._against_h1(candidate)
        else:
            yield "no h1"
            yield f"no h1, {stating} metas"
        yield from self._place(candidate)
        yield from self._cut(candidate)
        yield from self._form(candidate)

    def _against_metas(self, candidate: Candidate) -> Iterator[str]:
        words = self._words[candidate.folded]
        for meta in ("og", "title", "ld"):
            if (other := self._metas.get(meta)) and other is not candidate:
                yield f"h1, {meta} shares {_grade(_overlap(words, self._words[other.folded]))}"
        if not self._metas:
            yield "h1, no metas"

    def another_headline(self) -> Candidate | None:
        """The page's `h1` where it has other words than the metadata, which are then for search engines.

        Only a line of some length that stands near the prose and is no link: else it is a logo or a section's
        name. On 15 such pages of the tuning sets it was the headline 9 times.
        """
        h1 = next((c for c in self._candidates if "h1" in c.whole), None)
        if h1 is None or not self._metas or not self._is_plain(h1):
            return None
        words = self._words[h1.folded]
        shared = max(_overlap(words, self._words[c.folded]) for c in self._metas.values())
        return h1 if shared < _OTHER_WORDS else None

    def _is_plain(self, candidate: Candidate) -> bool:
        block = candidate.block
        return (
            self._h1s == 1
            and block is not None
            and abs(self._begins - block.order) <= _FAR
            and block.density < 0.5
            and block.container.verdict >= 0
            and len(candidate.text) > _LINE
        )

    def _stating(self, candidate: Candidate) -> int:
        """How many metadata say a candidate, whole or with the site's name."""
        return sum(m in candidate.whole or m in candidate.part for m in _METAS)

    def _against_h1(self, candidate: Candidate) -> Iterator[str]:
        words = self._words[candidate.folded]
        best = max(
            (c for c in self._candidates if "h1" in c.whole),
            key=lambda c: _likeness(words, self._words[c.folded]),
        )
        grade = _grade(_likeness(words, self._words[best.folded]))
        yield f"h1 shares {grade}"
        for meta in _METAS:
            if meta in candidate.whole:
                yield f"{meta}, h1 shares {grade}"
        if best.folded in candidate.folded:
            yield "holds h1"
        elif candidate.folded in best.folded:
            yield "in h1"
        if self._site.is_name(best.text):
            yield "h1 is site"

    def _place(self, candidate: Candidate) -> Iterator[str]:
        if candidate.block is None:
            yield "not seen"
            return
        gap = self._begins - candidate.block.order
        where = "below" if gap < 0 else "near" if gap <= _NEAR else "far" if gap <= _FAR else "farther"
        yield f"seen {where}"
        kind = "h1" if "h1" in candidate.whole else "heading" if candidate.block.heading else "block"
        yield f"{kind} {where}"
        if candidate.block.density > 0.6:
            yield f"{kind} linked"
        if candidate.block.container.verdict < 0:
            yield f"{kind} in boilerplate"

    def _cut(self, candidate: Candidate) -> Iterator[str]:
        cut = candidate.cut
        if cut is None:
            return
        if len(cut.kept) > 1:
            yield f"kept {min(len(cut.kept), 3)} parts"
            if self._is_site(cut.kept[0]) or self._is_site(cut.kept[-1]):
                yield "kept site"
        if candidate.whole & {"ld", "h1"}:
            if candidate.part:
                yield "cut, said whole"
            return
        seen = "seen" if candidate.block else "unseen"
        for parts, place in ((cut.before, "front"), (cut.behind, "end")):
            if not parts:
                continue
            yield f"cut {place}"
            yield f"cut {place} {cut.signs} {seen}"
            named = [self._is_site(part) for part in parts]
            yield f"cut {place} {cut.signs} {'site' if any(named) else 'other'}"
            if not all(named):
                yield f"cut {place} other"
            size = sum(map(len, parts)) / max(1, len(candidate.text))
            yield f"cut {place} {'little' if size < 0.35 else 'some' if size < 1 else 'much'}"
        if max((*cut.before, *cut.kept, *cut.behind), key=len) not in cut.kept:
            yield "longest part cut"

    def _form(self, candidate: Candidate) -> Iterator[str]:
        size = len(candidate.text)
        wide = sum(c > "\u2e7f" for c in candidate.text)
        size += wide  # a sign of East Asian scripts says as much as two letters
        yield next((f"{name}" for most, name in _LENGTHS if size <= most), "longest")
        if self._site.is_name(candidate.text):
            yield "is site"
        elif self._is_site(candidate.text):
            yield "names site"
        if candidate.text.endswith(("…", "...")):
            yield "ends in dots"
        longer = [c for c in self._candidates if c is not candidate and candidate.folded in c.folded]
        if any(c.folded.startswith(candidate.folded) and "h1" in c.whole for c in longer):
            yield "begins an h1"
        if any(c.block is not None for c in longer):
            yield "within one seen"
        if any(
            c.folded in candidate.folded and c.block is not None
            for c in self._candidates
            if c is not candidate
        ):
            yield "around one seen"

    def _is_site(self, text: str) -> bool:
        known = self._named.get(text)
        if known is None:
            known = self._named[text] = self._site.is_named(text)
        return known


def _units(folded: str) -> set[str]:
    """Words; pairs of characters where a script writes no blanks."""
    if any(c > "\u2e7f" for c in folded):
        return {folded[i : i + 2] for i in range(len(folded) - 1)}
    return set(folded.split())
