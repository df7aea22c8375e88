"""Places and people agree: one word that is a place wherever it stands is nobody's name."""

from __future__ import annotations

from services.contract.messages import Name, Place, Quotation
from services.enrich.agreement import agreed_names


def _name(text: str, start: int, key: str = "", label: str = "PER") -> Name:
    return Name(
        start=start,
        end=start + len(text),
        text=text,
        label=label,
        key=key or text.lower(),
        name=text,
        role="Mayor",
    )


def _place(text: str, start: int, **more: str) -> Place:
    return Place(start=start, end=start + len(text), text=text, name=text, country="NZ", **more)  # type: ignore[arg-type]


def test_a_person_that_is_a_place_wherever_it_stands_is_none() -> None:
    names = [_name("Hamilton", 0), _name("Hamilton", 50), _name("Ann Lee", 70)]
    quotes = [Quotation(start=90, end=95, text="Never", speaker="Hamilton", key="hamilton")]
    places = [_place("Hamilton", 0), _place("Hamilton", 50)]
    named, quoted = agreed_names(names, quotes, places)
    assert [(n.label, n.role) for n in named] == [("LOC", None), ("LOC", None), ("PER", "Mayor")]
    assert (quoted[0].speaker, quoted[0].key) == (None, None)


def test_a_person_who_has_another_mention_stays_one() -> None:
    names = [_name("Michael Jordan", 0, "michael jordan"), _name("Jordan", 40, "michael jordan")]
    assert agreed_names(names, [], [_place("Jordan", 40)])[0] == names


def test_adjectives_organisations_and_other_spans_decide_nothing() -> None:
    names = [_name("French", 0), _name("Paris", 20, label="ORG"), _name("Holland", 40)]
    places = [_place("French", 0, form="adjective"), _place("Paris", 20), _place("Holland Park", 40)]
    assert agreed_names(names, [], places)[0] == names
