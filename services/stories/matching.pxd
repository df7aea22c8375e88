# Types of `matching`, with which it is compiled as it stands.

cimport cython
from cpython cimport array

@cython.locals(n=cython.int, m=cython.int, size=cython.int, mask=cython.ulonglong, slot=cython.int, heads=cython.int[::1],
               after=cython.int[::1], used=cython.uchar[::1], i=cython.int, j=cython.int, place=cython.int,
               first=cython.int, last=cython.int, tried=cython.int, seen=cython.int, a=cython.ulonglong[::1],
               b=cython.ulonglong[::1], found=array.array)
cpdef array.array runs(array.array ours, array.array theirs)
