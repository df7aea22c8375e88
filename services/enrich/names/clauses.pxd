# Words beside quotations: types of `clauses`.

cimport cython

from services.enrich.names.features cimport Candidates
from services.enrich.names.lexicon cimport Lexicon
from services.enrich.names.tokens cimport Tokens

cdef int LINE, SENTENCE, SPEAKING


@cython.final
cdef class Clauses:
    cdef readonly Tokens tokens
    cdef Lexicon lexicon

    @cython.locals(low=int, high=int, middle=int)
    cpdef int at(self, int offset) noexcept
    @cython.locals(tokens=Tokens, n=int)
    cpdef int end(self, int first, int limit) noexcept
    @cython.locals(tokens=Tokens, n=int)
    cpdef int begin(self, int last, int limit) noexcept
    cpdef int speech(self, int n) noexcept
    @cython.locals(step=int, n=int)
    cpdef int spoken(self, int first, int end, bint backwards) noexcept
