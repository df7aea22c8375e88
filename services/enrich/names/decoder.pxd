# The best labels of words: types of `decoder`.

cimport cython

from services.enrich.names.features cimport Candidates

cdef int WIDE, WIDTH, _COUNT, _NEVER, _SHARED
cdef unsigned long long _EVEN


@cython.final
cdef class Decoder:
    cdef const unsigned long long[::1] states
    cdef int[::1] steps, before, behind, next

    @cython.locals(labels="int[::1]", margins="int[::1]", scores="int[::1]", back="signed char[::1]", at=int, c=int, length=int)
    cpdef decode(self, Candidates candidates)
    @cython.locals(states="const unsigned long long[::1]", rows="int[::1]", word=int, to=int, k=int, a="unsigned long long",
                   b="unsigned long long", c="unsigned long long", d="unsigned long long", low="unsigned long long",
                   high="unsigned long long")
    cdef _score(self, Candidates candidates, int[::1] scores)
    @cython.locals(number="int[::1]", count="int[::1]", total="int[::1]", kinds=int, kind=int, turn=int, word=int, c=int,
                   first=int, last=int, slot=int, k=int, mean=int)
    cdef _share(self, Candidates candidates, int[::1] scores)
    @cython.locals(count=int, b=int, n=int, a=int, best=int, which=int, k=int, value=int, named=bint)
    cdef bint _best(self, int[::1] scores, signed char[::1] back, int[::1] labels, int at, int length)
    @cython.locals(count=int, own=int, n=int, before="int[::1]", after="int[::1]", best=int, other=int, value=int, k=int, a=int, b=int)
    cdef _weigh(self, int[::1] scores, int[::1] labels, int[::1] margins, int at, int length)
    @cython.locals(best=int, k=int, a=int)
    cdef int _lead(self, int[::1] scores, int n, int b) noexcept


cdef bint may_begin(int label) noexcept
cdef bint may_end(int label) noexcept
