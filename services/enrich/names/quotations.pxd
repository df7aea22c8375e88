# Quotations and their speakers: types of `quotations`.

cimport cython

from services.enrich.names.clauses cimport Clauses
from services.enrich.names.features cimport Candidates
from services.enrich.names.tokens cimport Tokens

cdef int _LEAST_WORDS, _REACH, _NEAR


@cython.locals(inner=int, outer=int, start=int, end=int, before_end=int, next_start=int, n=int, speech=bint, same=bint, open_=bint,
               beside=_Beside)
cpdef list quotations(str text, spans, Candidates candidates)
cdef tuple _trimmed(str text, int start, int end)
@cython.locals(words=list, word=str, small=int)
cdef bint _is_speech(str text, int start, int end) except -1
@cython.locals(following=str, rest=str)
cdef bint _goes_on_behind(str text, int end) except -1


@cython.final
cdef class _Beside:
    cdef str text
    cdef object spans
    cdef list firsts
    cdef Clauses clauses

    @cython.locals(clauses=Clauses, first=int, last=int)
    cdef tuple told(self, int start, int end, int earliest, int latest)
    @cython.locals(clauses=Clauses, tokens=Tokens, verb=int, kind=int, pronoun=bint)
    cdef tuple _in_clause(self, int first, int end, bint before)
    cdef bint _speaks(self, int n, int first, int end) noexcept
    @cython.locals(following=str)
    cdef bint _owns(self, span) except -1
    @cython.locals(first=int, last=int)
    cdef bint same_sentence(self, int earlier, int start) noexcept
    @cython.locals(first=int, end=int)
    cdef bint goes_on(self, int earlier, int start, before, bint pronoun) except -1
