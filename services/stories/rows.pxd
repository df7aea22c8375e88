# Types of `rows`, with which it is compiled as it stands.

cimport cython
from cpython cimport array


@cython.final
cdef class Rows:
    cdef readonly Py_ssize_t count
    cdef list free
    cdef readonly array.array terms, weights, leads, pairs, pair_weights, norms, signals
    cdef readonly bytearray kinds

    @cython.locals(more=cython.Py_ssize_t)
    cpdef Py_ssize_t take(self)
    cpdef let_go(self, Py_ssize_t row)
    @cython.locals(t=cython.uint[::1], w=cython.float[::1], ld=cython.float[::1], kd=cython.uchar[::1], norm=cython.float[::1],
                   p=cython.uint[::1], pw=cython.float[::1], i=cython.Py_ssize_t, base=cython.Py_ssize_t, at=cython.Py_ssize_t,
                   square=cython.double)
    cpdef put(self, Py_ssize_t row, unsigned int[::1] terms, float[::1] weights, float[::1] leads, const unsigned char[::1] kinds,
              unsigned int[::1] pairs, float[::1] pair_weights)
    @cython.locals(t=cython.uint[::1], w=cython.float[::1], ld=cython.float[::1], kd=cython.uchar[::1], norm=cython.float[::1],
                   p=cython.uint[::1], pw=cython.float[::1], s=cython.double[::1], i=cython.Py_ssize_t, j=cython.Py_ssize_t, 
                   end_i=cython.Py_ssize_t, end_j=cython.Py_ssize_t, na=cython.Py_ssize_t, nb=cython.Py_ssize_t,
                   every=cython.double, lead=cython.double, name=cython.double, number=cython.double, other=cython.double,
                   sharp=cython.double, pair=cython.double, product=cython.double, names_a=cython.double, names_b=cython.double,
                   top_a=cython.double, top_b=cython.double)
    cpdef alike(self, Py_ssize_t a, Py_ssize_t b)
    @cython.locals(s=cython.double[::1], c=cython.double[::1], total=cython.double, i=cython.Py_ssize_t)
    cpdef double logit(self, Py_ssize_t a, Py_ssize_t b, array.array coefficients)
    @cython.locals(total=cython.double, b=cython.Py_ssize_t)
    cpdef double mean(self, Py_ssize_t a, list others, array.array coefficients)
    @cython.locals(t=cython.uint[::1], w=cython.float[::1], i=cython.Py_ssize_t, j=cython.Py_ssize_t, end_i=cython.Py_ssize_t,
                   end_j=cython.Py_ssize_t)
    cpdef list shared(self, Py_ssize_t a, Py_ssize_t b)
    @cython.locals(base=cython.Py_ssize_t, i=cython.Py_ssize_t)
    cpdef dict kinds_of(self, Py_ssize_t row)
