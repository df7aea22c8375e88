# Entities of names: types of `entities`.

cimport cython


@cython.final
cdef class Entity:
    cdef readonly str label, name, key
    cdef readonly tuple words
    cdef int _times

    cpdef told(self, tuple words, int times)


cdef tuple _plain(tuple words)
@cython.locals(before=int, entity=Entity)
cpdef Entity nearest(int n, choices, found)
@cython.locals(at=int, count=int, word=str, own=str)
cpdef bint inside(tuple words, tuple more) except -1
