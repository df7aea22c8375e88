"""Level-1 topic probabilities of an English text: a linear model over words and pairs of words, and a
second opinion.

The linear model's words are the evidence. The second opinion is a small network over the mean of the words'
vectors; of a short text, the reader (reader.py), which takes word order into account, is asked, too. With
the cues of the lexicon they are made one (together.py). Function words have no part in it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.enrich.topics.function_words import FUNCTION_WORDS
from services.enrich.topics.reader import SHORT, TransformerClassifier
from services.enrich.topics.taxonomy import DATA
from services.enrich.topics.together import StackedModel, cue_evidence
from services.enrich.words import Spans, read
from services.runtime.compiled import compiled

_compiled = compiled("services.enrich.topics")

MAX_WORDS = 600
"""Number of words of the text that are read: news states its subject early."""
BRIEF = 22
"""Most words of a headline with a line."""
# A brief of which words, network and cues are as sure as this is not read: of those held back a quarter,
# and as many of them are right (.944) as with the reader.
_SURE = 0.95
_LEAST_WORDS = 4  # fewer known words than this carry no topic
_LEAST_KNOWN = 0.35  # share of a text's words that the model must know: below, it is no language of its own
_PAIR = np.int64(1 << 20)

Array = NDArray[np.float32]
Where = Callable[[int], tuple[int, int] | None]
"""Offsets of the features whose contributions are the rows of a matrix."""
Found = tuple[Array, Array, Where]
"""Probabilities by label, contributions (features, labels), and the offsets of each feature."""


class ArticleWords(Struct, frozen=True, eq=False):
    """The words of a headline and of a text, with the offsets of the text's."""

    title_words: Sequence[str]
    text_words: Sequence[str]
    spans: Spans

    @classmethod
    def of(cls, title: str, text: str) -> ArticleWords:
        text_words, spans = read(text, MAX_WORDS)
        return cls(read(title, MAX_WORDS)[0], text_words, spans)

    @property
    def kind(self) -> str:
        """Whose opinions are asked: the reader's only of a "short" text, and of a "brief" one, which is
        shorter still."""
        length = len(self.text_words) + len(self.title_words)
        return "brief" if length <= BRIEF else "short" if length <= SHORT else "long"


class Bag(Struct, frozen=True, eq=False):
    """Known words and pairs: their rows, counts (the headline's count twice), and first positions."""

    words: NDArray[np.int64]
    word_counts: NDArray[np.int64]
    word_first: NDArray[np.int64]
    pairs: NDArray[np.int64]
    pair_counts: NDArray[np.int64]
    pair_first: NDArray[np.int64]
    strangers: int


class Vocabulary:
    """Word numbers, and pairs of them in the order of their keys."""

    def __init__(self, words: Sequence[str], pairs: NDArray[np.int64]) -> None:
        self._number = dict(zip(words, range(len(words)), strict=True))
        self._pairs = pairs
        self._bagger = _compiled and _compiled.Bagger(list(words), pairs)

    @staticmethod
    def keys(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
        """The sort key of a pair of words."""
        return first * _PAIR + second

    def bag(self, reading: ArticleWords) -> Bag:
        """The words and pairs of a reading."""
        if self._bagger:
            return Bag(*self._bagger.bag(reading.text_words, reading.title_words))
        return self.plain_bag(reading)

    def plain_bag(self, reading: ArticleWords) -> Bag:
        """The same in numpy."""
        number = self._number.get
        text = np.fromiter(
            [number(word, -1) for word in reading.text_words], np.int64, len(reading.text_words)
        )
        title = np.fromiter(
            [number(word, -1) for word in reading.title_words], np.int64, len(reading.title_words)
        )
        words, first, counts = np.unique(
            np.concatenate([text, title, title]), return_index=True, return_counts=True
        )
        unknown = int(words.size and words[0] < 0)
        keys, place = [], []
        for part, at in ((text, 0), (title, len(text)), (title, len(text))):
            known = np.flatnonzero((part[:-1] >= 0) & (part[1:] >= 0))
            keys.append(self.keys(part[known], part[known + 1]))
            place.append(known + at)
        places = np.concatenate(place)
        pairs, pair_first, pair_counts = np.unique(
            np.concatenate(keys), return_index=True, return_counts=True
        )
        rows = np.searchsorted(self._pairs, pairs)
        rows[rows == len(self._pairs)] = 0
        here = self._pairs[rows] == pairs if len(self._pairs) else np.zeros(len(rows), bool)
        return Bag(
            words[unknown:], counts[unknown:], first[unknown:],
            rows[here], pair_counts[here], places[pair_first[here]],
            strangers=len({*reading.text_words, *reading.title_words}) - len(words) + unknown,
        )  # fmt: skip


class EnglishModel:
    """The model in the package."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        words = gzip.decompress((DATA / "words.txt.gz").read_bytes()).decode().split("\n")
        with np.load(DATA / "english.npz") as kept:
            self._vocabulary = Vocabulary(words, kept["pairs"])
            self._weights: NDArray[np.int8] = kept["weights"]
            self._idf: Array = kept["idf"].astype(np.float32)
            self._scale = np.float32(kept["scale"])
            self._bias: Array = kept["bias"]
            self._network = Network({name: kept[name] for name in Network.PARTS})
            self._cue_rows: NDArray[np.int16] = kept["cue_rows"]
            self._cue_weights: Array = kept["cue_weights"].astype(np.float32)
        self._words = len(words)
        self._temperature = float(manifest["words"]["temperature"])
        kinds = ("long", "short", "brief", "quick")
        self._stacks = dict(zip(kinds, StackedModel.shipped(*kinds), strict=True))
        self._reader = TransformerClassifier.shipped()

    def read_all(self, texts: Sequence[tuple[str, str, ArticleWords]]) -> list[Found | None]:
        """The result for each text (title, text, reading), step by step over all of them; None where a
        text has too few known words."""
        bags = [self._vocabulary.bag(reading) for _, _, reading in texts]
        known = [self._idf[bag.words] > 0 for bag in bags]
        enough = [
            int(k.sum()) >= max(_LEAST_WORDS, _LEAST_KNOWN * (len(k) + bag.strangers))
            for k, bag in zip(known, bags, strict=True)
        ]
        said = [
            self._words_say(bag, k) if will else None
            for bag, k, will in zip(bags, known, enough, strict=True)
        ]
        found: list[Found | None] = []
        for (title, text, reading), bag, k, words in zip(texts, bags, known, said, strict=True):
            if words is None:
                found.append(None)
                continue
            contributions, words_say = words
            probabilities = self._together(title, text, reading, self._cues_say(bag), words_say, bag)
            found.append((probabilities, contributions, _where(bag, k, reading)))
        return found

    def _together(
        self, title: str, text: str, reading: ArticleWords, cues: Array, words_say: Array, bag: Bag
    ) -> Array:
        network_says = self._network.read(bag)
        if reading.kind == "long":
            return self._stacks["long"].of(cues, words_say, network_says)
        if reading.kind == "brief":
            quick = self._stacks["quick"].of(cues, words_say, network_says)
            if quick.max() >= _SURE:
                return quick
        return self._stacks[reading.kind].of(cues, words_say, network_says, self._reader.read(title, text))

    def _words_say(self, bag: Bag, known: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Contributions of words and pairs, (features, labels), and the probabilities of the labels."""
        known_words = (bag.words[known], bag.word_counts[known])
        contributions = self._contributions(*known_words, bag.pairs, bag.pair_counts)
        margins = (contributions.sum(0) + self._bias) * self._temperature
        words_say = np.exp(margins - margins.max())
        return contributions, words_say / words_say.sum()

    def _cues_say(self, bag: Bag) -> Array:
        """The evidence of the lexicon's cues among the words and pairs, by label."""
        features = np.concatenate([bag.words, bag.pairs + self._words])
        counts = np.concatenate([bag.word_counts, bag.pair_counts])
        rows = self._cue_rows[features]
        cues = rows > 0
        return cue_evidence(np.log1p(counts[cues]).astype(np.float32) @ self._cue_weights[rows[cues]])

    def _contributions(
        self,
        words: NDArray[np.int64],
        word_counts: NDArray[np.int64],
        pairs: NDArray[np.int64],
        pair_counts: NDArray[np.int64],
    ) -> Array:
        """The contribution of each word and pair to each label, (features, labels)."""
        rows = np.concatenate([words, pairs + self._words])
        values = _dampened(np.concatenate([word_counts, pair_counts])) * self._idf[rows]
        length = sqrt(float((values * values).sum(dtype=np.float64))) or 1.0
        shares = (values.astype(np.float64) / length).astype(np.float32)
        return np.asarray(self._weights[rows] * (self._scale * shares)[:, None], np.float32)


def _dampened(counts: NDArray[np.int64]) -> Array:
    """The weight of a count: 1 + ln(count)."""
    return np.asarray(1.0 + np.log(counts), np.float32)


def _where(bag: Bag, known: NDArray[np.bool_], reading: ArticleWords) -> Where:
    """The offsets of a bag's features: its known words, then its pairs, of which a function word is left
    out."""
    count = int(known.sum())
    first = np.concatenate([bag.word_first[known], bag.pair_first]).tolist()
    words, spans = reading.text_words, reading.spans

    def where(row: int) -> tuple[int, int] | None:
        at, last = first[row], first[row] + (row >= count)
        if last >= len(spans):
            return None
        begin, end = (last if words[at] in FUNCTION_WORDS else at), last
        end = begin if words[end] in FUNCTION_WORDS else end
        return (spans[min(begin, end)][0], spans[max(begin, end)][1])

    return where


class Network:
    """One hidden layer over the mean of word vectors, which the most frequent words have; weighted by
    rarity and log count."""

    PARTS = ("vectors", "vector_scale", "share", "hidden", "hidden_bias", "out", "out_bias")

    def __init__(self, parts: dict[str, np.ndarray]) -> None:
        self._vectors: NDArray[np.int8] = parts["vectors"]
        self._scale, self._share, self._hidden, self._hidden_bias, self._out, self._out_bias = (
            parts[name].astype(np.float32) for name in self.PARTS[1:]
        )

    def read(self, bag: Bag) -> Array:
        """Probabilities by label; all alike where no word has a vector."""
        here = bag.words < len(self._share)
        words = bag.words[here]
        share = self._share[words] * _dampened(bag.word_counts[here])
        total = float(share.sum(dtype=np.float64))
        if not total:
            return np.full(self._out.shape[1], 1 / self._out.shape[1], np.float32)
        summed = (share[:, None] * self._vectors[words]).sum(0)
        mean = (summed / np.float64(total)).astype(np.float32) * self._scale
        margins = np.maximum(mean @ self._hidden + self._hidden_bias, 0) @ self._out + self._out_bias
        chances = np.exp(margins - margins.max())
        return np.asarray(chances / chances.sum(), np.float32)
