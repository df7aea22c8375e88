# Typed: `vocabulary`.

cimport cython

cdef frozenset _MORE_STARTS, _STARTS
cdef dict _JUNK
cdef str _SIGNS
cdef tuple _KEYS
cdef int _KEY

@cython.locals(folded=str)
cpdef bint is_more_heading(str text) except -1
@cython.locals(opening=str, length=int, first=Py_UCS4)
cpdef bint is_junk_line(str text) except -1
