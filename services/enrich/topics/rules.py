"""User-defined topics: rules compiled into one matcher. `rule_files` describes their syntax."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.contract.messages import Quote, Topic
from services.enrich.words import words

_EVIDENCE = 5
_GAP = 10_000  # between headline and body: nothing is near across it


@dataclass(frozen=True, slots=True)
class TermHit:
    """An occurrence of a term: positions of its first and last word, and its characters in its part of the
    article."""

    first: int
    last: int
    start: int
    end: int
    in_title: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: a term (`term` is its number), or an operation over other conditions."""

    kind: str  # term, all, any, not, near, title, at_least
    parts: tuple[Condition, ...] = ()
    term: int = -1
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One user-defined topic, and its condition."""

    id: str
    name: str
    path: tuple[str, ...]
    languages: frozenset[str]
    when: Condition
    where: str

    @property
    def code(self) -> str:
        """The tag's code."""
        return self.path[-1]


@dataclass(slots=True)
class Terms:
    """All terms of all rules, each once: by the forms of their first word, and by prefixes (`*`)."""

    numbers: dict[str, int] = field(default_factory=dict)
    by_word: defaultdict[str, list[tuple[int, tuple[_Word, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    by_beginning: defaultdict[str, list[tuple[int, tuple[_Word, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    lengths: set[int] = field(default_factory=set)

    def add(self, written: str) -> int:
        """The number of a term. Raises ValueError for one without a word."""
        if written in self.numbers:
            return self.numbers[written]
        parts = tuple(_Word.of(w) for w in _split(written))
        if not parts:
            raise ValueError(f"{written!r} has no word in it")
        number = self.numbers[written] = len(self.numbers)
        first = parts[0]
        if first.beginning:
            self.by_beginning[first.beginning].append((number, parts))
            self.lengths.add(len(first.beginning))
        for form in first.forms:
            self.by_word[form].append((number, parts))
        return number


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a term: its folded forms, or a prefix; `exact` where case matters too."""

    forms: frozenset[str]
    beginning: str = ""
    exact: str = ""

    @classmethod
    def of(cls, written: str) -> _Word:
        if written.startswith("="):
            return cls(frozenset({written[1:].lower()}), exact=written[1:])
        if written.endswith("*"):
            return cls(frozenset(), beginning=written[:-1].lower())
        return cls(_forms(written.lower()))

    def meets(self, folded: str, as_written: str) -> bool:
        if self.exact:
            return as_written == self.exact
        return folded.startswith(self.beginning) if self.beginning else folded in self.forms


class TopicRules:
    """Compiled rules. An article is scanned once, however many rules there are. Empty by default."""

    def __init__(self, rules: Sequence[Rule] = (), terms: Terms | None = None, text: str = "") -> None:
        self.rules = list(rules)
        self._terms = terms or Terms()
        self.version = hashlib.sha256(text.encode()).hexdigest()[:8] if rules else ""
        self._by_term: defaultdict[int, set[int]] = defaultdict(set)
        self._always = [n for n, rule in enumerate(self.rules) if _holds_without(rule.when)]
        for n, rule in enumerate(self.rules):
            for term in _terms_of(rule.when):
                self._by_term[term].add(n)

    def tag(self, title: str, text: str, language: str | None) -> list[Topic]:
        """Topics of the rules that match, in the order of the rules. Evidence is quoted from `text`."""
        if not self.rules:
            return []
        hits = self._hits(title, text)
        candidates = {n for term in hits for n in self._by_term[term]} | set(self._always)
        out = []
        for n in sorted(candidates):
            rule = self.rules[n]
            if rule.languages and language not in rule.languages:
                continue
            found = _met(rule.when, hits)
            if found is not None:
                out.append(Topic(
                    code=rule.code, name=rule.name, path=list(rule.path), score=1.0,
                    evidence=_quotes(text, found), provenance=["rule"],
                ))  # fmt: skip
        return out

    def _hits(self, title: str, text: str) -> dict[int, list[TermHit]]:
        terms = self._terms
        hits: defaultdict[int, list[TermHit]] = defaultdict(list)
        for part, base, in_title in ((title, 0, True), (text, _GAP, False)):
            tokens = list(words(part))
            for at, (folded, _, _) in enumerate(tokens):
                known = terms.by_word.get(folded, ())
                begun = [
                    x for n in terms.lengths if (x := terms.by_beginning.get(folded[:n])) and len(folded) >= n
                ]
                for number, parts in (*known, *(one for some in begun for one in some)):
                    span = tokens[at : at + len(parts)]
                    if len(span) == len(parts) and all(
                        w.meets(f, part[a:b]) for w, (f, a, b) in zip(parts, span, strict=True)
                    ):
                        hits[number].append(
                            TermHit(base + at, base + at + len(parts) - 1, span[0][1], span[-1][2], in_title)
                        )
        return hits


def _split(written: str) -> Iterator[str]:
    """The words of a term with their marks: `=` before, `*` after."""
    for piece in written.split():
        exact, ending = piece.startswith("="), piece.endswith("*")
        found = [piece[start:end] for _, start, end in words(piece)]
        for n, word in enumerate(found):
            yield ("=" if exact else "") + word + ("*" if ending and n == len(found) - 1 else "")


def _forms(word: str) -> frozenset[str]:
    """A word with the common endings of English; words of other scripts stand for themselves."""
    forms = {word}
    if word.isascii() and word.isalpha() and len(word) > 2:
        stem = word[:-1] if word.endswith("e") else word
        forms |= {word + "s", word + "es", stem + "ed", stem + "ing", stem + "er", stem + "ers"}
        if word.endswith("y") and word[-2] not in "aeiou":
            forms |= {word[:-1] + "ies", word[:-1] + "ied"}
        if word[-1] not in "aeiouwxy" and word[-2] in "aeiou" and (len(word) == 3 or word[-3] not in "aeiou"):
            forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}  # stop: stopped
    return frozenset(forms)


def is_places(node: Condition) -> bool:
    return node.kind == "term" or (node.kind in ("any", "title") and all(is_places(n) for n in node.parts))


def _terms_of(node: Condition) -> Iterator[int]:
    if node.kind == "term":
        yield node.term
    for part in node.parts:
        yield from _terms_of(part)


def _holds_without(node: Condition) -> bool:
    """Whether a condition can hold without any of its terms: `not` at its top."""
    if node.kind == "not":
        return True
    return (node.kind in ("any", "title") and any(map(_holds_without, node.parts))) or (
        node.kind == "all" and all(map(_holds_without, node.parts))
    )


def _met(node: Condition, hits: dict[int, list[TermHit]]) -> list[TermHit] | None:
    """The hits that satisfy a condition, none for one that holds by absence; None where it does not hold."""
    if node.kind == "term":
        return hits.get(node.term)
    if node.kind == "not":
        return None if _met(node.parts[0], hits) is not None else []
    if node.kind == "title":
        found = _met(
            node.parts[0],
            {term: kept for term, all_of in hits.items() if (kept := [h for h in all_of if h.in_title])},
        )
        return found
    if node.kind == "near":
        return _near([_met(part, hits) or [] for part in node.parts], node.amount)
    inner = [_met(part, hits) for part in node.parts]
    if node.kind == "all":
        return None if any(found is None for found in inner) else [h for found in inner for h in found or ()]
    together = [h for found in inner for h in found or ()]
    if node.kind == "at_least":
        return together if len(together) >= node.amount else None
    return together if any(found is not None for found in inner) else None


def _near(groups: list[list[TermHit]], within: int) -> list[TermHit] | None:
    """The hits of each window of at most `within` words that has one of every group."""
    if not all(groups):
        return None
    carried: dict[tuple[int, int, int, int, bool], TermHit] = {}
    latest: dict[int, TermHit] = {}
    events = [(hit, number) for number, group in enumerate(groups) for hit in group]
    for hit, number in sorted(events, key=lambda event: (event[0].first, event[1])):
        latest[number] = hit
        if len(latest) == len(groups):
            stretch = latest.values()
            if max(h.last for h in stretch) - min(h.first for h in stretch) <= within:
                for h in stretch:
                    carried.setdefault((h.first, h.last, h.start, h.end, h.in_title), h)
    return list(carried.values()) or None


def _quotes(text: str, hits: list[TermHit]) -> list[Quote]:
    """The first few occurrences in the body, without duplicates and overlaps."""
    out: list[Quote] = []
    for hit in sorted((h for h in hits if not h.in_title), key=lambda h: (h.start, -h.end)):
        if len(out) == _EVIDENCE:
            break
        if not out or hit.start >= out[-1].end:
            out.append(Quote(text=text[hit.start : hit.end], start=hit.start, end=hit.end))
    return out
