"""The parts of the English model, trained on short texts of known sources and on full articles labelled
by hand."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any

import numpy as np

from services.enrich.topics.function_words import FUNCTION_WORDS
from services.enrich.topics.reader import TransformerClassifier
from services.enrich.topics.taxonomy import DATA
from services.enrich.topics.together import cue_evidence
from training.topics.english_cues import Cues
from training.topics.newsroom import FOLDS, Labelled
from training.topics.together import Case, Opinions
from training.topics.vectors import Vectors, network, says
from training.topics.words import Doc, Words, features

TEMPERATURE = 3.8
_ARTICLE, _BRIEF = 2.0, 0.5  # what an article by hand, and its opening alone, count for beside a short text
_ROUNDS = 5  # how often the network sees an article, once of these its opening
SOURCE_WEIGHTS = {"naeb": 1.0, "fundus_tests": 2.0, "wcxb_dev": 0.5, "tg": 1.0}
Bags = Sequence[dict[str, float]]


class English:
    """Words and network; `leave_out` is the part of the sites that they never see."""

    def __init__(
        self, docs: list[Doc], concepts: list[Doc], articles: list[Labelled], labels: list[str],
        vectors: Vectors, leave_out: int | None = None,
    ) -> None:  # fmt: skip
        seen = [article for article in articles if article.fold != leave_out]
        number = {label: n for n, label in enumerate(labels)}
        short = [features(title, text) for text, title, _ in (*docs, *concepts)]
        target = [number[doc[2]] for doc in (*docs, *concepts)]
        whole = [features(article.title, article.text) for article in seen]
        brief = [features(article.title, article.brief) for article in seen]
        bags, weight = list(short), [1.0] * len(short)
        for bag, opening, article in zip(whole, brief, seen, strict=True):
            for topic, share in article.targets:
                bags += [bag, opening]
                target += [topic, topic]
                weight += [_ARTICLE * share, _BRIEF * share]
        self.words = Words.fit(bags, np.array(target), len(labels), np.array(weight))
        self.vectors = vectors
        dice = np.random.default_rng(0)
        drawn = [
            (bag, _draw(article, dice))
            for each in range(_ROUNDS)
            for bag, article in zip(whole if each else brief, seen, strict=True)
        ]
        news = [*short[: len(docs)], *(bag for bag, _ in drawn)]
        news_target = np.array([*target[: len(docs)], *(topic for _, topic in drawn)])
        self.network = network(vectors, vectors.means(news), news_target, len(labels))

    def opinions(self, bags: Bags) -> list[np.ndarray]:
        """Probabilities (texts, labels) by the words, and by the network."""
        margins = self.words.scores(list(bags)) * TEMPERATURE
        by_words = np.exp(margins - margins.max(1, keepdims=True))
        return [by_words / by_words.sum(1, keepdims=True), says(self.network, self.vectors.means(list(bags)))]


def kept_vectors() -> Vectors:
    """The vectors that are shipped; function words weigh nothing."""
    words = gzip.decompress((DATA / "words.txt.gz").read_bytes()).decode().split("\n")
    with np.load(DATA / "english.npz") as kept:
        share = kept["share"].astype(np.float32)
        words = words[: len(share)]
        share[[n for n, word in enumerate(words) if word in FUNCTION_WORDS]] = 0
        return Vectors.of(words, share, kept["vector_scale"].astype(np.float32), kept["vectors"])


def out_of_fold(
    docs: list[Doc], concepts: list[Doc], articles: list[Labelled], labels: list[str], vectors: Vectors
) -> dict[str, Opinions]:
    """The models' opinions on articles of sites that they did not see: on the whole ("long"), on the opening
    ("short")."""
    bags = {
        "long": [features(article.title, article.text) for article in articles],
        "short": [features(article.title, article.brief) for article in articles],
    }
    found = {kind: np.zeros((2, len(articles), len(labels))) for kind in bags}
    for fold in range(FOLDS):
        mine = np.array([n for n, article in enumerate(articles) if article.fold == fold])
        model = English(docs, concepts, articles, labels, vectors, fold)
        for kind, every in bags.items():
            found[kind][:, mine] = model.opinions([every[n] for n in mine])
        print(f"part {fold + 1} of {FOLDS} left out", flush=True)
    return {kind: Opinions(list(found[kind]), bags[kind]) for kind in bags}


def cases(
    articles: list[Labelled], opinions: Opinions, cues: Cues, reader: TransformerClassifier | None = None
) -> list[Case]:
    """What a stack is fitted on."""
    found = []
    for n, article in enumerate(articles):
        said = [each[n] for each in opinions.models]
        if reader:
            said.append(reader.read(article.title, article.text))
        evidence = cue_evidence(cues.say(opinions.bags[n]))
        weight = SOURCE_WEIGHTS[article.source]
        found.append(Case(evidence, said, article.topics, article.also, article.fold, weight))
    return found


def short_cases(
    rows: list[dict[str, Any]],
    labels: list[str],
    model: English,
    cues: Cues,
    reader: TransformerClassifier,
    weight: float,
) -> list[Case]:
    """The same of texts that were held back, alternately in one of two folds."""
    bags = [features(row["title"], row["text"]) for row in rows]
    words, network_says = model.opinions(bags)
    return [
        Case(
            cue_evidence(cues.say(bags[n])),
            [words[n], network_says[n], reader.read(row["title"], row["text"])],
            [labels.index(row["topics"][0])], [], n % 2, weight,
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip


def _draw(article: Labelled, dice: np.random.Generator) -> int:
    topics, weights = zip(*article.targets, strict=True)
    shares = np.array(weights)
    return int(dice.choice(topics, p=shares / shares.sum()))
