"""The compiled inner loops of regions say what the plain ones say."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.pipeline.prose import article
from services.contract.source_prior import SourcePrior
from services.demo.pages import stories
from services.enrich.regions import detection, roles, spans
from services.enrich.regions.institutions import Institutions
from services.enrich.regions.leaning import Leaning
from services.enrich.regions.reading import load_trees
from services.enrich.regions.resolution import Resolver
from services.enrich.regions.tagger import RegionTagger
from services.enrich.regions.trees import Trees
from tests.compiled import need_compiled, plain
from tests.taggers import shipped
from tests.thinning import examples

PIECES = st.sampled_from(
    ["Paris", "PARIS", "paris", "New York", "Saint-Denis", "U.S.", "U.S", "St. Petersburg", "Côte d’Ivoire",
    "Jordan", "Mr.", "Mrs", "King", "Street", "St", "Jr",
     "River", "the", "of", "in", ",", ", ", "(", ")", " ", "  ", ".", ". ", "\n", "-", "–", "’s", "'s",
     "said", "County", "counties", "42", "7",
     "Москве", "России", "في", "中国", "São", "L’Aquila", "Texas", "Georgia", "Washington", "Post", "Inc.",
     "²", "A.B.", "é", "İ", "Calif.", "Ankara'da", "Mün\u00adchen", "मुंबई", "n'Awka", "Zu\u0308rich",
     "Krakowem", "Nowym", "Targu", "부산서", "בחיפה", "\u0301", "\u200b"]
)  # fmt: skip
TEXT = st.lists(PIECES, max_size=30).map(" ".join) | st.lists(PIECES, max_size=30).map("".join)
FIELDS = ("start", "end", "first", "last", "name", "row", "facility")


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    need_compiled()


@pytest.fixture(scope="module")
def tagger() -> RegionTagger:
    return shipped().regions


def _told(found: list[spans.Span]) -> list[tuple[object, ...]]:
    return [tuple(getattr(span, field) for field in FIELDS) for span in found]


@given(text=TEXT, elided=st.booleans())
@settings(max_examples=examples(1500))
def test_words_stand_where_they_stood(text: str, elided: bool) -> None:
    from services.enrich.regions._compiled import Tokens

    plainly, compiled = spans.Tokens(text, elided=elided), Tokens(text, elided=elided)
    for name in ("words", "starts", "ends", "capital"):
        assert getattr(compiled, name) == getattr(plainly, name), name
    gaps = range(len(plainly.words) - 1)
    assert [compiled.gap(n) for n in gaps] == [plainly.gap(n) for n in gaps]


@given(text=TEXT, language=st.sampled_from(["en", "de", "fr", "ru", "pl", "tr", "hi", "ko", "he"]))
@settings(max_examples=examples(1500), deadline=None)
def test_names_are_found_and_seen_alike(tagger: RegionTagger, text: str, language: str) -> None:
    from services.enrich.regions import _compiled

    gazetteer, elided = tagger.gazetteer, language == "fr"
    plain_tokens, tokens = spans.Tokens(text, elided=elided), _compiled.Tokens(text, elided=elided)
    plainly, compiled = (
        spans.find_spans(plain_tokens, gazetteer, language),
        _compiled.find_spans(tokens, gazetteer, language),
    )
    assert _told(compiled) == _told(plainly)
    plainly += spans.find_landmarks(plain_tokens, plainly)
    compiled += _compiled.find_landmarks(tokens, compiled)
    assert _told(compiled) == _told(plainly)
    context = detection.Context(len(plainly))
    words = tagger.reader.words
    expected = detection.Detector(gazetteer, words).rows(plain_tokens, plainly, context)
    np.testing.assert_allclose(
        _compiled.Detector(gazetteer, words).rows(tokens, compiled, context), expected, rtol=1e-5, atol=1e-6
    )


def test_candidates_are_weighed_alike(tagger: RegionTagger) -> None:
    made = [article(random.Random(f"regions/{n}")) for n in range(40)]
    texts = ["\n".join(paragraphs) for _, _, _, paragraphs in made] + [s.text for s in stories().values()]
    prior = SourcePrior(
        countries={"US": 0.8, "FR": 0.2, "XX": 0.1},
        admin1={"US.TX": 0.5},
        places=[(2988507, 0.4)],
        points=[(30.0, -97.0, 0.7), (48.9, 2.3, 0.2)],
    )
    reader = plain("services.enrich")["services.enrich.regions.reading"].PlaceReader(tagger.gazetteer)
    compiled: Resolver = tagger.reader._resolver
    assert compiled._atlas is not None
    assert reader._resolver._atlas is None
    seen = 0
    for text in texts:
        readings = [r.open(text, prior) for r in (reader, tagger.reader)]
        if readings[0].guess is None:
            continue
        slow, quick = (r.guess for r in readings)
        assert slow is not None and quick is not None
        np.testing.assert_allclose(quick.share, slow.share, atol=1e-6)
        assert readings[0].context.country_share == pytest.approx(readings[1].context.country_share)
        rows = [
            r.resolver_rows(one, prior, "a.fr")
            for r, one in zip((reader, tagger.reader), readings, strict=True)
        ]
        np.testing.assert_allclose(rows[1], rows[0], rtol=1e-3, atol=1e-4)
        # The ranker tells far from very far, where a prior's points weigh little.
        np.testing.assert_allclose(rows[1][:, 28], rows[0][:, 28], rtol=1e-2, atol=1e-42)
        score = np.round(rows[0][:, 12] + rows[0][:, 23], 1).astype(np.float32)
        assert quick.best(score) == slow.best(score)
        seen += len(rows[0])
    assert seen > 1000


def test_trees_answer_alike(tagger: RegionTagger) -> None:
    rows = np.random.default_rng(1).normal(0, 2, (200, 80)).astype(np.float32)
    rows[rows < -3] = np.nan
    deeper = Trees(
        np.random.default_rng(2).integers(0, 80, (30, 31)).astype(np.uint8),
        np.random.default_rng(3).normal(0, 1, (30, 31)).astype(np.float32),
        np.random.default_rng(4).normal(0, 1, (30, 32)).astype(np.float32),
        0.5,
    )
    for trees in (
        load_trees("detector.npz"),
        load_trees("ranker.npz"),
        load_trees("about.npz"),
        load_trees("about_first.npz"),
        deeper,
    ):
        np.testing.assert_allclose(trees.log_odds(rows), trees.plain_log_odds(rows), atol=1e-5)


NAMED = "Kremlin the White House Bundestages Sejmie w Госдуме recipe Your your said £ Downing Street naira"


@cache
def _finders() -> tuple[Institutions, Leaning, Any, Any, Any]:
    """What finds words of lists, compiled and plain, and the plain look at a word's neighbours."""
    of = plain("services.enrich.regions")
    institutions, leaning, beside = (
        of[f"services.enrich.regions.{name}"] for name in ("institutions", "leaning", "roles")
    )
    return Institutions(), Leaning(), institutions.Institutions(), leaning.Leaning(), beside.beside


@given(
    words=st.lists(st.sampled_from(NAMED.split()), max_size=30),
    language=st.sampled_from(["en", "de", "pl", "ru", "ja", "xx"]),
)
@settings(max_examples=examples(400))
def test_words_of_lists_are_found_where_they_were(words: list[str], language: str) -> None:
    from services.enrich.regions._compiled import Tokens

    text = " ".join(words)
    compiled, plainly = Tokens(text), spans.Tokens(text)
    institutions, leaning, plain_institutions, plain_leaning, plain_beside = _finders()
    found, there = institutions.find(compiled, language), plain_institutions.find(plainly, language)
    assert [(n.start, n.end, n.institution.name) for n in found] == [
        (n.start, n.end, n.institution.name) for n in there
    ]
    assert leaning.of(compiled, language) == pytest.approx(plain_leaning.of(plainly, language))
    for n in range(len(plainly.words)):
        assert roles.beside(compiled, n, n) == plain_beside(plainly, n, n)
