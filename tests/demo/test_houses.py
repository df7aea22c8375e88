"""The demo's story that four houses printed: two of them with the agency's text."""

from __future__ import annotations

from datetime import datetime
from urllib.request import urlopen

from services.demo.pages import elsewhere, stories
from services.demo.site import Site, houses
from services.stories.copies import Copies, Piece
from services.stories.stories import Report, Stories

PARENT = stories()["/world/lisbon-dockers-end-strike"]


def test_four_houses_print_one_story_and_two_of_them_copy() -> None:
    others = [story for story in stories().values() if story is not PARENT]
    printed = [PARENT, *elsewhere().values(), *others]
    assert len({story.house for story in printed[:4]}) == 4
    texts = {number: story.text for number, story in enumerate(printed)}
    copies, window = Copies(lambda asked: {n: texts[n] for n in asked}), Stories()
    order = [*range(4, len(printed)), 0, 1, 3, 2]
    kinds: dict[str, tuple[str, int]] = {}
    members: dict[int, list[int]] = {}
    for number in order:
        story = printed[number]
        at = datetime.fromisoformat(story.published).timestamp()
        for relation in copies.add(Piece(number, story.text, at, f"house{number}.example", story.provider)):
            kinds[story.house] = (relation.kind, relation.parent)
        copied = kinds.get(story.house)
        found = window.add(
            Report(number, story.title, story.text, at, story.language, copy_of=copied[1] if copied else None)
        )
        members.setdefault(found.story, []).append(number)
    assert kinds == {"The Atlantic Ledger": ("cut", 0), "Quay and Rail": ("extended", 0)}
    assert sorted(members[0]) == [0, 1, 2, 3]
    assert all(len(of) == 1 for story, of in members.items() if story)


def test_each_house_is_served_under_its_own_name() -> None:
    with Site() as site, houses(site) as urls:
        for url, story in zip(urls, elsewhere().values(), strict=True):
            with urlopen(url) as answer:
                page = answer.read().decode()
            assert f'"og:site_name" content="{story.house}"' in page
            assert f'<link rel="canonical" href="{url}">' in page
