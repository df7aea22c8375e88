"""Words of any characters have exact offsets, and fold alike however they are written."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.compiled import Plain
from services.stories import matching, sample, shingles
from tests.stories.texts import prose


def _words(text: str) -> list[str]:
    read = shingles.read(text)
    return [text[a:b] for a, b in zip(read.starts, read.ends, strict=True)]


def test_words_have_their_offsets_in_any_script() -> None:
    assert _words("Don’t panic: «Москва» 24,5 % – ok") == ["Don’t", "panic", "Москва", "24", "5", "ok"]
    assert _words("東京で地震") == list("東京で地震")
    assert _words("संसद में") == ["संसद", "में"]
    assert _words("\U0001f600 \U00020000 x") == ["\U00020000", "x"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The “Great” War", "the 'great' war"),
        ("café Élan", "cafe\u0301 e\u0301lan"),
        ("co\u00adoperate now", "cooperate now"),
        ("Straße 12", "STRASSE\u00a012"),
        ("well-known fact", "well – known fact"),
        ("the year ２０２４", "the year 2024"),
    ],
)
def test_what_differs_in_type_alone_folds_alike(one: str, other: str) -> None:
    assert shingles.read(one).words == shingles.read(other).words


def test_figures_and_letters_do_not_fold_into_others() -> None:
    assert shingles.read("12 dead").words != shingles.read("13 dead").words
    assert shingles.read("की").words != shingles.read("का").words


@given(st.text())
def test_any_text_is_read_and_its_words_stand_in_order(text: str) -> None:
    read = shingles.read(text)
    assert len(read.words) == len(read.stems) == len(read.flags) == len(read)
    ends = 0
    for start, end in zip(read.starts, read.ends, strict=True):
        assert ends <= start < end <= len(text)
        ends = end


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_runs_are_equal_in_both_and_never_overlap_in_ours(ours: list[int], theirs: list[int]) -> None:
    a, b = array("Q", ours), array("Q", theirs)
    runs = matching.runs(a, b)
    end = 0
    for at in range(0, len(runs), 3):
        x, y, n = runs[at : at + 3]
        assert n > 0 and x >= end
        assert a[x : x + n] == b[y : y + n]
        end = x + n


def test_a_whole_text_is_one_run_even_where_it_repeats_itself() -> None:
    words = shingles.read("one two three four five six seven " * 30).shingles
    assert list(matching.runs(words, words)) == [0, 0, len(words)]


def test_a_megabyte_of_one_word_is_read_and_matched() -> None:
    read = shingles.read("word " * 200_000)
    assert list(matching.runs(read.shingles, read.shingles)) == [0, 0, len(read.shingles)]


def _plain(module: object) -> object:
    from importlib.util import module_from_spec

    source = Path(str(module.__file__)).parent / f"{module.__name__.rpartition('.')[2]}.py"  # type: ignore[attr-defined]
    spec = Plain.source(module.__name__, source)  # type: ignore[attr-defined]
    assert spec is not None and spec.loader is not None
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize("language", ["en", "ru", "zh", "hi"])
def test_plain_python_reads_and_matches_as_the_compiled_modules_do(language: str) -> None:
    one, other = prose(1, language), prose(1, language, 120) + prose(2, language, 80)
    plain, plain_runs = _plain(shingles), _plain(matching)
    a, b = shingles.read(one), shingles.read(other)
    assert plain.read(one).shingles == a.shingles  # type: ignore[attr-defined]
    assert plain.read(one).stems == a.stems  # type: ignore[attr-defined]
    assert plain_runs.runs(a.shingles, b.shingles) == matching.runs(a.shingles, b.shingles)  # type: ignore[attr-defined]


def test_the_index_finds_each_article_by_each_sample_and_stops_at_common_ones() -> None:
    index = sample.Samples()
    for number in range(3_000):
        index.add(array("I", [number * 7919 + k for k in range(30)] + [42]), number)
    found, owners = array("i"), array("i")
    index.find(array("I", [1234 * 7919 + 3]), found, owners)
    assert 1234 in found and list(owners) == [0] * len(found)
    found, owners = array("i"), array("i")
    index.find(array("I", [42]), found, owners)
    assert len(found) == sample.OFTEN
