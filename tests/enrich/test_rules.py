"""A user's own topics: what a rule tags, with which words, and how a bad one is told."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.errors import BadSettings
from services.contract.messages import Topic
from services.enrich.handler import Taggers
from services.enrich.topics.rule_files import compile_rules, load_rules
from services.enrich.topics.rules import TopicRules
from tests.taggers import shipped

TITLE = "Talks on the dam"
TEXT = (
    "Irrigation along the river has led to disputes. Farmers clashed over water on Monday, the WHO said. "
    "Who would have thought so? A stand-off at the dam's gates ended. Water polo is another matter."
)


def _rules(when: str, **more: str) -> TopicRules:
    extra = "".join(f"  {key}: {value}\n" for key, value in more.items())
    return compile_rules([("rules.yaml", f"- id: x\n  name: X\n{extra}  when: {when}\n")])


def _tags(when: str, *, language: str = "en", **more: str) -> list[Topic]:
    return _rules(when, **more).tag(TITLE, TEXT, language)


def _quotes(when: str) -> list[str] | None:
    found = _tags(when)
    return [q.text for q in found[0].evidence] if found else None


@pytest.mark.parametrize(
    ("when", "quotes"),
    [
        ("river", ["river"]),
        ("clash", ["clashed"]),  # a form of the word
        ("dispute", ["disputes"]),
        ("irrigat*", ["Irrigation"]),
        ("irrigate", None),  # a form, not any ending
        ("dam", ["dam"]),  # the possessive is off
        ("=WHO", ["WHO"]),
        ("who", ["WHO", "Who"]),
        ('"water polo"', ["Water polo"]),
        ('"polo water"', None),
        ("stand-off", ["stand-off"]),
        ("{all: [river, dam]}", ["river", "dam"]),
        ("{all: [river, lake]}", None),
        ("{any: [lake, river]}", ["river"]),
        ("[lake, river]", ["river"]),
        ("{all: [river, {not: lake}]}", ["river"]),
        ("{all: [river, {not: dam}]}", None),
        ("{not: lake}", []),
        ("{not: river}", None),
        ("{near: {within: 5, of: [farmer, water]}}", ["Farmers", "water"]),
        ("{near: {within: 2, of: [farmer, water]}}", None),
        ("{near: {within: 5, of: [water, farmer]}}", ["Farmers", "water"]),  # in either order
        ("{near: {within: 4, of: [{any: [clash, lake]}, water]}}", ["clashed", "water"]),
        ("{near: {within: 4, of: [talk, irrigation]}}", None),  # not from the headline into the body
        ("{title: dam}", []),
        ("{title: river}", None),
        ("{at_least: {times: 2, of: [water]}}", ["water", "Water"]),
        ("{at_least: {times: 3, of: [water]}}", None),
        ("{at_least: {times: 3, of: [water, river]}}", ["river", "water", "Water"]),
        ("{any: [{all: [lake, river]}, {near: {within: 5, of: [stand-off, dam]}}]}", ["stand-off", "dam"]),
    ],
)
def test_conditions(when: str, quotes: list[str] | None) -> None:
    assert _quotes(when) == quotes


def test_a_tag_hangs_in_the_tree_and_says_where_it_is_from() -> None:
    (tag,) = _tags("river", under="medtop:16000000")
    assert tag.code == "rule:x"
    assert tag.path == ["medtop:16000000", "rule:x"]
    assert tag.provenance == ["rule"]
    assert all(TEXT[q.start : q.end] == q.text for q in tag.evidence)


def test_a_rule_may_be_for_some_languages_only() -> None:
    assert _tags("river", languages="[en, fr]")
    assert not _tags("river", languages="[en, fr]", language="de")


def test_scripts_without_spaces_and_of_other_letters() -> None:
    rules = compile_rules([("r", "- id: flood\n  name: Flood\n  when: [洪水警报, наводнение, فيضان]\n")])
    for text, quote in (
        ("当局发布洪水警报。", "洪水"),
        ("Сильное наводнение в городе.", "наводнение"),
        ("حدث فيضان كبير", "فيضان"),
    ):
        (tag,) = rules.tag("", text, None)
        assert tag.evidence[0].text.startswith(quote)
        assert text[tag.evidence[0].start : tag.evidence[0].end] == tag.evidence[0].text
    assert rules.tag("", "洪水没有发生", None) == []


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("- id: a\n  name: A\n  when: {all: [x, {never: y}]}\n", 3, "no 'never'"),
        ("- id: a\n  name: A\n  wen: x\n", 3, "no 'wen'"),
        ("- id: a\n  name: A\n", 1, "needs 'when'"),
        ("- id: A b\n  name: A\n  when: x\n", 1, "lower-case"),
        (
            "- id: a\n  name: A\n  when: x\n- id: a\n  name: B\n  when: y\n",
            4,
            "was given before, in rules.yaml, line 1",
        ),
        ("- id: a\n  name: A\n  under: no such topic\n  when: x\n", 3, "is no IPTC topic"),
        ("- id: a\n  name: A\n  when:\n    near: {within: x, of: [a, b]}\n", 4, "number from 1 to 1,000"),
        ("- id: a\n  name: A\n  when:\n    near: {within: 3, of: [a]}\n", 4, "two or more"),
        ("- id: a\n  name: A\n  when:\n    near: {within: 3, of: [a, {not: b}]}\n", 4, "words, phrases"),
        ("- id: a\n  name: A\n  when: {all: []}\n", 3, "list with something in it"),
        ("- id: a\n  name: A\n  when: '...'\n", 3, "no word in it"),
        ("- id: a\n  name: [A\n", 3, "not YAML"),
        ("id: a\n", 1, "list of rules"),
    ],
)
def test_a_bad_rule_names_its_file_and_line(text: str, line: int, why: str) -> None:
    with pytest.raises(BadSettings, match=f"rules.yaml, line {line}: .*{why}"):
        compile_rules([("rules.yaml", text)])


def test_a_folder_of_files_is_one_set_of_rules(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {id: a, name: A, when: river}\n")
    (tmp_path / "b.yaml").write_text("# nothing yet\n")
    (tmp_path / "c.yml").write_text("- {id: c, name: C, when: dam}\n")
    rules = load_rules(tmp_path)
    assert [t.code for t in rules.tag(TITLE, TEXT, "en")] == ["rule:a", "rule:c"]
    (tmp_path / "c.yml").write_text("- {id: c, name: C, when: lake}\n")
    assert load_rules(tmp_path).version != rules.version
    with pytest.raises(BadSettings, match="cannot be read"):
        load_rules(tmp_path / "none.yaml")
    assert load_rules(Path("rules")).rules == []


def test_tags_of_rules_stand_beside_those_of_iptc_and_have_their_version() -> None:
    plain, own = shipped(), Taggers(_rules("river"))
    tags = own.tag(TITLE, TEXT)
    assert tags.topics == [*plain.tag(TITLE, TEXT).topics, *_tags("river")]
    assert tags.topics_version.startswith(f"{plain.topics_version}+rules.")


_WORDS = ["river", "dam", "lake", "water", "clash", "farmer"]
_CONDITION = st.recursive(
    st.sampled_from(_WORDS),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=8,
)


def _plainly(condition: object, there: set[str]) -> bool:
    """The same judged the slow way."""
    if isinstance(condition, str):
        return condition in there
    ((kind, inner),) = condition.items()  # type: ignore[attr-defined]
    if kind == "not":
        return not _plainly(inner, there)
    return (all if kind == "all" else any)(_plainly(part, there) for part in inner)


@given(condition=_CONDITION, there=st.lists(st.sampled_from(_WORDS), max_size=6))
def test_any_nesting_means_what_it_says(condition: object, there: list[str]) -> None:
    import json

    rules = compile_rules([("r", f"- id: x\n  name: X\n  when: {json.dumps(condition)}\n")])
    text = " and ".join(there)
    found = rules.tag("", text, "en")
    assert bool(found) == _plainly(condition, set(there))
    assert all(text[q.start : q.end] == q.text for tag in found for q in tag.evidence)


@given(st.integers(0, 10_000))
def test_near_finds_what_trying_every_pair_finds(seed: int) -> None:
    draw = random.Random(seed)
    tokens = [draw.choice(["alpha", "beta", "gamma", "other"]) for _ in range(draw.randint(3, 25))]
    within = draw.randint(1, 8)
    rules = compile_rules(
        [("r", f"- id: x\n  name: X\n  when: {{near: {{within: {within}, of: [alpha, beta, gamma]}}}}\n")]
    )
    places = [[n for n, t in enumerate(tokens) if t == word] for word in ("alpha", "beta", "gamma")]
    expected = any(
        max(a, b, c) - min(a, b, c) <= within for a in places[0] for b in places[1] for c in places[2]
    )
    assert bool(rules.tag("", " ".join(tokens), "en")) == expected
