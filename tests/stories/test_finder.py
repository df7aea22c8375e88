"""The index of stories finds the same whatever it has let go of."""

from __future__ import annotations

import random

import numpy as np
import pytest

from services.stories.finder import NEWEST, Finder


def _keys(*keys: int) -> np.ndarray:
    return np.array(keys, np.uint32)


def test_stories_with_most_keys_come_first_then_the_lower_number() -> None:
    finder = Finder()
    finder.put(0, 1, 30, _keys(1, 2, 3))
    finder.put(1, 2, 20, _keys(2, 3))
    finder.put(2, 3, 10, _keys(3, 9))
    finder.put(3, 4, 25, _keys(2, 3))
    assert finder.find(_keys(1, 2, 3), 1, 9) == [30, 20, 25, 10]
    assert finder.find(_keys(1, 2, 3), 2, 2) == [30, 20]


def test_the_newest_rows_of_a_key_count_and_those_let_go_of_take_no_room() -> None:
    finder = Finder()
    for row in range(NEWEST + 4):
        finder.put(row, row, 100 + row, _keys(7))
    assert min(finder.find(_keys(7), 1, 99)) == 104
    for row in range(10, 14):
        finder.take_out(row)
    assert min(finder.find(_keys(7), 1, 99)) == 100


def test_a_row_that_comes_back_late_stands_at_its_position() -> None:
    finder = Finder()
    for row in range(1, NEWEST + 1):
        finder.put(row, row, 100 + row, _keys(7))
    finder.put(0, 0, 100, _keys(7))
    assert 100 not in finder.find(_keys(7), 1, 99)


@pytest.mark.parametrize("seed", range(3))
def test_an_index_made_anew_of_what_is_left_finds_the_same(seed: int) -> None:
    rng = random.Random(seed)
    finder, there = Finder(), {}
    free = list(range(400))
    for position in range(12_000):
        if there and (not free or rng.random() < 0.3):
            row = rng.choice(list(there))
            finder.take_out(row)
            free.append(row)
            del there[row]
        row = free.pop(rng.randrange(len(free)))
        there[row] = position, rng.randrange(50), _keys(*(rng.randrange(300) for _ in range(16)))
        finder.put(row, *there[row])
    anew = Finder()
    for row, (position, story, keys) in sorted(there.items(), key=lambda item: item[1][0]):
        anew.put(row, position, story, keys)
    assert finder.held < 150_000, "what was let go of is cleared away"
    for _ in range(200):
        asked = _keys(*(rng.randrange(300) for _ in range(16)))
        assert finder.find(asked, 2, 8) == anew.find(asked, 2, 8)
