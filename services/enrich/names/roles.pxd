# Titles beside names: types of `roles`.

cimport cython

from services.enrich.names.features cimport Candidates
from services.enrich.names.tokens cimport Tokens

cdef int COMMA, OF, SPACE, TITLE_WORD, _REACH


@cython.locals(tokens=Tokens, n=int, titles=int, word=str)
cdef _before(Candidates candidates, int first, str text)
@cython.locals(tokens=Tokens, n=int, first=int)
cdef _behind(Candidates candidates, int last, str text)
cdef str _written(Candidates candidates, int first, int last, str text)
