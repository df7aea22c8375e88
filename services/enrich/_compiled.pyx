# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The words of a text of Latin letters, compiled: what `words` does, to the same answers.

Where there is no compiler that module does it itself; `tests/enrich/test_compiled.py` holds both to each other.
"""

from libc.stdlib cimport free, malloc

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


cdef class Spans:
    """Where words stand, as a sequence of (start, end)."""

    cdef int *starts
    cdef int *ends
    cdef int count

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
    cdef list folded = []
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
                folded.append(PyUnicode_Substring(text, at, more).lower())
                spans.starts[spans.count], spans.ends[spans.count] = at, more
                spans.count += 1
                at = end
                continue
        folded.append(PyUnicode_Substring(text, at, end).lower())
        spans.starts[spans.count], spans.ends[spans.count] = at, end
        spans.count += 1
        at = end
    return folded, spans
