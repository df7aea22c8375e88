"""Diffs: their parts make up both texts, and time is linear."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk import comparing
from services.desk.comparing import compared

TEXTS = st.lists(st.sampled_from(["a", "b", "the council ", "\n\n", ".", " ", "ж", "é\n"]), max_size=40).map(
    "".join
)


def _holds(old: str, new: str) -> None:
    pieces = compared(old, new)
    assert "".join(text for kind, text in pieces if kind != "added") == old
    assert "".join(text for kind, text in pieces if kind != "removed") == new
    assert all(text for _, text in pieces)
    assert all(before[0] != after[0] for before, after in pairwise(pieces))


@given(TEXTS, TEXTS)
def test_pieces_make_both_texts(old: str, new: str) -> None:
    _holds(old, new)


@given(TEXTS, TEXTS, st.integers(0, 30))
def test_pieces_make_both_texts_where_words_are_too_many(old: str, new: str, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "_MOST_PAIRS", most)
        _holds(old, new)


def test_a_word_changed_in_a_long_article_is_a_word_changed() -> None:
    paragraph = "The council voted on the bridge. "
    old = "\n\n".join(f"{n} {paragraph * 9}" for n in range(300))
    new = old.replace("5 The", "5 A", 1).replace("290 The", "290 A", 1)
    assert [kind for kind, _ in compared(old, new)] == ["same", "removed", "added"] * 2 + ["same"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x " * 100_000, "y " + "x y " * 50_000),
        ("x\n" * 100_000, "y\n" + "x\ny\n" * 50_000),
        ("x " * 9_000, "y " * 9_000),
        ("".join(f"x a{n} " for n in range(50_000)), "".join(f"x b{n} " for n in range(50_000))),
        ("".join(f"x\na{n}\n" for n in range(50_000)), "".join(f"x\nb{n}\n" for n in range(50_000))),
    ],
)
def test_texts_that_change_everywhere_are_compared_as_a_whole(old: str, new: str) -> None:
    _holds(old, new)
