# The best labels of words: types of `decoder`.

cimport cython

from services.enrich.names.features cimport Candidates

cdef int WIDE, WIDTH, _NEVER
cdef unsigned long long _EVEN


@cython.final
cdef class Decoder:
    cdef const unsigned long long[::1] states
    cdef int[::1] steps, before

    @cython.locals(labels="int[::1]", scores="int[::1]", back="signed char[::1]", at=int, c=int, length=int)
    cpdef decode(self, Candidates candidates)
    @cython.locals(states="const unsigned long long[::1]", rows="int[::1]", word=int, to=int, k=int, a="unsigned long long",
                   b="unsigned long long", c="unsigned long long", d="unsigned long long", low="unsigned long long",
                   high="unsigned long long")
    cdef _score(self, Candidates candidates, int[::1] scores)
    @cython.locals(count=int, b=int, n=int, a=int, best=int, which=int, k=int, value=int)
    cdef _best(self, int[::1] scores, signed char[::1] back, int[::1] labels, int at, int length)


cdef bint may_begin(int label) noexcept
cdef bint may_end(int label) noexcept
