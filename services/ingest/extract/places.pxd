# Typed: `places`.

cimport cython

from services.ingest.extract.blocks cimport Block, Container

cdef int OPENS_WITH_LINK, LENGTH, DENSITY, ENDS, WORDS, LEXICON_MEAN, HEADING, JUNK, MORE, WORST
cdef int PLACE, PROSE_BEFORE, PROSE_AFTER, SINCE_PROSE, NEXT_PROSE, LAST_PROSE, SINCE_MORE, MORE_AROUND, HEADLINES
cdef int SIDE, PAIRS, PAGE_PROSE, PAGE_BLOCKS, PAIR_SHARE, NEAR, SAME_CONTAINER, SAME_SIGNATURE, SECOND
cdef int SCORES, NEAR_COUNT, FARTHER_COUNT, WIDTH
cdef double FAR
cdef int _SPAN
cdef double _NO_SCORE

@cython.locals(total=double, before=double, characters=double, last_prose=double, since_more=double, next_prose=double,
               headlines=int, n=int, at=int, order=int, block=Block, node=Container, more=Container)
cpdef take_places(list blocks, double[::1] rows, unsigned char[::1] core, Container container)
@cython.locals(count=int, n=int, start=int, pairs=int, size=int, k=int, prose=double, block=Block, following=Block)
cdef count_pairs(list blocks, double[::1] rows, double total)
@cython.locals(count=int, n=int, at=int, side=int, other=int, to=int, farther=int, source=int, k=int, mine=Container,
               its=Container, columns="int[::1]")
cpdef see_neighbours(list blocks, double[::1] rows)
@cython.locals(likely="double[::1]", length="double[::1]", n=int, at=int, size=double, first=int, end=int)
cpdef add_scores(double[::1] rows, double[::1] scores, int count)
