"""Names are found with their offsets, whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.names.recogniser import Recogniser
from services.enrich.names.tokens import Tokens


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "German Chancellor Angela Merkel met Barack Obama.", {("Angela Merkel", "PER")}),
        ("en", "The World Health Organization (WHO) warned.", {("WHO", "ORG")}),
        ("en", "\"No,\" her spokesman Steffen Seibert said.", {("Steffen Seibert", "PER")}),
        ("en", "He flew from New York with Lufthansa.", {("New York", "LOC")}),
        ("de", "Bundeskanzler Olaf Scholz sprach in Berlin.", {("Olaf Scholz", "PER"), ("Berlin", "LOC")}),
    ],
)  # fmt: skip
def test_names_are_found(
    recogniser: Recogniser, language: str, text: str, expected: set[tuple[str, str]]
) -> None:
    found = {(text[s.start : s.end], s.label) for s in recogniser.find(text, language)}
    assert expected <= found


def test_a_language_that_was_not_checked_has_no_names(recogniser: Recogniser) -> None:
    assert recogniser.find("Angela Merkel sở tại Berlin", "vi") == []
    assert recogniser.find("Angela Merkel", None) == []


@given(st.text())
def test_words_of_any_text_stand_where_they_are_said_to(text: str) -> None:
    tokens = Tokens(text, False)
    ends = 0
    for n in range(tokens.count):
        assert ends <= tokens.start[n] < tokens.end[n] <= len(text)
        ends = tokens.end[n]


@given(st.text(alphabet=st.sampled_from("AaBé. \n'’-&1Z\U0001f600İß“”(,")))
def test_names_of_any_text_are_in_order_and_within_it(text: str) -> None:
    ends = 0
    for span in _RECOGNISER.find(text, "en"):
        assert ends <= span.start < span.end <= len(text)
        ends = span.end


_RECOGNISER = Recogniser()


@pytest.mark.parametrize(
    "text",
    [
        "A" * 1_000_000,
        "Ab " * 330_000,
        "ANGELA MERKEL\t" * 70_000,
        "A. " * 330_000,
        "a' " * 330_000,
        "\u0301" * 1_000_000,
    ],
    ids=["one word", "capitalised words", "a table of names", "initials", "apostrophes", "marks"],
)
def test_a_text_of_a_megabyte_is_read(recogniser: Recogniser, text: str) -> None:
    assert all(0 <= s.start < s.end <= len(text) for s in recogniser.find(text, "de"))
