"""The compiled inner loops of topics say what the plain ones say."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.pipeline.prose import article
from services.demo.pages import stories
from services.enrich import words
from services.enrich.topics import tagger
from services.enrich.topics.english import ArticleWords, Bag, Vocabulary
from tests.compiled import need_compiled, plain
from tests.taggers import shipped
from tests.thinning import examples

TEXT = st.text(st.sampled_from("abzAZéßİıſ09 _'’.,:sSX\n\u00a0\u2014中Д²½ªº"), max_size=60)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    need_compiled()


def _articles() -> list[tuple[str, str, str | None]]:
    made = [article(random.Random(f"compiled/{n}")) for n in range(examples(120))]
    told = [(headline, "\n\n".join(paragraphs), None) for _, headline, _, paragraphs in made]
    short = [(headline, paragraphs[0], "en") for _, headline, _, paragraphs in made[:12]]
    return told + short + [(s.title, s.text, s.language) for s in stories().values()]


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < 1e-2  # a state on the border between two steps of eight bits
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_close(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_close, one, other))
    return bool(one == other)


def test_articles_in_many_languages_get_the_same_tags() -> None:
    def tags(taggers: Any) -> list[Any]:
        return [
            msgspec.to_builtins(taggers.tag(title, text, stated_language=language, domain="example.de"))
            for title, text, language in _articles()
        ]

    plainly = tags(plain("services.enrich")["services.enrich.handler"].Taggers())
    compiled = tags(shipped())
    assert [n for n, (a, b) in enumerate(zip(plainly, compiled, strict=True)) if not _close(a, b)] == []
    assert sum(bool(t["topics"]) for t in compiled) > len(compiled) * 0.8
    assert sum(bool(t["places"]) for t in compiled) > len(compiled) * 0.8


@given(TEXT, st.integers(1, 12))
@settings(max_examples=examples(2000))
def test_words_are_read_alike(text: str, limit: int) -> None:
    assert words._compiled.is_latin(text) == (words._BEYOND_LATIN.search(text) is None)
    if words.is_latin(text):
        folded, spans = words._compiled.read_latin(text, limit)
        plain_folded, plain_spans = words.read_latin(text, limit)
        assert list(folded) == plain_folded
        assert list(spans) == list(plain_spans)


def test_spans_are_a_sequence() -> None:
    _, spans = words._compiled.read_latin("One two", 5)
    assert len(spans) == 2
    assert spans[-1] == (4, 7)
    with pytest.raises(IndexError):
        spans[2]


def _same(one: Bag, other: Bag) -> None:
    for name in ("words", "word_counts", "word_first", "pairs", "pair_counts", "pair_first"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert one.strangers == other.strangers


WORDS = ["bank", "goal", "interest", "rate", "vote"]


@given(*[st.lists(st.sampled_from([*WORDS, "stranger", "other"]), max_size=30)] * 2)
def test_words_and_pairs_are_counted_alike(title: list[str], text: list[str]) -> None:
    keys = np.sort(Vocabulary.keys(np.array([0, 2, 4, 2]), np.array([2, 3, 1, 2])))
    vocabulary = Vocabulary(WORDS, keys)
    reading = ArticleWords(title, text, [(n, n + 1) for n in range(len(text))])
    _same(vocabulary.plain_bag(reading), vocabulary.bag(reading))


PRINTED = [
    "Bank",
    "GOAL's",
    "Éclairs",
    "İzmir",
    "classes",
    "RATES",
    "ȺB",
    "l’état",
    "vote",
    "stranger's",
    "x_1y",
    "ſ",
    "Ɓa",
]


@given(*[st.lists(st.sampled_from(PRINTED), max_size=30).map(" ".join)] * 2)
def test_words_as_printed_are_counted_alike(title: str, text: str) -> None:
    known = ["bank", "goal", "éclairs", "i̇zmir", "classes", "ⱥb", "l’état", "ɓa"]
    keys = np.sort(Vocabulary.keys(np.array([0, 2, 4, 2]), np.array([2, 3, 1, 2])))
    vocabulary, reading = Vocabulary(known, keys), ArticleWords.of(title, text)
    strings = ArticleWords(list(reading.title_words), list(reading.text_words), reading.spans)
    _same(vocabulary.plain_bag(strings), vocabulary.bag(reading))


def test_a_table_of_words_knows_its_own_and_no_other() -> None:
    known = [f"word{n}" for n in range(5000)] + ["é", "", "中国"]
    numbers = words._compiled.Numbers(known)
    assert [numbers[word] for word in known] == list(range(len(known)))
    assert [word for n in range(20_000) if numbers[word := f"other{n}"] >= 0] == []
    with pytest.raises(ValueError, match="'bank' has the hash of another word"):
        words._compiled.Numbers(["bank", "goal", "bank"])


def test_a_sieve_lets_through_all_of_its_own_and_little_else() -> None:
    known = [f"Name {n}" for n in range(5000)]
    sieve = words._compiled.Sieve(dict.fromkeys(known))
    assert all(name in sieve for name in known)
    assert sum(f"Other {n}" in sieve for n in range(20_000)) < 1000
    assert "Name" not in words._compiled.Sieve([])


@given(st.lists(st.sampled_from(["interest", "rates", "rate", "class", "football", "cups"]), max_size=20))
def test_names_of_concepts_are_found_alike(text: list[str]) -> None:
    names = tagger.TopicNames(
        {
            "interest": {("interest", "rate"): ["a"], ("interest",): ["b"]},
            "cup": {("cup",): ["c", "a"]},
            "clas": {("clas",): ["d"]},
        }
    )
    read, where = words._compiled.read_latin(" ".join(text), 20)
    assert tagger.mentions(read, where, names) == tagger.mentions(text, list(where), names)
