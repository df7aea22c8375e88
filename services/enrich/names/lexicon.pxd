cimport cython
from services.enrich.names.hashing cimport mixed


@cython.final
cdef class Lexicon:
    cdef public const unsigned int[::1] marks
    cdef public const unsigned short[::1] values
    cdef size_t mask

    @cython.locals(hashed="unsigned long long", mark="unsigned int", held="unsigned int", at=size_t)
    cpdef int find(self, int salt, unsigned long long key) noexcept
