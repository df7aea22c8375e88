"""Mentions of one person or organisation are one entity, with a key that is the same everywhere."""

from __future__ import annotations

import pytest

from services.enrich.names.entities import merged
from services.enrich.names.folding import asked_key, key_of, words_of
from services.enrich.names.recogniser import Span


def _keys(text: str, *names: tuple[str, str]) -> list[str]:
    spans, at = [], 0
    for n, (name, label) in enumerate(names):
        at = text.index(name, at)
        spans.append(Span(at, at + len(name), label, n, n))
        at += len(name)
    return [entity.key for entity in merged(text, spans)]


@pytest.mark.parametrize(
    ("text", "names", "keys"),
    [
        (
            "Angela Merkel came. Merkel spoke. Mr Barack Obama left. Obama",
            [("Angela Merkel", "PER"), ("Merkel", "PER"), ("Mr Barack Obama", "PER"), ("Obama", "PER")],
            ["angela merkel", "angela merkel", "barack obama", "barack obama"],
        ),
        ("Merkels Rede. Angela Merkel", [("Merkels", "PER"), ("Angela Merkel", "PER")],
         ["angela merkel"] * 2),
        ("Wang Yi came. Wang left.", [("Wang Yi", "PER"), ("Wang", "PER")], ["wang yi", "wang yi"]),
        (
            "Bill Clinton came. Hillary Clinton came. Clinton left. Bill Clinton spoke. Clinton left.",
            [("Bill Clinton", "PER"), ("Hillary Clinton", "PER"), ("Clinton", "PER"), ("Bill Clinton", "PER"),
             ("Clinton", "PER")],
            ["bill clinton", "hillary clinton", "hillary clinton", "bill clinton", "bill clinton"],
        ),
        (
            "The World Health Organization (WHO) warned. WHO",
            [("World Health Organization", "ORG"), ("WHO", "ORG"), ("WHO", "ORG")],
            ["world health organization"] * 3,
        ),
        (
            "Die Deutsche Lebens-Rettungs-Gesellschaft (DLRG) half. DLRG",
            [("Deutsche Lebens-Rettungs-Gesellschaft", "ORG"), ("DLRG", "ORG"), ("DLRG", "ORG")],
            ["deutsche lebens rettungs gesellschaft"] * 3,
        ),
        ("Goldman Sachs Inc. fell. Goldman", [("Goldman Sachs Inc.", "ORG"), ("Goldman", "ORG")],
         ["goldman sachs"] * 2),
        (
            "Joe R. Biden came. Joe Biden spoke. Joe Biden left.",
            [("Joe R. Biden", "PER"), ("Joe Biden", "PER"), ("Joe Biden", "PER")],
            ["joe biden"] * 3,
        ),
        ("Jordan spoke in Jordan", [("Jordan", "PER"), ("Jordan", "LOC")], ["jordan", "jordan"]),
    ],
)  # fmt: skip
def test_mentions_of_one_entity_have_one_key(
    text: str, names: list[tuple[str, str]], keys: list[str]
) -> None:
    assert _keys(text, *names) == keys


@pytest.mark.parametrize(
    ("forms", "label"),
    [
        (("Владимир Путин", "vladimir putin"), "PER"),
        (("José Mourinho", "Jose Mourinho", "JOSÉ MOURINHO"), "PER"),
        (("Jean-Claude Juncker", "Jean Claude Juncker"), "PER"),
        (("U.N.", "UN"), "ORG"),
        (("The Guardian", "Guardian"), "ORG"),
        (("Apple Inc.", "Apple"), "ORG"),
        (("Dr. Anthony Fauci", "Anthony Fauci"), "PER"),
        (("Martin Luther King Jr.", "Martin Luther King"), "PER"),
    ],
)  # fmt: skip
def test_forms_of_one_name_have_one_key(forms: tuple[str, ...], label: str) -> None:
    assert len({key_of(words_of(form, label)) for form in forms}) == 1
    assert asked_key(f" {forms[0]} ", label) == key_of(words_of(forms[-1], label))


def test_thousands_of_different_names_take_time_in_proportion() -> None:
    names = [(f"Anna Name{n}x", "PER") for n in range(4_000)]
    text = " ".join(name for name, _ in names)
    assert len(set(_keys(text, *names))) == 4_000
