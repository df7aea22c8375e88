"""Places in many languages: datelines, case endings, exonyms, words that are no places."""

from __future__ import annotations

import pytest

from services.enrich.regions.inflection import Inflections
from services.enrich.regions.tagger import RegionTagger
from tests.taggers import shipped


@pytest.fixture(scope="module")
def tagger() -> RegionTagger:
    return shipped().regions


def _found(tagger: RegionTagger, text: str, language: str) -> dict[str, str | None]:
    places = tagger.tag("", text, language=language).places
    assert all(text[p.start : p.end] == p.text for p in places)
    return {p.text: p.country for p in places}


@pytest.mark.parametrize(
    ("language", "text", "name", "country"),
    [
        ("de", "Berlin (dpa) – Der Bundestag hat am Freitag ein neues Gesetz beschlossen.", "Berlin", "DE"),
        ("es", "PARÍS, 3 mar (EFE) - Miles de personas salieron a la calle.", "PARÍS", "FR"),
        ("tr", "ANKARA (AA) - Bakanlık pazartesi günü bir açıklama yaptı.", "ANKARA", "TR"),
        ("ru", "МОСКВА, 3 мар — РИА Новости. Суд вынес приговор.", "МОСКВА", "RU"),
        ("zh", "新华社北京3月3日电 国务院公布新规定。", "北京", "CN"),
        ("zh", "【上海】市政府公布了新的交通规定。", "上海", "CN"),
        ("fr", "LYON (AFP) - Deux hommes ont été arrêtés lundi soir.", "LYON", "FR"),
        ("it", "NAPOLI, 3 mar. (ANSA) - Due uomini sono stati arrestati.", "NAPOLI", "IT"),
        ("pl", "WARSZAWA (PAP) - Sejm przyjął w piątek ustawę o podatkach.", "WARSZAWA", "PL"),
    ],
)
def test_a_dateline_is_a_place(
    tagger: RegionTagger, language: str, text: str, name: str, country: str
) -> None:
    assert _found(tagger, text, language).get(name) == country


@pytest.mark.parametrize(
    ("language", "text", "name", "country"),
    [
        ("pl", "Sąd w Gdańsku skazał byłego dyrektora portu na cztery lata.", "Gdańsku", "PL"),
        ("pl", "Poszkodowanych przewieziono do szpitali w Tarnowie.", "Tarnowie", "PL"),
        ("cs", "Vlaky mezi Prahou a Brnem v pondělí nejezdily.", "Brnem", "CZ"),
        ("sk", "V Košiciach v pondelok otvorili novú nemocnicu.", "Košiciach", "SK"),
        ("hr", "Dva kanadera poletjela su iz Zadra u nedjelju.", "Zadra", "HR"),
        ("sl", "V Ljubljani so v ponedeljek zaprli dve šoli.", "Ljubljani", "SI"),
        ("fi", "Onnettomuus sattui Helsingissä viime kuussa.", "Helsingissä", "FI"),
        ("hu", "Több száz tanár tüntetett pénteken Szegeden.", "Szegeden", "HU"),
        ("tr", "Selanik'ten ek uçaklar gönderildi.", "Selanik'ten", "GR"),
        ("ru", "Взрывы прогремели в Харькове ночью.", "Харькове", "UA"),
        ("uk", "Верховна Рада в Києві ухвалила бюджет.", "Києві", "UA"),
        ("lt", "Gaisras kilo Vilniuje pirmadienio naktį.", "Vilniuje", "LT"),
        ("lv", "Ugunsgrēks izcēlās Daugavpilī naktī.", "Daugavpilī", "LV"),
        ("ro", "Primarul Bucureștiului a demisionat luni.", "Bucureștiului", "RO"),
        ("el", "Οι κάτοικοι της Θεσσαλονίκης διαμαρτυρήθηκαν.", "Θεσσαλονίκης", "GR"),
        ("de", "Bremens Bürgermeister lehnte den Plan ab.", "Bremens", "DE"),
        ("ko", "울산과 경남 창원에서도 흔들림을 느꼈다.", "울산과", "KR"),
        ("ka", "თბილისში ხანძარი გაჩნდა ღამით.", "თბილისში", "GE"),
        ("bn", "ঢাকায় বৃষ্টিতে রাস্তা ডুবে গেছে।", "ঢাকায়", "BD"),
        ("ta", "சென்னையில் கனமழை பெய்தது.", "சென்னையில்", "IN"),
        ("hi", "मुंबई में भारी बारिश हुई।", "मुंबई", "IN"),
    ],
)
def test_an_inflected_name_is_found(
    tagger: RegionTagger, language: str, text: str, name: str, country: str
) -> None:
    assert _found(tagger, text, language).get(name) == country


@pytest.mark.parametrize(("language", "text", "name", "country"), [
    ("he", "שריפה פרצה בחיפה בלילה.", "חיפה", "IL"),
    ("ar", "اندلع حريق كبير بالقاهرة ليلا.", "القاهرة", "EG"),
    ("ur", "ملتان میں بھی پروازیں منسوخ ہوئیں۔", "ملتان", "PK"),
    ("th", "ที่เชียงใหม่มีดินถล่มปิดเส้นทาง", "เชียงใหม่", "TH"),
    ("zh", "里昂和马赛发生火灾。", "里昂", "FR"),
    ("ja", "大阪で地震があった。", "大阪", "JP"),
    ("rw", "Umukino wabereye mu Bwongereza ku wa Gatandatu.", "Bwongereza", "GB"),
    ("ig", "Ndị uwe ojii nọ n'Anambra ekwuola okwu.", "Anambra", "NG"),
    ("nl", "In Parijs en Keulen staan lange files.", "Keulen", "DE"),
])  # fmt: skip
def test_a_name_is_found_behind_a_prefix_and_in_another_language(
    tagger: RegionTagger, language: str, text: str, name: str, country: str
) -> None:
    assert _found(tagger, text, language).get(name) == country


@pytest.mark.parametrize(("language", "text", "word"), [
    ("de", "Dabei sei auch beschlossen worden, den Vertrag zu kündigen.", "Dabei"),
    ("de", "Der Bau wurde am 15. Mai feierlich beendet.", "Mai"),
    ("de", "Die Gemeinde liegt im Norden des Landes.", "Norden"),
    ("pt", "Como se chama o presidente das empresas?", "Como"),
    ("zh", "两国将加强友好合作，建设服务中心。", "合作"),
    ("zh", "两国将加强友好合作，建设服务中心。", "中心"),
    ("ja", "写真に自動でタイトルを付ける機能が加わった。", "タイ"),
    ("es", "El señor Santiago se negó a declarar.", "Santiago"),
])  # fmt: skip
def test_a_common_word_is_no_place(tagger: RegionTagger, language: str, text: str, word: str) -> None:
    at = text.index(word)
    places = tagger.tag("", text, language=language).places
    assert not [p for p in places if p.start < at + len(word) and at < p.end]


@pytest.mark.parametrize("text", [
    "Feuer in Mün\u00adchen: zwei Verletzte am Montag.", "Feuer in Mu\u0308nchen: zwei Verletzte am Montag.",
    "Feuer in \u200bMünchen: zwei Verletzte am Montag.",
])  # fmt: skip
def test_signs_that_are_not_seen_hide_no_place(tagger: RegionTagger, text: str) -> None:
    (place,) = tagger.tag("", text, language="de").places
    assert place.name in ("Munich", "München")
    assert text[place.start : place.end] == place.text


def test_a_text_without_capitals_has_its_places(tagger: RegionTagger) -> None:
    text = "a strong earthquake struck off the coast of chile on tuesday, west of valparaíso. it's deep."
    found = _found(tagger, text, "en")
    assert (found.get("chile"), found.get("valparaíso")) == ("CL", "CL")


def test_a_city_lies_where_the_text_says_what_it_is(tagger: RegionTagger) -> None:
    text = (
        "Dockers in Tripoli ended a strike on Sunday. Ships had been waiting off the northern Lebanese city."
    )
    assert _found(tagger, text, "en").get("Tripoli") == "LB"


def test_a_person_called_after_a_place_is_no_place(tagger: RegionTagger) -> None:
    text = (
        "The body of tour guide Israel Gomez was found near the lake. "
        "His sister said that Israel had left home to meet a client. A vigil for Israel was planned."
    )
    assert not [p for p in tagger.tag("", text, language="en").places if p.country == "IL"]


def test_a_large_name_is_looked_up_in_time_and_the_unknown_is_left_alone() -> None:
    gazetteer = shipped().regions.gazetteer
    inflected = Inflections(gazetteer)
    assert inflected.base("ы" * 50_000, "ru", -1) is None
    assert inflected.base("Warszawy", "xx", -1) is None
