# Boosted trees, typed: `scoring`.

cimport cython


cdef class Trees:
    cdef int[::1] roots, columns, below
    cdef double[::1] thresholds, means, leaves

    @cython.locals(rows="double[::1]", scores="double[::1]", roots="int[::1]", columns="int[::1]", below="int[::1]",
                   thresholds="double[::1]", leaves="double[::1]", trees=int, n=int, at=int, tree=int,
                   node=int, total=double, count=int, width=int)
    cpdef score(self, object rows, int count, int width, int early=*, double enough=*)
