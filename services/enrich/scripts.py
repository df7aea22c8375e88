"""Writing systems: the one that a text is mostly written in."""

from __future__ import annotations

import re
from unicodedata import category

JOINERS = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Signs within words that are not seen: the soft hyphen, zero-width spaces and joiners."""
_COMBINING = frozenset(n for n in range(0x300, 0x10000) if category(chr(n)) in ("Mn", "Mc"))
MARKS = "".join(
    f"{chr(n)}-{chr(last)}"
    for n, last in zip(
        [n for n in sorted(_COMBINING) if n - 1 not in _COMBINING],
        [n for n in sorted(_COMBINING) if n + 1 not in _COMBINING],
        strict=True,
    )
)
"""Accents and vowel signs that combine with the letter before them, as ranges of a pattern's class."""
WITHIN = bytes(n in _COMBINING or chr(n) in JOINERS for n in range(0x10000))
"""By code point below 0x10000: whether it is a mark or a joiner, so that a word goes on with it."""

_RANGES = {
    "Latin": "A-Za-zªºÀ-ÖØ-öø-ɏḀ-ỿ",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Arabic": "\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "Hebrew": "\u05d0-\u05ea",
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Oriya": "\u0b00-\u0b7f",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Thai": "\u0e01-\u0e5b",
    "Lao": "\u0e80-\u0eff",
    "Tibetan": "\u0f40-\u0fbc",
    "Myanmar": "\u1000-\u109f",
    "Georgian": "\u10a0-\u10ff",
    "Ethiopic": "\u1200-\u139f",
    "Khmer": "\u1780-\u17ff",
    "Armenian": "\u0531-\u058f",
    "Hangul": "\uac00-\ud7a3\u1100-\u11ff",
    "Kana": "\u3041-\u30ff\uff66-\uff9d",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}
_PATTERNS = {script: re.compile(f"[{letters}]") for script, letters in _RANGES.items()}
_BEYOND_LATIN = re.compile("[\u0370-\u1cff\u1f00-\u1fff\u3041-\ud7a3\uf900-\ufaff\ufb50-\ufefc]")
_DENSE = {"Han": 3, "Kana": 2, "Hangul": 2.5}
"""Letters of an alphabet that one sign counts for."""
_LEAST_KANA = 0.06  # of the signs of a text in Japanese; Chinese texts quote a brand or two

ONE_LANGUAGE = {
    "Greek": "el", "Hebrew": "he", "Bengali": "bn", "Gurmukhi": "pa", "Gujarati": "gu", "Oriya": "or",
    "Tamil": "ta", "Telugu": "te", "Kannada": "kn", "Malayalam": "ml", "Sinhala": "si", "Thai": "th",
    "Lao": "lo", "Tibetan": "bo", "Myanmar": "my", "Georgian": "ka", "Ethiopic": "am", "Khmer": "km",
    "Armenian": "hy", "Hangul": "ko", "Kana": "ja", "Han": "zh",
}  # fmt: skip
"""Scripts that the news of one language is written in."""

LANGUAGES_OF = {
    "Devanagari": ("hi", "mr", "ne", "sa", "bho", "mai", "kok"),
    "Arabic": ("ar", "fa", "ur", "ps", "ckb", "sd", "ug", "ku", "az", "pa", "ks"),
    "Cyrillic": (
        "ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg", "uz", "tt", "ba", "cv", "os", "bs", "az",
    ),
}  # fmt: skip
"""Languages of a script that several write."""


def dominant(text: str) -> tuple[str, float]:
    """The script with most of a text's letters, and how many there are, signs of dense scripts counted as
    the letters that they stand for. Kana beside Han is Japanese: `Kana`. A script that is none of ours is
    `other`."""
    if text.isascii() or not _BEYOND_LATIN.search(text):
        return "Latin", sum(map(str.isalpha, text))
    counts = {
        script: n * _DENSE.get(script, 1)
        for script, own in _PATTERNS.items()
        if (n := len(own.findall(text)))
    }
    if not counts:
        return "other", sum(map(str.isalpha, text))
    script = max(counts, key=counts.__getitem__)
    if "Kana" in counts and script == "Han" and counts["Kana"] >= _LEAST_KANA * counts["Han"]:
        script = "Kana"
    return script, counts[script]
