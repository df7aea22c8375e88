# Evidence of countries: types of `evidence`.

cpdef bint touches(int start, int end, named) except -1
cdef str _zone(int start, parts)
