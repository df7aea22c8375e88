# Hashes of words: types of `hashing`.

cimport cython

cdef unsigned long long BASIS, PRIME, ALL, _GOLDEN, _FIRST, _SECOND


@cython.locals(x="unsigned long long")
cpdef unsigned long long mixed(unsigned long long template, unsigned long long value) noexcept
@cython.locals(state="unsigned long long", c=Py_UCS4)
cpdef unsigned long long hash_of(str word) noexcept
