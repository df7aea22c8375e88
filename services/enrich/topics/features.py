"""The features of the topic model: words and pairs of words, counted; the headline counts twice."""

from __future__ import annotations

from collections import Counter
from math import log

from services.enrich.words import words

MAX_WORDS = 600
"""Words of the text that are read: news says early what it is about."""


def features(title: str, text: str) -> dict[str, float]:
    """{word or pair: 1 + log(count)}."""
    counts: Counter[str] = Counter()
    for part, weight in ((title, 2), (text, 1)):
        previous = ""
        for n, (word, _, _) in enumerate(words(part)):
            if n >= MAX_WORDS:
                break
            counts[word] += weight
            if previous:
                counts[f"{previous} {word}"] += weight
            previous = word
    return {word: 1.0 + log(n) for word, n in counts.items()}
