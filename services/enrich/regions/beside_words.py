"""Words that tell what stands beside them, by language: prepositions of place, words for kinds of places,
titles of people, words of speech, words for organisations (`beside_words.tsv`)."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

IN, OF, ARTICLE, AND, PERSON, PLACE_BEFORE, PLACE_AFTER, SPEECH, BODY = range(9)
_KINDS = {
    "in": IN, "of": OF, "article": ARTICLE, "and": AND, "person": PERSON, "place_before": PLACE_BEFORE,
    "place_after": PLACE_AFTER, "speech": SPEECH, "body": BODY,
}  # fmt: skip
_OF_ANY = frozenset({PERSON, PLACE_BEFORE, PLACE_AFTER, SPEECH, AND, BODY})
"""Classes whose words are taken from all languages: few of them mean anything else in another."""


@cache
def _table() -> list[tuple[int, str, list[str]]]:
    lines = Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(_KINDS[kind], language, words.split()) for kind, language, words in rows]


@lru_cache(maxsize=200)
def classes(language: str) -> dict[str, int]:
    """Words (small letters) of a language as bits: `1 << IN` and so on. Of a language that is not listed, the
    words of all."""
    listed = any(kind == IN and own == language for kind, own, _ in _table())
    out: dict[str, int] = {}
    for kind, own, words in _table():
        if own == language or not listed or kind in _OF_ANY:
            for word in words:
                out[word] = out.get(word, 0) | 1 << kind
    return out
