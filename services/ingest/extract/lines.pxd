# Typed: `lines`.

cimport cython

cdef frozenset _OPENINGS

cpdef bint is_byline_or_date(str text) except -1
@cython.locals(character=Py_UCS4)
cdef bint _has_digit(str text) except -1
