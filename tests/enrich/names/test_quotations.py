"""Quotations have a speaker where the text names one beside them, and none in doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.names.clauses import Clauses
from services.enrich.names.features import Candidates
from services.enrich.names.quotations import _QUOTED, _in_marks, quotations
from services.enrich.names.recogniser import Recogniser, Span
from services.enrich.names.tokens import Tokens

LEXICON = Recogniser().lexicon


def _read(text: str) -> Candidates:
    return Candidates(Tokens(text, False), LEXICON, 0)


def _told(text: str, *people: str) -> list[tuple[str, str | None, str | None]]:
    candidates = _read(text)
    clauses = Clauses(candidates)
    spans = []
    for person in people:
        at = text.find(person)
        while at >= 0:
            first, last = clauses.at(at), clauses.at(at + len(person) - 1)
            spans.append(Span(at, at + len(person), "PER", first, last))
            at = text.find(person, at + 1)
    spans.sort(key=lambda s: s.start)
    return [
        (
            text[q.start : q.end],
            text[spans[q.speaker].start : spans[q.speaker].end] if q.speaker is not None else None,
            text[q.cue[0] : q.cue[1]] or None,
        )
        for q in quotations(text, spans, candidates)
    ]


@pytest.mark.parametrize(
    ("text", "speaker", "cue"),
    [
        ("“We will not pay for it,” said Ann Lee on Monday.", "Ann Lee", "said"),
        ("“We will not pay for it,” Ann Lee told Bo Ray.", "Ann Lee", "told"),
        ("Ann Lee said: “We will not pay for it.”", "Ann Lee", "said"),
        ("According to Ann Lee, “nobody will pay for it”.", "Ann Lee", "According"),
        ("Ann Lee: “We will not pay for it.”", "Ann Lee", None),
        ("„Wir zahlen dafür nicht mehr“, sagte Ann Lee am Montag.", "Ann Lee", "sagte"),
        ("Laut Ann Lee wird „niemand mehr dafür zahlen“.", "Ann Lee", "Laut"),
        ("« Nous ne paierons pas pour cela », a déclaré Ann Lee.", "Ann Lee", "déclaré"),
        ("Selon Ann Lee, « personne ne paiera pour cela ».", "Ann Lee", "Selon"),
        ("“No vamos a pagar por eso”, dijo Ann Lee.", "Ann Lee", "dijo"),
        ("“Não vamos pagar por isso”, disse Ann Lee.", "Ann Lee", "disse"),
        ("«Non pagheremo per questo», ha detto Ann Lee.", "Ann Lee", "detto"),
        ("“We gaan daar niet voor betalen”, zei Ann Lee.", "Ann Lee", "zei"),
        ("„Nie będziemy za to płacić”, powiedziała Ann Lee.", "Ann Lee", "powiedziała"),
        ("«Мы не будем за это платить», — сказал Иван Ли.", "Иван Ли", "сказал"),
        ("“We will not pay for it,” Ann Lee’s lawyer said.", None, "said"),
        ("“We will not pay for it,” said the ministry.", None, "said"),
        ("She wrote to Ann Lee that “nobody will ever pay for it”.", None, "wrote"),
    ],
)
def test_the_speaker_is_who_stands_with_a_verb_of_speaking(
    text: str, speaker: str | None, cue: str | None
) -> None:
    assert [(who, how) for _, who, how in _told(text, "Ann Lee", "Bo Ray", "Иван Ли")] == [(speaker, cue)]


def test_titles_and_single_words_in_marks_are_no_quotations() -> None:
    assert _told("The film “The Long Way Home” is “great” fun with Ann Lee.", "Ann Lee") == []


def test_a_speaker_goes_on_until_somebody_else_is_named() -> None:
    text = (
        "“We will not pay for it,” said Ann Lee. “It is far too much for us.” “That is simply wrong,” "
        "said Bo Ray, adding: “I can show it.”\n\n“I can prove it too,” he said."
    )
    speakers = [who for _, who, _ in _told(text, "Ann Lee", "Bo Ray")]
    assert speakers == ["Ann Lee"] * 2 + ["Bo Ray"] * 3


@given(st.text(alphabet=st.sampled_from("aB .,:\n“”„«»\"'’-said")))
def test_quotations_of_any_text_lie_in_order_within_it(text: str) -> None:
    ends = 0
    for quoted in quotations(text, [], _read(text)):
        assert ends <= quoted.start <= quoted.end <= len(text)
        ends = quoted.end


@given(st.text(alphabet=st.sampled_from('aa  \n“”„«»»"「」')))
def test_no_words_in_marks_are_passed_over(text: str) -> None:
    assert _in_marks(text) == [match.span() for match in _QUOTED.finditer(text)]


@pytest.mark.parametrize("text", ["“a " * 300_000, '"a b c d." ' * 100_000, "«" * 1_000_000])
def test_quotations_of_a_megabyte_are_bounded(text: str) -> None:
    assert len(quotations(text, [], _read(text))) <= 500
