# Roles of places: types of `roles`.

cimport cython


@cython.locals(second=str, before=str, after=str, next_after=str, itself=str)
cpdef int role_of(tokens, int first, int last, str language) except -1
