"""Words beside the gazetteer: how frequent a place's name is as a word of each language, names of people, and
words of scripts without spaces that no name of a place may be cut out of.

Made by training/regions/lexicon.py.
"""

from __future__ import annotations

import gzip
from typing import Any

import msgspec

from services.enrich.regions.countries import DATA

_SAME = {
    "no": "nb",
    "nn": "nb",
    "hr": "sh",
    "bs": "sh",
    "sr": "sh",
    "tl": "fil",
    "gl": "pt",
    "af": "nl",
    "be": "ru",
}
"""Languages without a list of their own, and the nearest one that has a list."""


class Lexicon:
    """The tables, loaded once."""

    def __init__(self) -> None:
        table: dict[str, Any] = msgspec.json.decode(gzip.decompress((DATA / "lexicon.json.gz").read_bytes()))
        self._zipf: dict[str, dict[str, float]] = table["zipf"]
        self.abroad: dict[str, float] = table["abroad"]
        self.given = frozenset(table["given"])
        self.family = frozenset(table["family"])
        self.chinese: dict[str, int] = table["chinese"]
        self.japanese = frozenset(table["japanese"])

    def zipf(self, language: str) -> dict[str, float] | None:
        """The logarithm of how often a word comes in a thousand million, by word in small letters; None for a
        language without a list."""
        return self._zipf.get(language) or self._zipf.get(_SAME.get(language, ""))
