"""Copies of each kind are found in many languages, with exact passages; what only looks alike is none."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.stories import agencies
from services.stories.copies import Copies, Piece, Relation
from services.stories.sample import sampled
from services.stories.shingles import read
from tests.stories.texts import prose

_HOUR = 3600.0
_LANGUAGES = ["en", "ru", "el", "ar", "hi", "zh", "ja", "th"]


class _Newsroom:
    """A window and the texts that were put into it."""

    def __init__(self, **options: float) -> None:
        self.texts: dict[int, str] = {}
        self.window = Copies(lambda ns: {n: self.texts[n] for n in ns if n in self.texts}, **options)

    def add(self, number: int, text: str, at: float | None = None, **fields: object) -> list[Relation]:
        self.texts[number] = text
        domain = str(fields.get("domain", f"site{number}.example"))
        rank = agencies.rank(fields.get("agency"), domain)  # type: ignore[arg-type]
        when = number * _HOUR if at is None else at
        return self.window.add(Piece(number, text, when, domain, fields.get("agency"), None, rank))  # type: ignore[arg-type]


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _check_passages(room: _Newsroom, relation: Relation) -> None:
    assert relation.passages
    for passage in relation.passages:
        ours = room.texts[relation.copy][passage.start : passage.end]
        theirs = room.texts[relation.parent][passage.parent_start : passage.parent_end]
        assert _bare(ours) == _bare(theirs) != ""


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _extended(text: str) -> str:
    return prose(99, "en", 60) + "\n\n" + text


def _reordered(text: str) -> str:
    parts = text.split("\n\n")
    return "\n\n".join(reversed(parts))


_EDITS: dict[str, tuple[Callable[[str], str], set[str]]] = {
    "verbatim": (lambda text: text, {"verbatim"}),
    "upper case": (str.upper, {"verbatim"}),
    "spaces": (lambda text: text.replace(" ", "\u00a0\n"), {"verbatim"}),
    "cut": (_cut, {"cut"}),
    "own lead": (_extended, {"extended"}),
    "reordered": (_reordered, {"verbatim", "edited", "cut"}),
}


@pytest.mark.parametrize("language", _LANGUAGES)
@pytest.mark.parametrize("edit", _EDITS)
def test_a_copy_is_found_whatever_was_done_to_it(language: str, edit: str) -> None:
    room = _Newsroom()
    change, kinds = _EDITS[edit]
    for number in range(5):
        assert room.add(number, prose(number, language, 260)) == []
    [relation] = room.add(9, change(room.texts[3]))
    assert (relation.copy, relation.parent) == (9, 3)
    assert relation.kind in kinds
    _check_passages(room, relation)


def test_a_text_joined_from_two_names_both() -> None:
    room = _Newsroom()
    room.add(1, prose(1))
    room.add(2, prose(2))
    [relation] = room.add(3, prose(1) + "\n\n" + _cut(prose(2)))
    assert (relation.parent, relation.also, relation.kind) == (1, 2, "joined")


def test_a_long_quotation_in_common_is_no_copy() -> None:
    quote = "“" + prose(5, "en", 60).replace("\n", " ") + "”"
    room = _Newsroom()
    room.add(1, prose(1, "en", 150) + f"\n\n{quote} said one.\n\n" + prose(2, "en", 150))
    assert room.add(2, prose(3, "en", 150) + f"\n\n{quote} said one.\n\n" + prose(4, "en", 150)) == []


def test_a_template_with_other_figures_is_no_copy() -> None:
    room = _Newsroom()
    for number in range(8):
        rng = random.Random(number)
        town = "".join(rng.choices("abcdefgh", k=7)).title()
        report = (
            f"The skies over {town} will be clear on day {rng.randint(1, 28)}. The high will be near "
            f"{rng.randint(1, 40)} degrees and the low about {rng.randint(1, 40)} overnight. Winds will blow "
            f"from the west at {rng.randint(1, 90)} kilometres an hour, with gusts of {rng.randint(10, 90)}. "
            f"The chance of rain in {town} stands at {rng.randint(1, 99)} per cent, and humidity will reach "
            f"{rng.randint(1, 99)} per cent. The sun rises at {rng.randint(4, 8)} and sets at "
            f"{rng.randint(16, 22)}. Tomorrow will bring {rng.randint(1, 40)} degrees."
        )
        assert room.add(number, report, domain="weather.example") == []


def test_a_house_paragraph_on_every_page_of_a_site_is_no_copy() -> None:
    house = prose(77, "en", 90)
    room = _Newsroom()
    found = [room.add(n, prose(n, "en", 60) + "\n\n" + house, domain="daily.example") for n in range(20)]
    assert not any(found[8:])


def test_an_agencys_own_text_becomes_the_parent_of_what_was_seen_before_it() -> None:
    room = _Newsroom()
    text = prose(1)
    room.add(1, text, at=0.0)
    [first] = room.add(2, _cut(text), at=_HOUR)
    assert (first.parent, first.reason) == (1, "earliest seen")
    relations = room.add(3, text, at=2 * _HOUR, domain="reuters.com", agency="Reuters")
    assert {(r.copy, r.parent, r.reason) for r in relations} == {
        (1, 3, "Reuters's own text"),
        (2, 3, "Reuters's own text"),
    }
    for relation in relations:
        _check_passages(room, relation)
    assert room.window.family(2) == [3, 1, 2]


def test_what_credits_an_agency_comes_before_what_does_not() -> None:
    room = _Newsroom()
    room.add(1, prose(1), at=0.0)
    [relation] = room.add(2, prose(1), at=_HOUR, agency="AP")
    assert (relation.copy, relation.parent, relation.reason) == (1, 2, "credits AP")


def test_a_page_that_tells_only_the_day_is_not_earlier_than_one_that_tells_the_hour() -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    assert agencies.moment(day, day) > day + timedelta(hours=17)
    assert agencies.moment(None, day) == day
    assert agencies.moment(datetime(9999, 12, 31, tzinfo=UTC), day) > day


@pytest.mark.parametrize(
    ("agency", "domain", "rank"),
    [
        ("AP", "apnews.com", agencies.OWN),
        ("dpa", "www.dpa.com", agencies.OWN),
        ("Xinhua", "xinhuanet.com", agencies.OWN),
        ("AP", "apple.com", agencies.CREDITED),
        ("AP", None, agencies.CREDITED),
        (None, "apnews.com", agencies.OTHER),
        ("路透社", "路透.example", agencies.CREDITED),
    ],
)
def test_an_agencys_own_site_is_known_by_its_name(agency: str | None, domain: str | None, rank: int) -> None:
    assert agencies.rank(agency, domain) == rank


def test_an_article_that_comes_again_is_compared_anew_and_is_no_copy_of_itself() -> None:
    room = _Newsroom()
    assert room.add(1, prose(1)) == []
    assert room.add(1, prose(1)) == []
    [relation] = room.add(2, prose(1))
    assert (relation.copy, relation.parent) == (2, 1)
    assert [r.parent for r in room.add(2, prose(1))] == [1]
    assert len(room.window) == 2


def test_what_left_the_window_is_no_parent_and_takes_no_room() -> None:
    room = _Newsroom(window_s=24 * _HOUR)
    room.add(1, prose(1), at=0.0)
    assert room.window.expire(10 * 24 * _HOUR) == 1
    assert len(room.window) == 0
    assert room.add(2, prose(1), at=10 * 24 * _HOUR) == []


def test_a_deleted_root_leaves_its_place_to_the_earliest_copy() -> None:
    room = _Newsroom()
    for number in (1, 2, 3):
        room.add(number, prose(1))
    room.window.forget(1)
    assert room.window.family(3) == [2, 3]
    room.texts.pop(1)
    [relation] = room.add(4, prose(1))
    assert relation.parent == 2


def test_a_window_that_was_restored_finds_what_the_first_one_found() -> None:
    room, again = _Newsroom(), _Newsroom()
    room.add(1, prose(1))
    [copy] = room.add(2, _cut(prose(1)))
    again.texts = room.texts
    for number, parent in ((1, None), (2, copy.parent)):
        text = room.texts[number]
        keys = sampled(read(text).shingles)
        again.window.restore(Piece(number, text, number * _HOUR), keys, parent)
    again.window.settle()
    assert again.add(3, prose(1)) == room.add(3, prose(1))


@pytest.mark.parametrize(
    "text", ["", " ", "word", "\ud800\udfff", "\x00" * 50, "😀" * 3_000, "a" * 1_000_000, "a b " * 200_000]
)
def test_no_text_stops_it(text: str) -> None:
    room = _Newsroom()
    room.add(1, text)
    for relation in room.add(2, text):
        assert relation.parent == 1
