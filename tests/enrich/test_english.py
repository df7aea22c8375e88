"""The parts of the English topic model: what is counted, how words are cut, and what the short-text reader
computes."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrich.topics.english import ArticleWords, Network, Vocabulary
from services.enrich.topics.reader import TransformerClassifier, times
from services.enrich.topics.wordpieces import WordPieces
from tests.taggers import shipped
from tests.thinning import examples

WORDS = ["bank", "court", "goal", "of", "rates", "the", "vote"]
PAIRS = [(0, 4), (1, 6), (2, 5), (5, 0), (5, 1), (6, 6)]
FEW = st.lists(st.sampled_from([*WORDS, "stranger", "another"]), max_size=14).map(" ".join)
PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "elec",
    "##tion",
    "##s",
    "election",
    "vote",
    "##r",
    ".",
    "é",
    "e",
    "選",
    "a",
]


@given(FEW, FEW)
@settings(max_examples=examples(500))
def test_words_and_pairs_are_counted_with_the_headline_twice_and_found_where_they_first_stand(
    title: str, text: str
) -> None:
    halves = np.array(PAIRS, np.int64)
    keys = np.sort(Vocabulary.keys(halves[:, 0], halves[:, 1]))
    reading = ArticleWords.of(title, text)
    bag = Vocabulary(WORDS, keys).bag(reading)
    text_words = list(reading.text_words)
    singles, doubles = Counter(text_words), Counter(pairwise(text_words))
    for _ in range(2):
        singles.update(reading.title_words)
        doubles.update(pairwise(reading.title_words))
    counted = {WORDS[n]: count for n, count in zip(bag.words.tolist(), bag.word_counts.tolist(), strict=True)}
    assert counted == {word: n for word, n in singles.items() if word in WORDS}
    names = [(WORDS[a], WORDS[b]) for a, b in sorted(PAIRS)]
    paired = {names[n]: count for n, count in zip(bag.pairs.tolist(), bag.pair_counts.tolist(), strict=True)}
    assert paired == {pair: n for pair, n in doubles.items() if pair in names}
    assert bag.strangers == len({word for word in singles if word not in WORDS})
    for n, first in zip(bag.words.tolist(), bag.word_first.tolist(), strict=True):
        if WORDS[n] in text_words:
            assert first == text_words.index(WORDS[n])
        else:
            assert first >= len(text_words)
    for n, first in zip(bag.pairs.tolist(), bag.pair_first.tolist(), strict=True):
        if names[n] in (here := list(pairwise(text_words))):
            assert first == here.index(names[n])
        else:
            assert first >= len(text_words)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Elections", ["election", "##s"]),
        ("electors", ["[UNK]"]),
        ("Voter, vote.", ["vote", "##r", "[UNK]", "vote", "."]),
        ("É a", ["e", "a"]),
        ("選a", ["選", "a"]),
        ("", []),
    ],
)
def test_words_are_cut_into_the_longest_pieces(text: str, pieces: list[str]) -> None:
    assert [PIECES[n] for n in WordPieces(PIECES).cut(text, 12)] == ["[CLS]", *pieces, "[SEP]"]


@given(st.text(max_size=200), st.integers(2, 20))
def test_no_text_has_more_pieces_than_asked_for(text: str, limit: int) -> None:
    cut = WordPieces(PIECES).cut(text, limit)
    assert (cut[0], cut[-1]) == (2, 3)
    assert len(cut) <= limit


def _small_reader(dice: np.random.Generator) -> dict[str, np.ndarray]:
    """Weights of a reader with two layers of two heads, eight wide, for five labels."""
    width, labels = 8, 5

    def matrix(name: str, rows: int, columns: int) -> dict[str, np.ndarray]:
        return {
            name: dice.integers(-127, 128, (rows, columns)).astype(np.int8),
            f"{name}_scale": dice.uniform(0.002, 0.01, columns).astype(np.float32),
            f"{name}_bias": dice.normal(0, 0.1, columns).astype(np.float32),
        }

    def norm() -> np.ndarray:
        return dice.normal(1, 0.2, (2, width)).astype(np.float32)

    kept: dict[str, np.ndarray] = {
        "heads": np.array(2), "layers": np.array(2), "start_norm": norm(),
        "position": dice.normal(0, 1, (64, width)).astype(np.float32),
        "embedding": dice.integers(-127, 128, (len(PIECES), width)).astype(np.int8),
        "embedding_scale": dice.uniform(0.01, 0.03, len(PIECES)).astype(np.float32),
    }  # fmt: skip
    kept |= matrix("out", width, labels)
    for n in range(2):
        kept |= matrix(f"look{n}", width, 3 * width) | matrix(f"say{n}", width, width)
        kept |= matrix(f"widen{n}", width, 16) | matrix(f"narrow{n}", 16, width)
        kept |= {f"first_norm{n}": norm(), f"last_norm{n}": norm()}
    return kept


def _plainly(kept: dict[str, np.ndarray], pieces: list[int]) -> np.ndarray:
    """The same computation, piece by piece and head by head."""

    def times(x: np.ndarray, name: str) -> np.ndarray:
        return x @ (kept[name].astype(np.float64) * kept[f"{name}_scale"]) + kept[f"{name}_bias"]

    def normal(x: np.ndarray, norm: np.ndarray) -> np.ndarray:
        return (x - x.mean()) / np.sqrt(x.var() + 1e-12) * norm[0] + norm[1]

    states = [
        normal(
            kept["embedding"][p] * float(kept["embedding_scale"][p]) + kept["position"][n], kept["start_norm"]
        )
        for n, p in enumerate(pieces)
    ]
    width, heads = 8, 2
    size = width // heads
    for layer in range(2):
        looked = [times(x, f"look{layer}") for x in states]
        after = []
        for n, x in enumerate(states):
            seen = []
            for head in range(heads):
                part = slice(head * size, (head + 1) * size)
                query = looked[n][:width][part]
                alike = np.array([query @ other[width : 2 * width][part] for other in looked]) / np.sqrt(size)
                weights = np.exp(alike) / np.exp(alike).sum()
                seen.append(
                    sum(w * other[2 * width :][part] for w, other in zip(weights, looked, strict=True))
                )
            x = normal(x + times(np.concatenate(seen), f"say{layer}"), kept[f"first_norm{layer}"])
            wide = times(x, f"widen{layer}")
            wide = 0.5 * wide * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3)))
            after.append(normal(x + times(wide, f"narrow{layer}"), kept[f"last_norm{layer}"]))
        states = after
    margins = times(np.mean(states, axis=0), "out")
    return np.exp(margins) / np.exp(margins).sum()


@pytest.mark.parametrize("seed", range(5))
def test_the_reader_computes_what_is_written_out_plainly(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr("services.enrich.topics.reader._matrices", None)
    kept = _small_reader(np.random.default_rng(seed))
    reader = TransformerClassifier(PIECES, kept)
    pieces = WordPieces(PIECES).cut("Elections. a vote voter 選", 64)
    found = reader.read("Elections", "a vote voter 選")
    assert found == pytest.approx(_plainly(kept, pieces), abs=0.03)  # states are in eight bits
    assert reader.read("Elections", "voter a vote 選") != pytest.approx(found, abs=1e-4)  # their order counts


@pytest.mark.parametrize(("rows", "depth", "columns"), [(1, 64, 2), (7, 384, 6), (5, 100, 3), (40, 128, 34)])
@pytest.mark.parametrize("gelu", [False, True])
def test_products_of_eight_bits_are_near_those_of_floats(
    rows: int, depth: int, columns: int, gelu: bool
) -> None:
    dice = np.random.default_rng(rows)
    kept = {
        "m": dice.integers(-127, 128, (depth, columns)).astype(np.int8),
        "m_scale": dice.uniform(0.001, 0.002, columns).astype(np.float32),
        "m_bias": dice.normal(0, 0.1, columns).astype(np.float32),
    }
    states = dice.normal(0, 1, (rows, depth)).astype(np.float32)
    exact = states @ (kept["m"] * kept["m_scale"]) + kept["m_bias"]
    if gelu:
        exact *= 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (exact + 0.044715 * exact**3)))
    assert times(kept, "m", gelu)(states) == pytest.approx(exact, abs=0.06)


def test_the_network_weighs_words_that_have_a_vector() -> None:
    parts = {
        "vectors": np.array([[10, 0], [0, 10]], np.int8), "vector_scale": np.array([0.1, 0.1]),
        "share": np.array([1.0, 3.0]),
        "hidden": np.eye(2), "hidden_bias": np.zeros(2), "out": np.eye(2), "out_bias": np.zeros(2),
    }  # fmt: skip
    network, vocabulary = Network(parts), Vocabulary(["bank", "goal", "vote"], np.zeros(0, np.int64))
    said = network.read(vocabulary.bag(ArticleWords.of("", "bank goal vote vote")))
    assert said == pytest.approx(np.exp([0.25, 0.75]) / np.exp([0.25, 0.75]).sum())
    assert network.read(vocabulary.bag(ArticleWords.of("", "vote stranger"))).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("headline", "topic"),
    [
        ("Central bank keeps rates on hold as inflation cools", "medtop:04000000"),
        ("Striker's late goal sends the champions into the semi-final", "medtop:15000000"),
        ("Parliament passes budget after a night of voting", "medtop:11000000"),
        ("Jury finds former mayor guilty of bribery", "medtop:02000000"),
        ("New vaccine halves the risk of malaria in children, trial finds", "medtop:07000000"),
        ("Astronomers spot a planet with two suns", "medtop:13000000"),
        ("Actress returns to the stage in a musical about grief", "medtop:01000000"),
        ("Strong earthquake kills dozens as buildings collapse", "medtop:03000000"),
    ],
)
def test_a_headline_alone_has_its_topic(headline: str, topic: str) -> None:
    tags = shipped().topics.tag(headline, "", "en")
    assert tags
    assert tags[0].code == topic
