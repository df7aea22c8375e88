# Types of `finder`, with which it is compiled as it stands.

cimport cython
from cpython cimport array


@cython.final
cdef class Finder:
    cdef readonly Py_ssize_t held, dead
    cdef readonly array.array heads, rows, after, positions, position_of, story_of

    @cython.locals(k=cython.uint[::1], heads=cython.int[::1], rows=cython.int[::1], after=cython.int[::1],
                   positions=cython.longlong[::1], slot=cython.uint, before=cython.int, at=cython.int, new=cython.int,
                   i=cython.Py_ssize_t)
    cpdef put(self, Py_ssize_t row, long long position, long long story, keys)
    cpdef tell(self, Py_ssize_t row, long long story)
    cpdef take_out(self, Py_ssize_t row)
    @cython.locals(heads=cython.int[::1], rows=cython.int[::1], after=cython.int[::1], positions=cython.longlong[::1],
                   there=cython.longlong[::1], kept_rows=cython.int[::1], kept_after=cython.int[::1], kept=cython.longlong[::1],
                   size=cython.Py_ssize_t, slot=cython.Py_ssize_t, count=cython.int, at=cython.int, before=cython.int)
    cpdef clear_away(self)
    @cython.locals(k=cython.uint[::1], heads=cython.int[::1], rows=cython.int[::1], after=cython.int[::1],
                   positions=cython.longlong[::1], owners=cython.longlong[::1], there=cython.longlong[::1],
                   counts=dict, seen=cython.int, row=cython.int, at=cython.int, i=cython.Py_ssize_t)
    cpdef list find(self, keys, int least, int most)
