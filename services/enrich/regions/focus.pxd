# Features of countries: types of `focus`.

cimport cython

cdef int _MENTIONS, _WEIGHT, _WEIGHT_ALL, _LISTED, _SUREST, _DATED, _CAPITAL_ACTS, _T, _L, _B


@cython.locals(c=list, form=int, in_title=int, belief=double, heft=double, weight=double, lead=bint)
cpdef dict tally(evidence, capitals, int length)
