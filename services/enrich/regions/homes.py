"""The country of a source by its address or its prior, and the countries of a language: evidence of what an
article that names no country is about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from services.contract.source_prior import SourcePrior
from services.enrich.regions.gazetteer import Gazetteer

_NO_COUNTRY_TLD = frozenset(
    {"tv", "me", "co", "io", "ai", "fm", "ly", "la", "cc", "ws", "gg", "am", "to", "it.com"}
)
_AT_HOME = 0.5  # share of a source's articles that name a country, from which on it is the source's own

# Shares of the news in a language that its countries have, by judgement.
_SPOKEN = {
    "en": "US .5 GB .2 IN .07 CA .06 AU .06 NZ .02 IE .02 ZA .03 NG .03", "de": "DE .78 AT .11 CH .1",
    "fr": "FR .7 BE .07 CH .07 CA .1", "es": "ES .35 MX .18 AR .13 CO .08 CL .07 PE .06 VE .04",
    "pt": "BR .7 PT .27",
    "it": "IT .95 CH .04", "nl": "NL .72 BE .27", "sv": "SE .93 FI .06", "no": "NO 1", "nb": "NO 1",
    "nn": "NO 1",
    "da": "DK 1", "fi": "FI 1", "is": "IS 1", "et": "EE 1", "lv": "LV 1", "lt": "LT 1", "pl": "PL 1",
    "cs": "CZ 1",
    "sk": "SK 1", "sl": "SI 1", "hu": "HU .93 RO .03", "ro": "RO .88 MD .1", "bg": "BG 1",
    "el": "GR .92 CY .07",
    "hr": "HR .85 BA .13", "sr": "RS .82 BA .1 ME .06", "bs": "BA .95", "mk": "MK 1", "sq": "AL .6 XK .35",
    "ru": "RU .75 UA .06 KZ .05 BY .05", "uk": "UA 1", "be": "BY 1", "ka": "GE 1", "hy": "AM 1",
    "az": "AZ .95",
    "kk": "KZ 1", "uz": "UZ 1", "ky": "KG 1", "tg": "TJ 1", "mn": "MN 1", "tr": "TR .96 CY .02", "he": "IL 1",
    "ar": "EG .22 SA .2 AE .1 SY .06 IQ .07 MA .06 DZ .06 LB .06 PS .06", "fa": "IR .9 AF .09",
    "ps": "AF .8 PK .15",
    "ur": "PK .9 IN .09", "hi": "IN .98", "mr": "IN 1", "bn": "BD .6 IN .39", "ta": "IN .75 LK .2",
    "te": "IN 1",
    "ml": "IN 1", "gu": "IN 1", "kn": "IN 1", "pa": "IN .85 PK .1", "or": "IN 1", "ne": "NP .96",
    "si": "LK 1",
    "my": "MM 1", "km": "KH 1", "lo": "LA 1", "th": "TH 1", "vi": "VN 1", "id": "ID .97",
    "ms": "MY .85 SG .05",
    "tl": "PH 1", "fil": "PH 1", "zh": "CN .7 TW .18 HK .09", "ja": "JP 1", "ko": "KR .96",
    "sw": "TZ .5 KE .45",
    "am": "ET 1", "so": "SO .85", "ha": "NG .8 NE .15", "ig": "NG 1", "yo": "NG .97", "pcm": "NG 1",
    "rw": "RW 1",
    "zu": "ZA 1", "xh": "ZA 1", "af": "ZA .95", "st": "ZA .6 LS .4", "sn": "ZW 1", "ca": "ES .97 AD .02",
    "gl": "ES 1",
    "eu": "ES .97", "cy": "GB 1", "ga": "IE 1", "gd": "GB 1", "mt": "MT 1", "lb": "LU 1", "wo": "SN 1",
}  # fmt: skip


class Homes:
    """Where sources are at home, by their domains."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._by_tld = {c["tld"]: code for code, c in gazetteer.countries.items() if c["tld"]} | {"uk": "GB"}
        self._outlets: dict[str, str] = {}
        for line in Path(__file__).with_name("outlets.tsv").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                code, domains = line.split("\t")
                self._outlets.update(dict.fromkeys(domains.split(), code))

    def of_domain(self, domain: str | None) -> str | None:
        """The country of a source by its address: a known house's, or its country code's."""
        labels = (domain or "").lower().split(".")
        for n in range(len(labels) - 1):
            if found := self._outlets.get(".".join(labels[n:])):
                return found
        return self._by_tld.get(labels[-1]) if labels[-1] not in _NO_COUNTRY_TLD else None

    def of(self, domain: str | None, prior: SourcePrior | None) -> str | None:
        """The same, else the country that most of its earlier articles name."""
        if (known := self.of_domain(domain)) or prior is None or not prior.countries:
            return known
        code, share = max(prior.countries.items(), key=lambda item: (item[1], item[0]))
        return code if share >= _AT_HOME else None


def spoken_in(language: str | None) -> Mapping[str, float]:
    """The countries of a language with their shares of its news."""
    return _SHARES.get(language or "", {})


def _shares(written: str) -> dict[str, float]:
    words = written.split()
    return dict(zip(words[::2], map(float, words[1::2]), strict=True))


_SHARES = {language: _shares(written) for language, written in _SPOKEN.items()}
