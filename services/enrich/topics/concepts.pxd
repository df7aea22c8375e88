# Deeper concepts: types of `concepts`.

cimport cython


@cython.final
cdef class Mentioned:
    cdef dict _strong, _weak
    cdef bint _title, _early
    cdef readonly dict spans

    cpdef add(self, hit, bint in_title)
