# Typed: `evidence`.

cimport cython

from services.ingest.extract.blocks cimport Block, Container

cdef int JUNK, BYLINE, MORE, LIKE_TITLE, IS_TITLE, LIKE_DESCRIPTION, LIKENESS, REPEATED, UNITS
cdef int MORE_AROUND, PAIRS, WIDTH, LEXICON, MOST_WORDS

@cython.locals(spare="double[::1]", own="int[::1]", none="double[::1]", uses="int[::1]", of_title="unsigned char[::1]",
               of_description="unsigned char[::1]", block=Block, n=int, k=int, at=int, count=int, least=int,
               alike=double, in_title=double, in_description=double, value=int)
cdef compare(list blocks, double[::1] rows, unsigned char[::1] core, int[::1] hashes, int[::1] counts, str title, str description)
@cython.locals(block=Block, at=int)
cpdef tell_verdicts(list blocks, double[::1] rows)
cdef str verdict_of(Block block, double[::1] rows, int at)
