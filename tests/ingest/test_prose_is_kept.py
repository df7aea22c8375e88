"""Prose that single words speak against is kept; lines beside the article are not, whatever they are called."""
# ruff: noqa: E501

from __future__ import annotations

import pytest

from services.ingest.extract import explain, extract
from services.ingest.extract.text import as_read

URL = "https://paper.example/2026/03/lock"
TEXT = [
    "The water board voted on Monday to repair the old canal lock, which has been shut since a barge struck it in the autumn.",
    "Boats have had to turn back at the village since then, and the two boatyards there have lost most of their trade.",
    "Divers who looked at the gates in January found that the oak beams below the water line can be saved, the board said.",
    "The work is to cost four million and should be done before the summer, when most of the hire boats come through.",
    "A group of boat owners had asked for a new lock of steel, which would have been dearer but quicker to build.",
    "The board's engineer told the meeting that a lock of oak would last sixty years if it was kept wet and looked after.",
]


def _page(*parts: str, language: str = "en") -> str:
    return (
        f"<!doctype html><html lang={language}><head><title>Board votes to repair canal lock</title></head><body>"
        f"<main><article><h1>Board votes to repair canal lock</h1>{''.join(parts)}</article></main></body></html>"
    )


def _p(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def _found(*parts: str) -> list[str]:
    return extract(_page(*parts), URL).text.split("\n\n")


@pytest.mark.parametrize(
    "sentence",
    [
        "By Monday evening the last boat had gone.",
        "Published figures say otherwise.",
        "More in hope than belief, they signed.",
        "Por eso nadie quiso votar en contra.",
        "Par endroits, le bois est noir.",
        "Von dort geht es zu Fuß weiter.",
        "Door de kou lag alles stil.",
        "In 2019 some 40 boats came a day.",
        "“No.”",
    ],
)
def test_a_short_sentence_is_kept_however_it_begins(sentence: str) -> None:
    assert sentence in _found(_p(*TEXT[:3]), _p(sentence), _p(*TEXT[3:]))


@pytest.mark.parametrize("name", ["read-more-content", "premium", "regwall-body", "teaser"])
def test_the_rest_of_a_story_is_kept_whatever_its_box_is_called(name: str) -> None:
    assert _found(_p(*TEXT[:2]), f"<div class='{name}'>{_p(*TEXT[2:])}</div>") == TEXT


@pytest.mark.parametrize(
    "name", ["newsletter-of-the-boatyard", "share-boats", "werbung-ueber-schleuse", "comments-on-beams"]
)
def test_a_section_named_after_its_heading_is_kept(name: str) -> None:
    words = name.replace("ueber", "über").split("-")
    heading = " ".join([words[0].capitalize(), "and", *words[1:]])
    section = f"<div class=x1><div id={name}><h3>{heading}</h3>{_p(*TEXT[4:])}</div></div>"
    found = _found(f"<div class=x1><div>{_p(*TEXT[:4])}</div></div>", section)
    assert [line for line in found if line != heading] == TEXT


def test_prose_over_the_headline_is_the_standfirst() -> None:
    page = _page(f"</div><div class=x2>{_p(*TEXT[1:])}</div>")
    page = page.replace("<h1>", f"<div class=x1>{_p(TEXT[0])}</div><div class=x3><h1>")
    assert extract(page, URL).text.split("\n\n") == TEXT


@pytest.mark.parametrize("heading", ["Elsewhere", "Latest", "More than 400 moved", "Topics"])
def test_a_section_is_kept_whatever_its_heading_says(heading: str) -> None:
    text = _found(_p(*TEXT[:3]), f"<h2>{heading}</h2>", _p(*TEXT[3:]))
    assert text == [*TEXT[:3], heading, *TEXT[3:]]


def test_a_story_goes_on_after_a_related_box() -> None:
    box = "<div class='x1'><p>Read more</p><p><a href=/a>Otters are back in the river</a></p></div>"
    assert _found(_p(*TEXT[:3]), box, _p("They waited.", *TEXT[3:])) == [*TEXT[:3], "They waited.", *TEXT[3:]]


def test_what_the_page_hides_until_a_click_is_read() -> None:
    assert _found(_p(*TEXT[:2]), f"<div style='display:none' class=rest>{_p(*TEXT[2:])}</div>") == TEXT


@pytest.mark.parametrize("attribute", ["hidden", "aria-hidden=true", "style='display: none'"])
def test_a_short_rest_is_read_where_it_goes_on_from_a_paragraph(attribute: str) -> None:
    rest = f"<div {attribute} class=x1>\n{_p(*TEXT[3:5])}</div>"
    assert _found(_p(*TEXT[:3]), rest) == TEXT[:5]
    each = [f"<div>{_p(text)}</div>" for text in TEXT]
    hidden = [piece.replace("<div", f"<div {attribute}") for piece in each[3:]]
    assert _found(f"<div class=x2>{''.join(each[:3] + hidden)}</div>") == TEXT


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>Something went wrong. Please try again.</p>",
        "<div hidden>Your comment could not be sent. Please try again later.</div>",
        "<form><input><div hidden><p>Something went wrong. Please try again.</p></div></form>",
    ],
)
def test_messages_that_the_page_hides_are_not_read(hidden: str) -> None:
    assert _found(_p(*TEXT[:4]), hidden, _p(*TEXT[4:])) == TEXT


@pytest.mark.parametrize(
    "sentence",
    [
        "委員会は月曜日、秋から閉まったままの古い水門を直すことを決めた。船は村で引き返すしかなかったという。",
        "คณะกรรมการลงมติซ่อมประตูน้ำเก่าที่ปิดมาตั้งแต่ฤดูใบไม้ร่วงหลังเรือบรรทุกพุ่งชน เรือต้องหันกลับที่หมู่บ้านเรื่อยมาจนถึงวันนี้",
        "بورڈ نے پیر کو پرانے تالے کی مرمت کا فیصلہ کیا جو خزاں سے بند تھا۔ کشتیاں گاؤں سے واپس مڑتی رہیں۔",
    ],
)
def test_what_the_page_hides_is_prose_in_any_script(sentence: str) -> None:
    text = [f"{sentence[:-1]}{n}{sentence[-1]}" for n in range(4)]
    assert _found(_p(text[0]), f"<div hidden>{_p(*text[1:])}</div>") == text


def test_a_declarative_shadow_root_is_read() -> None:
    assert _found(f"<x-body><template shadowrootmode=open>{_p(*TEXT)}</template></x-body>") == TEXT


@pytest.mark.parametrize(
    "box",
    [
        "<div class=k1><h3>The Lock Letter</h3><p>Every morning, the news you need to know, straight to your inbox.</p>"
        "<form><input type=email><button>OK</button></form></div>",
        "<div class=k2><h3>Read on with Plus</h3><p>Four weeks free of charge, then 3.50 a week, cancel at any time.</p></div>",
    ],
)
def test_a_box_that_sells_is_left_out_without_a_telling_name(box: str) -> None:
    assert _found(_p(*TEXT[:3]), box, _p(*TEXT[3:])) == TEXT


def test_explain_tells_scores_and_what_spoke_for_and_against() -> None:
    blocks = explain(_page(_p(*TEXT), "<p><a href=/a>Otters are back in the river</a></p>"), URL)
    kept = [block for block in blocks if block.verdict == "kept"]
    left_out = next(block for block in blocks if block.text.startswith("Otters"))
    assert all(block.score is not None and block.score > 0 and block.spoke_for for block in kept)
    assert left_out.score is not None
    assert left_out.score <= 0
    assert left_out.spoke_against


def test_a_text_is_as_read() -> None:
    assert as_read("har\u00adbour coun\u200bcil cafe\u0301 The&nbsp;end") == "harbour council café The end"
    assert as_read("می\u200cخواهم") == "می\u200cخواهم"
