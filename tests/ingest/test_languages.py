"""The same page in eighteen languages: byline, date, reading time, advert and other stories are told from the
text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from services.ingest.extract import extract


class Edition(NamedTuple):
    """One language's page: a byline and the name in it, a date, two junk lines, a heading of other stories,
    the text."""

    byline: str
    author: str
    date: str
    reading_time: str
    advert: str
    more: str
    text: str


EDITIONS = {
    "en": Edition("By Ann Lee", "Ann Lee", "March 3, 2026", "3 min read", "Advertisement", "Most read",
        "The council voted on Tuesday to rebuild the old bridge, which a flood had carried away three "
        "winters ago."),
    "de": Edition("Von Katrin Moosbauer", "Katrin Moosbauer", "3. März 2026", "3 Min. Lesezeit", "Anzeige",
    "Meistgelesen",
        "Der Stadtrat hat am Dienstag beschlossen, die alte Brücke wieder aufzubauen, die ein Hochwasser vor "
        "drei Jahren fortriss."),
    "fr": Edition("Par Claire Dubois", "Claire Dubois", "3 mars 2026", "3 min de lecture", "Publicité",
    "Les plus lus",
        "Le conseil municipal a décidé mardi de reconstruire le vieux pont, emporté par une crue il y a "
        "trois hivers."),
    "es": Edition("Por Lucía Ortega", "Lucía Ortega", "3 de marzo de 2026", "3 min de lectura", "Publicidad",
    "Lo más leído",
        "El ayuntamiento decidió el martes reconstruir el viejo puente, que una riada se llevó hace tres "
        "inviernos."),
    "pt": Edition("Por Rita Almeida", "Rita Almeida", "3 de março de 2026", "3 min de leitura", "Publicidade",
    "Mais lidas",
        "A câmara decidiu na terça-feira reconstruir a velha ponte, que uma cheia levou há três invernos "
        "inteiros."),
    "it": Edition("Di Paolo Ricci", "Paolo Ricci", "3 marzo 2026", "3 min di lettura", "Pubblicità",
    "I più letti",
        "Il consiglio comunale ha deciso martedì di ricostruire il vecchio ponte, portato via da una piena "
        "tre inverni fa."),
    "nl": Edition("Door Sanne Visser", "Sanne Visser", "3 maart 2026", "3 min leestijd", "Advertentie",
    "Meest gelezen",
        "De gemeenteraad besloot dinsdag de oude brug te herbouwen, die drie winters geleden door hoog water "
        "werd meegesleurd."),
    "sv": Edition("Av Elin Berg", "Elin Berg", "3 mars 2026", "3 min", "Annons", "Mest läst",
        "Kommunen beslutade på tisdagen att bygga upp den gamla bron, som en översvämning förde bort för tre "
        "vintrar sedan."),
    "pl": Edition("Autor: Anna Kowalska", "Anna Kowalska", "3 marca 2026", "3 min", "Reklama",
    "Najczęściej czytane",
        "Rada miasta zdecydowała we wtorek o odbudowie starego mostu, który trzy zimy temu porwała wielka "
        "powódź."),
    "ru": Edition("Автор: Анна Иванова", "Анна Иванова", "3 марта 2026", "3 мин чтения", "Реклама",
    "Самое читаемое",
        "Городской совет решил во вторник восстановить старый мост, который три зимы назад унесло большое "
        "наводнение."),
    "uk": Edition("Автор: Олена Коваль", "Олена Коваль", "3 березня 2026", "3 мин", "Реклама",
    "Читайте також",
        "Міська рада вирішила у вівторок відбудувати старий міст, який три зими тому знесла велика повінь у "
        "місті."),
    "tr": Edition("Yazan Elif Demir", "Elif Demir", "3 Mart 2026", "3 dk okuma", "Reklam", "En çok okunanlar",
        "Belediye meclisi salı günü, üç kış önce selin alıp götürdüğü eski köprünün yeniden yapılmasına "
        "karar verdi."),
    "id": Edition("Oleh Dewi Lestari", "Dewi Lestari", "3 Maret 2026", "3 min", "Iklan", "Baca juga",
        "Dewan kota memutuskan pada hari Selasa untuk membangun kembali jembatan tua yang hanyut oleh banjir "
        "tiga tahun lalu."),
    "ar": Edition("بقلم ليلى حداد", "ليلى حداد", "3 مارس 2026", "3 دقائق", "إعلان", "اقرأ أيضا",
        "قرر مجلس المدينة يوم الثلاثاء إعادة بناء الجسر القديم الذي جرفته السيول قبل ثلاث سنوات وقطعت طريق "
        "القرية إلى المدرسة."),
    "fa": Edition("بقلم مریم رضایی", "مریم رضایی", "2026/03/03", "3 دقيقة", "إعلان", "بیشتر بخوانید",
        "شورای شهر روز سه‌شنبه تصمیم گرفت پل قدیمی را که سه زمستان پیش سیل با خود برده بود دوباره بسازد و "
        "راه مدرسه را باز کند."),
    "zh": Edition("作者：王小明", "王小明", "2026年3月3日", "3分钟阅读", "广告", "相关阅读",
        "市议会星期二决定重建那座老桥。三年前的冬天，一场洪水冲走了这座桥，孩子们从此每天要绕很远的路去上学，"
        "居民多次请愿。"),
    "ja": Edition("文：山田花子", "山田花子", "2026年3月3日", "3分", "広告", "関連記事",
        "市議会は火曜日、三年前の冬に洪水で流された古い橋を架け直すことを決めた。子どもたちは遠回りをして学校"
        "に通っていた。"),
    "ko": Edition("글 김민지", "김민지", "2026년 3월 3일", "3분", "광고", "많이 본 뉴스",
        "시의회는 화요일 세 해 전 겨울 홍수에 떠내려간 옛 다리를 다시 놓기로 결정했다. 아이들은 먼 길을 돌아 "
        "학교에 다녔다."),
}  # fmt: skip


def _page(language: str, edition: Edition) -> str:
    paragraphs = [f"{edition.text} ({n})." for n in range(1, 6)]
    others = "".join(f'<li><a href="/s/{n}">{edition.text[:60]} {n}</a></li>' for n in range(4))
    direction = ' dir="rtl"' if language in ("ar", "fa") else ""
    return f"""<html lang="{language}"{direction}><head><title>{edition.text[:40]}</title></head><body><div id="w"><h1>{edition.text[:40]}</h1>
<p>{edition.byline}</p><p>{edition.date}</p><p>{edition.reading_time}</p>
<p>{paragraphs[0]}</p><p>{paragraphs[1]}</p><div>{edition.advert}</div><p>{paragraphs[2]}</p><p>{paragraphs[3]}</p><p>{paragraphs[4]}</p>
<h3>{edition.more}</h3><ul>{others}</ul></div></body></html>"""  # noqa: E501


@pytest.mark.parametrize("language", EDITIONS)
def test_text_byline_and_date_are_found_in(language: str) -> None:
    edition = EDITIONS[language]
    found = extract(_page(language, edition), "https://paper.example/x", now=datetime(2026, 6, 1, tzinfo=UTC))
    assert found.text.split("\n\n") == [f"{edition.text} ({n})." for n in range(1, 6)]
    assert found.published_at is not None
    assert found.published_at.date().isoformat() == "2026-03-03"
    assert found.authors == [edition.author]
    assert found.language == language
