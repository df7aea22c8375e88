"""Headlines: the site's and the section's names are cut off, a headline's own dashes are not."""

from __future__ import annotations

import pytest

from services.ingest.extract import extract
from tests.ingest.test_extract import NOW

PROSE = "".join(
    f"<p>{line}</p>"
    for line in (
        "The harbour council voted late on Tuesday to close the old pier, engineers having warned.",
        "Ferry operators said the decision would add forty minutes to the crossing of the bay.",
        "Traders in the streets behind the pier fear that they will lose the summer season.",
    )
)


def title_of(head: str, body: str = "", url: str = "https://www.courier.example/news/pier") -> str:
    page = extract(f"<html><head>{head}</head><body>{body}<div>{PROSE}</div></body></html>", url, now=NOW)
    return page.title


CUT = """
http://edu.haigang.example/a {网民热议旧码头关闭}_教育频道_海港网
http://life.haigang.example/a {議會關閉舊碼頭兩年}｜新聞速報｜海港樂活
http://www.wangan.example/a {評議会が古い桟橋を閉鎖}：湾岸新聞デジタル
http://gavan.ru/a {Совет закрыл старый причал на два года} // Гавань.Ру
http://www.limani.gr/a ΛΙΜΑΝΙ : {Κλείνει για δύο χρόνια η παλιά αποβάθρα}
http://kurier.info/a {Rada zamyka stare molo na dwa lata} | Kurier.info
http://harbournews.com/a {Council closes the old wooden pier} - Harbour News Online
https://elpuerto.com/a {Ayuntamiento cierra el viejo muelle de madera} | Sociedad | EL PUERTO
https://hangu.example/a {오래된 부두 2년간 폐쇄… 상인들 반발} | 항구일보
"""


@pytest.mark.parametrize("line", CUT.strip().splitlines())
def test_names_of_site_and_section_are_cut_off_the_only_title(line: str) -> None:
    url, _, title = line.partition(" ")
    wanted = title[title.index("{") + 1 : title.index("}")]
    assert title_of(f"<title>{title.replace('{', '').replace('}', '')}</title>", url=url) == wanted


@pytest.mark.parametrize(
    "title",
    [
        "The ferry philosophy – and its fatal flaw",
        "Friend portability is the must-have rule – says mayor",
        "Der Hafen schließt – was das für die Pendler bedeutet",
        "Le vieux ponton ferme : les commerçants craignent pour l’été",
        "Паром отменён — жители остались без связи с берегом",
        "Live updates: Harbour council votes on the old pier",
        "Ferry strike - day three: what passengers need to know",
    ],
)
def test_a_dash_or_colon_within_a_headline_is_its_own(title: str) -> None:
    assert title_of(f"<title>{title}</title>") == title


def test_what_the_page_shows_decides_where_a_title_is_cut() -> None:
    head = "<title>Council closes pier - Harbour - News - Courier</title>"
    assert title_of(head, "<h2>Council closes pier - Harbour</h2>") == "Council closes pier - Harbour"
    assert title_of(head, "<h1>Council closes pier</h1>") == "Council closes pier"


def test_a_headline_for_search_engines_gives_way_to_the_one_that_readers_see() -> None:
    head = (
        '<title>Pier closed: what you need to know 2025 | Courier</title><meta property="og:title" '
        'content="Pier closed: what you need to know 2025">'
    )
    body = "<h1>From rails to planks, this is what traders make of it</h1>"
    assert title_of(head, body) == "From rails to planks, this is what traders make of it"


def test_a_logo_as_h1_is_no_headline() -> None:
    head = "<title>Council closes the old pier for two years</title>"
    head += '<meta property="og:site_name" content="Courier">'
    assert title_of(head, '<h1><a href="/">Courier</a></h1>') == "Council closes the old pier for two years"


def test_a_headline_cut_short_with_dots_is_no_candidate_beside_the_whole_one() -> None:
    whole = "Council closes the wooden ferry pier for two years after engineers warn of its piles"
    head = f'<meta property="og:title" content="{whole[:60]}…"><title>{whole[:60]}...</title>'
    assert title_of(head, f"<h1>{whole}</h1>") == whole


def test_the_site_may_be_what_the_headline_is_about() -> None:
    title = "How Courier measures the tides"
    head = f'<meta property="og:title" content="{title}"><title>{title} - Courier</title>'
    assert title_of(head, f"<h1>{title}</h1>") == title


def test_a_page_without_any_heading_has_an_empty_title() -> None:
    assert title_of("") == ""
