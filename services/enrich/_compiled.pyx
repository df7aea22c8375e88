# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The words of a text of Latin letters, compiled: what `words` does, to the same answers; and tables to look them up in.

Where there is no compiler that module does it itself; `tests/enrich/test_compiled.py` holds both to each other.
"""

from libc.stdlib cimport calloc, free, malloc

include "_unicode.pxi"

cdef enum:
    LATIN = 0x250

cdef unsigned char[LATIN] _kind  # 1 a letter as `words.LATIN` has them, 2 a figure, 3 an underscore


cdef _fill_kinds():
    cdef int c
    for c in range(LATIN):
        if (
            0x41 <= c <= 0x5A or 0x61 <= c <= 0x7A or c in (0xAA, 0xB2, 0xB3, 0xB5, 0xB9, 0xBA) or 0xBC <= c <= 0xBE
            or 0xC0 <= c <= 0xD6 or 0xD8 <= c <= 0xF6 or c >= 0xF8
        ):
            _kind[c] = 1
        elif 0x30 <= c <= 0x39:
            _kind[c] = 2
        elif c == 0x5F:
            _kind[c] = 3
        else:
            _kind[c] = 0


_fill_kinds()


cdef inline int _kind_of(Py_UCS4 c) noexcept:
    return _kind[c] if c < LATIN else 0


cdef Py_UCS4[LATIN] _lower  # 0 for what becomes two characters


cdef _fill_lower():
    cdef int c
    for c in range(LATIN):
        folded = chr(c).lower()
        _lower[c] = ord(folded) if len(folded) == 1 else 0


_fill_lower()

cdef unsigned long long hash_of(str word):
    """The hash of a word as it is."""
    cdef int kind = PyUnicode_KIND(word)
    cdef Py_ssize_t at
    cdef unsigned long long state = begun()
    for at in range(PyUnicode_GET_LENGTH(word)):
        state = taken(state, PyUnicode_READ(kind, PyUnicode_DATA(word), at))
    return finished(state)


cdef class Numbers:
    """Words of a fixed list, by hash: where in the list each stands.

    A slot holds 32 bits of a hash, and its place tells some twenty more: of ten billion words that are in no list one is taken for
    one that is. Of the list's own none is mistaken for another, which is looked at when the table is made.
    """

    def __cinit__(self, list words not None):
        cdef int n
        cdef unsigned long long hash_
        cdef size_t at
        self.mask = 15
        while self.mask < 2 * <size_t>len(words):
            self.mask = 2 * self.mask + 1
        self.slots = <Slot *>calloc(self.mask + 1, sizeof(Slot))
        if self.slots == NULL:
            raise MemoryError
        for n in range(<int>len(words)):
            hash_ = hash_of(words[n])
            if self.find(hash_) >= 0:
                raise ValueError(f"{words[n]!r} has the hash of another word, {words[self.find(hash_)]!r}")
            at = hash_ & self.mask
            while self.slots[at].number:
                at = (at + 1) & self.mask
            self.slots[at].mark, self.slots[at].number = <unsigned int>(hash_ >> 32), n + 1

    def __dealloc__(self):
        free(self.slots)

    cdef inline void expect(self, unsigned long long hash_) noexcept:
        """Have the memory at hand in which `find` will look."""
        __builtin_prefetch(&self.slots[hash_ & self.mask])

    cdef inline int find(self, unsigned long long hash_) noexcept:
        """The number of the word of this hash; -1 where there is none."""
        cdef size_t at = hash_ & self.mask
        cdef unsigned int mark = <unsigned int>(hash_ >> 32)
        while self.slots[at].number:
            if self.slots[at].mark == mark:
                return self.slots[at].number - 1
            at = (at + 1) & self.mask
        return -1

    def __getitem__(self, str word not None):
        return self.find(hash_of(word))


cdef class Sieve:
    """Words of a fixed set, as two bits of each: what it lets through is mostly one of them, what it keeps back never is.

    A megabyte for half a million names, so that a word which is none costs no walk through a dict's memory.
    """

    def __cinit__(self, words not None):
        cdef size_t bits = 1024
        cdef unsigned long long hash_
        while bits < 15 * <size_t>len(words):
            bits *= 2
        self.mask = bits - 1
        self.bits = <unsigned char *>calloc(bits // 8, 1)
        if self.bits == NULL:
            raise MemoryError
        for word in words:
            hash_ = hash_of(word)
            self.bits[(hash_ & self.mask) >> 3] |= 1 << (hash_ & 7)
            hash_ >>= 32
            self.bits[(hash_ & self.mask) >> 3] |= 1 << (hash_ & 7)

    def __dealloc__(self):
        free(self.bits)

    cdef inline bint lets_through(self, unsigned long long hash_) noexcept:
        if not self.bits[(hash_ & self.mask) >> 3] & (1 << (hash_ & 7)):
            return False
        hash_ >>= 32
        return self.bits[(hash_ & self.mask) >> 3] & (1 << (hash_ & 7)) != 0

    def __contains__(self, str word not None):
        return self.lets_through(hash_of(word))


cdef class Spans:
    """Where words stand, as a sequence of (start, end)."""

    def __cinit__(self, int most):
        self.count = 0
        self.starts = <int *>malloc((most + 1) * sizeof(int))
        self.ends = <int *>malloc((most + 1) * sizeof(int))
        if self.starts == NULL or self.ends == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.starts)
        free(self.ends)

    def __len__(self):
        return self.count

    def __getitem__(self, int n):
        if n < 0:
            n += self.count
        if not 0 <= n < self.count:
            raise IndexError(n)
        return self.starts[n], self.ends[n]


cdef class Words:
    """Folded words, as a sequence of strings: each is made when it is asked for, since most are only looked up by their hash."""

    def __cinit__(self, str text not None, Spans spans not None):
        cdef int n
        self.text, self.spans = text, spans
        self.hashes = <unsigned long long *>malloc((spans.count + 1) * sizeof(unsigned long long))
        if self.hashes == NULL:
            raise MemoryError
        for n in range(spans.count):
            self._hash(n)

    def __dealloc__(self):
        free(self.hashes)

    cdef int _hash(self, int n) except -1:
        """The hash of word `n`."""
        cdef int at, start = self.spans.starts[n], end = self.spans.ends[n], kind = PyUnicode_KIND(self.text)
        cdef void *data = PyUnicode_DATA(self.text)
        cdef Py_UCS4 raw, c
        cdef unsigned long long state = begun()
        for at in range(start, end):
            raw = PyUnicode_READ(kind, data, at)
            c = _lower[raw] if raw < LATIN else raw if raw == 0x2019 else 0
            if c == 0:
                self.hashes[n] = hash_of(self.word(n))
                return 0
            state = taken(state, c)
        self.hashes[n] = finished(state)
        return 0

    cdef str word(self, int n):
        return PyUnicode_Substring(self.text, self.spans.starts[n], self.spans.ends[n]).lower()

    def __len__(self):
        return self.spans.count

    def __getitem__(self, int n):
        if n < 0:
            n += self.spans.count
        if not 0 <= n < self.spans.count:
            raise IndexError(n)
        return self.word(n)

    def among(self, Sieve wholes not None, Sieve stems):
        """Where the words stand that one of the sieves lets through, `stems` by any beginning from two letters on."""
        cdef int n
        return [
            n for n in range(self.spans.count)
            if wholes.lets_through(self.hashes[n]) or (stems is not None and self._begins(n, stems))
        ]

    cdef bint _begins(self, int n, Sieve stems) noexcept:
        """Whether a beginning of word `n` is let through; so is a word of letters beyond the table."""
        cdef int at, start = self.spans.starts[n], kind = PyUnicode_KIND(self.text)
        cdef void *data = PyUnicode_DATA(self.text)
        cdef Py_UCS4 raw, c
        cdef unsigned long long state = begun()
        for at in range(start, self.spans.ends[n]):
            raw = PyUnicode_READ(kind, data, at)
            c = _lower[raw] if raw < LATIN else raw if raw == 0x2019 else 0
            if c == 0:
                return True
            state = taken(state, c)
            if at > start and stems.lets_through(finished(state)):
                return True
        return False


def is_latin(str text not None):
    """`words.is_latin`."""
    cdef int kind, length, at
    cdef void *data
    cdef Py_UCS4 c
    if PyUnicode_IS_ASCII(text):
        return True
    kind, data, length = PyUnicode_KIND(text), PyUnicode_DATA(text), <int>PyUnicode_GET_LENGTH(text)
    for at in range(length):
        c = PyUnicode_READ(kind, data, at)
        if c >= LATIN and not (0x2010 <= c <= 0x2027 or 0x2030 <= c <= 0x205E or c == 0x20AC or c == 0x2122):
            return False
    return True


def read_latin(str text not None, int limit):
    """`words.read` of a text of Latin letters."""
    cdef int kind = PyUnicode_KIND(text), length = <int>PyUnicode_GET_LENGTH(text), at = 0, end, more
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_UCS4 c
    cdef Spans spans = Spans(min(limit, length))
    while at < length and spans.count < limit:
        if _kind_of(PyUnicode_READ(kind, data, at)) != 1:
            at += 1
            continue
        end = at + 1
        while True:
            while end < length and 1 <= _kind_of(PyUnicode_READ(kind, data, end)) <= 2:
                end += 1
            more = end
            while more < length and PyUnicode_READ(kind, data, more) == u"_":
                more += 1
            if more == end or more >= length or not 1 <= _kind_of(PyUnicode_READ(kind, data, more)) <= 2:
                break
            end = more
        more = end
        if end + 1 < length and PyUnicode_READ(kind, data, end) in u"'’" and _kind_of(PyUnicode_READ(kind, data, end + 1)) == 1:
            end += 2
            while end < length and _kind_of(PyUnicode_READ(kind, data, end)) == 1:
                end += 1
            c = PyUnicode_READ(kind, data, end - 1)
            if end - more == 2 and (c == u"s" or c == u"S"):  # possessive
                spans.starts[spans.count], spans.ends[spans.count] = at, more
                spans.count += 1
                at = end
                continue
        spans.starts[spans.count], spans.ends[spans.count] = at, end
        spans.count += 1
        at = end
    return Words(text, spans), spans
