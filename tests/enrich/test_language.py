"""The language of a text: the text decides, the page's declaration only where it is short."""

from __future__ import annotations

import pytest

from services.enrich.language import identify, likely
from services.enrich.scripts import dominant

ENGLISH = (
    "The government said on Tuesday that it would raise taxes on the rich, and the opposition called "
    "the plan a joke. Lawmakers will vote next week, the finance minister told reporters after the meeting."
)
GERMAN = (
    "Die Regierung will die Steuern für Reiche erhöhen, teilte das Ministerium am Dienstag mit. "
    "Die Opposition nannte den Plan einen Witz, abgestimmt wird in der nächsten Woche."
)


@pytest.mark.parametrize("stated", ["fr", "de", "es", "zh", None])
def test_a_text_long_enough_decides_against_the_page(stated: str | None) -> None:
    assert identify(ENGLISH, stated) == "en"


@pytest.mark.parametrize("stated", ["en", "fr", "nl"])
def test_a_german_text_is_german_on_any_page(stated: str) -> None:
    assert identify(GERMAN, stated) == "de"


@pytest.mark.parametrize(("text", "stated"), [("Toronto", "en"), ("Milano", "it"), ("Live: 3-1", "de")])
def test_the_page_decides_where_the_text_says_too_little(text: str, stated: str) -> None:
    assert identify(text, stated) == stated
    assert identify(text) is None


@pytest.mark.parametrize(
    ("headline", "language"),
    [
        ("北京大雨", "zh"),
        ("大阪で地震", "ja"),
        ("サッカー日本代表", "ja"),
        ("서울서 화재", "ko"),
        ("मुंबई में बारिश", "hi"),
        ("ঢাকায় বৃষ্টি", "bn"),
        ("சென்னையில் மழை", "ta"),
        ("హైదరాబాద్‌లో వర్షం", "te"),
        ("กรุงเทพฯ น้ำท่วม", "th"),
        ("Φωτιά στην Αθήνα", "el"),
        ("שריפה בחיפה", "he"),
        ("თბილისში ხანძარია", "ka"),
        ("Երևանում հրդեհ է", "hy"),
    ],
)
def test_a_short_headline_has_the_language_of_its_script(headline: str, language: str) -> None:
    assert identify(headline) == language
    assert identify(headline, "en") == language  # the page's frame may be English


@pytest.mark.parametrize(
    ("headline", "language"),
    [
        ("Sturm über Rügen", "de"),
        ("Lluvias en Sevilla", "es"),
        ("Chuva forte em Recife", "pt"),
        ("Pożar w Gdyni", "pl"),
        ("Weather today", "en"),
        ("Brand", None),  # one word
        ("Real Madrid", None),  # a name belongs to no language
        ("iPhone 16 Pro", None),
    ],
)
def test_a_few_words_have_a_language_where_it_is_plain(headline: str, language: str | None) -> None:
    assert identify(headline) == language
    assert identify(headline, "fi") == "fi"  # so few words only break no declaration


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Vlak iz Zagreba kasnio je tijekom tjedna, izjavio je ravnatelj sveučilišta u listopadu.", "hr"),
        ("Voz iz Sarajeva kasnio je tokom sedmice, rekao je direktor univerziteta u oktobru.", "bs"),
        ("Polisi mengatakan bahwa kota itu aman setelah warga bisa pulang karena banjir surut.", "id"),
        ("Polis berkata bahawa bandar itu selamat selepas penduduk boleh pulang kerana banjir surut.", "ms"),
    ],
)
def test_close_languages_are_told_apart_by_their_own_words(text: str, language: str) -> None:
    assert identify(text) == language


def test_a_close_language_is_taken_from_the_page_where_the_text_leaves_it_open() -> None:
    assert identify("Vatra u šumi. Vatra je velika, a ljudi su dobro i sada su kod kuće.", "sr") == "sr"


@pytest.mark.parametrize("stated", [None, "dv"])
@pytest.mark.parametrize("text", ["ދިވެހިރާއްޖޭގެ ސަރުކާރުން ނިންމައިފި " * 20, "ᠮᠣᠩᠭᠣᠯ ᠤᠯᠤᠰ " * 20, "ܐܪܡܝܐ", "ㅤ", "֑֒"])
def test_a_script_that_is_none_of_ours_breaks_nothing(text: str, stated: str | None) -> None:
    """Dhivehi, Mongolian, Syriac, a blank that counts as a letter, accents alone."""
    assert identify(text, stated) in (stated, identify(text, None))
    assert likely(text)


def test_every_character_alone_has_a_script() -> None:
    for code in range(0x110000):
        assert dominant(chr(code))[0]
