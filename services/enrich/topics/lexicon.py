"""Cue words for level-1 topics in many languages, where no encoder helps: a lexicon a language.

A line a topic, its two digits and its cues. A cue is the beginning of a word; with a full stop at its end,
the whole word; with an asterisk at its front, any part of a word; of several words where joined by
underscores. `!` marks a strong cue, `~` a weak one. lexicons/README.md says how the lexicons came about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import log1p
from pathlib import Path

from msgspec import Struct

from services.enrich.topics.folding import WORD, folding
from services.enrich.words import Spans, Wanted

_FOLDER = Path(__file__).parent / "lexicons"
TOPICS = 17
MOST_WORDS = 400
"""Most words of a text that are read."""
_MOST_CHARS = 2_500  # of one in a script without spaces
_MOST_LETTERS = 60  # of a word that are looked at
_WEIGHTS = {"!": 2.0, "~": 0.4}
_SHARED = {
    "hr": "sr", "bs": "sr", "sh": "sr", "ms": "id", "xh": "zu", "nb": "no", "nn": "no", "be": "uk",
}  # fmt: skip
UNSEGMENTED = frozenset(("ja", "ko", "th", "zh"))
"""Languages whose cues stand within longer words."""
_WHOLE = frozenset(("vi",))  # languages whose words have no endings
_LEAST_STEM = 4  # letters: a shorter cue is a whole word
_LONG_SCRIPT = re.compile(r"[\u0900-\u0dff\u0590-\u06ff]")  # where three letters say as much as four
_CACHE = 30_000
_IN_TITLE, _EARLY, _OPENING = 2.0, 1.5, 300  # what a mention counts for, and the characters that are early


class Cue(Struct, frozen=True):
    """A cue: its topic (0 to 16), its weight, and its further words, if any, each whole or a beginning."""

    number: int
    topic: int
    weight: float
    rest: tuple[tuple[str, bool], ...] = ()


class CueHit(Struct, frozen=True):
    """A cue in a text, with its offsets."""

    cue: Cue
    start: int
    end: int


class Lexicon:
    """The cues of one language."""

    def __init__(self, language: str, topics: dict[int, list[str]]) -> None:
        self._fold = folding(language)
        self._forms = self._fold.forms
        self._unsegmented = language in UNSEGMENTED
        self._whole_words = language in _WHOLE
        self._stems: dict[str, list[Cue]] = {}
        self._words: dict[str, list[Cue]] = {}
        self._parts: dict[str, list[Cue]] = {}
        self._lengths: dict[str, list[int]] = {}
        self._known: dict[str, tuple[Cue, ...]] = {}
        self._folded: dict[str, Sequence[str]] = {}
        for number, (topic, cue) in enumerate((topic, cue) for topic, cues in topics.items() for cue in cues):
            self._add(cue, topic, number)
        for part in self._parts:
            lengths = self._lengths.setdefault(part[0], [])
            if len(part) not in lengths:
                lengths.append(len(part))
        self._wanted = Wanted(self._words, self._stems)

    def _add(self, cue: str, topic: int, number: int) -> None:
        weight = _WEIGHTS.get(cue[0], 1.0)
        cue = cue.lstrip("!~")
        within, whole = cue.startswith("*"), cue.endswith(".")
        if self._unsegmented:
            text = self._fold(cue.strip("*._").replace("_", ""))
            self._parts.setdefault(text, []).append(Cue(number, topic, weight))
            return
        words = [self._fold(m.group()) for m in WORD.finditer(cue.strip("*").replace("_", " "))]
        if not words:
            return
        last = len(words) - 1
        wholes = [
            self._is_whole(word) or (n == last and whole and not within) for n, word in enumerate(words)
        ]
        found = Cue(number, topic, weight, tuple(zip(words[1:], wholes[1:], strict=True)))
        kind = self._parts if within else self._words if wholes[0] else self._stems
        kind.setdefault(words[0], []).append(found)

    def _is_whole(self, word: str) -> bool:
        least = _LEAST_STEM - bool(_LONG_SCRIPT.match(word))
        return self._whole_words or len(word) < least

    def hits(self, text: str) -> Iterator[CueHit]:
        """The cues of a text, from its beginning."""
        return self._within(text) if self._unsegmented else self._by_word(text)

    def _within(self, text: str) -> Iterator[CueHit]:
        folded = self._fold(text[:_MOST_CHARS])
        lengths, parts = self._lengths, self._parts
        for at, letter in enumerate(folded):
            for length in lengths.get(letter, ()):
                for cue in parts.get(folded[at : at + length], ()):
                    yield CueHit(cue, at, at + length)

    def _by_word(self, text: str) -> Iterator[CueHit]:
        words = []
        for match in WORD.finditer(text):
            words.append(match)
            if len(words) == MOST_WORDS:
                break
        known = self._known
        for n, match in enumerate(words):
            word = match.group()
            cues = known.get(word)
            if cues is None:
                cues = self._look_up(word)
            for cue in cues:
                last = n + len(cue.rest)
                if not cue.rest or (
                    last < len(words)
                    and _is_met(cue.rest[0], self._forms_of(words[n + 1].group()))
                    and (last == n + 1 or self._goes_on(cue.rest[1:], words[n + 2 : last + 1]))
                ):
                    yield CueHit(cue, match.start(), words[last].end())

    def hits_of(self, words: Sequence[str], spans: Spans) -> Iterator[CueHit]:
        """The cues among words that are cut and in lower case already; a cue of several words stands in a
        row of them."""
        known, count = self._known, min(len(words), MOST_WORDS)
        for n in range(count) if self._parts else self._wanted.at(words):
            if n >= count:
                break
            cues = known.get(word := words[n])
            if cues is None:
                cues = self._look_up(word)
            following: Sequence[str] | None = None  # the forms of the next word, which most cues here share
            for cue in cues:
                rest = cue.rest
                if rest:
                    last = n + len(rest)
                    if last >= count:
                        continue
                    if following is None:
                        following = self._forms_of(words[n + 1])
                    if not _is_met(rest[0], following):
                        continue
                    if last > n + 1 and not self._follow(
                        rest[1:], map(words.__getitem__, range(n + 2, last + 1))
                    ):
                        continue
                    yield CueHit(cue, spans[n][0], spans[last][1])
                else:
                    yield CueHit(cue, *spans[n])

    def _look_up(self, word: str) -> tuple[Cue, ...]:
        found: list[Cue] = []
        for form in self._forms(self._fold(word[:_MOST_LETTERS])):
            found += self._words.get(form, ())
            for end in range(len(form), 1, -1):
                if cues := self._stems.get(form[:end]):
                    found += cues
            if self._parts:
                for at, letter in enumerate(form):
                    for length in self._lengths.get(letter, ()):
                        found += self._parts.get(form[at : at + length], ())
            if found:
                break
        # Of the cues of one word, the strongest of a topic counts.
        found.sort(key=lambda cue: cue.weight)
        single = {cue.topic: cue for cue in found if not cue.rest}
        kept = (*single.values(), *{cue.number: cue for cue in found if cue.rest}.values())
        if len(self._known) < _CACHE and len(word) <= _MOST_LETTERS:
            self._known[word] = kept
        return kept

    def _goes_on(self, rest: tuple[tuple[str, bool], ...], words: list[re.Match[str]]) -> bool:
        return self._follow(rest, [match.group() for match in words])

    def _follow(self, rest: tuple[tuple[str, bool], ...], words: Iterable[str]) -> bool:
        return all(_is_met(want, self._forms_of(word)) for want, word in zip(rest, words, strict=False))

    def _forms_of(self, word: str) -> Sequence[str]:
        """The forms of a word that stands behind the first one of a cue; kept, for the same words come
        again."""
        forms = self._folded.get(word)
        if forms is not None:
            return forms
        forms = self._forms(self._fold(word[:_MOST_LETTERS]))
        if len(self._folded) < _CACHE and len(word) <= _MOST_LETTERS:
            self._folded[word] = forms
        return forms


def _is_met(want: tuple[str, bool], forms: Sequence[str]) -> bool:
    """Whether a further word of a cue is one of these forms, or begins one."""
    text, whole = want
    if whole:
        return text in forms
    for form in forms:  # noqa: SIM110  a loop is compiled, a generator is called
        if form.startswith(text):
            return True
    return False


def scores(lexicon: Lexicon, title: str, text: str) -> tuple[list[float], list[CueHit]]:
    """What the cues of a headline and a text say for each topic, and the text's cues.

    Each cue counts once, by the logarithm of how often and how early it stands.
    """
    met: dict[int, float] = {}
    cues: dict[int, Cue] = {}
    hits = list(lexicon.hits(text))
    for hit in lexicon.hits(title):
        met[hit.cue.number] = met.get(hit.cue.number, 0.0) + _IN_TITLE
        cues[hit.cue.number] = hit.cue
    for hit in hits:
        number = hit.cue.number
        met[number] = met.get(number, 0.0) + (_EARLY if hit.start < _OPENING else 1.0)
        cues[number] = hit.cue
    said = [0.0] * TOPICS
    for number, times in met.items():
        cue = cues[number]
        said[cue.topic] += cue.weight * log1p(times)
    return said, hits


def both(lexicon: Lexicon, title: str, hits: list[CueHit]) -> list[CueHit]:
    """The cues of a text and of its headline."""
    return [*hits, *lexicon.hits(title)]


def own() -> list[str]:
    """Languages that have a lexicon of their own."""
    return sorted(path.stem for path in _FOLDER.glob("*.tsv"))


def lines(name: str) -> dict[int, list[str]]:
    """The cues of a lexicon as they are written, by topic (0 to 16)."""
    topics: dict[int, list[str]] = {}
    for line in (_FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        topic, _, cues = line.partition(" ")
        topics[int(topic) - 1] = list(dict.fromkeys(cues.split()))
    return topics


def load_all() -> dict[str, Lexicon]:
    """All lexicons, by language; Serbian, Croatian and Bosnian share one, as others do."""
    known = {name: Lexicon(name, lines(name)) for name in own()}
    return known | {one: known[other] for one, other in _SHARED.items()}
