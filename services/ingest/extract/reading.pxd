# Typed: `reading`.

cimport cython

from services.ingest.extract.blocks cimport Block, Container

cdef int LENGTH, DENSITY, LINKS, ENDS, STOPS, COMMAS, DIGITS, CAPITALS, START
cdef int WORDS, LEXICON_SUM, LEXICON_MEAN, KIND, HEADING, JUNK, BYLINE, MORE, OPENS_WITH_LINK
cdef int ADDRESS, QUESTION, WIDTH, LEXICON, MOST_WORDS
cdef int _LOOKED_AT

@cython.locals(block=Block, text=str, at=int, n=int, length=long)
cpdef read_texts(list blocks, double[::1] rows, int[::1] hashes, int[::1] counts, double[::1] lexicon)
@cython.locals(title=str)
cpdef bint opens_with_link(Block block) except -1
@cython.locals(character=Py_UCS4, code=int, lower=int, last=int, words=int, capitals=int, digits=int, commas=int, stops=int,
               found=int, seen=int, letters=int, value=int, total=double, length=double)
cpdef int read_text(str text, double[::1] rows, int at, int[::1] hashes, int room, double[::1] lexicon) except -1
@cython.locals(first=Py_UCS4)
cdef double start_of(str text) except -1
@cython.locals(last=Py_UCS4)
cdef double end_of(str text) except -1
