# Types of `frequencies`, with which it is compiled as it stands.

cimport cython
from cpython cimport array

cdef int _HALVED_AFTER


@cython.final
cdef class Frequencies:
    cdef public dict articles
    cdef public int counted
    cdef readonly array.array found, capital, small
    cdef public object journal

    @cython.locals(t=cython.uint[::1], c=cython.float[::1], s=cython.float[::1], found=cython.float[::1],
                   capitals=cython.float[::1], smalls=cython.float[::1], i=cython.Py_ssize_t, slot=cython.uint)
    cpdef count(self, language, terms, capital, small)
    @cython.locals(p=cython.uint[::1], found=cython.float[::1], i=cython.Py_ssize_t)
    cpdef count_pairs(self, pairs)
    cpdef halve(self)
    @cython.locals(t=cython.uint[::1], f=cython.float[::1], kinds=cython.uchar[::1], table=cython.float[::1],
                   capitals=cython.float[::1], smalls=cython.float[::1], i=cython.Py_ssize_t, slot=cython.uint)
    cpdef of(self, terms, found, names)
