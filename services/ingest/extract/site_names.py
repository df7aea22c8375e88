"""Names of the site itself: as it states them, and as its host spells them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_SPELLED = """
а a|б b|в v|г g|д d|е e|з z|и i|й i|к k|л l|м m|н n|о o|п p|р r|с s|т t|у u|ф f|ы y|э e|і i|ї i|є e|ґ g|ў u
ж zh|х h|ц ts|ч ch|ш sh|щ sch|ъ|ь|ю yu|я ya|ё e|ј j|љ lj|њ nj|ћ c|ђ dj|џ dz
α a|β v|γ g|δ d|ε e|ζ z|η i|θ th|ι i|κ k|λ l|μ m|ν n|ξ x|ο o|π p|ρ r|σ s|ς s|τ t|υ y|φ f|χ ch|ψ ps|ω o
ß ss|ø o|æ ae|ł l|đ d|ı i
"""
_LATIN = str.maketrans(
    {pair[0]: pair[2:] for line in _SPELLED.strip().splitlines() for pair in line.split("|")}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_WORDS = re.compile(r"\w+")
_MOST_ADDED = 12  # characters, as of `Online Edition`
_SUFFIXES = frozenset("com org net co gov edu ac info www m amp mobile news blog or go ne".split())


def latin(text: str) -> str:
    """Letters and digits of a text in plain Latin, run together: `ΡΙΖΟΣΠΑΣΤΗΣ` as `rizospastis`."""
    folded = text.lower()
    if not folded.isascii():
        folded = unicodedata.normalize("NFD", folded).translate(_LATIN)
    return _NOT_ALNUM.sub("", folded)


def latin_words(text: str) -> list[str]:
    """The words of a text as slugs spell them: `Über Wärme` as `ueber`, `waerme`."""
    spelled = text.lower().translate(_UMLAUTS)
    return [word for word in map(latin, _WORDS.findall(spelled)) if word]


class Site:
    """One site's names, to compare others with."""

    def __init__(self, name: str | None, url: str | None) -> None:
        self.name = " ".join(_WORDS.findall((name or "").lower()))
        try:
            host = (urlsplit(url or "").hostname or "").lower()
        except ValueError:
            host = ""
        labels = host.split(".")
        kept = [label for label in labels[:-1] if label not in _SUFFIXES and len(label) > 1]
        self.domain = _NOT_ALNUM.sub("", kept[-1]) if kept else ""
        self.labels = {_NOT_ALNUM.sub("", label) for label in kept}
        self.host = _NOT_ALNUM.sub("", host.removeprefix("www."))

    def is_name(self, text: str) -> bool:
        """Whether a text is the site's name and little more: a headline about the site is not its name."""
        known = max(len(self.name), len(self.domain))
        return len(text) <= _MOST_ADDED + 2 * known and self.is_named(text)

    def is_named(self, text: str) -> bool:
        """Whether a text holds the site's name, or is a shorter form of it."""
        folded = " ".join(_WORDS.findall(text.lower()))
        if len(folded) < 2:
            return False
        if self.name and (self.name in folded or (len(folded) > 2 and folded in self.name)):
            return True
        spelled = latin(text)
        if len(spelled) < 2:
            return False
        if spelled in self.labels or spelled == self.host:
            return True
        if len(self.domain) > 3 and self.domain in spelled:
            return True
        if len(spelled) > 3 and spelled in self.domain:
            return True
        words = folded.split()
        return len(words) > 1 and len(self.domain) > 1 and "".join(w[0] for w in words) == self.domain
