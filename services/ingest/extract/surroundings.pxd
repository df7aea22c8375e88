# Typed: `surroundings`.

cimport cython

from services.ingest.extract.blocks cimport Block, Container

cdef int VERDICT, WORST, BOX_SHARE, GOOD, SIBLINGS, CONTAINER_LINKS, CONTAINER_LENGTH, SIGNATURE_SHARE, TAG
cdef int INSIDE, UP, DOWN, CONTROLS, HIDDEN, GROUP, UNITS, FIGURE, ITEM
cdef int PARENT_LINKS, PARENT_PROSE, WIDTH
cdef double _LITTLE_PROSE

@cython.locals(node=Container, around=Container, parent=Container, steps=int, bits=int, blocks=list)
cpdef look_at_containers(object page, Container container, int first, int end)
@cython.locals(child=Container, before=Container, previous=Container, units=int, alike=int, start=int, n=int,
               k=int, children=list)
cdef count_units(list blocks, Container parent)
@cython.locals(first=Block, block=Block, count=int, length=long, n=int)
cdef bint is_unit(list blocks, Container child) except -1
@cython.locals(length=long)
cpdef bint title_like(Block block) except -1
@cython.locals(core=bytearray, marks="unsigned char[::1]", total=double, n=int, least=int, block=Block, node=Container)
cpdef bytearray clear_prose(list blocks)
@cython.locals(shares=dict, total=double, share=double, kind=str, before=Container, block=Block, node=Container, parent=Container, box=Container, at=int, n=int)
cpdef look_around(object page, list blocks, double[::1] rows, unsigned char[::1] core)
