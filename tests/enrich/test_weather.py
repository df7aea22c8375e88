"""Weather, which no model was trained on: found in ten languages by its words, and not where they are said by the way."""

from __future__ import annotations

import pytest

from services.contract.messages import Topic
from services.enrich.topics import weather
from services.enrich.topics.tagger import TopicTagger

WEATHER = {
    "en": ("Cold spell to last into next week, forecasters say", "Temperatures will stay below freezing until Wednesday, the national "
           "weather service said, with snow showers on the east coast. Yellow warnings for snow and ice remain in place."),
    "de": ("Wintereinbruch: Wetterdienst warnt vor Glatteis", "Der Deutsche Wetterdienst warnt vor starkem Schneefall. In der Nacht sinken "
           "die Temperaturen auf minus acht Grad, dazu kommen Sturmböen auf den Gipfeln."),
    "fr": ("Neige et verglas : vingt départements en vigilance orange", "Météo-France a placé vingt départements en vigilance orange jusqu'à "
           "mercredi. Les températures resteront négatives, avec des rafales de 90 km/h sur le littoral."),
    "es": ("La Aemet avisa de una ola de frío con nevadas", "La agencia prevé una ola de frío desde el martes, con nevadas por encima de 400 "
           "metros y temperaturas de diez grados bajo cero. Habrá aviso naranja por viento en Galicia."),
    "it": ("Allerta arancione per temporali in Liguria", "La perturbazione porta temporali e raffiche di vento fino a 90 chilometri orari. Le "
           "temperature scendono di dieci gradi, con piogge su tutta la costa."),
    "pt": ("Frente fria derruba temperaturas no Sul", "Uma frente fria chega ao Rio Grande do Sul com chuvas fortes e rajadas de 80 km/h, "
           "segundo o Inmet. As temperaturas caem para 4 graus na serra, com risco de geada."),
    "nl": ("KNMI geeft code oranje af voor ijzel", "Het KNMI waarschuwt voor gladheid door ijzel en sneeuw. De temperaturen dalen in de nacht "
           "tot onder nul, met windstoten aan de kust."),
    "ru": ("Синоптики предупредили о снегопаде в Москве", "В Москве в среду ожидается сильный снегопад, температура опустится до минус десяти "
           "градусов, сообщил Гидрометцентр. На дорогах гололед."),
    "ar": ("الأرصاد تحذر من أمطار غزيرة ورياح قوية", "حذرت هيئة الأرصاد من أمطار غزيرة ورياح قوية على المناطق الساحلية يوم الأربعاء، مع "
           "انخفاض درجات الحرارة إلى خمس درجات ليلا."),
    "zh": ("中央气象台发布寒潮蓝色预警", "中央气象台今日发布寒潮预警，预计未来三天我国中东部地区气温将下降，北方有大风，局地降雪。"),
}  # fmt: skip
BY_THE_WAY = {
    "sport": ("Shiffrin wins slalom in fog and snow", "Mikaela Shiffrin won the World Cup slalom on Saturday in fog and heavy snow, her 98th "
              "victory. Organisers had delayed the start by an hour as gusts shook the gates."),
    "economy, business and finance": ("Wheat prices jump as frost hits crop", "Wheat futures rose 4% on Monday after frost and a lack of snow "
              "damaged winter crops, traders said. Low temperatures are expected to last."),
    "disaster, accident and emergency incident": ("Hurricane kills 27 in resort", "At least 27 people died and four are missing after the "
              "hurricane made landfall, the government said. Rescue workers dug through mud for survivors."),
}  # fmt: skip


@pytest.fixture(scope="module")
def tagger() -> TopicTagger:
    return TopicTagger()


def _first(tags: list[Topic]) -> Topic:
    assert tags
    return tags[0]


@pytest.mark.parametrize("language", WEATHER)
def test_a_forecast_is_weather_and_its_evidence_is_what_the_sky_does(tagger: TopicTagger, language: str) -> None:
    title, text = WEATHER[language]
    topic = _first(tagger.tag(title, text, language))
    assert topic.code == weather.CODE
    assert topic.evidence
    assert all(quote.text == text[quote.start : quote.end] for quote in topic.evidence)
    _, spans = weather.read(title, text, language)
    assert [(q.start, q.end) for q in topic.evidence] == spans[:5]


@pytest.mark.parametrize("name", BY_THE_WAY)
def test_weather_by_the_way_is_not_what_a_report_is_about(tagger: TopicTagger, name: str) -> None:
    assert _first(tagger.tag(*BY_THE_WAY[name], "en")).name == name


def test_one_word_of_weather_says_nothing_and_one_said_often_no_more() -> None:
    assert weather.read("Snow on the summit", "Snow, snow and again snow.", "en")[0] == 1
    assert weather.read("Snow on the summit", "Blizzards closed the pass.", "en")[0] > 1


def test_a_language_without_words_of_its_own_is_left_as_it_is() -> None:
    assert weather.read("Snö och halka", "Temperaturen sjunker, och snö väntas.", "sv") == (1.0, [])
