"""Deeper concepts by their cues: a few hundred that news uses most, in ten languages (concepts.tsv).

A concept is said where cues of at least two kinds stand in the text, and one of them is strong, beneath a
level-1 topic that stands.
"""

from __future__ import annotations

from pathlib import Path

from services.enrich.topics import lexicon
from services.enrich.topics.english import ArticleWords

_FILE = Path(__file__).with_name("concepts.tsv")
LANGUAGES = ("en", "es", "de", "fr", "pt", "ru", "zh", "ar", "ja", "it")


class Concepts:
    """The cues of concepts, a lexicon a language; concepts are numbered in the order of the file."""

    def __init__(self) -> None:
        rows = [
            line.split("|")
            for line in _FILE.read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        ]
        self.codes = [f"medtop:200{row[0]}" for row in rows]
        self._lexicons = {
            language: lexicon.Lexicon(language, {n: row[1 + at].split() for n, row in enumerate(rows)})
            for at, language in enumerate(LANGUAGES)
        }

    def read(self, title: str, text: str, language: str, reading: ArticleWords) -> dict[str, Mentioned]:
        """Concepts by code, with what speaks for them."""
        words = self._lexicons.get(language)
        if words is None:
            return {}
        found: dict[int, Mentioned] = {}
        # English words are cut already.
        hits = words.hits_of(reading.text_words, reading.spans) if language == "en" else words.hits(text)
        for in_title, some in ((True, words.hits(title)), (False, hits)):
            for hit in some:
                mentioned = found.get(hit.cue.topic)
                if mentioned is None:
                    mentioned = found[hit.cue.topic] = Mentioned()
                mentioned.add(hit, in_title)
        return {self.codes[n]: mentioned for n, mentioned in found.items() if mentioned.strength}


class Mentioned:
    """The cues of one concept in a text."""

    __slots__ = ("_early", "_strong", "_title", "_weak", "spans")

    def __init__(self) -> None:
        self._strong: dict[int, int] = {}
        self._weak: dict[int, int] = {}
        self._title = False
        self._early = False
        self.spans: dict[int, tuple[int, int]] = {}
        """The first place of each cue."""

    def add(self, hit: lexicon.CueHit, in_title: bool) -> None:
        """Count a cue."""
        strong, number = hit.cue.weight > 1, hit.cue.number
        kinds = self._strong if strong else self._weak
        kinds[number] = kinds.get(number, 0) + 1
        if in_title:
            self._title = self._title or strong
        else:
            self._early = self._early or (strong and hit.start < _OPENING)
            if number not in self.spans:
                self.spans[number] = hit.start, hit.end

    @property
    def strength(self) -> int:
        """How strongly the cues speak; 0 where too few of them do."""
        if not self._strong:
            return 0
        times = sum(self._strong.values())
        kinds = len(self._strong) + len(self._weak)
        enough = times + len(self._weak) >= _LEAST_MENTIONS or self._title
        often = times >= _OFTEN and (self._title or self._early)
        if not enough or (kinds < _LEAST_KINDS and not often):
            return 0
        return min(times, 4) + min(kinds, 5) + 2 * self._title + self._early


_LEAST_KINDS, _LEAST_MENTIONS, _OFTEN, _OPENING = 2, 3, 3, 600
