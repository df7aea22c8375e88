"""Inflected names: the forms under which a gazetteer may have what a text writes with a case ending, a
particle or a prefix.

By language (`inflection.tsv`): endings that are taken off, endings of names that are put on instead, and
changes of the stem (`ng>nk`: Helsingissä, Helsinki). What comes out is looked up, so endings may be
listed generously; only names of places that are known well enough count.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from msgspec import Struct

from services.enrich.regions.gazetteer import PEOPLE, SHORT, Gazetteer

_LEAST_STEM = 3
_LEAST_LOG = 3.7  # a place of 5,000 people
_HOME, _LOST_LETTER = 1.5, 0.4  # in powers of ten of people
_FAR_LARGER = 1.0  # in powers of ten: a base form's place over that of the written form
_COUNTRY, _AREA, _PAST, _WATER = 1, 0, 8, 5
_KEPT = 50_000
_NOTHING = "-"  # no ending, in a list of endings


class Inflected(Struct, frozen=True):
    """A name found for a word as written: its row, and the letters before it that are a prefix."""

    name: str
    row: int
    before: int = 0


class _Endings(Struct, frozen=True):
    off: tuple[str, ...]  # longest first
    on: tuple[str, ...]
    stem: tuple[tuple[str, str], ...]
    fleeting: str = ""  # vowel put before a stem's last consonant
    prefixes: tuple[str, ...] = ()


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    table: dict[str, dict[str, list[str]]] = {}
    for line in Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            language, what, parts = line.split("\t")
            table.setdefault(language, {}).setdefault(what, []).extend(parts.split())
    return table


@lru_cache(maxsize=200)
def _endings(language: str) -> _Endings | None:
    row = _table().get(language)
    if row is None:
        return None
    off, on = (["" if e == _NOTHING else e for e in row.get(k, ())] for k in ("off", "on"))
    return _Endings(
        tuple(sorted(dict.fromkeys(off), key=len, reverse=True)),
        tuple(dict.fromkeys(on)),
        tuple((a, b) for a, _, b in (pair.partition(">") for pair in row.get("stem", ()))),
        "".join(row.get("fleeting", ())),
        tuple(sorted(row.get("prefix", ()), key=len, reverse=True)),
    )


def bases(word: str, language: str) -> list[str]:
    """Forms without ending that a word may stand for, likelier ones first; the word itself is none of
    them."""
    endings = _endings(language)
    if endings is None:
        return []
    found: dict[str, None] = {}
    for off in endings.off:
        if off and not word.endswith(off):
            continue
        stem = word[: len(word) - len(off)]
        if len(stem) < _LEAST_STEM and not (len(stem) > 1 and stem[0] >= "\u0900"):
            continue
        stems = [stem]
        stems += [stem[: len(stem) - len(a)] + b for a, b in endings.stem if stem.endswith(a)]
        if endings.fleeting and len(stem) > 3:
            stems += [s[:-1] + endings.fleeting + s[-1] for s in stems[:2]]
        for base in stems:
            found |= dict.fromkeys(base + on for on in endings.on)
    found.pop(word, None)
    return list(found)


def _shared(word: str, name: str) -> int:
    """How many letters two words begin with together."""
    letters = enumerate(zip(word, name, strict=False))
    return next((n for n, (a, b) in letters if a != b), min(len(word), len(name)))


class Inflections:
    """Looks inflected names up in a gazetteer; what was found is kept, for the same words come again."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._found: dict[tuple[str, str], Inflected | None] = {}
        self.forms: dict[str, dict[str, Inflected | None]] = {}
        """By language, single words as texts have them, which the compiled search keeps for itself."""

    @staticmethod
    def known(language: str) -> bool:
        """Whether names are inflected in a language, as far as this module knows."""
        return _endings(language) is not None

    def base(self, word: str, language: str, row: int) -> Inflected | None:
        """The name that a word is a form of; None where it is best taken as written, where it has `row` (-1
        for none)."""
        key = word, language
        if key not in self._found:
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[key] = self._look_up(word, language, row)
        return self._found[key]

    def pair(self, first: str, gap: str, second: str, language: str) -> Inflected | None:
        """The same for two words, both of which may be inflected: `Nowym Targu`, `Nowy Targ`."""
        key = f"{first}{gap}{second}", language
        if key not in self._found:
            if len(self._found) >= _KEPT:
                self._found.clear()
            heads = [h for b in (first, *bases(first, language)) if (h := b + gap)]
            tails = (second, *bases(second, language))
            names = (h + t for h in heads for t in tails)
            written = key[0]
            self._found[key] = self._best(names, written, language) if self._opens(heads, gap) else None
        return self._found[key]

    def _opens(self, heads: list[str], gap: str) -> bool:
        openers = self._gazetteer.openers
        return any(head[: -len(gap)] in openers for head in heads)

    def _look_up(self, word: str, language: str, row: int) -> Inflected | None:
        written = self._weight(row) if row >= 0 else 0.0
        endings = _endings(language)
        found = self._best(bases(word, language), word, language)
        for prefix in endings.prefixes if endings else ():
            rest = word[len(prefix) :]
            if (
                word.startswith(prefix)
                and len(rest) > 2
                and (at := self._gazetteer.names.get(rest)) is not None
            ):
                weight = self._weight(at)
                if weight >= _LEAST_LOG and (found is None or weight > self._weight(found.row)):
                    found = Inflected(rest, at, len(prefix))
        if found is None or self._weight(found.row) < written + (_FAR_LARGER if row >= 0 else 0.0):
            return None
        return found

    def _best(self, names: Iterable[str], word: str, language: str) -> Inflected | None:
        """The name that is best known; of those nearly as well known one at home where the language is
        spoken, and one that keeps most of the word."""
        best: Inflected | None = None
        most = 0.0
        home = self._gazetteer.home(language)
        for name in names:
            row = self._gazetteer.names.get(name)
            if row is None or (weight := self._weight(row)) < _LEAST_LOG:
                continue
            at_home = int(self._gazetteer.country[self._gazetteer.first_entity[row]]) in home
            merit = weight + _HOME * at_home - _LOST_LETTER * (len(word) - _shared(word, name))
            if merit > most:
                best, most = Inflected(name, row), merit
        return best

    def _weight(self, row: int) -> float:
        """How well known the first meaning of a name is: the logarithm of its people; countries and the like
        count for more than any city."""
        gazetteer = self._gazetteer
        kind, how = gazetteer.first_kind[row], gazetteer.first_how[row]
        if how in (PEOPLE, SHORT):
            return 0.0
        if kind in (_AREA, _COUNTRY, _PAST):
            return 9.0
        return gazetteer.first_log_population[row] if kind != _WATER else 5.0
