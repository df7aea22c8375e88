# Typed: `lines`.

cdef frozenset _OPENINGS

cpdef bint is_byline_or_date(str text) except -1
