# Typed: `block_filter`.

cimport cython

from services.ingest.extract.blocks cimport Block, Container

cdef int BYLINE, ENDS, HEADING, JUNK, LENGTH, NEAR, PAIRS, PROSE_AFTER, PROSE_BEFORE, SAME_CONTAINER
cdef int SIGNATURE_SHARE, SINCE_MORE, UNITS, WIDTH, MORE_HEADING, FIRST_SCORES
cdef int _SEVERAL, _IN_BLOCKQUOTE, _ABOVE, _BELOW
cdef double _BEYOND_DOUBT, _NEXT_TO_NOTHING, _LABEL, _LINKED

@cython.locals(block=Block, container=Container, table="double[::1]", scores="double[::1]", blocks=list, runs=list,
               first=int, end=int, n=int, run=int, repeats=bint)
cpdef find_body(object page, str title, str description=*)
@cython.locals(block=Block, together=dict, keys=list, pool=list, n=int, key=int, size=double)
cdef _judge_together(list blocks, list runs)
@cython.locals(line=bint, titled=bint)
cdef bint _announces(double[::1] rows, int at) except -1
@cython.locals(block=Block, first=int, end=int, headline=int)
cpdef tuple scope_of(object page, Container container)
cdef int _above(object page, int first, int headline) except -1
@cython.locals(block=Block, live=list)
cdef list _live(list blocks)
@cython.locals(block=Block, seen=set)
cdef _drop_repeats(list blocks)
@cython.locals(block=Block, following=bint)
cdef _drop_bare_headings(list blocks)
@cython.locals(block=Block, other=Block, live=list, n=int, text=str)
cdef _drop_quotes_of_itself(list blocks)
cdef bint _quoted(Block block) except -1
