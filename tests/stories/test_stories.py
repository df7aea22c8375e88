"""Articles about one event are one story, those about another event of the kind are not."""

from __future__ import annotations

import pytest

from services.stories.stories import Membership, Report, Stories
from tests.stories.texts import prose

_DAY = 86_400.0
_QUAKE = (
    "A strong earthquake shook the town of Karamel on Monday, killing at least 12 people. Mayor Ilse "
    "Brandt of Karamel said that the hospital was damaged. Rescuers from Dorvik searched the rubble of the "
    "Hotel Astoria.",
    "The death toll of the earthquake in Karamel rose to 12 on Monday. Rescuers from Dorvik pulled two "
    "children out of the rubble of the Hotel Astoria, Mayor Ilse Brandt said.",
    "Mayor Ilse Brandt asked for help after Monday's earthquake in Karamel. The Hotel Astoria collapsed, and "
    "rescuers from Dorvik are still searching the rubble.",
)
_OTHER = (
    "A strong earthquake shook the coast of Penwith on Friday, but nobody was hurt. Governor Tom Hale of "
    "Penwith said that the harbour of Saint Orrin was closed, and that schools would open again.",
    "The earthquake at Penwith closed the harbour of Saint Orrin on Friday. Nobody was hurt, Governor Tom "
    "Hale said, and schools are to open again.",
)


def _background(window: Stories) -> None:
    for number in range(1000, 1060):
        window.add(Report(number, "", prose(number, "en", 120), 0.0, "en"))


def _told(window: Stories, texts: tuple[str, ...], first: int, at: float = 0.0) -> list[Membership]:
    return [window.add(Report(first + n, "", text, at, "en")) for n, text in enumerate(texts)]


def test_reports_of_one_event_are_a_story_and_of_another_such_event_another() -> None:
    window = Stories()
    _background(window)
    told = _told(window, _QUAKE, 1) + _told(window, _OTHER, 11)
    assert [m.story for m in told] == [1, 1, 1, 11, 11]
    assert told[0].score is None and all(m.score is not None and 0.5 < m.score <= 1 for m in told[1:3])


def test_the_evidence_is_what_the_article_and_the_story_both_say() -> None:
    window = Stories()
    _background(window)
    [_, second, _] = _told(window, _QUAKE, 1)
    assert second.evidence["names"]
    for words in second.evidence.values():
        for word in words:
            assert word in _QUAKE[1]
            assert word.casefold()[:6] in _QUAKE[0].casefold()


def test_places_that_are_given_are_evidence() -> None:
    window = Stories()
    _background(window)
    window.add(Report(1, "", _QUAKE[0], 0.0, "en", ("Karamel",)))
    found = window.add(Report(2, "", _QUAKE[1], 0.0, "en", ("Karamel", "Dorvik")))
    assert found.story == 1 and found.evidence["places"] == ["Karamel"]


def test_a_copy_joins_its_parents_story_and_is_not_compared_with() -> None:
    window = Stories()
    _background(window)
    _told(window, _QUAKE[:1], 1)
    found = window.add(Report(2, "", _QUAKE[0], 0.0, "en", copy_of=1))
    assert (found.story, found.score) == (1, 1.0)


def test_articles_in_different_languages_are_different_stories() -> None:
    window = Stories()
    assert window.add(Report(1, "", _QUAKE[0], 0.0, "en")).story == 1
    assert window.add(Report(2, "", _QUAKE[0], 0.0, "de")).story == 2


def test_a_story_that_nobody_reports_on_any_more_is_let_go_of() -> None:
    window = Stories(window_s=2 * _DAY)
    _background(window)
    _told(window, _QUAKE[:2], 1)
    assert window.expire(5 * _DAY) > 0
    assert len(window) == 0 and window.story(1) is None
    assert _told(window, _QUAKE[2:], 3, 5 * _DAY)[0].story == 3


def test_what_is_weeks_apart_is_not_one_story() -> None:
    window = Stories()
    _background(window)
    _told(window, _QUAKE[:2], 1)
    assert _told(window, _QUAKE[2:], 3, 30 * _DAY)[0].story == 3


def test_an_article_that_comes_again_is_once_in_its_story() -> None:
    window = Stories()
    _background(window)
    _told(window, _QUAKE, 1)
    before = len(window)
    assert window.add(Report(3, "", _QUAKE[2], 0.0, "en")).story == 1
    assert len(window) == before


def test_the_first_article_of_a_story_may_be_deleted() -> None:
    window = Stories()
    _background(window)
    _told(window, _QUAKE[:2], 1)
    window.forget(1)
    assert window.story(2) == 1
    assert window.add(Report(3, "", _QUAKE[2], 0.0, "en")).story == 1
    again = window.add(Report(1, "", prose(5), 0.0, "en")).story
    assert again != 1 and window.story(1) == again


@pytest.mark.parametrize("text", ["", "\ud800", "1", "😀" * 500, "a b " * 100_000, "天地" * 5_000])
def test_no_text_stops_it(text: str) -> None:
    window = Stories()
    assert window.add(Report(1, text[:1000], text, 0.0)).story == 1
    window.add(Report(2, "", text, 0.0))
    assert window.expire(1e9) >= 1
