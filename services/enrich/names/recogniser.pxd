# Names of labelled words: types of `recogniser`.

cimport cython

from services.enrich.names.features cimport Candidates
from services.enrich.names.tokens cimport Tokens


@cython.locals(found=list, tokens=Tokens, at=int, most=int, c=int, n=int, last=int, label=int, first=int, least=int, following=int)
cpdef list spans_of(Candidates candidates, int[::1] labels, int[::1] margins, scores)
