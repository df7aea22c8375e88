"""Dates as feeds, sitemaps and pages write them: one moment, or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.dates import read_date
from services.ingest.dates.month_names import NAMES
from tests.thinning import examples

NOW = datetime(2026, 9, 1, tzinfo=UTC)
MEANT = datetime(2026, 8, 30, 10, 30, tzinfo=UTC)
SAME_MOMENT = """
Sun, 30 Aug 2026 05:30:00 EST
Sun, 30 Aug 2026 11:30:00 CET
Sun, 30 Aug 2026 12:30:00 CEST
Sun, 30 Aug 2026 11:30:00 BST
Sun, 30 Aug 2026 20:30:00 AEST
Sun, 30 Aug 2026 13:30:00 MSK
Sun, 30 Aug 2026 10:30:00 AM GMT
Sun, 30 Aug 2026 06:30:00 US/Eastern
Sun, 30 Aug 2026 07:30:00 America/Argentina/Buenos_Aires
Sun, 30 Aug 2026 20:30:00 ChST
30 августа 2026, 13:30 МСК
2026-08-30T10:30:00.123Z
dom, 30 ago 2026 12:30:00 +0200
dim., 30 août 2026 12:30:00 +0200
Вс, 30 авг 2026 13:30:00 +0300
Κυρ, 30 Αυγ 2026 13:30:00 EEST
Sun 30 Aug 2026 10:30:00 GMT
Sun Aug 30 10:30:00 2026
Sun Aug 30 10:30:00 UTC 2026
Sun Aug 30 12:30:00 +0200 2026
2026-08-30 12:30:00 +0200
2026-08-30 12:30:00 CEST
2026-08-30T12:30:00+02:00[Europe/Paris]
2026-08-30T12:30:00[Europe/Paris]
Sun Aug 30 2026 12:30:00 GMT+0200 (Central European Summer Time)
30/Aug/2026:12:30:00 +0200
Aug. 30, 2026, 6:30 a.m. ET
August 30th, 2026 at 10:30am
30-Aug-26 10:30:00
8/30/2026 10:30:00 AM
30.08.2026 10:30
30.08.2026 10.30
日, 30 8月 2026 19:30:00 +0900
일, 30 8월 2026 19:30:00 +0900
星期日, 30 八月 2026 18:30:00 +0800
2026年8月30日 10時30分
令和8年8月30日 10時30分
2026년 8월 30일 오전 10:30
CN, 30 Th08 2026 17:30:00 +0700
Chủ nhật, 30 tháng 8, 2026 - 17:30 (GMT+7)
30 ส.ค. 2569 17:30:00 +0700
أغسطس 30, 2026 10:30 ص
30 آب 2026 13:30:00 +0300
יום ראשון, 30 באוגוסט 2026 13:30:00 +0300
nedjelja, 30 kolovoza 2026 12:30:00 +0200
2026. augusztus 30. 10:30
2026 m. rugpjūčio 30 d. 10:30
2026. gada 30. augustā 10:30
30. elokuuta 2026 klo 10.30
रवि, 30 अगस्त 2026 16:00:00 +0530
রবি, ৩০ আগস্ট ২০২৬ ১৬:৩০:০০ +0600
Sun, 30 Aug 26 10:30 GMT
Sun, 30 Aug 126 10:30:00 GMT
1788085800
1788085800000
20260830103000
20260830T103000Z
2026-W35-7T10:30:00Z
2026-242T10:30:00Z
Sun, 30 Aug 2026 10:30:00 Z
Sun, 30 Aug 2026 10:30:00 +00:00
Sun, 30 Aug 2026 10:30:00 GMT+0000
Sun, 30 Aug 2026 10:30 UT
Sunday, August 30, 2026 - 10:30
mar, 30 ago 2026 10:30:00 GMT
Sun, 30 August 2026 12:30:00 +2
2026-08-30 10:30 AM
30 août 2026 à 10h30
Paz, 30 Ağu 2026 13:30:00 +0300
PAZ, 30 AĞUSTOS 2026 10:30
dom., 30 de ago. de 2026 10:30:00
ned, 30 srp 2026 10:30:00
2026-08-30t10:30:00z
2026/08/30 10:30:00
Sun, 30 08 2026 10:30:00 GMT
30AUG2026 10:30
Sun,30 Aug 2026 10:30:00 GMT
Sun, 30 Aug 2026 10:30:00.000 GMT
2026-08-30T10:30
2026-8-30 10:30:00
Sun, 30 Aug 2026 10:30:00 -0000
"""
NO_DATE = (
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00", "0000-00-00T00:00:00Z",
    "Mon, 30 Feb 2026 10:30:00 GMT", "2026-13-01",
    "31/04/2026", "30 Feb 26", "Sun, 31 Nov 25 10:00:00 GMT", "2026-08-30T25:00:00Z",
    "Fri, 31 Sep 2026 10:00:00 GMT", "2099-01-01", "Mon, 01 Jan 2099 00:00:00 GMT",
    "last Tuesday, around noon", "3 days ago", "2026", "", "-62135596800", "9" * 500, float("nan"),
    float("inf"), 10**400, 10**9000,
    None, True, [], {}, "\ud83d 30 Aug",
)  # fmt: skip


@pytest.mark.parametrize("text", SAME_MOMENT.strip().splitlines())
def test_every_form_of_one_moment_is_read_as_that_moment(text: str) -> None:
    assert read_date(text, NOW) == MEANT


@pytest.mark.parametrize("text", NO_DATE, ids=range(len(NO_DATE)))
def test_what_no_calendar_has_and_nobody_can_mean_is_no_date(text: object) -> None:
    assert read_date(text, NOW) is None


@pytest.mark.parametrize("line", NAMES.strip().splitlines(), ids=lambda line: line.split()[0])
def test_every_name_of_a_month_is_read_in_its_language(line: str) -> None:
    language, _, months = line.partition(" ")
    for number, names in enumerate(months.split("|"), start=1):
        for name in names.split():
            for written in (name, name.title(), name.upper(), name + "."):
                found = read_date(
                    f"x, 14 {written.replace('_', ' ')} 2025 10:30:00 GMT", NOW, language=language
                )
                assert found == datetime(2025, number, 14, 10, 30, tzinfo=UTC), written


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-08-30T24:00:00Z", "2026-08-31T00:00:00+00:00"),
        ("Sun, 30 Aug 2026 23:59:60 GMT", "2026-08-30T23:59:59+00:00"),
        ("2026-08-30", "2026-08-30T00:00:00+00:00"),
        ("Sun, 30 Aug 2026", "2026-08-30T00:00:00+00:00"),
        ("2026-08", "2026-08-01T00:00:00+00:00"),
        ("1754-08-30", "1754-08-30T00:00:00+00:00"),
        ("Wed, 05 Jan 94 10:00:00 GMT", "1994-01-05T10:00:00+00:00"),
        ("Sun, 30 Aug 2026 10:30:00 XYZ", "2026-08-30T10:30:00+00:00"),
        ("Sun, 30 Aug 2026 10:30:00 +9900", "2026-08-30T10:30:00+00:00"),
        ("pet, 28 kol 2026 12:00:00 +0200", "2026-08-28T10:00:00+00:00"),
        (1788085800, "2026-08-30T10:30:00+00:00"),
        (1788085800123, "2026-08-30T10:30:00.123000+00:00"),
    ],
)
def test_ends_of_days_bare_days_and_numbers(text: object, wanted: str) -> None:
    found = read_date(text, NOW)
    assert found is not None
    assert found.isoformat() == wanted


def test_a_month_that_neighbours_name_alike_is_of_the_language_or_of_the_past() -> None:
    assert read_date("5. listopada 2025", NOW, language="hr-HR") == datetime(2025, 10, 5, tzinfo=UTC)
    assert read_date("31. listopad 2025", NOW) == datetime(2025, 10, 31, tzinfo=UTC)
    assert read_date("5 listopada 2025", NOW, language="pl") == datetime(2025, 11, 5, tzinfo=UTC)
    assert read_date("5 listopada 2026", datetime(2026, 10, 20, tzinfo=UTC)) == datetime(
        2026, 10, 5, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Uto, 07 Srp 2026 12:30:00 +0200", "2026-07-07T10:30:00+00:00"),
        ("Pá, 07 Srp 2026 12:30:00 +0200", "2026-08-07T10:30:00+00:00"),
        ("pet, 05 lip 2026 12:30:00 +0200", "2026-06-05T10:30:00+00:00"),
        ("ndz., 05 lip 2026 12:30:00 +0200", "2026-07-05T10:30:00+00:00"),
        ("ponedjeljak, 6. listopada 2025. 10:30", "2025-10-06T10:30:00+00:00"),
        ("poniedziałek, 3 listopada 2025 10:30", "2025-11-03T10:30:00+00:00"),
    ],
)
def test_the_weekday_decides_between_months_that_neighbours_name_alike(text: str, wanted: str) -> None:
    assert str(read_date(text, NOW)) == wanted.replace("T", " ")


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("یکشنبه, ۰۸ شهریور ۱۴۰۵ ۱۴:۰۰:۰۰ +0330", None, "2026-08-30 10:30:00+00:00"),
        ("۳۰ اسفند ۱۴۰۳ ساعت ۱۰:۳۰", "fa", "2025-03-20 10:30:00+00:00"),
        ("1405/06/08 14:00", None, "2026-08-30 14:00:00+00:00"),
        ("۱۴۰۵-۰۶-۰۸ ۱۴:۰۰:۰۰", "fa", "2026-08-30 14:00:00+00:00"),
        ("۳۰ اسفند ۱۴۰۴", "fa", "None"),  # that year has no 30th
        ("30 ส.ค. 69 17:30 น.", None, "2026-08-30 17:30:00+00:00"),
        ("30 ส.ค. 26 17:30 น.", None, "2026-08-30 17:30:00+00:00"),
        ("二〇二六年八月三十日", None, "2026-08-30 00:00:00+00:00"),
        ("二零二五年十二月十一日 10:30", "zh", "2025-12-11 10:30:00+00:00"),
        ("٠٥/٠١/٢٠٢٦، ١٠:٣٠ ص", "ar", "2026-01-05 10:30:00+00:00"),
        ("05/01/2026 10:30 am", "en-gb", "2026-01-05 10:30:00+00:00"),
        ("05/01/2026 10:30 a. m.", "es", "2026-01-05 10:30:00+00:00"),
        ("05/01/2026 10:30 AM", "en-us", "2026-05-01 10:30:00+00:00"),
        ("05/01/2026 10:30 AM", None, "2026-05-01 10:30:00+00:00"),
    ],
)
def test_calendars_and_orders_of_other_countries(text: str, language: str | None, wanted: str) -> None:
    assert str(read_date(text, NOW, language=language)) == wanted


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("30 August 2026, 10.30pm", "22:30"),
        ("30 Aug 2026 9.05 a.m.", "09:05"),
        ("30.8.2026 klo 10.30.", "10:30"),
        ("2026年8月30日 晚上8点30分", "20:30"),
        ("2026年8月30日晚上12:05", "00:05"),
        ("2026年8月30日 中午11:30", "11:30"),
        ("2026年8月30日 中午1:30", "13:30"),
        ("2026年8月30日(日) 午後0時30分", "12:30"),
        ("2026년 8월 30일 밤 9:30", "21:30"),
        ("30/08/2026 10:30:00 CH", "22:30"),
        ("30/08/2026 10:30:00 SA", "10:30"),
        ("30 tháng 8 2026 lúc 8:30 tối", "20:30"),
        ("30. 8. 2026 10:30 odp.", "22:30"),
        ("2026. 08. 30. du. 10:30", "22:30"),
        ("2026. 08. 30. de. 10:30", "10:30"),
        ("Pazar, 30 Ağustos 2026 ÖS 10:30", "22:30"),
        ("۳۰ اوت ۲۰۲۶ ۱۰:۳۰ ب.ظ", "22:30"),
        ("30 de agosto de 2026 a las 8:30 de la noche", "20:30"),
        ("30 de agosto de 2026 10:30 da manhã", "10:30"),
        ("30 августа 2026, 8:30 вечера", "20:30"),
        ("30 अगस्त 2026 शाम 8:30", "20:30"),
        ("Sa, 30.08.2026 12:30", "12:30"),
    ],
)
def test_the_part_of_the_day_counts_in_its_language(text: str, clock: str) -> None:
    assert str(read_date(text, NOW)) == f"2026-08-30 {clock}:00+00:00"


@pytest.mark.parametrize("mark", ["'", "׳", "."])
def test_a_mark_behind_a_shortened_month_is_none_of_its_name(mark: str) -> None:
    assert read_date(f"א{mark}, 30 אוג{mark} 2026 13:30:00 +0300", NOW) == datetime(
        2026, 8, 30, 10, 30, tzinfo=UTC
    )


@settings(max_examples=examples(150), deadline=None)
@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                [*"0123456789:/.-+ TZ,年月日", "Aug", "мая", "2026", "GMT", "PM", "th", "\ud83d"]
            ),
            max_size=30,
        ).map("".join),
        st.integers(),
        st.floats(),
    ),
    st.one_of(st.none(), st.text(max_size=8)),
)
def test_any_text_is_a_moment_or_none(text: object, language: str | None) -> None:
    found = read_date(text, NOW, language=language)
    assert found is None or found.tzinfo is UTC
