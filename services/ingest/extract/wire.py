"""Agencies, datelines and the original publisher of a syndicated page."""

from __future__ import annotations

import re

_AGENCIES = {
    "Reuters": "reuters|thomson reuters|رويترز|рейтер|рейтерс|路透社|路透|ロイター",
    "AP": "ap|associated press|the associated press|أسوشيتد برس|美联社",
    "AFP": "afp|agence france-presse|agence france presse|فرانس برس|أ ف ب|法新社",
    "dpa": "dpa|deutsche presse-agentur|deutsche presse agentur",
    "Xinhua": "xinhua|xinhua news agency|新华社|新華社|شينخوا",
    "EFE": "efe|agencia efe",
    "ANSA": "ansa",
    "TASS": "tass|тасс|itar-tass",
    "Interfax": "interfax|интерфакс",
    "RIA Novosti": "ria novosti|риа новости",
    "Ukrinform": "ukrinform|укринформ|укрінформ",
    "PA Media": "pa|pa media|press association",
    "UPI": "upi|united press international",
    "Bloomberg": "bloomberg|bloomberg news",
    "Kyodo": "kyodo|kyodo news|共同|共同通信",
    "Jiji": "jiji|jiji press|時事|時事通信",
    "Yonhap": "yonhap|yonhap news|연합뉴스",
    "PTI": "pti|press trust of india",
    "ANI": "ani|asian news international",
    "IANS": "ians",
    "Anadolu": "aa|anadolu|anadolu agency|anadolu ajansı",
    "APA": "apa|austria presse agentur",
    "Keystone-SDA": "sda|keystone-sda|ats|keystone-ats",
    "Belga": "belga",
    "ANP": "anp",
    "NTB": "ntb",
    "TT": "tt|tt news agency",
    "Ritzau": "ritzau",
    "STT": "stt",
    "PAP": "pap",
    "CTK": "ctk|čtk",
    "Lusa": "lusa|agência lusa",
    "Europa Press": "europa press|europapress",
    "The Canadian Press": "canadian press|the canadian press|cp",
    "AAP": "aap|australian associated press",
    "Agência Brasil": "agência brasil|agencia brasil",
    "SID": "sid",
    "KNA": "kna",
    "epd": "epd",
    "SPA": "spa|واس",
    "WAM": "wam|وام",
    "IRNA": "irna|ایرنا",
    "Antara": "antara",
    "VNA": "vna|ttxvn",
    "Bernama": "bernama",
    "NAN": "nan",
    "dpa-AFX": "dpa-afx",
}
_BY_NAME = {name: agency for agency, names in _AGENCIES.items() for name in names.split("|")}
_NAMES = "|".join(re.escape(name) for name in sorted(_BY_NAME, key=len, reverse=True))

# PLACE, Month 12 (Agency) - text;  PLACE (Agency) — text;  PLACE — text;  Place (dpa/AFP) - text
_PLACE = r"(?P<place>[^\W\d_][\w.'’\-]*(?:[ ,/]+[^\W\d_][\w.'’\-]*){0,5}?)"
_DATED = r"(?:,?\s+(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2}|\d{1,2}\.?\s+[A-Z]?[a-z]{2,9}\.?))?"
_OPENING = re.compile(
    rf"^\W{{0,2}}{_PLACE}{_DATED},?\s*[(\[](?P<agency>[^()\[\]]{{2,60}})[)\]]\s*(?:[-–—―:.،]+\s*)?",
    re.UNICODE,
)
_CAPITALS = re.compile(
    r"^(?P<place>[A-ZÀ-ÖØ-ÞА-Я][A-ZÀ-ÖØ-ÞА-Я.'’\-]{2,}(?:[ ,]+(?:[A-ZÀ-ÖØ-ÞА-Я][\w.'’\-]*)){0,4})"
    rf"{_DATED}\s*(?:[-–—―]{{1,2}}|--)\s+(?=\S)"
)
_AGENCY_FIRST = re.compile(
    rf"^(?P<agency>{_NAMES})\s*[-–—:]?\s*(?P<place>[A-ZÀ-Þ][\w.'’\-]+(?:[ /][A-ZÀ-Þ][\w.'’\-]+){{0,3}})"
    rf"\s*[-–—:]\s+",
    re.IGNORECASE,
)
_CJK = re.compile(
    r"^[（(【\[]?(?P<agency>新华社|新華社|路透社?|法新社|美联社|共同社|中新社|"
    r"中新网)(?P<place>[\u4e00-\u9fff]{2,8}?)(?:\d{1,2}月)?\d{1,2}日?电?[）)】\]]?"
)


def split_dateline(text: str) -> tuple[str | None, str | None, int]:
    """The dateline that opens an article, the agency it names, and how many characters it takes.

    `CAIRO, March 3 (Reuters) - The…` gives ("CAIRO", "Reuters", 27). (None, None, 0) without one.
    """
    opening = text[:160].split("\n", 1)[0]
    if match := _CJK.match(opening):
        return match["place"], _BY_NAME.get(match["agency"], match["agency"]), match.end()
    if (match := _OPENING.match(opening)) and (agency := agency_of(match["agency"])):
        return match["place"].strip(" ,"), agency, match.end()
    if (match := _CAPITALS.match(opening)) and _looks_like_place(match["place"]):
        return match["place"].strip(" ,"), None, match.end()
    return None, None, 0


def _looks_like_place(place: str) -> bool:
    words = re.findall(r"\w+", place)
    return (
        len(words) <= 5 and words[0].isupper() and len(words[0]) > 2 and place.casefold() not in _NOT_PLACES
    )


_NOT_PLACES = frozenset(
    {
        "breaking",
        "update",
        "live",
        "opinion",
        "analysis",
        "exclusive",
        "watch",
        "news",
        "video",
        "note",
        "correction",
    }
)


_PARTED = re.compile(r"[/,&+]| and | und | et | y |\s-\s|\|")


def agency_of(written: str) -> str | None:
    """The news agency that a credit names, under its usual name; None when it names none."""
    for part in _PARTED.split(written):
        folded = part.strip().casefold()
        for words in (folded, *(folded.split(" ")[:1] if len(folded) < 20 else ())):
            if words in _BY_NAME and (
                len(words) > 3 or part.strip()[:1].isupper() or words in ("dpa", "epd")
            ):
                return _BY_NAME[words]
    return None
