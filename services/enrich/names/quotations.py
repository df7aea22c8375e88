"""Direct quotations of a text, the words that introduce them, and who speaks where the text tells.

A quotation is what stands in quotation marks and is said by somebody: words in marks that are no speech
(titles, words used with reserve) are left out. The speaker is the person whose name stands with a verb of
speaking in the same sentence; where none does or several might, there is no speaker.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

from services.enrich.names.clauses import ADDRESSING, PRONOUN, SOURCE, VERB, Clauses
from services.enrich.names.features import Candidates
from services.enrich.names.recogniser import Span

MOST = 500
"""Quotations of one text."""
_LONGEST = 3_000
_QUOTED = re.compile(
    r'“[^“”\n]{2,3000}[”"]|„[^„“”"\n]{2,3000}[“”"]|«[^«»\n]{2,3000}»|»[^»«\n]{2,3000}«|"[^"\n]{2,3000}"|「[^「」\n]{2,3000}」'
)
_OPENING = '“„«»"「'
_LEAST_WORDS = 4  # of a quotation that no verb introduces
_REACH = 160  # characters before and behind a quotation in which its speaker is looked for
_NEAR = 60  # characters behind a quotation in which a verb of speaking without a name is its own
NONE = (-1, -1)
"""Offsets of what is not there."""
_NOBODY = (None, NONE, False)
_STOPS = frozenset(",.!?;…")


class Quoted(Struct, frozen=True):
    """A quotation without its marks: offsets; the number of the name that speaks, if it is told; offsets of
    the words that introduce it, NONE without."""

    start: int
    end: int
    speaker: int | None
    cue: tuple[int, int]


def quotations(text: str, spans: Sequence[Span], candidates: Candidates) -> list[Quoted]:
    """The quotations of a text, in order; `spans` are its names, among `candidates`."""
    marks = _in_marks(text)
    if not marks:
        return []
    found: list[Quoted] = []
    beside = _Beside(text, spans, Clauses(candidates))
    before_end = 0
    for n, (start, end) in enumerate(marks):
        next_start = marks[n + 1][0] if n + 1 < len(marks) else len(text)
        inner, outer = _trimmed(text, start, end)
        speaker, cue, pronoun = beside.told(start, end, before_end, next_start)
        speech = _is_speech(text, inner, outer)
        same = bool(found) and speaker is None and beside.same_sentence(before_end, start)
        open_ = bool(found) and (pronoun or same or (cue == NONE and speaker is None and speech))
        if open_ and beside.goes_on(before_end, start, found[-1], pronoun):
            speaker = found[-1].speaker
        if cue != NONE or speech:
            found.append(Quoted(inner, outer, speaker, cue))
            before_end = end
    return found


def _in_marks(text: str) -> list[tuple[int, int]]:
    """Offsets of what stands in quotation marks, one behind the other, MOST at most. The pattern looks from
    mark to mark: it would take far longer over the words between."""
    found: list[tuple[int, int]] = []
    ahead = {mark: at for mark in _OPENING if (at := text.find(mark)) >= 0}
    while ahead and len(found) < MOST and (match := _QUOTED.search(text, min(ahead.values()))):
        found.append(match.span())
        end = match.end()
        for mark in [mark for mark, at in ahead.items() if at < end]:
            ahead[mark] = text.find(mark, end)
            if ahead[mark] < 0:
                del ahead[mark]
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Offsets without the marks, and blanks beside them."""
    start, end = start + 1, end - 1
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _is_speech(text: str, start: int, end: int) -> bool:
    """Whether words in marks are a sentence or most of one, and no title or word used with reserve."""
    words = text[start:end].split()
    if len(words) < _LEAST_WORDS:
        return False
    small = 0
    for word in words:
        small += word[0].islower()
    return small * 2 >= len(words) or text[end - 1] in ".!?…"


def _goes_on_behind(text: str, end: int) -> bool:
    """Whether the sentence of a quotation goes on behind it: a comma says so, and small letters."""
    following = text[end : end + 1]
    if following == "," or text[end - 2] == ",":
        return True
    if text[end - 2] not in _STOPS and following not in "–—-":
        return False
    rest = text[end : end + 4].lstrip(" –—-")
    return bool(rest) and (rest[0].islower() or text[end - 2] in "!?")


class _Beside:
    """What stands beside the quotations of a text."""

    def __init__(self, text: str, spans: Sequence[Span], clauses: Clauses) -> None:
        self.text, self.spans, self.clauses = text, spans, clauses
        self.firsts = [span.first for span in spans]

    def told(
        self, start: int, end: int, earliest: int, latest: int
    ) -> tuple[int | None, tuple[int, int], bool]:
        """The speaker of a quotation, the words that introduce it, behind it or before it in the same
        sentence, and whether a pronoun stands for the speaker."""
        clauses = self.clauses
        if _goes_on_behind(self.text, end):
            first = clauses.at(end)
            last = clauses.end(first, min(latest, end + _REACH))
            speaker, cue, pronoun = self._in_clause(first, last, False)
            if cue[0] >= 0 and (cue[0] - end < _NEAR or speaker is not None):
                return speaker, cue, pronoun
        last = clauses.at(start)
        first = clauses.begin(last, max(earliest, start - _REACH, 0))
        if first < last:
            speaker, cue, pronoun = self._in_clause(first, last, True)
            if cue[0] >= 0:
                return speaker, cue, pronoun
            if ":" in self.text[max(0, start - 3) : start]:
                return self._before_colon(last - 1), NONE, False
        return _NOBODY

    def _in_clause(self, first: int, end: int, before: bool) -> tuple[int | None, tuple[int, int], bool]:
        """The speaker, the verb of speaking among the words `first` to `end` that is nearer to the quotation,
        and whether a pronoun speaks. `before`: the clause stands before the quotation."""
        clauses, spans = self.clauses, self.spans
        verb = clauses.spoken(first, end, before)
        if verb < 0:
            return _NOBODY
        kind = clauses.speech(verb)
        names = range(bisect_left(self.firsts, first), bisect_left(self.firsts, end))
        people = [n for n in names if spans[n].label == "PER" and not self._owns(spans[n])]
        ahead = [n for n in people if spans[n].last < verb]
        behind = [n for n in people if spans[n].first > verb]
        pronoun = kind != SOURCE and (
            self._speaks(verb - 1, first, end) or self._speaks(verb + 1, first, end)
        )
        chosen: list[int] = []
        if kind == SOURCE:
            chosen = behind[:1] or ahead[-1:]
        elif ahead and not pronoun:
            chosen = ahead[-1:]
        elif not pronoun and not before and kind != ADDRESSING:
            chosen = behind[:1]
        if not chosen and not pronoun:
            chosen = [
                n for n in names if spans[n].label == "ORG" and self._adjoins(spans[n], verb, kind, before)
            ]
        tokens = clauses.tokens
        return (chosen[0] if chosen else None), (tokens.start[verb], tokens.end[verb]), pronoun and not chosen

    def _speaks(self, n: int, first: int, end: int) -> bool:
        return first <= n < end and self.clauses.speech(n) == PRONOUN

    @staticmethod
    def _adjoins(span: Span, verb: int, kind: int, before: bool) -> bool:
        """Whether an organisation stands directly before a verb of speaking, or behind it where the verb
        stands between it and the quotation."""
        if kind == SOURCE:
            return 0 < span.first - verb <= 3
        return span.last == verb - 1 or (kind == VERB and not before and 0 < span.first - verb <= 2)

    def _owns(self, span: Span) -> bool:
        """Whether a name is a possessive or part of a compound: Merkel's spokesman, Verdi-Sprecher."""
        following = self.text[span.end : span.end + 2]
        return following in ("'s", "’s") or following[:1] == "-"

    def _before_colon(self, last: int) -> int | None:
        """The person whose name ends with word `last`."""
        n = bisect_left(self.firsts, last + 1) - 1
        return n if n >= 0 and self.spans[n].label == "PER" and self.spans[n].last == last else None

    def same_sentence(self, earlier: int, start: int) -> bool:
        """Whether the sentence of the quotation that ends at `earlier` goes on until the one at `start`."""
        first, last = self.clauses.at(earlier), self.clauses.at(start)
        return first < last and self.clauses.begin(last, earlier) == first

    def goes_on(self, earlier: int, start: int, before: Quoted, pronoun: bool) -> bool:
        """Whether the speaker of the quotation before speaks on: with nobody else named since, and in the
        same paragraph where no pronoun says so."""
        if start - earlier > (4 if pronoun else 2) * _REACH:
            return False
        if not pronoun and "\n" in self.text[earlier:start]:
            return False
        first, end = self.clauses.at(earlier), self.clauses.at(start)
        between = range(bisect_left(self.firsts, first), bisect_left(self.firsts, end))
        return not [n for n in between if n != before.speaker and self.spans[n].label == "PER"]
