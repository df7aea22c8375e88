"""Institutions that stand for a country: seats of power, parliaments, parties, police forces, broadcasters,
stock indices, currencies, leagues, in the country's own languages and the large ones.

The table is institutions.tsv: country, kind, languages, names. A name is looked for as it is written; a word
that ends in `~` takes up to five more letters, for languages that decline. In scripts without spaces, and in
those that write prefixes and particles to a word, a name is looked for inside of words too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from services.enrich.regions.spans import Tokens
from services.runtime.compiled import compiled

_compiled = compiled("services.enrich.regions")
_sieves = compiled("services.enrich")
Sieve: Any = _sieves and _sieves.Sieve

KINDS = ("seat", "state", "party", "person", "media", "market", "sport", "firm", "weak", "bloc")
SEAT = "seat"
"""The kind that is a mention of its country: a seat of power, which acts in its name."""
_SHORT = 4  # letters of a name that holds in its own languages alone: MP, CSU, PSD
_STEM = 3  # letters by which words with endings are looked up
_ENDING = r"\w{0,5}"
_MOST = 10_000  # names of one text that are kept, the first ones
_WITHIN = "\u0590"  # from this character on, names are looked for inside of words
_PREFIXED = re.compile("[\u0590-\u06ff]")
_WITHIN_LANGUAGES = frozenset(
    "ja zh ko th ar fa ur he hi mr ne bn ta te ml gu kn pa am my km lo ka hy si".split()
)


class Institution(Struct, frozen=True, eq=False):
    """A name with the countries that it may stand for; `languages` in which it holds, None for all."""

    name: str
    kind: str
    countries: tuple[str, ...]
    languages: frozenset[str] | None
    pattern: re.Pattern[str] | None = None  # where words of it take endings


class Naming(Struct, frozen=True, eq=False):
    """Where a text names an institution: `start` and `end` are offsets in the text."""

    start: int
    end: int
    institution: Institution


class _Holding:
    """The names that hold in one language, by the word that they begin with, and declined ones by its first
    letters: the beginnings of all, at one of which a text has to go on, and the names, the longest first."""

    def __init__(self, first: dict[str, _Names], stems: dict[str, _Names]) -> None:
        self._first, self._stems = first, stems
        self._sieve = _compiled and Sieve(list(first))
        self._stem_sieve = _compiled and Sieve(list(stems)) if stems else None

    def begun(self, tokens: Tokens) -> list[tuple[int, list[Institution]]]:
        """Where a text goes on as a name begins, and the names that may stand there."""
        text, first, stems = tokens.text, self._first, self._stems
        return [
            (start, names[1])
            for start, word in self._words(tokens)
            if text.startswith(
                (names := first.get(word) or (stems and stems.get(word[:_STEM])) or _NO_NAMES)[0], start
            )
        ]

    def _words(self, tokens: Tokens) -> Iterable[tuple[int, str]]:
        """Where a word stands that a name may begin with, and the word."""
        if _compiled:
            found = _compiled.words_of(tokens, self._sieve, self._stem_sieve, _STEM)
            return [(start, word) for _, start, word in found]
        first, stems, starts = self._first, self._stems, tokens.starts
        return [
            (starts[n], word) for n, word in enumerate(tokens.words) if word in first or word[:_STEM] in stems
        ]


def _longest(text: str, start: int, names: Iterable[Institution]) -> Naming | None:
    """The longest name that begins at a word."""
    for one in names:
        if one.pattern is not None:
            if match := one.pattern.match(text, start):
                return Naming(start, match.end(), one)
            continue
        end = start + len(one.name)
        if text.startswith(one.name, start) and not text[end : end + 1].isalnum():
            return Naming(start, end, one)
    return None


def _holding_in(language: str | None, names: Iterable[Institution]) -> _Names | None:
    """Of these names those that hold in a language, with the beginning of each; None where none does."""
    here = [one for one in names if one.languages is None or language in one.languages]
    beginnings = [one.name if one.pattern is None else _TO_ENDING.split(one.name, 1)[0] for one in here]
    return (tuple(beginnings), here) if here else None


_TO_ENDING = re.compile(r"[~\s]")
_Names = tuple[tuple[str, ...], list[Institution]]
_NO_NAMES: _Names = (), []


class Institutions:
    """Finds institutions by their names."""

    def __init__(self) -> None:
        self._first: dict[str, list[Institution]] = {}
        self._stems: dict[str, list[Institution]] = {}
        self._inside: dict[str, list[Institution]] = {}
        self._signs: list[Institution] = []
        for one in _table():
            self._file(one)
        for found in (*self._first.values(), *self._stems.values(), *self._inside.values()):
            found.sort(key=lambda i: -len(i.name))
        everything = (i for found in (*self._first.values(), *self._stems.values()) for i in found)
        self._languages = frozenset(language for i in everything for language in i.languages or ())
        self._stem_languages = frozenset(
            language for found in self._stems.values() for i in found for language in i.languages or ()
        )
        self._holding: dict[str | None, _Holding] = {}

    def _file(self, one: Institution) -> None:
        """Put a name where it will be looked up."""
        name = one.name
        words = Tokens(name.replace("~", "")).words
        if not words or not name.startswith(words[0][:1]):
            self._signs.append(one)
        elif name[0] >= _WITHIN:
            self._inside.setdefault(name[:2], []).append(one)
        elif one.pattern is not None and "~" in name.split()[0]:
            self._stems.setdefault(name[:_STEM], []).append(one)
            if one.languages is None:  # elsewhere it is written without endings
                plain = Institution(name.replace("~", ""), one.kind, one.countries, None)
                self._first.setdefault(words[0], []).append(plain)
        else:
            self._first.setdefault(words[0], []).append(one)

    def find(self, tokens: Tokens, language: str | None) -> list[Naming]:
        """The institutions that a text names, in order, the longest at each word, none touching the next."""
        found: list[Naming] = []
        end = 0
        for start, names in self._of(language).begun(tokens):
            if start >= end and (one := _longest(tokens.text, start, names)):
                found.append(one)
                end = one.end
        signs = [s for s in self._signs if s.name in tokens.text]
        if signs:
            found = _apart([*found, *_each(signs, tokens.text, language)])
        if language in _WITHIN_LANGUAGES:
            found = _apart([*found, *self._within(tokens.text, language)])
        return found[:_MOST]

    def _of(self, language: str | None) -> _Holding:
        """The names that hold in a language, made when it is first asked for; one for all that have none of
        their own."""
        key = language if language in self._languages else None
        if key not in self._holding:
            first = {
                word: holding
                for word, found in self._first.items()
                if (holding := _holding_in(key, [*found, *self._stems.get(word[:_STEM], ())]))
            }
            declined = self._stems if key in self._stem_languages else {}
            stems = {
                stem: holding for stem, found in declined.items() if (holding := _holding_in(key, found))
            }
            self._holding[key] = _Holding(first, stems)
        return self._holding[key]

    def _within(self, text: str, language: str | None) -> Iterable[Naming]:
        """Names inside of words, in scripts that are written so."""
        letters = set(text)
        for pair, named in self._inside.items():
            if not letters.issuperset(pair) or pair not in text:
                continue
            for one in named:
                if one.languages is not None and language not in one.languages:
                    continue
                at = text.find(one.name)
                while at >= 0:
                    end = at + len(one.name)
                    if not _PREFIXED.match(one.name) or _stands_alone(text, at, end):
                        yield Naming(at, end, one)
                    at = text.find(one.name, end)


def _each(signs: Iterable[Institution], text: str, language: str | None) -> Iterable[Naming]:
    """The first place of each sign, such as a currency's, in a text."""
    for one in signs:
        if one.languages is None or language in one.languages:
            at = text.find(one.name)
            yield Naming(at, at + len(one.name), one)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a Hebrew or Arabic name is a word, but for one or two letters written to it in front."""
    before = start
    while before > 0 and text[before - 1].isalpha():
        before -= 1
    return start - before <= 2 and not text[end : end + 1].isalpha()


def _apart(found: list[Naming]) -> list[Naming]:
    """In order, the longer first of two that touch."""
    kept: list[Naming] = []
    for one in sorted(found, key=lambda n: (n.start, -n.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _table() -> list[Institution]:
    """The rows of the table, one a name; names that several countries share are joined."""
    rows: defaultdict[tuple[str, frozenset[str] | None], list[tuple[str, str]]] = defaultdict(list)
    for line in Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        country, kind, languages, names = line.split("\t")
        spoken = frozenset(languages.split(",")) - {"*"}
        everywhere = "*" in languages.split(",")
        for name in names.split("|"):
            short = len(name.replace("~", "")) <= _SHORT and name[0] < _WITHIN
            rows[name, None if everywhere and not (short and spoken) else spoken].append((country, kind))
    return [
        Institution(name, meant[0][1], tuple(dict.fromkeys(c for c, _ in meant)), languages, _pattern(name))
        for (name, languages), meant in rows.items()
    ]


def _pattern(name: str) -> re.Pattern[str] | None:
    if "~" not in name:
        return None
    words = [re.escape(w.removesuffix("~")) + (_ENDING if w.endswith("~") else "") for w in name.split()]
    return re.compile(r"\s+".join(words) + r"(?!\w)")
