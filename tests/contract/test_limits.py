"""Bounds of what others write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from services.contract.limits import EARLIEST, FUTURE, believable

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_a_date_between_the_bounds_is_kept_in_utc() -> None:
    berlin = timezone(timedelta(hours=2))
    assert believable(datetime(2026, 9, 1, 10, tzinfo=berlin), NOW) == datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert believable(datetime(1605, 6, 1), NOW) == datetime(1605, 6, 1, tzinfo=UTC)  # noqa: DTZ001


def test_year_one_with_an_offset_is_no_date_and_raises_nothing() -> None:
    assert believable(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), NOW) is None
    assert believable(datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))), NOW) is None
    assert believable(NOW + FUTURE + timedelta(seconds=1), NOW) is None


@given(
    st.datetimes(timezones=st.none() | st.timezones() | st.just(timezone(timedelta(hours=-23, minutes=-59))))
)
def test_whatever_is_believed_lies_within_the_bounds(moment: datetime) -> None:
    found = believable(moment, NOW)
    assert found is None or (EARLIEST <= found <= NOW + FUTURE and found.tzinfo is UTC)
