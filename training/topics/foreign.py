"""The stacks of other languages: the multilingual table and the lexicons' cues together, and the cues alone.

They are fitted on all languages at once, English (by table and lexicon, as any other) among them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.enrich.topics import lexicon
from services.enrich.topics.multilingual import LANGUAGES, MultilingualTable
from services.enrich.topics.together import cue_evidence
from training.topics.english import SOURCE_WEIGHTS
from training.topics.newsroom import Labelled
from training.topics.together import Case
from training.topics.words import Doc

_SHORT = 4_000  # short English texts that are added, lest all be long
_SHORT_WEIGHT = 0.15


def cases(
    table: MultilingualTable, articles: Sequence[Labelled], docs: Sequence[Doc], labels: list[str]
) -> dict[str, list[tuple[Labelled, Case]]]:
    """What each stack is fitted on, {"table", "alone"}."""
    lexicons = lexicon.load_all()
    dice = np.random.default_rng(1)
    drawn = [docs[n] for n in dice.choice(len(docs), min(_SHORT, len(docs)), replace=False)]
    short = [
        Labelled("short", title, text, "en", [labels.index(label)], [], n % 4)
        for n, (text, title, label) in enumerate(drawn)
    ]
    found: dict[str, list[tuple[Labelled, Case]]] = {"table": [], "alone": []}
    for article in (*articles, *short):
        if (words := lexicons.get(article.language)) is None:
            continue
        evidence = cue_evidence(lexicon.scores(words, article.title, article.text)[0])
        weight = SOURCE_WEIGHTS.get(article.source, _SHORT_WEIGHT)
        found["alone"].append(
            (article, Case(evidence, [], article.topics, article.also, article.fold, weight))
        )
        if article.language in LANGUAGES:
            said = np.asarray(table.read(article.title, article.text)[0])
            case = Case(evidence, [said], article.topics, article.also, article.fold, weight)
            found["table"].append((article, case))
    return found
