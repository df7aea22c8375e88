"""What the two settings of retention say, and what they refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.errors import BadSettings
from services.runtime import settings as env
from services.store.retention_rules import (
    Limits,
    RetentionRules,
    RetentionSettings,
    parse_limits,
    parse_sources,
)

RULES = RetentionRules(
    Limits(raw=30, text=90, articles=365), parse_sources("a.example raw=7d; b.a.example forever")
)


def test_limits_are_read_as_they_are_shown() -> None:
    assert parse_limits(" raw=30d, text = 90 ,articles=forever") == Limits(30, 90)
    for written in ("raw=30d,text=90d,articles=365d", "articles=1d", "forever"):
        assert str(parse_limits(written)) == written
    assert parse_limits("") == Limits()


@pytest.mark.parametrize(
    "raw",
    ["30d", "raw", "raw=", "raw=x", "raw=0", "raw=-1", "raw=1,raw=2", "raw=٣", "raw=36501d", "pages=3d",
    "raw=1.5"]
)  # fmt: skip
def test_what_is_no_limit_is_refused_and_the_error_names_the_setting(raw: str) -> None:
    with pytest.raises(BadSettings, match=r"DATELINE_RETENTION=.*is not valid"):
        env.load(RetentionSettings, {"DATELINE_RETENTION": raw})
    with pytest.raises(BadSettings, match=r"DATELINE_RETENTION_SOURCES=.*is not valid"):
        env.load(RetentionSettings, {"DATELINE_RETENTION_SOURCES": f"a.example {raw}"})


@pytest.mark.parametrize(
    "raw", ["a.example", "a.example=raw=1d", "raw=3d", "a.example raw=1d; A.example raw=2d"]
)
def test_a_source_without_limits_or_named_twice_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"is not a domain|named twice"):
        parse_sources(raw)


@given(st.text(max_size=60))
def test_no_text_makes_a_parser_raise_anything_else(raw: str) -> None:
    for parse in (parse_limits, parse_sources):
        try:
            parse(raw)
        except ValueError:
            continue


def test_nothing_goes_unless_a_limit_is_set() -> None:
    rules = env.load(RetentionSettings, {}).rules
    assert rules.youngest_days is None
    assert rules.longest_raw_days is None
    assert rules.of("a.example").keep(timedelta(days=30_000), has_text=True, has_raw=True) is None


@pytest.mark.parametrize(
    "source, limits",
    [("x.example", "raw=30d,text=90d,articles=365d"), ("a.example", "raw=7d"),
    ("WWW.a.example:8080", "raw=7d"),
     ("b.a.example", "forever"), ("nota.example", "raw=30d,text=90d,articles=365d")],
)  # fmt: skip
def test_the_longest_name_of_a_source_wins(source: str, limits: str) -> None:
    assert str(RULES.of(source)) == limits


def test_what_stays_is_told_by_age_and_by_what_is_there() -> None:
    keep = [RULES.default.keep(timedelta(days=d), has_text=True, has_raw=True) for d in (29, 31, 91, 366)]
    assert keep == [None, "text", "tags", "nothing"]
    assert RULES.default.keep(timedelta(days=91), has_text=False, has_raw=False) is None
    assert RULES.default.keep(timedelta(days=31), has_text=True, has_raw=False) is None
    assert RULES.youngest_days == 7
    assert RULES.longest_raw_days is None
    assert RetentionRules(Limits(text=20), parse_sources("a.example articles=50d")).longest_raw_days == 50
