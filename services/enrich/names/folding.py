"""Keys of names: small letters without marks, other alphabets transliterated, titles and legal forms cut.

The same name has the same key in every article, and where alphabets allow it in every language.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_KEPT = 10_000
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_SPECIAL = str.maketrans({
    "ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ı": "i", "æ": "ae", "Æ": "ae", "œ": "oe",
    "Œ": "oe", "þ": "th", "Þ": "th", "ð": "d", "ħ": "h",
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
})  # fmt: skip
HONORIFICS = frozenset(
    "mr mrs ms miss dr sir lord lady dame prof professor herr frau monsieur madame mme m mlle señor señora senor senora "
    "signor signora senhor senhora dom don dona doña sheikh sheikha hon rev".split()
)
_LEGAL = frozenset(
    "inc corp corporation ltd limited llc plc co gmbh ag sa spa nv bv kg se ab asa oyj".split()
)
_ARTICLES = frozenset("the der die das le la les el los las il lo gli o os".split())


def folded(text: str) -> str:
    """Small letters of the Latin alphabet, as far as there are any."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFD", text.lower().translate(_SPECIAL))
    return "".join(c for c in text.translate(_SPECIAL) if not unicodedata.combining(c))


@lru_cache(_KEPT)
def words_of(surface: str, label: str) -> tuple[str, ...]:
    """The folded words of a name, without what is no part of it: titles of people, legal forms of companies,
    articles; at least one word of those that there are."""
    words = tuple(_WORD.findall(folded(surface)))
    if label == "PER":
        cut = words
        while len(cut) > 1 and cut[0] in HONORIFICS:
            cut = cut[1:]
        return cut
    if label == "ORG":
        cut = words
        while len(cut) > 1 and cut[-1] in _LEGAL:
            cut = cut[:-1]
        while len(cut) > 1 and cut[0] in _ARTICLES:
            cut = cut[1:]
        return cut
    return words


def key_of(words: tuple[str, ...]) -> str:
    """The key of a name with these words; abbreviations are written without stops (U.N., UN)."""
    compact = "".join(words)
    if len(compact) == len(words):
        return compact
    return " ".join(words)


def asked_key(name: str, label: str) -> str:
    """The key of a name that somebody asks for."""
    return key_of(words_of(name.strip(), label)) or name.strip().lower()
