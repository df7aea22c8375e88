"""Weather, of which no news was at hand to train a model on: the words of forecasts stand in for it.

Each further kind of word that a headline and the opening of a text hold raises the odds of the topic. One alone, or a few in a
long text, say nothing: reports of sport, crops and accidents mention the weather too.
"""

from __future__ import annotations

import re

CODE = "medtop:17000000"
_OPENING = 400  # characters of the text
_FACTORS = (1.0, 1.0, 25.0, 60.0, 200.0, 500.0)  # by kinds of words met: what the odds are multiplied by
_EN = r"""
    forecasters?|weather service|met office|meteorologists?|weather bureau|temperatures|snowfalls?|snow|sleet|showers|thunderstorms?|gusts?
    |heat ?waves?|cold snap|cold front|blizzards?|frost|freezing rain|(?:weather|ice|wind|storm|rain|snow|heat|amber) (?:warning|alert|advisor)\w*
    |wind chill|rainfall|downpours?|drizzle|tropical storm|hurricane|typhoon|cyclone|landfall|snowstorms?|winter storm|heavy rain|heavy snow
    |strong winds|high winds|black ice|weather forecast|cold spell|humidity|degrees (?:celsius|fahrenheit)
"""
_WORDS = {
    "en": _EN,
    "de": r"""
    wetterdienst\w*|dwd|meteorolog\w*|temperaturen|schneefälle?|schnee|schneeregen|schauer\w*|gewitter\w*|sturmböen|böen|hitzewelle|kaltfront
    |kälteeinbruch|blitzeis|glatteis|frost|unwetter\w*|dauerregen|starkregen|niederschläge|tiefdruckgebiet|hochdruckgebiet|orkan\w*|wetterlage
    |wettervorhersage|nebel|hitzewarnung|grad celsius|schneestürm\w*
    """,
    "fr": r"""
    météo[- ]france|météo|prévisionnistes?|météorolog\w*|températures|chutes de neige|neige|averses|orages?|rafales|canicule|vague de chaleur
    |vague de froid|gel|verglas|pluies? (?:verglaçantes?|diluviennes)|fortes pluies|précipitations|tempête|cyclone|ouragan|vigilance (?:orange|rouge|jaune)
    |alerte (?:orange|rouge)|brouillard|dépression|degrés celsius
    """,
    "es": r"""
    aemet|meteoróloga?s?|meteorológic\w*|temperaturas|nevadas?|nieve|chubascos|tormentas?|rachas|ola de calor|ola de frío|heladas?|granizo
    |lluvias(?: torrenciales| intensas)?|precipitaciones|borrasca|dana|huracán|ciclón|alerta (?:roja|naranja|amarilla)|aviso (?:rojo|naranja|amarillo)
    |niebla|grados celsius|viento fuerte|vientos
    """,
    "it": r"""
    meteorolog\w*|allerta meteo|meteo|temperature|nevicate?|neve|rovesci|temporali|raffiche|ondata di (?:caldo|freddo|maltempo)|maltempo|gelate?
    |grandine|piogge|precipitazioni|uragano|ciclone|allerta (?:rossa|arancione|gialla)|nebbia|perturbazione
    """,
    "pt": r"""
    ipma|inmet|meteorolog\w*|temperaturas|neve|aguaceiros|trovoadas?|rajadas|onda de calor|frente fria|geadas?|granizo|chuvas?(?: fortes?)?
    |precipitação|furacão|ciclone|aviso (?:vermelho|laranja|amarelo)|alerta (?:vermelho|laranja|amarelo)|nevoeiro|temporal
    """,
    "nl": r"""
    knmi|weeronline|meteorolo\w*|temperaturen|sneeuwval|sneeuw|buien|onweers?\w*|windstoten|hittegolf|koufront|vorst|ijzel|gladheid|neerslag
    |storm|orkaan|code (?:geel|oranje|rood)|mist|zware regen
    """,
    "ru": r"""
    гидрометцентр\w*|синоптик\w*|метеоролог\w*|температур\w*|снегопад\w*|снег\w*|осадк\w*|мороз\w*|заморозк\w*|гололед\w*|шквал\w*|гроз\w*|циклон\w*
    |антициклон\w*|прогноз\w* погоды|погод\w*|ливн\w*|дожд\w*|метел\w*|порыв\w* ветра|штормов\w* предупреждени\w*|жар\w*|тайфун\w*|ураган\w*
    """,
    "ar": r"الأرصاد|الطقس|درجات الحرارة|أمطار|رياح|عواصف|عاصفة|ثلوج|منخفض جوي|موجة (?:حر|حارة|برد|باردة)|صقيع|إعصار|ضباب|غائم",
    "zh": r"气象台|气象局|氣象|气温|氣溫|降温|寒潮|暴雨|降雨|降雪|大风|台风|颱風|预警|預警|高温|天气预报|阵雨|雷阵雨|冷空气|大雾",
}  # fmt: skip
_PATTERNS = {
    language: re.compile(
        "".join(words.split("\n")).replace("    ", "")
        if language in ("ar", "zh")
        else rf"\b(?:{''.join(line.strip() for line in words.splitlines())})\b",
        re.IGNORECASE,
    )
    for language, words in _WORDS.items()
}


def read(title: str, text: str, language: str | None) -> tuple[float, list[tuple[int, int]]]:
    """What the odds of weather are multiplied by, and where its words stand in the text (start, end), each kind once."""
    pattern = _PATTERNS.get(language or "en")
    if pattern is None:
        return 1.0, []
    kinds = {match.group().lower(): (-1, -1) for match in pattern.finditer(title)}
    for match in pattern.finditer(text, 0, _OPENING):
        kind = match.group().lower()
        if kinds.get(kind, (-1, -1))[0] < 0:
            kinds[kind] = match.span()
    spans = sorted(span for span in kinds.values() if span[0] >= 0)
    return _FACTORS[min(len(kinds), len(_FACTORS) - 1)], spans
