# Types of `shingles`, with which it is compiled as it stands.

cimport cython
from cpython cimport array

cdef unsigned long long _ALL, _BASIS, _PRIME, _STEP, _MIX
cdef unsigned int _ALONE


cdef class Shingled:
    cdef readonly array.array words, stems, starts, ends, shingles
    cdef readonly bytearray flags

@cython.locals(most=cython.Py_ssize_t, hashes=array.array, roots=array.array, begins=array.array, stops=array.array, marks=bytearray,
               words=cython.ulonglong[::1], stems=cython.ulonglong[::1], starts=cython.int[::1], ends=cython.int[::1], flags=cython.uchar[::1],
               h=cython.ulonglong, stem=cython.ulonglong, owner=cython.ulonglong, before=cython.int, count=cython.int, letters=cython.int, first=cython.int, start=cython.int, end=cython.int, flag=cython.int,
               previous=cython.uint, quoted=cython.int, at=cython.int,
               char=Py_UCS4, point=cython.uint, code=cython.uint, letter=cython.uint, table=cython.uint[::1])
cpdef Shingled read(str text)

@cython.locals(n=cython.Py_ssize_t, width=cython.Py_ssize_t, i=cython.Py_ssize_t, k=cython.Py_ssize_t,
               h=cython.ulonglong, read=cython.ulonglong[::1], hashes=cython.ulonglong[::1], found=array.array)
cpdef shingled(array.array words)
