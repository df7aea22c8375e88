"""Cue words for topics with little or no training text: weather and labour.

Each further kind of cue in the headline and the opening of a text raises the odds of the topic. One alone
does not: reports of sport, crops and accidents mention the weather too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

WEATHER, LABOUR = "medtop:17000000", "medtop:09000000"
_OPENING = 400  # characters of the text
_STEM = 4  # letters by which words are of one kind: strike, strikes, striking
# What odds are multiplied by, for so many kinds of words. By judgement: no text of the training data is about
# weather, and few are about labour, whose opinion counts all the same.
_FACTORS = {WEATHER: (1.0, 1.0, 25.0, 60.0, 200.0, 500.0), LABOUR: (1.0, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0)}
_WITHIN_WORDS = ("ar", "zh")  # where what is looked for stands within longer words
_TOP_LEVEL = re.compile(r"((?:[^|()]|\((?:[^()]|\([^()]*\))*\))+)")


class Cue(Struct, frozen=True):
    """The evidence for a topic: the factor on its odds, and the offsets of its words (start, end), each
    kind once."""

    factor: float
    spans: list[tuple[int, int]]


class Cues:
    """The words of cues.tsv."""

    def __init__(self) -> None:
        self._patterns: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for line in Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            code, language, words, *others = line.split("\t")
            self._patterns.setdefault(language, []).append((code, _pattern(language, words, *others)))

    def read(self, title: str, text: str, language: str | None) -> dict[str, Cue]:
        """The topics that a text has cues for, by code."""
        found: dict[str, Cue] = {}
        if (patterns := self._patterns.get(language or "en")) is None:
            return found
        headline, opening = title.lower(), _opening(text, language)
        for code, pattern in patterns:
            kinds = {match[1][:_STEM]: (-1, -1) for match in pattern.finditer(headline) if match[1]}
            for match in pattern.finditer(opening):
                if match[1] and kinds.get(match[1][:_STEM], (-1, -1))[0] < 0:
                    kinds[match[1][:_STEM]] = match.span()
            factors = _FACTORS[code]
            if (factor := factors[min(len(kinds), len(factors) - 1)]) > 1:
                found[code] = Cue(factor, sorted(span for span in kinds.values() if span[0] >= 0))
        return found


def _opening(text: str, language: str | None) -> str:
    """The beginning of a text in lower case, up to a word boundary in scripts with spaces, with the
    original offset of each character."""
    end = min(len(text), _OPENING)
    if end < len(text) and language not in _WITHIN_WORDS:
        end = max(text.rfind(" ", 0, end + 1), 0)
    small = text[:end].lower()
    # A few letters become two in lower case.
    return (
        small if len(small) == end else "".join(c.lower() if len(c.lower()) == 1 else c for c in text[:end])
    )


def _pattern(language: str, words: str, others: str = "") -> re.Pattern[str]:
    """The regular expression of a set of words (group 1) and of exceptions. Words are grouped by first
    letter, so that few are tried."""
    if language in _WITHIN_WORDS:
        return re.compile(f"({words})")
    passed_over = f"(?:{_by_first_letter(others)})|" if others else ""
    return re.compile(rf"\b(?:{passed_over}({_by_first_letter(words)}))\b")


def _by_first_letter(words: str) -> str:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for word in _alternatives(words):
        groups[word[0]].append(word[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in groups.items())


def _alternatives(words: str) -> Iterable[str]:
    """The alternatives of an expression, with a leading choice of words expanded."""
    for word in _TOP_LEVEL.findall(words):
        if word.startswith("(?:"):
            choice, _, rest = word[3:].partition(")")
            yield from (first + rest for first in choice.split("|"))
        else:
            yield word
