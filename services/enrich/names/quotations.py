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

from services.enrich.names.recogniser import Span
from services.enrich.names.speech import PRONOUN, SPOKEN

MOST = 500
"""Quotations of one text."""
_LONGEST = 3_000
_QUOTED = re.compile(
    r'“[^“”\n]{2,3000}[”"]|„[^„“”"\n]{2,3000}[“”"]|«[^«»\n]{2,3000}»|»[^»«\n]{2,3000}«|"[^"\n]{2,3000}"|「[^「」\n]{2,3000}」'
)
_MARKS = re.compile('[“„«»"「]')
_LEAST_WORDS = 4  # of a quotation that no verb introduces
_REACH = 160  # characters before and behind a quotation in which its speaker is looked for

_SENTENCE_END = re.compile(r"(?<![A-Z])(?<!\b(?:Mr|Dr|St|Ms))(?<!\bMrs)[.!?](?=[\s”“\"»]|$)|\n")
NONE = (-1, -1)
"""Offsets of what is not there."""
_NOBODY = (None, NONE, False)
_ADDRESSED = frozenset(("told", "asked", "tells"))
_STOPS = frozenset(",.!?;…")


class Quoted(Struct, frozen=True):
    """A quotation without its marks: offsets; the number of the name that speaks, if it is told; offsets of
    the words that introduce it, NONE without."""

    start: int
    end: int
    speaker: int | None
    cue: tuple[int, int]


def quotations(text: str, spans: Sequence[Span]) -> list[Quoted]:
    """The quotations of a text, in order; `spans` are its names."""
    if not _MARKS.search(text):
        return []
    found: list[Quoted] = []
    marks = [m.span() for m, _ in zip(_QUOTED.finditer(text), range(MOST), strict=False)]
    starts = [s.start for s in spans]
    before_end = 0
    for n, (start, end) in enumerate(marks):
        next_start = marks[n + 1][0] if n + 1 < len(marks) else len(text)
        inner, outer = _trimmed(text, start, end)
        speaker, cue, pronoun = _told(text, spans, starts, (start, end), before_end, next_start)
        goes_on = False
        if found and (pronoun or (cue == NONE and speaker is None)):
            goes_on = _goes_on(text, spans, starts, before_end, start, found[-1], pronoun=pronoun)
            if goes_on:
                speaker = found[-1].speaker
        if cue != NONE or goes_on or _is_speech(text, inner, outer):
            found.append(Quoted(inner, outer, speaker, cue))
            before_end = end
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
    small = sum(word[:1].islower() for word in words)
    return small * 2 >= len(words) or text[end - 1] in ".!?…"


def _told(
    text: str,
    spans: Sequence[Span],
    starts: Sequence[int],
    quote: tuple[int, int],
    earliest: int,
    latest: int,
) -> tuple[int | None, tuple[int, int], bool]:
    """The speaker of a quotation, the words that introduce it, behind it or before it in the same sentence,
    and whether a pronoun stands for the speaker."""
    start, end = quote
    behind = _sentence_end(text, end, min(latest, end + _REACH))
    opening = _sentence_begin(text, max(earliest, start - _REACH, 0), start)
    closes = _goes_on_behind(text, end)
    speaker, cue, pronoun = (
        _in_clause(text, spans, starts, end, behind, nearer="begin") if closes else _NOBODY
    )
    if cue[0] >= 0 and (cue[0] - end < 60 or speaker is not None):
        return speaker, cue, pronoun
    if opening < start:
        speaker, cue, pronoun = _in_clause(text, spans, starts, opening, start, nearer="end")
        if cue[0] >= 0:
            return speaker, cue, pronoun
        if text[opening:start].rstrip()[-1:] == ":":
            return _before_colon(text, spans, starts, opening, start), NONE, False
    return _NOBODY


def _goes_on_behind(text: str, end: int) -> bool:
    """Whether the sentence of a quotation goes on behind it: a comma says so, and small letters."""
    following = text[end : end + 1]
    if following == "," or text[end - 2] == ",":
        return True
    if text[end - 2] not in _STOPS and following not in "–—-":
        return False
    rest = text[end : end + 4].lstrip(" –—-")
    return bool(rest) and (rest[0].islower() or text[end - 2] in "!?")


def _sentence_end(text: str, start: int, end: int) -> int:
    """Where the sentence that goes on at `start` ends, at most at `end`."""
    found = _SENTENCE_END.search(text, start, end)
    if found and found.start() == start and found.end() < end and text[found.start()] == ".":
        return start  # the quotation closes the sentence
    return found.start() if found else end


def _sentence_begin(text: str, start: int, end: int) -> int:
    """Where the sentence that goes on until `end` begins, at least at `start`."""
    begin = start
    for found in _SENTENCE_END.finditer(text, start, end):
        begin = found.end()
    return begin


def _in_clause(
    text: str, spans: Sequence[Span], starts: Sequence[int], begin: int, end: int, *, nearer: str
) -> tuple[int | None, tuple[int, int], bool]:
    """The speaker, the verb of speaking between two offsets that is nearer to the quotation, and whether a
    pronoun speaks."""
    verbs = list(SPOKEN.finditer(text, begin, end))
    if not verbs:
        return _NOBODY
    verb = verbs[0] if nearer == "begin" else verbs[-1]
    names = range(bisect_left(starts, begin), bisect_left(starts, end))
    people = [n for n in names if spans[n].label == "PER" and spans[n].end <= end]
    bodies = [n for n in names if spans[n].label == "ORG" and spans[n].end <= end]
    before = [n for n in people if spans[n].end <= verb.start()]
    behind = [n for n in people if spans[n].start >= verb.end()]
    follows = verb.group(2) is not None
    pronoun = PRONOUN.search(text, max(begin, verb.start() - 12), min(end, verb.end() + 6))
    if follows:
        chosen = behind[:1] if verb.group(2).lower() != "zufolge" else before[-1:]
    elif pronoun:
        chosen = []
    elif nearer == "begin" and not before and verb.group(1).lower() not in _ADDRESSED:
        chosen = behind[:1]
    else:
        chosen = before[-1:] if before else behind[:1] if verb.group(1).lower() not in _ADDRESSED else []
    if not chosen and not pronoun:
        chosen = [
            n
            for n in bodies
            if 0 <= spans[n].start - verb.end() <= 5 or 0 <= verb.start() - spans[n].end <= 1
        ]
    return (chosen[0] if chosen else None), verb.span(), pronoun is not None and not chosen


def _before_colon(
    text: str, spans: Sequence[Span], starts: Sequence[int], begin: int, start: int
) -> int | None:
    """The person named directly before a colon."""
    colon = text.rindex(":", begin, start)
    n = bisect_left(starts, colon) - 1
    if n >= 0 and spans[n].label == "PER" and begin <= spans[n].start and colon - spans[n].end <= 1:
        return n
    return None


def _goes_on(
    text: str, spans: Sequence[Span], starts: Sequence[int], earlier: int, start: int, before: Quoted,
    *, pronoun: bool,
) -> bool:  # fmt: skip
    """Whether the speaker of the quotation before speaks on: with nobody else named since, and in the same
    paragraph where no pronoun says so."""
    if start - earlier > (4 if pronoun else 2) * _REACH or (not pronoun and "\n" in text[earlier:start]):
        return False
    between = range(bisect_left(starts, earlier), bisect_left(starts, start))
    return all(n == before.speaker for n in between if spans[n].label == "PER")
