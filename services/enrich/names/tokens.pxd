# The words of a text: types of `tokens`.

cimport cython

cdef int LOWER, INITIAL, UPPER, MIXED, DOTTED, NUMBER, ALNUM, AMPERSAND, CASELESS, TITLE
cdef int GLUED, SPACE, HYPHEN, APOSTROPHE, OF, STOP, COMMA, OPEN, CLOSE, QUOTE, COLON, DASH, LINE, SLASH, OTHER, SENTENCE, PLURAL
cdef int _TABLE
cdef unsigned long long BASIS, PRIME, ALL
cdef unsigned char[::1] _CLASS
cdef unsigned int[::1] _FOLD


@cython.final
cdef class Tokens:
    cdef readonly str text
    cdef readonly int count
    cdef bint elided
    cdef public int[::1] start, end
    cdef public signed char[::1] shape, gap
    cdef public unsigned long long[::1] exact, lower, begin, tail

    @cython.locals(at=int, length=int, count=int, most=int, kind=int)
    cdef _read(self)
    @cython.locals(at=int, after=int, upper=int, small=int, digits=int, others=int, dots=int, c="unsigned int", kind=int,
                   following=int, shape=int, text=str, exact="unsigned long long", lower="unsigned long long",
                   begin="unsigned long long", tail="unsigned long long")
    cdef int _word(self, int n, int start, int length) except -1
    @cython.locals(c="unsigned int", possessive=bint, last=Py_UCS4)
    cdef int _gap(self, int n, int start, int end) except -1


cdef int class_of(unsigned int c) noexcept
cdef bint initial(str text, int at, int length) noexcept
@cython.locals(found=int, at=int, c="unsigned int")
cdef int gap_of(str text, int start, int end) noexcept
