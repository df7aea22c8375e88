# Names that are no places: types of `namesakes`.

cimport cython


cpdef apart(tokens, list spans, is_place, lexicon, str language)
cdef set _persons(tokens, list spans, lexicon, str language)
@cython.locals(n=int, before=str, after=str)
cdef bint _is_person(tokens, span, lexicon) except -1
cdef bint _is_thing(tokens, span) except -1
@cython.locals(before=str, after=str, start=int, end=int)
cdef bint _is_title(str text, span) except -1
