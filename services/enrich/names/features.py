# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Features of the words that may be part of a name, for the sequence model.

A candidate is a run of capitalised words, with what may stand inside a name between them ("of", "de", "&").
Words outside of candidates are no part of a name, so they cost no more than being read.
"""

from __future__ import annotations

from array import array

from services.enrich.names.alphabet import (
    ALL,
    ALNUM,
    AMPERSAND,
    BASIS,
    BITS,
    CLOSE,
    COLON,
    DOTTED,
    HYPHEN,
    LINE,
    LOWER,
    NUMBER,
    OPEN,
    PRIME,
    QUOTE,
    SENTENCE,
    SOFT,
    SPACE,
    TITLE,
    WIDTH,
)  # fmt: skip
from services.enrich.names.hashing import mixed
from services.enrich.names.lexicon import (
    ARTICLE_WORD,
    BODY,
    FACILITY,
    FIRST_CLUSTERS,
    JOINING,
    LEADING,
    NAMES,
    ORGANISATIONS,
    PLACE_WORD,
    PLACES,
    ROLES,
    SPEECH_WORD,
    TITLE_WORD,
    Lexicon,
)  # fmt: skip
from services.enrich.names.tokens import Tokens

_LONGEST = 24  # words of one candidate
_LONGEST_LISTED = 5
_SHORTEST_COMPOUND, _LONGEST_COMPOUND = 7, 40  # letters
_OF_COMPOUNDS = TITLE_WORD | BODY | FACILITY
_GERMAN = 1  # the language's number
_SHIFT = 64 - BITS
_TWO, _THREE = 0xFFFFFFFF, 0xFFFFFFFFFFFF  # the last letters of a word, 16 bits each
_END = 1  # stands for a word beyond the sentence
(_NAMED, _TITLED, _SPOKE, _LAST, _FIRST, _SMALL, _PLACED, _BRACKETED, _THE, _KNOWN) = (
    1 << n for n in range(10)
)
"""What a document says of a word at any of its places: it stands capitalised within a sentence; after a title
or given name; beside "said"; as the last, the first of several words; in small letters; after "in"; in
brackets; after "the"; its lexicon's entries say given name."""


class Candidates:
    """The candidates of a text and the features of their words.

    `first` and `last` are token numbers, one a candidate; `rows` has WIDTH numbers a word, of which the first
    `filled` count, words of all candidates one after the other.
    """

    def __init__(self, tokens: Tokens, lexicon: Lexicon, language: int) -> None:
        """`language`: 0 and up, a language with words and clusters of its own; -1, features that hold in
        any."""
        self.tokens, self.lexicon, self.language = tokens, lexicon, language
        most = tokens.count + 1
        self.count, self.words = 0, 0
        self.first, self.last = array("i", [0]) * most, array("i", [0]) * most
        self.role, self.cluster = array("i", [-1]) * (most + 1), array("i", [-1]) * (most + 1)
        self.name, self.place = array("i", [0]) * most, array("i", [0]) * most
        self.body = array("i", [0]) * most
        size = 64
        while size < 2 * most:
            size *= 2
        self.mask = size - 1
        self.key, self.said = array("Q", [0]) * size, array("i", [0]) * size
        self._find()
        self._note()
        self.rows = array("i", [0]) * (self.words * WIDTH + 1)
        self.filled = array("i", [0]) * (self.words + 1)
        self._fill()

    def _find(self) -> None:
        """The candidates."""
        tokens, n, ended, count = self.tokens, 0, 0, 0
        total = tokens.count
        while n < total:
            shape = tokens.shape[n]
            if not TITLE <= shape <= DOTTED and shape != ALNUM:
                n += 1
                continue
            first = n
            while (
                first > ended and n - first < 2 and soft(tokens.gap[first - 1])
                and tokens.shape[first - 1] == LOWER and self.role_of(first - 1) & LEADING
            ):  # fmt: skip
                first -= 1
            last, at = n, n
            while at + 1 < total and soft(tokens.gap[at]) and at + 1 - first < _LONGEST:
                at += 1
                shape = tokens.shape[at]
                if (
                    TITLE <= shape <= ALNUM
                    or tokens.gap[at - 1] == HYPHEN
                    or (
                        shape == NUMBER
                        and tokens.gap[at - 1] == SPACE
                        and tokens.end[at] - tokens.start[at] <= 4
                    )
                ):
                    last = at
                elif shape == AMPERSAND or (
                    shape == LOWER and at - last <= 3 and (self.role_of(at) & JOINING)
                ):
                    pass
                else:
                    break
            self.first[count], self.last[count] = first, last
            count += 1
            self.words += last + 1 - first
            ended = n = last + 1
        self.count = count

    def _note(self) -> None:
        """What the document says of its words."""
        tokens = self.tokens
        for n in range(tokens.count):
            if tokens.shape[n] == LOWER:
                self.said[self.slot(tokens.exact[n])] |= _SMALL
        for c in range(self.count):
            first, last = self.first[c], self.last[c]
            self._listed(first, last)
            before, after = self.role_before(first), self.role_after(last)
            for n in range(first, last + 1):
                if tokens.shape[n] == LOWER:
                    continue
                self.name[n] = self.lexicon.find(NAMES, self._key(n))
                found = 0
                if n > first or not opens(tokens, n):
                    found |= _NAMED
                if n == last:
                    if n > first:
                        found |= _LAST
                    if after & SPEECH_WORD or (n == first and before & SPEECH_WORD):
                        found |= _SPOKE
                    if tokens.gap[n] == CLOSE and first > 0 and tokens.gap[first - 1] == OPEN:
                        found |= _BRACKETED
                elif n == first:
                    found |= _FIRST
                if n > first:
                    if self.role_of(n - 1) & TITLE_WORD or self.name[n - 1] & 3:
                        found |= _TITLED
                else:
                    if before & TITLE_WORD:
                        found |= _TITLED
                    if before & PLACE_WORD:
                        found |= _PLACED
                    if before & ARTICLE_WORD:
                        found |= _THE
                if self.name[n] & 3:
                    found |= _KNOWN
                self.said[self.slot(tokens.exact[n])] |= found

    def _key(self, n: int) -> int:
        """The hash under which a name is looked up: of small letters where all are capital."""
        return self.tokens.lower[n]

    def _listed(self, first: int, last: int) -> None:
        """The longest names of places and organisations that are listed."""
        self._longest(PLACES, first, last)
        self._longest(ORGANISATIONS, first, last)

    def _longest(self, salt: int, first: int, last: int) -> None:
        """The longest listed names in a candidate: four times the kind, plus the word's position in it."""
        tokens, n = self.tokens, first
        while n <= last:
            key, best, kind = 0, 0, 0
            for at in range(n, min(n + _LONGEST_LISTED, last + 1)):
                key = ((key ^ tokens.exact[at]) * PRIME) & ALL
                found = self.lexicon.find(salt, key)
                if found:
                    best, kind = at + 1 - n, found
                if tokens.gap[at] not in {SPACE, HYPHEN}:
                    break
            if best == 0 or tokens.shape[n] == LOWER:
                n += 1
                continue
            for at in range(n, n + best):
                position = 0 if best == 1 else 1 if at == n else 3 if at == n + best - 1 else 2
                if salt == PLACES:
                    self.place[at] = 4 * kind + position
                else:
                    self.body[at] = 4 * kind + position
            n += best

    def slot(self, key: int) -> int:
        """Where what is said of a word stands."""
        at = (key ^ (key >> 29)) & self.mask
        while self.key[at] != key and self.key[at] != 0:
            at = (at + 1) & self.mask
        self.key[at] = key
        return at

    def role_of(self, n: int) -> int:
        """The roles of word `n`."""
        if self.role[n] < 0:
            self.role[n] = self.lexicon.find(ROLES, self.tokens.lower[n])
        return self.role[n]

    def role_of_compound(self, n: int) -> int:
        """The roles of word `n` or, of a compound of German, of its end: Ministerpräsident, Landesverband.
        The weights were learned without this."""
        if self.role_of(n) or self.language != _GERMAN:
            return self.role_of(n)
        text, end = self.tokens.text, self.tokens.end[n]
        length = end - self.tokens.start[n]
        if length < _SHORTEST_COMPOUND or length > _LONGEST_COMPOUND:
            return 0
        for begin in range(self.tokens.start[n] + 3, end - 2):
            key = BASIS
            for at in range(begin, end):
                key = ((key ^ ord(text[at])) * PRIME) & ALL
            found = self.lexicon.find(ROLES, key) & _OF_COMPOUNDS
            if found:
                return found
        return 0

    def role_before(self, n: int) -> int:
        """The roles of the word before `n` in its sentence."""
        if n == 0 or beyond(self.tokens.gap[n - 1]):
            return 0
        return self.role_of(n - 1)

    def role_after(self, n: int) -> int:
        """The roles of the word after `n` in its sentence."""
        if n + 1 >= self.tokens.count or beyond(self.tokens.gap[n]):
            return 0
        return self.role_of(n + 1)

    def cluster_of(self, n: int) -> int:
        """The Brown cluster of word `n` in the text's language, and one more; 0 where it is unknown."""
        if self.cluster[n] < 0:
            found = 0
            if self.language >= 0:
                found = self.lexicon.find(FIRST_CLUSTERS + self.language, self.tokens.exact[n])
                if found == 0:
                    found = self.lexicon.find(FIRST_CLUSTERS + self.language, self.tokens.lower[n])
            self.cluster[n] = found
        return self.cluster[n]

    def features(self, word: int) -> list[int]:
        """The rows of the weights that count for a word; training reads them."""
        return [self.rows[word * WIDTH + k] for k in range(self.filled[word])]

    def head_of(self, n: int) -> int:
        """The cluster of the longest known word that ends word `n`, a compound of German; 0 without one."""
        text, end = self.tokens.text, self.tokens.end[n]
        if end - self.tokens.start[n] > _LONGEST_COMPOUND:
            return 0
        for begin in range(self.tokens.start[n] + 2, end - 3):
            key = BASIS
            for at in range(begin, end):
                c = ord(text[at])
                if at == begin and c >= 97:
                    c = c - 32 if c < 123 or c >= 0xE0 else c
                key = ((key ^ c) * PRIME) & ALL
            found = self.lexicon.find(FIRST_CLUSTERS + _GERMAN, key)
            if found:
                return found
        return 0

    def _fill(self) -> None:
        """The features of all words."""
        word = 0
        for c in range(self.count):
            for n in range(self.first[c], self.last[c] + 1):
                self._row(word, n, self.first[c], self.last[c])
                word += 1

    def _row(self, word: int, n: int, first: int, last: int) -> None:  # noqa: PLR0915  one feature a line
        """The features of word `n` in its candidate."""
        tokens, k, t = self.tokens, word * WIDTH, 0
        total, own = tokens.count, self.language >= 0
        gap_before = tokens.gap[n - 1] if n else LINE
        gap_after = tokens.gap[n]
        gap_before2 = tokens.gap[n - 2] if n > 1 else LINE
        gap_after2 = tokens.gap[n + 1] if n + 1 < total else LINE
        before = n - 1 if n > 0 and not beyond(gap_before) else -1
        after = n + 1 if n + 1 < total and not beyond(gap_after) else -1
        before2 = n - 2 if before >= 0 and n > 1 and not beyond(gap_before2) else -1
        after2 = n + 2 if after >= 0 and n + 2 < total and not beyond(gap_after2) else -1
        exact, lower = tokens.exact[n], tokens.lower[n]
        lower_before = tokens.lower[before] if before >= 0 else _END
        lower_after = tokens.lower[after] if after >= 0 else _END
        shape = tokens.shape[n]
        shape_before = tokens.shape[before] if before >= 0 else 15
        shape_after = tokens.shape[after] if after >= 0 else 15
        shapes = shape | shape_before << 4 | shape_after << 8
        role, role_before = self.role_of(n), self.role_of(before) if before >= 0 else 0
        role_after = self.role_of(after) if after >= 0 else 0
        role_before2 = self.role_of(before2) if before2 >= 0 else 0
        role_after2 = self.role_of(after2) if after2 >= 0 else 0
        name, place = self.name[n], self.place[n]
        name_before = self.name[before] if before >= 0 else 0
        name_after = self.name[after] if after >= 0 else 0
        place_before = self.place[before] if before >= 0 else 0
        place_after = self.place[after] if after >= 0 else 0
        from_start, from_end = min(n - first, 3), min(last - n, 3)
        where = from_start | from_end << 2
        length = min(last - first, 5)
        said = self.said[self.slot(exact)]
        small = self.said[self.slot(lower)] & _SMALL if shape != LOWER else 0
        start = 1 if opens(tokens, n) else 0
        rows = self.rows
        rows[k] = mixed(0, 0) >> _SHIFT
        rows[k + 1] = mixed(1, shape | start << 5 | where << 8) >> _SHIFT
        rows[k + 2] = mixed(2, shapes) >> _SHIFT
        rows[k + 3] = mixed(3, shapes << 12 | gap_before << 6 | gap_after) >> _SHIFT
        rows[k + 4] = mixed(4, role | start << 12) >> _SHIFT
        rows[k + 5] = mixed(5, role_before << 6 | gap_before) >> _SHIFT
        rows[k + 6] = mixed(6, role_after << 6 | gap_after) >> _SHIFT
        rows[k + 7] = mixed(7, name << 4 | name_before << 8 | name_after << 12 | shape) >> _SHIFT
        rows[k + 8] = mixed(8, name << 4 | where) >> _SHIFT
        rows[k + 9] = mixed(9, place << 4 | where) >> _SHIFT
        rows[k + 10] = mixed(10, place << 20 | place_before << 10 | place_after) >> _SHIFT
        rows[k + 11] = mixed(11, place << 8 | name) >> _SHIFT
        rows[k + 12] = mixed(12, said) >> _SHIFT
        rows[k + 13] = mixed(13, said & (_TITLED | _SPOKE | _LAST | _FIRST) | where << 12) >> _SHIFT
        rows[k + 14] = (
            mixed(14, said & (_PLACED | _BRACKETED | _THE | _NAMED) | small | shape << 12) >> _SHIFT
        )
        rows[k + 15] = mixed(15, tokens.tail[n] & _TWO) >> _SHIFT
        rows[k + 16] = mixed(16, tokens.tail[n] & _THREE) >> _SHIFT
        rows[k + 17] = mixed(17, tokens.tail[n] ^ length) >> _SHIFT
        rows[k + 18] = mixed(18, tokens.begin[n]) >> _SHIFT
        # The candidate as a whole: its last word, its first, and what stands on either side.
        edge_before = self.role_before(first)
        edge_after = self.role_after(last)
        rows[k + 19] = mixed(19, edge_before << 8 | where) >> _SHIFT
        rows[k + 20] = mixed(20, edge_after << 8 | where) >> _SHIFT
        rows[k + 21] = mixed(21, self.role_of(last) << 8 | from_end << 4 | min(length, 3)) >> _SHIFT
        rows[k + 22] = mixed(22, self.role_of(first) << 8 | from_start << 4 | min(length, 3)) >> _SHIFT
        rows[k + 23] = mixed(23, role_before2 << 4 | (gap_before & 15)) >> _SHIFT
        rows[k + 24] = mixed(24, role_after2 << 4 | (gap_after & 15)) >> _SHIFT
        rows[k + 25] = mixed(25, self.name[last] << 8 | self.name[first] << 4 | where) >> _SHIFT
        rows[k + 26] = mixed(26, small << 8 | role << 10 | name << 4 | start) >> _SHIFT
        body = self.body[n]
        rows[k + 27] = mixed(51, body << 4 | where) >> _SHIFT
        rows[k + 28] = (
            mixed(52, body << 20 | place << 8 | said & (_PLACED | _THE | _SPOKE | _TITLED)) >> _SHIFT
        )
        t = 29
        if own:
            edge_word = tokens.lower[first - 1] if first > 0 and not beyond(tokens.gap[first - 1]) else _END
            edge_next = tokens.lower[last + 1] if last + 1 < total and not beyond(tokens.gap[last]) else _END
            rows[k + 29] = mixed(27, exact) >> _SHIFT
            rows[k + 30] = mixed(28, lower) >> _SHIFT
            rows[k + 31] = mixed(29, lower_before ^ gap_before) >> _SHIFT
            rows[k + 32] = mixed(30, lower_after ^ gap_after) >> _SHIFT
            rows[k + 33] = mixed(31, tokens.lower[before2] if before2 >= 0 else _END) >> _SHIFT
            rows[k + 34] = mixed(32, tokens.lower[after2] if after2 >= 0 else _END) >> _SHIFT
            rows[k + 35] = mixed(33, lower_before * PRIME ^ lower) >> _SHIFT
            rows[k + 36] = mixed(34, lower * PRIME ^ lower_after) >> _SHIFT
            rows[k + 37] = mixed(35, edge_word * PRIME ^ where) >> _SHIFT
            rows[k + 38] = mixed(36, edge_next * PRIME ^ where) >> _SHIFT
            rows[k + 39] = mixed(37, tokens.lower[last] * PRIME ^ where) >> _SHIFT
            rows[k + 40] = mixed(38, tokens.lower[first] * PRIME ^ where) >> _SHIFT
            rows[k + 41] = mixed(39, lower ^ start << 4) >> _SHIFT
            cluster = self.cluster_of(n)
            cluster_before = self.cluster_of(before) if before >= 0 else 1
            cluster_after = self.cluster_of(after) if after >= 0 else 1
            rows[k + 42] = mixed(40, cluster << 1 | (1 if shape == LOWER else 0)) >> _SHIFT
            rows[k + 43] = mixed(41, (cluster & 63) << 4 | shape) >> _SHIFT
            rows[k + 44] = mixed(42, cluster_before) >> _SHIFT
            rows[k + 45] = mixed(43, cluster_after) >> _SHIFT
            rows[k + 46] = (
                mixed(44, (cluster & 255) << 24 | (cluster_before & 255) << 12 | (cluster_after & 255))
                >> _SHIFT
            )
            rows[k + 47] = mixed(45, self.cluster_of(last) << 6 | where) >> _SHIFT
            rows[k + 48] = (
                mixed(46, (self.cluster_of(first - 1) if edge_word != _END else 1) << 6 | where) >> _SHIFT
            )
            rows[k + 49] = (
                mixed(47, (self.cluster_of(last + 1) if edge_next != _END else 1) << 6 | where) >> _SHIFT
            )
            rows[k + 50] = mixed(48, self.cluster_of(before2) if before2 >= 0 else 1) >> _SHIFT
            rows[k + 51] = mixed(49, self.cluster_of(after2) if after2 >= 0 else 1) >> _SHIFT
            rows[k + 52] = mixed(50, cluster_before << 16 | cluster_after) >> _SHIFT
            t = 53
            if cluster == 0 and self.language == _GERMAN and shape != LOWER:
                rows[k + 53] = mixed(53, self.head_of(n) << 1 | start) >> _SHIFT
                t = 54
        self.filled[word] = t


def soft(gap: int) -> bool:
    """Whether a name may go on behind a gap."""
    return (SOFT >> gap) & 1 != 0


def beyond(gap: int) -> bool:
    """Whether a sentence ends in a gap."""
    return gap in (LINE, SENTENCE)


def opens(tokens: Tokens, n: int) -> bool:
    """Whether word `n` begins a sentence, a line or a quotation."""
    if n == 0:
        return True
    gap = tokens.gap[n - 1]
    return gap in (LINE, SENTENCE, QUOTE, COLON)
