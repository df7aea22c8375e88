"""Spans that may name a place: the longest known name at each word, and runs of words that end like a
landmark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from services.enrich.regions.gazetteer import SHORT, Gazetteer
from services.enrich.regions.inflection import Inflections
from services.enrich.regions.vocabulary import ABBREVIATED, FACILITIES, LEADING
from services.enrich.scripts import JOINERS, MARKS

# A word is letters and marks, and the signs within it that are not seen.
_IN = rf"[\w{MARKS}{JOINERS}]"
_WORD = re.compile(
    # A word may begin with a particle of its own, as in l'Arabie and n'Awka.
    r"[^\W\d_A-ZÀ-ÖØ-Þ]{1,3}(?=['’][A-ZÀ-ÖØ-ÞỊỌỤẸṢ])|"
    rf"[^\W\d_]{_IN}*+(?:['’.]{_IN}++)*+(?:(?<=\.[A-Z])\.|(?<=\b[A-Z])\.(?=[A-Z]\.))?"
)
ELIDED = re.compile(
    r"\b(?:[ldnsmtcj]|qu|d?all|nell|sull|dell|coll|un)(?=['’][^\W\d_])|" + _WORD.pattern, re.IGNORECASE
)
_LONGEST = 6  # words of a name
_LONGEST_CHARS = 60
_CYRILLIC = re.compile(r"^[\u0400-\u04ff]")
_ARABIC = re.compile(r"^[\u0600-\u06ff]")
_JOINING = frozenset({"of", "de", "del", "la"})


class Tokens:
    """The words of a text: `words[n]` stands at `starts[n]:ends[n]`."""

    __slots__ = ("capital", "ends", "starts", "text", "words")

    def __init__(self, text: str, *, elided: bool = False) -> None:
        """`elided` parts an article from its word, as French and Italian write them: l'Arabie,
        dell'Unione."""
        self.text = text
        self.words: list[str] = (ELIDED if elided else _WORD).findall(text)
        self.starts: list[int] = []
        self.ends: list[int] = []
        # Where each stands, found again: quicker than asking each match, and sure, for between two words
        # there is no letter.
        find, at = text.find, 0
        for word in self.words:
            start = find(word, at)
            self.starts.append(start)
            at = start + len(word)
            self.ends.append(at)
        self.capital = [word[0].isupper() for word in self.words]

    def __len__(self) -> int:
        return len(self.words)

    def word_at(self, n: int) -> str:
        """Word `n`; empty where there is none."""
        return self.words[n] if 0 <= n < len(self.words) else ""

    def is_capital(self, n: int) -> bool:
        """Whether there is a word `n`, and it begins with a capital."""
        return 0 <= n < len(self.words) and self.capital[n]

    def gap(self, n: int) -> str:
        """What stands between word `n` and the next."""
        return self.text[self.ends[n] : self.starts[n + 1]]


@dataclass(slots=True)
class Span:
    """Words `first` to `last` of the text, which may name a place. `row` is the name's in the gazetteer, -1
    where it has none."""

    start: int
    end: int
    first: int
    last: int
    name: str
    row: int
    facility: str = ""  # the kind of landmark that the last word tells of: water, street, school, …


def find_spans(tokens: Tokens, gazetteer: Gazetteer, language: str = "en") -> list[Span]:
    """Known names in order, not overlapping, the longest at each word; with the adjectives of a language
    other than English, and its inflected names."""
    spans: list[Span] = []
    inflected = inflections(gazetteer, language)
    words, capital = tokens.words, tokens.capital
    unsegmented, people = gazetteer.unsegmented, gazetteer.foreign_people
    foreign = {} if language == "en" else people.get("any", {}) | people.get(language, {})
    free = 0  # the first word that is in no name yet
    for n in [n for n, word in enumerate(words) if capital[n] or word[0] >= "\u0590" or word in foreign]:
        if n < free:
            continue
        word = words[n]
        if capital[n] or (word[0] >= "\u0590" and word[0] not in unsegmented):
            span = _longest(tokens, n, gazetteer)
            if span is not None and word.lower() in LEADING:
                span = _without_opening(tokens, span, gazetteer)
            if inflected is not None and (span is None or span.first == span.last):
                span = uninflected(tokens, n, span, inflected, language)
            if span is not None:
                spans.append(span)
                free = span.last + 1
                continue
        if word in foreign:
            spans.append(Span(tokens.starts[n], tokens.ends[n], n, n, word, foreign[word]))
    return spans


def _without_opening(tokens: Tokens, span: Span, gazetteer: Gazetteer) -> Span | None:
    """A name that begins with an article or a preposition, unless a longer one begins at its next word: `La
    Côte d'Ivoire`. Such a word alone names nothing but a division behind its place."""
    if span.first == span.last:
        return span if is_behind_comma(tokens, span.first, span.row, gazetteer) else None
    inner = _longest(tokens, span.first + 1, gazetteer)
    return inner if inner is not None and inner.last > span.last else span


def is_behind_comma(tokens: Tokens, n: int, row: int, gazetteer: Gazetteer) -> bool:
    """Whether word `n`, of the name of a row, is a division's short form in capitals, behind a comma and
    a capitalised word: `Gary, IN`."""
    return (
        gazetteer.first_how[row] == SHORT
        and tokens.word_at(n).isupper()
        and tokens.is_capital(n - 1)
        and tokens.gap(n - 1) == ", "
        and not tokens.word_at(n - 1).isupper()
    )


def is_abbreviated(word: str) -> bool:
    """Whether a full stop behind the word ends no sentence: an initial, or `ABBREVIATED`."""
    return len(word) == 1 or word in ABBREVIATED


def find_landmarks(tokens: Tokens, names: list[Span]) -> list[Span]:
    """Runs of capitalised words that end in Street, River, University and the like, where the gazetteer has
    no such name. None reaches back over the end of a sentence, and none ends in a word that opens a known
    name, as St. Thomas in `on St. Thomas`."""
    found: list[Span] = []
    words, capital = tokens.words, tokens.capital
    known = {s.last for s in names} | {s.first for s in names if s.last > s.first}
    for n, word in enumerate(words):
        kind = FACILITIES.get(word) if capital[n] else None
        if kind is None or n == 0 or n in known or tokens.gap(n - 1) != " ":
            continue
        first = n
        while first > 0 and n - first < _LONGEST:
            gap, before = tokens.gap(first - 1), words[first - 1]
            if gap not in (" ", "-") and not (gap == ". " and is_abbreviated(before)):
                break
            if capital[first - 1] or (before in _JOINING and first > 1 and capital[first - 2]):
                first -= 1
            else:
                break
        while first < n and not capital[first]:
            first += 1
        if first < n:
            start, end = tokens.starts[first], tokens.ends[n]
            found.append(Span(start, end, first, n, tokens.text[start:end], -1, kind))
    return found


def inflections(gazetteer: Gazetteer, language: str) -> Inflections | None:
    """What looks up inflected names of a language; None for one that inflects none."""
    if not Inflections.known(language):
        return None
    if gazetteer.inflections is None:
        gazetteer.inflections = Inflections(gazetteer)
    return gazetteer.inflections  # type: ignore[no-any-return]


def uninflected(
    tokens: Tokens, n: int, span: Span | None, inflected: Inflections, language: str
) -> Span | None:
    """The name that word `n` is a form of, alone or with the next word, in place of `span`, which has the
    word as it is written."""
    word, start = tokens.words[n], tokens.starts[n]
    if n + 1 < len(tokens.words) and tokens.capital[n] and tokens.capital[n + 1]:
        gap = tokens.gap(n)
        if gap in (" ", "-") and (both := inflected.pair(word, gap, tokens.words[n + 1], language)):
            return Span(start, tokens.ends[n + 1], n, n + 1, both.name, both.row)
    found = inflected.base(as_written(word), language, -1 if span is None else span.row)
    if found is None:
        return span
    return Span(start + found.before, tokens.ends[n], n, n, found.name, found.row)


def as_written(word: str) -> str:
    """A word as a reader sees it, in small letters after the first where it is all in capitals."""
    return _seen(_titled(word) if word.isupper() and len(word) > 3 else word)


def _longest(tokens: Tokens, n: int, gazetteer: Gazetteer) -> Span | None:
    """The longest known name that begins with word `n`."""
    text, start, names = tokens.text, tokens.starts[n], gazetteer.names
    word = tokens.words[n]
    most = gazetteer.openers.get(word, 1)
    if word.isupper() and len(word) > 1:
        most = max(most, gazetteer.openers.get(word.title(), 1))
    for length in range(min(most, _LONGEST, len(tokens.words) - n), 1, -1):
        last = n + length - 1
        if (
            not tokens.capital[last]
            and tokens.words[last] not in gazetteer.lower_ends
            and tokens.words[last][0] < "\u0370"
        ):
            continue
        end = tokens.ends[last]
        if (
            end - start <= _LONGEST_CHARS
            and "\n" not in text[start:end]
            and (span := _named(tokens, n, length, gazetteer))
        ):
            return span
    end = tokens.ends[n]
    if (
        word.isalpha()
        and word[-1].islower()
        and word[0] < "\u0370"
        and not (end - start < 8 and text[end : end + 1] == ".")
    ):
        # A plain word has no other form to look under: most words end here.
        row = names.get(word)
        return Span(start, end, n, n, word, row) if row is not None else None
    return _named(tokens, n, 1, gazetteer)


def _named(tokens: Tokens, n: int, length: int, gazetteer: Gazetteer) -> Span | None:
    """The name that `length` words from `n` on make, under any of its forms."""
    text, start, end = tokens.text, tokens.starts[n], tokens.ends[n + length - 1]
    for name in forms(text, start, end, length):
        row = gazetteer.names.get(name)
        if row is not None:
            raw = text[start:end]
            before = len(raw) - len(name) if raw[0] >= "\u0590" and raw.endswith(name) else 0
            length_written = written(raw, name, text[end : end + 1])
            return Span(start + before, start + length_written, n, n + length - 1, name, row)
    return None


def forms(text: str, start: int, end: int, length: int) -> Sequence[str]:
    """The written form and the forms under which a gazetteer may have it: without possessive, inflection,
    prefix."""
    return _forms(text[start:end], length, abbreviated=end - start < 8 and text.startswith(".", end))


@lru_cache(maxsize=10_000)
def _forms(name: str, length: int, *, abbreviated: bool) -> Sequence[str]:
    """The same of a name with a full stop behind it or none; kept, for the same words come again."""
    if not name.isascii():
        name = _seen(name)
    forms = [name]
    if abbreviated and name[-1] != ".":
        forms.insert(0, name + ".")
        if name.isupper():
            forms.insert(1, _titled(name) + ".")
    if name.endswith("'s"):
        forms.append(name[:-2])
    elif (at := name.rfind("'")) > 2 and name[at + 1 :].islower():
        forms.append(name[:at])  # Ankara'da, İstanbul'un
    if length > 1 and "  " in name:
        forms.append(" ".join(name.split()))
    if name.isupper() and len(name) > 3:
        forms.append(_titled(name))
        if name.endswith("'S"):
            forms.append(_titled(name[:-2]))
    if length == 1 and len(name) > 4:
        if _CYRILLIC.match(name):
            forms.extend(_uninflected(name))
        elif _ARABIC.match(name):
            forms.extend(name[k:] for k in (1, 2) if name[0] in "وبلفك" and len(name) - k > 3)
    return forms


def _seen(name: str) -> str:
    """A name as a reader sees it: accents as one sign with their letters, no signs that are not shown."""
    name = name.replace("’", "'").translate(_UNSEEN)
    return normalize("NFC", name)


_UNSEEN = dict.fromkeys(map(ord, JOINERS))


def _titled(name: str) -> str:
    titled = "-".join(" ".join(w.capitalize() for w in part.split(" ")) for part in name.split("-"))
    return _AFTER_ARTICLE.sub(lambda found: found[0].upper(), titled) if "'" in titled else titled


_AFTER_ARTICLE = re.compile(r"(?<=\b[LDN]')[^\W\d_]")  # L'Aquila, N'Djamena


def _uninflected(name: str) -> list[str]:
    """Nominatives that a Russian or Ukrainian form may stand for: `России` for `Россия`, `Киеве` for
    `Киев`."""
    out: list[str] = []
    for ending, bases in (
        (("ии", "ию", "ией"), ("ия",)),
        (("ы", "е", "у", "ой", "ою"), ("а", "")),
        (("а", "ом", "е", "у", "і"), ("", "о")),
        (("и", "ю", "ей", "і"), ("я", "ь", "а")),
    ):
        for suffix in ending:
            if name.endswith(suffix) and len(name) - len(suffix) > 2:
                out.extend(name[: -len(suffix)] + base for base in bases)
    return out


def written(raw: str, name: str, following: str) -> int:
    """Characters of the mention as written: without a possessive `'s`."""
    if name.endswith(".") and not raw.endswith(".") and following == ".":
        return len(raw) + 1
    if raw.lower().endswith(("'s", "’s")) and not name.lower().endswith("'s"):
        raw = raw[:-2]
    return len(raw)
