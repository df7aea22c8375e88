# Cue words: types of `lexicon`.

cimport cython


@cython.locals(text=str, whole=bint, form=str)
cdef bint _is_met(tuple want, forms) except -1
