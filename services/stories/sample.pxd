# Types of `sample`, with which it is compiled as it stands.

cimport cython
from cpython cimport array

cdef unsigned int _SPREAD


@cython.final
cdef class Samples:
    cdef readonly int bits
    cdef readonly Py_ssize_t held
    cdef array.array keys, numbers

    @cython.locals(taken=array.array)
    cpdef array.array add(self, array.array keys, int number)
    @cython.locals(count=cython.Py_ssize_t, wanted=cython.uint[::1], table=cython.uint[::1], numbers=cython.int[::1],
                   own=cython.int[::1], mask=cython.uint, slot=cython.uint, same=cython.int, key=cython.uint, i=cython.Py_ssize_t)
    cdef put_all(self, array.array keys, int value, array.array values, array.array taken)
    @cython.locals(keys=array.array, numbers=array.array)
    cdef grow(self)
    @cython.locals(wanted=cython.uint[::1], table=cython.uint[::1], numbers=cython.int[::1], mask=cython.uint,
                   slot=cython.uint, key=cython.uint, i=cython.Py_ssize_t)
    cpdef find(self, array.array keys, array.array found, array.array owners)
    @cython.locals(numbers=cython.int[::1], value=cython.int, slot=cython.Py_ssize_t)
    cpdef remove(self, int number)
