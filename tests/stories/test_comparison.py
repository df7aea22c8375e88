"""What a comparison leaves out to save time changes nothing that it says."""

from __future__ import annotations

import random

import numpy as np
import pytest

from services.stories import comparison
from services.stories.comparison import NOTHING, compare
from services.stories.sample import sampled
from services.stories.shingles import read
from services.stories.terms import count
from tests.stories.texts import prose


def _pairs() -> list[tuple[str, str]]:
    """Texts that share some or all of their sentences, in another order, some of them quoted or numbered."""
    dice = random.Random(7)
    pairs = []
    for n in range(300):
        ours, theirs = (prose(seed, "en", 120).split(". ") for seed in (2 * n, 2 * n + 1))
        shared = prose(5_000 + n, "en", 240).split(". ")[: dice.randint(0, 20)]
        pair = []
        for own in (ours[: dice.randint(0, 10)], theirs[: dice.randint(0, 10)]):
            parts = [*own, *(f'"{s}"' if dice.random() < 0.2 else s for s in shared if dice.random() < 0.9)]
            dice.shuffle(parts)
            parts = [f"{s} Keld {dice.randint(1, 999)}" if dice.random() < 0.2 else s for s in parts]
            pair.append(". ".join(parts))
        pairs.append((pair[0], pair[1]))
    return [*pairs, ("", ""), ("one two", "one two"), ("one two", ""), (prose(1), prose(1))]


def test_texts_that_are_not_measured_are_no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [(read(a), read(b)) for a, b in _pairs()]
    quick = [compare(a, b) for a, b in texts]
    monkeypatch.setattr(comparison, "_LEAST_LOGIT", -1e9)
    measured = [compare(a, b) for a, b in texts]
    left_out = [n for n, found in enumerate(quick) if found is NOTHING and measured[n] is not NOTHING]
    assert not any(measured[n].copy for n in left_out)
    assert all(quick[n] == measured[n] for n in range(len(texts)) if n not in left_out)
    assert len(left_out) > 20
    assert sum(found.copy for found in quick) > 20


def test_passages_that_overlap_in_the_other_text_are_counted_once() -> None:
    text = prose(3, "en", 60)
    found = compare(read(text + " " + text), read(text))
    assert found.parent_share == 1.0
    assert found.copy


def test_runs_of_common_samples_alone_are_no_passages() -> None:
    shared, own = prose(4, "en", 150), prose(5, "en", 30)
    ours, theirs = read(shared + " " + own), read(shared)
    common = frozenset(sampled(ours.shingles))
    assert compare(ours, theirs).copy
    assert compare(ours, theirs, common) is NOTHING
    assert compare(ours, theirs, common - {sampled(theirs.shingles)[0]}).copy


@pytest.mark.parametrize("words", [0, 1, 30, 400, 2_000])
def test_terms_are_counted_as_they_stand(words: int) -> None:
    title, text = read("Nalo Keld 24"), read(prose(6, "en", words))
    found = count(title, text, ("Oslo", "Oslo", "Rome"))
    assert found.terms.tolist() == sorted(set(found.terms.tolist()))
    assert float(found.times.sum()) == 3 + min(len(text), 1_500) + 3 * 4
    assert float(found.in_lead.sum()) == 3 + min(50, len(text) + (3 if len(text) < 50 else 0))
    assert sorted(found.times.tolist())[-1] >= 8
    assert found.pairs.tolist() == np.unique(found.pairs).tolist()
