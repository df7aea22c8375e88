"""The topic tagger: a linear model for level 1, the taxonomy's own names for deeper concepts."""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import msgspec
import numpy as np

from services.contract.messages import Quote, Topic
from services.enrich.topics.dense import DenseModel, combine
from services.enrich.topics.features import MAX_WORDS
from services.enrich.topics.multilingual import MultilingualTable
from services.enrich.topics.publisher import ALONE, NOBODY, Publisher, Sections
from services.enrich.topics.taxonomy import DATA, Taxonomy
from services.enrich.words import words

MAX_TOPICS = 5
_LEAST_WORDS = 4  # fewer known words than this carry no topic
_LEAST_KNOWN = 0.35  # share of a text's words that the model must know: below, it is no language of its own
_LEAST_FIRST = 0.22  # probability of the best level-1 topic; chance is 0.06
_LEAST_FOREIGN = 0.3  # the same in other languages, where less is known
_LEAST_SECOND = 0.25
_LEAST_ALONE = 4.0  # what a publisher's word must weigh to speak where the text is silent: a section or a folder
_EVIDENCE = 5
_CODE = 4  # raised with every change that moves a tag


@dataclass(slots=True)
class _Reading:
    """A text read once: counted features, and where each first stands in the text."""

    counts: Counter[str]
    first: dict[str, tuple[int, int]]
    stems: list[tuple[str, int, int]]
    total: int


class TopicTagger:
    """Tags one article at a time; loads its artefact once. `version` names data and code."""

    def __init__(self) -> None:
        manifest: dict[str, Any] = msgspec.json.decode((DATA / "manifest.json").read_bytes())
        self.taxonomy = Taxonomy()
        self.version = f"{_CODE}-{manifest['version']}"
        self._labels: list[str] = manifest["labels"]
        self._bias = np.asarray(manifest["bias"], np.float32)
        self._scale = np.float32(manifest["scale"])
        self._temperature = float(manifest["temperature"])
        self._weights = np.load(DATA / "weights.npy")
        self._idf = np.load(DATA / "idf.npy").astype(np.float32)
        vocabulary = gzip.decompress((DATA / "vocabulary.txt.gz").read_bytes()).decode().split("\n")
        self._index = dict(zip(vocabulary, range(len(vocabulary)), strict=True))
        self._multilingual = MultilingualTable(manifest["multilingual"])
        self._dense = DenseModel(manifest["dense"])
        self._together = float(manifest["dense"]["temperature"])
        self._names = self._name_index()
        self._sections = Sections()

    def tag(self, title: str, text: str, language: str | None = None, publisher: Publisher = NOBODY) -> list[Topic]:
        """Topics, best first; empty where neither text nor publisher carry one (an abstention)."""
        reading = _read(title, text)
        named = self._sections.read(publisher)
        if language in (None, "en"):
            found = self._both(title, text, reading)
        else:
            found = self._multilingual.read(title, text) if reading.total >= _LEAST_WORDS else None
        least = _LEAST_FIRST if language in (None, "en") else _LEAST_FOREIGN
        if found is None or (not named and found[0].max() < least):
            return self._named_alone(named)
        probabilities, contributions, spans = found
        alone = probabilities
        if named:
            odds = np.array([Sections.factor(named.get(code, {})) for code in self._labels])
            probabilities = probabilities * odds / float(probabilities @ odds)
        order = np.argsort(-probabilities, kind="stable")
        if probabilities[order[0]] < least:
            return self._named_alone(named)
        level1 = [int(order[0])] + [int(i) for i in order[1:3] if probabilities[i] >= _LEAST_SECOND]
        tags = []
        for i in level1:
            code = self._labels[i]
            # The text has a part in it where it would have said so by itself, or more than chance at least.
            said = ["text"] if alone[i] >= 2 / len(alone) else []
            evidence = _evidence(text, spans, contributions[:, i])
            tags.append(self._topic(code, float(probabilities[i]), evidence, [*said, *named.get(code, {})]))
        chances = {self._labels[i]: float(probabilities[i]) for i in level1}
        return (tags + self._deeper(text, reading, chances))[:MAX_TOPICS]

    def _named_alone(self, named: dict[str, dict[str, float]]) -> list[Topic]:
        """The one topic that the publisher names, where the text says too little; none where it names several alike."""
        weights = sorted(((Sections.factor(kinds), code) for code, kinds in named.items()), reverse=True)
        if not weights or weights[0][0] < _LEAST_ALONE or (len(weights) > 1 and weights[1][0] == weights[0][0]):
            return []
        code = weights[0][1]
        return [self._topic(code, ALONE, [], list(named[code]))]

    def _both(
        self, title: str, text: str, reading: _Reading
    ) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int] | None]] | None:
        """English: what the words and what the networks over piece vectors say; evidence is the words'."""
        found = self._english(reading)
        if found is None:
            return None
        words_say, contributions, spans = found
        dense_says = self._dense.read(*self._multilingual.weigh(title, text))
        if dense_says is None:
            return found
        return combine(words_say, dense_says, self._together), contributions, spans

    def _english(self, reading: _Reading) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int] | None]] | None:
        """Probabilities, contributions of each known word or pair, and where each stands; None for too little to go by."""
        known = [(word, n, self._index[word]) for word, n in reading.counts.items() if word in self._index]
        if sum(1 for word, _, _ in known if " " not in word) < max(_LEAST_WORDS, _LEAST_KNOWN * reading.total):
            return None
        rows = np.fromiter((row for _, _, row in known), np.int32, len(known))
        values = np.fromiter((1.0 + log(n) for _, n, _ in known), np.float32, len(known)) * self._idf[rows]
        values /= sqrt(float(values @ values)) or 1.0
        contributions = self._weights[rows].astype(np.float32) * self._scale * values[:, None]
        margins = (contributions.sum(0) + self._bias) * self._temperature
        probabilities = np.exp(margins - margins.max())
        return probabilities / probabilities.sum(), contributions, [reading.first.get(word) for word, _, _ in known]

    def _topic(self, code: str, score: float, evidence: list[Quote], provenance: Sequence[str] = ("text",)) -> Topic:
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
            for name in set(self.taxonomy.names(code).values()):
                stems = tuple(_stem(w) for w, _, _ in words(re.sub(r"\(.*?\)", "", name)))
                if 1 <= len(stems) <= 5 and len("".join(stems)) > (3 if ord(name[0]) < 0x2E80 else 1):
                    codes = index[stems[0]].setdefault(stems, [])
                    if code not in codes:
                        codes.append(code)
        return dict(index)

    def _deeper(self, text: str, reading: _Reading, chances: dict[str, float]) -> list[Topic]:
        """Concepts below the level-1 topics whose own name the text uses: often, or in several words."""
        spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        stems = reading.stems
        for n, (stem, start, _) in enumerate(stems):
            for name, codes in self._names.get(stem, {}).items():
                if tuple(s for s, _, _ in stems[n : n + len(name)]) == name:
                    for code in codes:
                        spans[code].append((start, stems[n + len(name) - 1][2]))
        scored = []
        for code, found in spans.items():
            path = self.taxonomy.path(code)
            chance = chances.get(path[0], 0.0)
            several_words = " " in text[found[0][0] : found[0][1]]
            early = found[0][0] < 400
            strength = len(found) + several_words + early
            if chance and strength >= 3:
                scored.append((round(chance * (1 - 0.75**strength), 4), len(path), code, found))
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


def _evidence(text: str, spans: list[tuple[int, int] | None], contribution: np.ndarray) -> list[Quote]:
    """The words that spoke most for a label, as quotes of the text."""
    quotes: list[Quote] = []
    for at in np.argsort(-contribution, kind="stable")[:20]:
        if contribution[at] <= 0 or len(quotes) == _EVIDENCE:
            break
        span = spans[at]
        if span and not any(span[0] < q.end and span[1] > q.start for q in quotes):
            quotes.append(Quote(text=text[span[0] : span[1]], start=span[0], end=span[1]))
    return quotes


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def _read(title: str, text: str) -> _Reading:
    counts: Counter[str] = Counter()
    first: dict[str, tuple[int, int]] = {}
    stems: list[tuple[str, int, int]] = []
    total = 0
    for part, weight in ((title, 2), (text, 1)):
        previous = ""
        begun = 0
        for n, (word, start, end) in enumerate(words(part)):
            if n >= MAX_WORDS:
                break
            total += 1
            counts[word] += weight
            if previous:
                counts[f"{previous} {word}"] += weight
            if weight == 1:
                stems.append((_stem(word), start, end))
                first.setdefault(word, (start, end))
                if previous:
                    first.setdefault(f"{previous} {word}", (begun, end))
            previous, begun = word, start
    return _Reading(counts, first, stems, len({w for w in counts if " " not in w}) if total else 0)
