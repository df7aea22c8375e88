# Tagging articles: types of `tagger`.

cimport cython

cdef int _STEPS


@cython.locals(at=double, knot=int, below=double, above=double)
cdef double _between(list right, double score) except? -1
@cython.locals(at=int)
cdef bint _touches(list hidden, span) except -1
