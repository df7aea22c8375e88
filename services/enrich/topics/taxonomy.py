"""IPTC Media Topics at run time: codes, paths, names by language, replacements of retired codes."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec

DATA = Path(__file__).parent / "data"


class Taxonomy:
    """Concepts in use, by code (`medtop:…`)."""

    def __init__(self) -> None:
        raw: dict[str, Any] = msgspec.json.decode(gzip.decompress((DATA / "taxonomy.json.gz").read_bytes()))
        self.version: str = raw["version"]
        self._concepts: dict[str, dict[str, Any]] = raw["concepts"]
        self._retired: dict[str, str | None] = raw["retired"]

    def codes(self) -> list[str]:
        """All codes in use."""
        return list(self._concepts)

    def path(self, code: str) -> list[str]:
        """Codes from level 1 down to `code` itself."""
        return list(self._concepts[code]["path"])

    def name(self, code: str, language: str = "en") -> str:
        """The concept's name in `language`, in English where IPTC gives none."""
        names = self._concepts[code]["names"]
        return str(names.get(language) or names["en"])

    def names(self, code: str) -> dict[str, str]:
        """The concept's names by language."""
        return dict(self._concepts[code]["names"])

    def current(self, code: str) -> str | None:
        """`code` itself while in use, else the concept that took its place, or None."""
        return code if code in self._concepts else self._retired.get(code)

    def find(self, query: str) -> list[str]:
        """Codes for a code, or for a name in any language; an exact name first, then names that
        contain it."""
        if query.startswith("medtop:"):
            code = self.current(query)
            return [code] if code else []
        folded = query.casefold()
        exact = [
            c for c, v in self._concepts.items() if folded in (n.casefold() for n in v["names"].values())
        ]
        return exact or self.containing(query)

    def containing(self, part: str) -> list[str]:
        """Codes of concepts of which a name, in any language, contains `part`."""
        folded = part.casefold()
        return [
            c for c, v in self._concepts.items() if any(folded in n.casefold() for n in v["names"].values())
        ]

    def all_names(self, language: str | None = None) -> list[str]:
        """The names of every concept in a language, or in all."""
        return [
            name for v in self._concepts.values() for of, name in v["names"].items() if language in (None, of)
        ]

    def languages(self) -> list[str]:
        """Languages in which concepts have names."""
        return sorted({language for v in self._concepts.values() for language in v["names"]})
