"""Entities of an article: which mentions are of one person or organisation, and its fullest name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from services.enrich.names.folding import key_of, words_of
from services.enrich.names.recogniser import Span

_PARTICLES = frozenset(
    "of the and for de la del di da do dos das du des van von der den und für al el bin y e et".split()
)
_TAILS = frozenset("jr sr jnr snr ii iii iv".split())  # by which father and son are told apart
_MOST_FORMS = 2_000  # different forms of an article that are compared with each other


class Entity:
    """A person or organisation: the words of its fullest form, that form, and the key: of a person the usual
    one of its full forms, without initials, since others may leave out what lies between."""

    __slots__ = ("_times", "key", "label", "name", "words")

    def __init__(self, label: str, words: tuple[str, ...], name: str) -> None:
        self.label, self.words, self.name = label, words, name
        self.key = key_of(_plain(words) if label == "PER" else words)
        self._times = 0

    def told(self, words: tuple[str, ...], times: int) -> None:
        """Takes notice of a form that was found so many times."""
        if self.label == "PER" and len(words) > 1 and words[0] == self.words[0] and times >= self._times:
            if self._times or words is not self.words:
                self.key = key_of(_plain(words))
            self._times = times


def merged(text: str, spans: Sequence[Span]) -> list[Entity]:
    """The entity of each span."""
    forms: dict[str, dict[str, list[int]]] = {}
    for n, span in enumerate(spans):
        forms.setdefault(span.label, {}).setdefault(text[span.start : span.end], []).append(n)
    found: list[Entity | None] = [None] * len(spans)
    for label, surfaces in forms.items():
        of_label = [(words_of(surface, label), surface, at) for surface, at in surfaces.items()]
        of_label.sort(key=_length, reverse=True)
        known = People() if label == "PER" else Bodies(text, spans) if label == "ORG" else Alike(label)
        open_: list[tuple[list[int], list[Entity]]] = []
        for words, surface, at in of_label[:_MOST_FORMS]:
            choices = known.of(words, surface, at)
            if len(choices) == 1:
                choices[0].told(words, len(at))
                for n in at:
                    found[n] = choices[0]
            else:
                open_.append((at, choices))
        for words, surface, at in of_label[_MOST_FORMS:]:
            entity = Entity(label, words, surface)
            for n in at:
                found[n] = entity
        for at, choices in open_:
            for n in at:
                found[n] = nearest(n, choices, found)
    return [entity for entity in found if entity is not None]


def _length(form: tuple[tuple[str, ...], str, list[int]]) -> int:
    return len(form[0])


def _plain(words: tuple[str, ...]) -> tuple[str, ...]:
    """A person's words without initials, where two others are left."""
    if len(words) < 3:
        return words
    full = tuple([word for word in words if len(word) > 1])
    return full if len(full) > 1 else words


def nearest(n: int, choices: Sequence[Entity], found: Sequence[Entity | None]) -> Entity:
    """Of several entities that mention `n` may mean, the one named last before it."""
    for before in range(n - 1, max(-1, n - 200), -1):
        entity = found[before]
        if entity is not None and entity in choices:
            return entity
    return choices[0]


class Alike:
    """Names that are one where their words are the same."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.known: dict[tuple[str, ...], Entity] = {}

    def of(self, words: tuple[str, ...], surface: str, at: list[int]) -> list[Entity]:
        entity = self.known.get(words)
        if entity is None:
            entity = self.known[words] = Entity(self.label, words, surface)
        return [entity]


class People(Alike):
    """People: a part of a full name stands for it, the family name before others."""

    def __init__(self) -> None:
        super().__init__("PER")
        self.by_word: defaultdict[str, list[Entity]] = defaultdict(list)

    def of(self, words: tuple[str, ...], surface: str, at: list[int]) -> list[Entity]:
        """The people that a form may mean; forms come from the longest to the shortest."""
        same = self.known.get(words)
        if same is not None:
            return [same]
        fuller = self.fuller(words)
        if not fuller and words and len(words[-1]) > 3 and words[-1].endswith("s"):  # a genitive: Merkels
            fuller = self.fuller((*words[:-1], words[-1][:-1]), exactly=True)
        if fuller:
            return fuller
        entity = self.known[words] = Entity("PER", words, surface)
        for word in set(words):
            self.by_word[word].append(entity)
        return [entity]

    def fuller(self, words: tuple[str, ...], *, exactly: bool = False) -> list[Entity]:
        """Those of more words that have these in their order; those whose family name it is, if any."""
        if not words:
            return []
        choices = [
            e
            for e in self.by_word[words[-1]]
            if inside(words, e.words)
            and (len(words) == 1 or (e.words[-1] in _TAILS) == (words[-1] in _TAILS))
        ]
        if exactly and words in self.known:
            return [self.known[words]]
        last = [e for e in choices if e.words[-1] == words[-1]]
        return last or choices


def inside(words: tuple[str, ...], more: tuple[str, ...]) -> bool:
    """Whether words stand in this order among `more`; an initial stands for a word."""
    at, count = 0, len(words)
    for word in more:
        own = words[at]
        if word == own or (len(own) == 1 and word[0] == own) or (
            len(word) == 1 and own[0] == word and count > 1):  # fmt: skip
            at += 1
            if at == count:
                return True
    return False


class Bodies(Alike):
    """Organisations: an abbreviation stands for the name it is made of, a first part for the whole."""

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        super().__init__("ORG")
        self.text, self.spans = text, spans
        self.short: dict[str, Entity] = {}
        self.by_first: defaultdict[str, list[Entity]] = defaultdict(list)  # once for each form known

    def of(self, words: tuple[str, ...], surface: str, at: list[int]) -> list[Entity]:
        """The organisation of a form; forms come from the longest to the shortest."""
        same = self.known.get(words)
        if same is not None:
            return [same]
        entity = None
        compact = "".join(words)
        if len(words) == 1 or len(compact) == len(words):
            entity = self.short.get(compact) or self.bracketed(compact, at)
        if entity is None and len(words) == 1 and len(compact) > 3 and surface[:1].isupper():
            longer = self.by_first[compact]
            entity = longer[0] if len(longer) == 1 else None
        if entity is None:
            entity = Entity("ORG", words, surface)
            for initials in abbreviations(words):
                self.short.setdefault(initials, entity)
        self.known[words] = entity
        if len(entity.words) > 1:
            self.by_first[entity.words[0]].append(entity)
        return [entity]

    def bracketed(self, compact: str, at: list[int]) -> Entity | None:
        """The organisation named before an abbreviation in brackets, whose letters its name has in order."""
        for n in at:
            if not n or self.text[self.spans[n].start - 1 : self.spans[n].start] != "(":
                continue
            before = self.spans[n - 1]
            if before.label != "ORG" or self.spans[n].start - before.end > 3:
                continue
            words = words_of(self.text[before.start : before.end], "ORG")
            if len(words) > 1 and words in self.known and in_order(compact, " ".join(words)):
                self.short.setdefault(compact, self.known[words])
                return self.known[words]
        return None


def abbreviations(words: tuple[str, ...]) -> list[str]:
    """Initials of a name: of all its words, and without "of", "the" and the like; none of two letters, which
    stand for too much."""
    if len(words) < 3:
        return []
    every, main = "".join(w[0] for w in words), "".join(w[0] for w in words if w not in _PARTICLES)
    return [initials for initials in {every, main} if len(initials) > 2]


def in_order(letters: str, name: str) -> bool:
    """Whether a name begins with the first letter and has the others in this order."""
    if not letters or name[:1] != letters[0]:
        return False
    at = 0
    for letter in letters:
        at = name.find(letter, at) + 1
        if not at:
            return False
    return True
