"""Authors: names as a reader finds them, whatever stands around them."""

from __future__ import annotations

import json

import pytest

from services.ingest.extract.bylines import names_in
from tests.ingest.pages import TITLE, page

BYLINES = """
By Ann Leeward => Ann Leeward
By Ann Leeward and Bo Xu, Staff Writers => Ann Leeward; Bo Xu
By Ann Leeward, Health Correspondent, in Northport => Ann Leeward
Ann Leeward in Northport and Bo Xu in Westhaven => Ann Leeward; Bo Xu
Ann Leeward March 4, 2025 => Ann Leeward
Ann Leeward 4 Μαρτίου 2025 => Ann Leeward
Иван Петров, 4 марта 2025 => Иван Петров
March 4, 2025 =>
Wednesday January 18, 2017 10:44 am PST by Juli Clover => Juli Clover
Written by Michael Lara in Valve on 1 June 2019 => Michael Lara
By Ann Leeward, Special to the Harbour Courier => Ann Leeward
Ann Leeward for the Courier => Ann Leeward
Ann Leeward | aleeward@courier.example => Ann Leeward
Von COURIER-online-Redakteur Tom Sandner => Tom Sandner
Eine Analyse von Patrick Diekmann => Patrick Diekmann
Heinrich von Kleist => Heinrich von Kleist
Text: Ann Leeward, Fotos: Bo Xu => Ann Leeward
Ann Leeward (text) and Bo Xu (photos) => Ann Leeward
Story by Ann Leeward | Photographs by Bo Xu => Ann Leeward
Por María García. Fotos: Luis Pérez => María García
Santiago Ramón y Valls => Santiago Ramón y Valls
Jordi Puig i Cadafalch => Jordi Puig i Cadafalch
João da Silva e Souza => João da Silva e Souza
Ana López y Luis Pérez => Ana López; Luis Pérez
Jan Jansen en Piet Klaassen => Jan Jansen; Piet Klaassen
By Ann Leeward, Northport => Ann Leeward
By Ann Leeward, AFP => Ann Leeward; AFP
Leeward, Ann => Ann Leeward
Leeward, Ann; Xu, Bo => Ann Leeward; Bo Xu
Ann Leeward, Jr. => Ann Leeward Jr
[田中宏昌] => 田中宏昌
作者：张海平、李明 => 张海平; 李明
Автор: Иван Петров => Иван Петров
كتب: محمد السالم => محمد السالم
"""


@pytest.mark.parametrize("line", BYLINES.strip().splitlines())
def test_a_byline_gives_its_names_alone(line: str) -> None:
    byline, _, wanted = line.partition("=>")
    assert names_in(byline.strip()) == [name for name in wanted.strip().split("; ") if name]


@pytest.mark.parametrize(
    ("body", "end", "wanted"),
    [
        ("<p>2025年3月4日 18:30　来源：海港报　记者 张海平</p>", "", ["张海平"]),
        ("<p>文／山田太郎</p>", "", ["山田太郎"]),
        ("<p>2025年3月4日 記者・山田太郎</p>", "", ["山田太郎"]),
        ("<p>Ana Ruiz y Vidal | Madrid | 05/04/2025</p>", "", ["Ana Ruiz y Vidal"]),
        ("<p>Ein Bericht von Ann Leeward</p>", "", ["Ann Leeward"]),
        ("<p>04.03.2025 Автор: Иван Петров</p>", "", ["Иван Петров"]),
        ("<p>Ann Leeward, special to the Courier</p>", "", ["Ann Leeward"]),
        ("<p>Ann Leeward, transport correspondent</p>", "", ["Ann Leeward"]),
        ("<ul><li>von</li><li>Ann Leeward</li></ul>", "", ["Ann Leeward"]),
        ("<p>Ann Leeward/Bo Xu</p>", "", ["Ann Leeward", "Bo Xu"]),
        ("<p>Trouble at sea, transport costs rise</p>", "", []),
        ("", "<p>Ann Leeward</p>", ["Ann Leeward"]),
        ("", "<p>Read on</p>", []),
        ("<p>[서울=뉴스] 홍길동 기자</p>", "", ["홍길동"]),
        ("<p>Sehernur Karsu | 05.04.2025</p>", "", ["Sehernur Karsu"]),
        ("", "<p>(Reporting by Ann Leeward; Editing by Bo Xu)</p>", ["Ann Leeward"]),
        ("", "<p>Text: Ann Leeward</p>", ["Ann Leeward"]),
        ("<p>by Steven Musil January 18, 2017 11:00 PM PST @smusil</p>", "", ["Steven Musil"]),
    ],
)
def test_bylines_without_markup_are_found(body: str, end: str, wanted: list[str]) -> None:
    assert page(body=body, end=end).authors == wanted


CARDS = (
    "<section><h2>More</h2>"
    + "".join(
        f'<div class="c"><h3><a href="/a/{n}">Otters return to the lower river</a></h3>'
        f'<p class="byline">By {name}</p></div>'
        for n, name in enumerate(("Cleo Marsh", "Dov Field", "Eli Stone"))
    )
    + "</section>"
)


def test_bylines_of_teasers_are_nobodys() -> None:
    assert page(end=CARDS).authors == []
    assert page('<meta name="authors" content="Ann Leeward">', end=CARDS).authors == ["Ann Leeward"]


def test_a_company_or_an_account_in_the_metadata_loses_against_the_byline() -> None:
    byline = '<p class="byline">By <a href="/staff/ann">Ann Leeward</a></p>'
    for stated in ("admin", "Harbour Media Inc.", "annl", "Condé Nast", "Courier Staff"):
        assert page(f'<meta name="author" content="{stated}">', byline).authors == ["Ann Leeward"], stated


def test_the_fuller_name_of_the_metadata_is_kept() -> None:
    byline = '<p class="byline">By Ann Leeward</p>'
    assert page('<meta name="author" content="Ann Marie Leeward">', byline).authors == ["Ann Marie Leeward"]


def test_the_label_of_a_twitter_card_tells_the_author() -> None:
    head = (
        '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ann Leeward">'
        '<meta name="twitter:label2" content="Est. reading time">'
        '<meta name="twitter:data2" content="5 minutes">'
    )
    assert page(head).authors == ["Ann Leeward"]


def _ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def test_a_fuller_story_beside_the_article_is_not_asked_for_its_author() -> None:
    own = {
        "@type": "NewsArticle",
        "headline": TITLE,
        "author": "Ann Leeward",
    }
    other = {
        "@type": "NewsArticle", "url": "https://www.courier.example/a/2",
        "headline": "Second tram line delayed",
        "author": "Dov Field", "description": "x", "keywords": "y", "articleSection": "z",
    }  # fmt: skip
    for order in ([own, other], [other, own]):
        assert page(_ld(order)).authors == ["Ann Leeward"]


@pytest.mark.parametrize(
    "script",
    [
        '//<![CDATA[\n{"@type":"NewsArticle","author":{"name":"Ann Leeward"}}\n//]]>',
        '<![CDATA[{"@type":"NewsArticle","author":{"name":"Ann Leeward"}}]]>',
        '<!-- {"@type":"NewsArticle","author":{"name":"Ann Leeward"}} -->',
        '{"@type":"NewsArticle","author":[{"name":"Ann Leeward",},],}',
        '{"@type":"Organization","name":"x"}\n{"@type":"NewsArticle","author":"Ann Leeward"}',
        '{"@type":"NewsArticle","headline":"Council\ncloses","author":"Ann Leeward"};',
    ],
)
def test_json_ld_is_read_past_the_usual_errors(script: str) -> None:
    assert page(f'<script type="application/ld+json">{script}</script>').authors == ["Ann Leeward"]
