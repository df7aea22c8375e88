"""Topic tagger: models for level 1, the taxonomy's own names for deeper concepts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from math import sqrt
from typing import Any

import msgspec
import numpy as np

from services.contract.messages import Quote, Topic
from services.enrich.topics.concepts import Concepts
from services.enrich.topics.english import ArticleWords, EnglishModel, Where
from services.enrich.topics.foreign import Foreign, Said
from services.enrich.topics.publisher import ALONE, NOBODY, PublisherLabels, Sections
from services.enrich.topics.taxonomy import DATA, Taxonomy
from services.enrich.words import Spans, Wanted, words

MAX_TOPICS = 5
_LEAST_WORDS = 4  # fewer words than this carry no topic
_LEAST_FIRST = 0.18  # probability of the best level-1 topic; chance is 0.06
_LEAST_FOREIGN = 0.18  # the same in other languages
_LEAST_SECOND = 0.25
_LEAST_ALONE = (
    4.0  # what a publisher's word must weigh to speak where the text is silent: a section or a folder
)
_EVIDENCE = 5
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")  # digits, and those parted by a point, a comma or a colon as one
_SENTENCE = re.compile(r"\s*(\S(?:[^.!?…]{0,300}[.!?…]|.{0,300}))", re.DOTALL)  # the first, or its beginning
_SENTENCE_END = re.compile(r"[^\W\d_][.!?…](?:\s|$)")
# How often a deeper concept is right whose name stands in a text: by mentions, one more for a name of several
# words and one for an early mention, beneath a topic that is sure. Of 114 judged by hand; of those one weaker
# a quarter was right.
_LEAST_STRENGTH, _RIGHT = 5, (0.88, 0.88, 0.88, 0.88, 0.97)
# The same of concepts that cues speak for, by the strength of these (concepts.py).
_RIGHT_BY_CUES = (0.7, 0.7, 0.7, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95)
# Figures beside words: none of the 67,000 texts of news that the tagger was made of has so many.
_LEAST_FIGURES, _TABLE_SHARE = 8, 0.5
Named = tuple[list[str], dict[str, list[tuple[list[str], list[str]]]]]
"""Concepts that a word names alone, and by the stem of the next word those of longer names: the stems that
have to follow, and the concepts."""
_CODE = 8  # raised with every change that moves a tag


class TopicRequest(msgspec.Struct, frozen=True, eq=False):
    """An article that is to be tagged; `publisher` is what that says of its subject."""

    title: str
    text: str
    language: str | None = None
    publisher: PublisherLabels = NOBODY


class TopicTagger:
    """Tags articles, one or several at a time; loads its artefact once. `version` identifies data and
    code."""

    def __init__(self) -> None:
        manifest: dict[str, Any] = msgspec.json.decode((DATA / "manifest.json").read_bytes())
        self.taxonomy = Taxonomy()
        self.version = f"{_CODE}-{manifest['version']}"
        self._labels: list[str] = manifest["labels"]
        self._english = EnglishModel(manifest)
        self._foreign = Foreign(manifest["multilingual"])
        self._languages = self._foreign.languages
        self._names = TopicNames(self._name_index())
        self._sections = Sections()
        self._concepts = Concepts()
        self._by_cues = frozenset(self._concepts.codes)
        paths = {code: self.taxonomy.path(code) for code in self.taxonomy.codes()}
        self._placed = {code: (path[0], len(path)) for code, path in paths.items()}
        """By code, its level-1 topic and how deep it stands."""

    def tag(
        self, title: str, text: str, language: str | None = None, publisher: PublisherLabels = NOBODY
    ) -> list[Topic]:
        """Topics, best first; empty where neither text nor publisher indicate one (abstention)."""
        return self.tag_all([TopicRequest(title, text, language, publisher)])[0]

    def tag_all(self, asked: Sequence[TopicRequest]) -> list[list[Topic]]:
        """Topics of several articles, step by step over all of them, so that a step's tables stay in the
        processor's caches."""
        readings = [ArticleWords.of(a.title, a.text) for a in asked]
        found = self._found(asked, readings)
        named = [self._sections.read(a.publisher) for a in asked]
        first = [self._level1(*one) for one in zip(asked, found, named, strict=True)]
        return [
            (tags + self._deeper(a, reading, chances) if chances else tags)[:MAX_TOPICS]
            for a, reading, (tags, chances) in zip(asked, readings, first, strict=True)
        ]

    def _found(self, asked: Sequence[TopicRequest], readings: Sequence[ArticleWords]) -> list[Said | None]:
        """The models' results; None where there is too little text, no sentence, or an unsupported
        language."""
        found: list[Said | None] = [None] * len(asked)
        english = []
        for n, (a, reading) in enumerate(zip(asked, readings, strict=True)):
            if _is_table(a.text, reading):
                continue
            if a.language in (None, "en"):
                english.append(n)
            elif (
                a.language in self._languages
                and len({*reading.title_words, *reading.text_words}) >= _LEAST_WORDS
            ):
                found[n] = self._foreign.read(a.title, a.text, a.language)
        said = self._english.read_all([(asked[n].title, asked[n].text, readings[n]) for n in english])
        for n, one in zip(english, said, strict=True):
            if one:
                probabilities, contributions, where = one
                found[n] = Said(probabilities, partial(_spans, where, contributions))
        return found

    def _level1(
        self, asked: TopicRequest, found: Said | None, named: dict[str, dict[str, float]]
    ) -> tuple[list[Topic], dict[str, float]]:
        """Level-1 topics with their probabilities by the text: nothing where only the publisher names
        them, or nobody."""
        text = asked.text
        if found is None:
            return self._named_alone(named), {}
        least = _LEAST_FIRST if asked.language in (None, "en") else _LEAST_FOREIGN
        probabilities = found.probabilities
        if not named and probabilities.max() < least:
            return self._named_alone(named), {}
        alone = probabilities
        if named:
            probabilities = self._multiplied(
                probabilities, {code: Sections.factor(kinds) for code, kinds in named.items()}
            )
        order = np.argsort(-probabilities, kind="stable")
        if probabilities[order[0]] < least:
            return self._named_alone(named), {}
        level1 = [int(order[0])] + [int(i) for i in order[1:3] if probabilities[i] >= _LEAST_SECOND]
        tags = []
        for i in level1:
            code = self._labels[i]
            # The text has a part in it where it would have said so by itself, or more than chance at least.
            said = ["text"] if alone[i] >= 2 / len(alone) else []
            evidence = _evidence(text, found.spans(i))
            tags.append(self._topic(code, float(probabilities[i]), evidence, [*said, *named.get(code, {})]))
        return tags, {self._labels[i]: float(probabilities[i]) for i in level1}

    def _multiplied(self, probabilities: np.ndarray, factors: dict[str, float]) -> np.ndarray:
        """Probabilities after multiplying the odds by these factors, by code."""
        odds = np.array([factors.get(code, 1.0) for code in self._labels])
        return np.asarray(probabilities * odds / float(probabilities @ odds))

    def _named_alone(self, named: dict[str, dict[str, float]]) -> list[Topic]:
        """The one topic that the publisher names, where the text says too little; none where it names
        several alike."""
        weights = sorted(((Sections.factor(kinds), code) for code, kinds in named.items()), reverse=True)
        if (
            not weights
            or weights[0][0] < _LEAST_ALONE
            or (len(weights) > 1 and weights[1][0] == weights[0][0])
        ):
            return []
        code = weights[0][1]
        return [self._topic(code, ALONE, [], list(named[code]))]

    def _topic(
        self, code: str, score: float, evidence: list[Quote], provenance: Sequence[str] = ("text",)
    ) -> Topic:
        return Topic(
            code=code,
            name=self.taxonomy.name(code),
            path=self.taxonomy.path(code),
            score=round(min(score, 0.99), 4),
            evidence=evidence,
            provenance=list(provenance),
        )

    def _name_index(self) -> dict[str, dict[tuple[str, ...], list[str]]]:
        """Names of concepts below level 1 as stems, by their first stem: {first: {(stems…): [code…]}}."""
        index: dict[str, dict[tuple[str, ...], list[str]]] = defaultdict(dict)
        for code in self.taxonomy.codes():
            if len(self.taxonomy.path(code)) < 2:
                continue
            for name in sorted(set(self.taxonomy.names(code).values())):
                stems = tuple(_stem(w) for w, _, _ in words(re.sub(r"\(.*?\)", "", name)) if w)
                if 1 <= len(stems) <= 5 and len("".join(stems)) > (3 if ord(name[0]) < 0x2E80 else 1):
                    codes = index[stems[0]].setdefault(stems, [])
                    if code not in codes:
                        codes.append(code)
        return dict(index)

    def _deeper(self, asked: TopicRequest, reading: ArticleWords, chances: dict[str, float]) -> list[Topic]:
        """Concepts below the level-1 topics: those that cues speak for, and others whose own name occurs in
        the text often, or in several words."""
        text = asked.text
        scored = []
        for code, mentioned in self._concepts.read(
            asked.title, text, asked.language or "en", reading
        ).items():
            root, depth = self._placed[code]
            if (chance := chances.get(root, 0.0)) and mentioned.spans:
                right = _RIGHT_BY_CUES[min(mentioned.strength, len(_RIGHT_BY_CUES) - 1)]
                spans = sorted(mentioned.spans.values())
                scored.append((round(right * sqrt(chance), 4), depth, code, spans))
        ends = mentions(reading.text_words, reading.spans, self._names)
        for code, places in ends.items():
            root, depth = self._placed[code]
            chance = chances.get(root, 0.0)
            if not chance or code in self._by_cues:
                continue
            found = list(places.items())
            several_words = " " in text[found[0][0] : found[0][1]]
            early = found[0][0] < 400
            strength = len(found) + several_words + early
            if strength >= _LEAST_STRENGTH:
                right = _RIGHT[min(strength - _LEAST_STRENGTH, len(_RIGHT) - 1)]
                scored.append((round(right * sqrt(chance), 4), depth, code, found))
        scored.sort(key=lambda s: (-s[0], -s[1], s[2]))
        chosen: list[Topic] = []
        covered: set[str] = set()
        for score, _, code, found in scored:
            if code in covered or len(chosen) == MAX_TOPICS - 1:
                continue
            covered.update(self.taxonomy.path(code))
            quotes = [Quote(text=text[a:b], start=a, end=b) for a, b in found[:_EVIDENCE]]
            chosen.append(self._topic(code, score, quotes))
        return chosen


class TopicNames:
    """Names of concepts, which are stems by their first stem, by each word that has that stem."""

    def __init__(self, names: dict[str, dict[tuple[str, ...], list[str]]]) -> None:
        self.by_word: dict[str, Named] = {}
        for stem, named in names.items():
            longer: dict[str, list[tuple[list[str], list[str]]]] = defaultdict(list)
            for name, codes in named.items():
                if len(name) > 1:
                    longer[name[1]].append((list(name[2:]), codes))
            found = named.get((stem,), []), dict(longer)
            self.by_word |= {word: found for word in (stem, f"{stem}s") if _stem(word) == stem}
        self.wanted = Wanted(self.by_word)


def mentions(words: Sequence[str], spans: Spans, names: TopicNames) -> dict[str, dict[int, int]]:
    """Mentions of concepts, by code: the start of each, and the end of its longest name there."""
    ends: dict[str, dict[int, int]] = defaultdict(dict)
    for n in names.wanted.at(words):
        named = names.by_word.get(words[n])
        if named is None:
            continue
        alone, longer = named
        found = [(n, alone)] if alone else []
        if longer and n + 1 < len(words):
            for rest, codes in longer.get(_stem(words[n + 1]), ()):
                last = n + 1 + len(rest)
                if last < len(words) and all(_stem(words[n + 2 + k]) == stem for k, stem in enumerate(rest)):
                    found.append((last, codes))
        for last, codes in found:
            start, end = spans[n][0], spans[last][1]
            for code in codes:
                ends[code][start] = max(end, ends[code].get(start, 0))
    return ends


def _is_table(text: str, reading: ArticleWords) -> bool:
    """Whether a text is figures with labels and no sentence: prices, scores, weather. Its few words are
    names, which mislead."""
    end = reading.spans[-1][1] if reading.spans else 0
    if _SENTENCE_END.search(text):  # nearly every article has one, near its beginning
        return False
    found = len(_FIGURE.findall(text, 0, end))
    return found >= _LEAST_FIGURES and found >= _TABLE_SHARE * len(reading.text_words)


def _evidence(text: str, spans: Iterable[tuple[int, int]]) -> list[Quote]:
    """The words that spoke most, as quotes of the text; failing these, the first sentence, which was read as
    a whole."""
    quotes = _quotes(text, spans)
    if not quotes and (sentence := _SENTENCE.match(text)):
        quotes = [Quote(text=sentence.group(1), start=sentence.start(1), end=sentence.end(1))]
    return quotes


def _quotes(text: str, spans: Iterable[tuple[int, int]]) -> list[Quote]:
    """The first few spans that do not overlap."""
    quotes: list[Quote] = []
    for start, end in spans:
        if len(quotes) == _EVIDENCE:
            break
        if not any(start < q.end and end > q.start for q in quotes):
            quotes.append(Quote(text=text[start:end], start=start, end=end))
    return quotes


def _spans(where: Where, contributions: np.ndarray, label: int) -> Iterator[tuple[int, int]]:
    """The offsets of the words with the highest contributions to a label; where none contributes by itself,
    of those that favour it over other labels."""
    own = contributions[:, label]
    silent = True
    for span in _highest(where, own):
        silent = False
        yield span
    if silent:
        yield from _highest(where, own - contributions.mean(1))


def _highest(where: Where, weight: np.ndarray) -> Iterator[tuple[int, int]]:
    order = np.argsort(-weight, kind="stable")[:20]
    for at, value in zip(order.tolist(), weight[order].tolist(), strict=True):
        if value > 0 and (span := where(at)):
            yield span


def _stem(word: str) -> str:
    return word[:-1] if word[-1] == "s" and len(word) > 4 and word[-2] != "s" else word
