"""Weather and labour, which the models had little to learn from: told by their words in ten languages,
not by the way."""

from __future__ import annotations

import pytest

from services.contract.messages import Topic
from services.enrich.topics.tagger import TopicTagger
from tests.taggers import shipped

WEATHER, LABOUR = "medtop:17000000", "medtop:09000000"

FORECASTS = {
    "en": ("Cold spell to last into next week, forecasters say",
    "Temperatures will stay below freezing until Wednesday, the national "
           "weather service said, with snow showers on the east coast. Yellow warnings for snow and ice "
           "remain in place."),
    "de": ("Wintereinbruch: Wetterdienst warnt vor Glatteis",
    "Der Deutsche Wetterdienst warnt vor starkem Schneefall. In der Nacht sinken "
           "die Temperaturen auf minus acht Grad, dazu kommen Sturmböen auf den Gipfeln."),
    "fr": ("Neige et verglas : vingt départements en vigilance orange",
    "Météo-France a placé vingt départements en vigilance orange jusqu'à "
           "mercredi. Les températures resteront négatives, avec des rafales de 90 km/h sur le littoral."),
    "es": ("La Aemet avisa de una ola de frío con nevadas",
    "La agencia prevé una ola de frío desde el martes, con nevadas por encima de 400 "
           "metros y temperaturas de diez grados bajo cero. Habrá aviso naranja por viento en Galicia."),
    "it": ("Allerta arancione per temporali in Liguria",
    "La perturbazione porta temporali e raffiche di vento fino a 90 chilometri orari. Le "
           "temperature scendono di dieci gradi, con piogge su tutta la costa."),
    "pt": ("Frente fria derruba temperaturas no Sul",
    "Uma frente fria chega ao Rio Grande do Sul com chuvas fortes e rajadas de 80 km/h, "
           "segundo o Inmet. As temperaturas caem para 4 graus na serra, com risco de geada."),
    "nl": ("KNMI geeft code oranje af voor ijzel",
    "Het KNMI waarschuwt voor gladheid door ijzel en sneeuw. De temperaturen dalen in de nacht "
           "tot onder nul, met windstoten aan de kust."),
    "ru": ("Синоптики предупредили о снегопаде в Москве",
    "В Москве в среду ожидается сильный снегопад, температура опустится до минус десяти "
           "градусов, сообщил Гидрометцентр. На дорогах гололед."),
    "ar": ("الأرصاد تحذر من أمطار غزيرة ورياح قوية",
    "حذرت هيئة الأرصاد من أمطار غزيرة ورياح قوية على المناطق الساحلية يوم الأربعاء، مع "
           "انخفاض درجات الحرارة إلى خمس درجات ليلا."),
    "zh": ("中央气象台发布寒潮蓝色预警",
    "中央气象台今日发布寒潮预警，预计未来三天我国中东部地区气温将下降，北方有大风，局地降雪。"),
}  # fmt: skip
DISPUTES = {
    "en": ("Nurses vote to walk out",
    "Nurses at forty hospitals will strike for five days after rejecting a pay offer of 4%, their union "
    "said. "
           "Employers called the walkout irresponsible."),
    "de": ("Warnstreik legt Nahverkehr lahm",
    "Die Gewerkschaft hat die Beschäftigten des Nahverkehrs für Freitag zum Warnstreik aufgerufen. Sie "
           "fordert zehn Prozent mehr Lohn."),
    "fr": ("Un train sur deux vendredi",
    "Les syndicats appellent à la grève vendredi pour les salaires. Les salariés réclament 6 % de hausse."),
    "es": ("Huelga de médicos",
    "Los sindicatos convocan una huelga de cinco días por los salarios y las condiciones laborales en los "
    "hospitales."),
    "it": ("Venerdì di sciopero nei trasporti",
    "I sindacati hanno proclamato uno sciopero di 24 ore per i salari. I lavoratori chiedono un nuovo "
           "contratto nazionale."),
    "pt": ("Greve para transportes na sexta-feira",
    "Os sindicatos convocaram uma greve de 24 horas por melhores salários. Os trabalhadores "
           "rejeitaram a última proposta."),
    "nl": ("Vakbonden leggen treinen plat",
    "De vakbonden roepen op tot een staking voor hogere lonen. De werkgevers noemen de eisen te hoog."),
    "ru": ("Забастовка на заводе",
    "Профсоюз объявил забастовку: рабочие требуют повысить зарплату, работодатель отказался от переговоров."),
    "ar": ("إضراب عمال النقل",
    "دعت النقابة العمال إلى إضراب يوم الأحد للمطالبة برفع الأجور وتحسين ظروف العمل."),
    "zh": ("汽车工人罢工进入第二周",
    "工会表示，工人要求提高工资并改善加班待遇，罢工已进入第二周。雇主方面称愿意继续谈判。"),
}  # fmt: skip
BY_THE_WAY = {
    "sport": ("Shiffrin wins slalom in fog and snow",
    "Mikaela Shiffrin won the World Cup slalom on Saturday in fog and heavy snow, her 98th "
              "victory. Organisers had delayed the start by an hour as gusts shook the gates."),
    "economy, business and finance": ("Wheat prices jump as frost hits crop",
    "Wheat futures rose 4% on Monday after frost and a lack of snow "
              "damaged winter crops, traders said. Low temperatures are expected to last."),
    "conflict, war and peace": ("Raid on enclave kills three",
    "Air strikes killed three aid workers in the north of the enclave on Monday. The army "
              "said it had struck a command post of the rebels."),
    "disaster, accident and emergency incident": ("Hurricane kills 27 in resort",
    "At least 27 people died and four are missing after the "
              "hurricane made landfall, the government said. Rescue workers dug through mud for survivors."),
}  # fmt: skip


@pytest.fixture(scope="module")
def tagger() -> TopicTagger:
    return shipped().topics


def _first(tags: list[Topic]) -> Topic:
    assert tags
    return tags[0]


@pytest.mark.parametrize(
    ("code", "reports"), [(WEATHER, FORECASTS), (LABOUR, DISPUTES)], ids=["weather", "labour"]
)
@pytest.mark.parametrize("language", FORECASTS)
def test_forecasts_and_disputes_are_known_by_their_words_and_quote_them(
    tagger: TopicTagger, code: str, reports: dict[str, tuple[str, str]], language: str
) -> None:
    title, text = reports[language]
    topic = _first(tagger.tag(title, text, language))
    assert topic.code == code
    assert topic.evidence
    assert all(quote.text == text[quote.start : quote.end] for quote in topic.evidence)


@pytest.mark.parametrize("name", BY_THE_WAY)
def test_what_is_said_by_the_way_is_not_what_a_report_is_about(tagger: TopicTagger, name: str) -> None:
    assert _first(tagger.tag(*BY_THE_WAY[name], "en")).name == name
