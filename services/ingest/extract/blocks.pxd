# Blocks and containers as compiled classes.

cdef class Container:
    cdef public int index, verdict, first_block, end_block, last, controls
    cdef public bint hidden
    cdef public int worst, within_tags, up, down, group, units, box
    cdef public bint good
    cdef public long text, links
    cdef public double own_prose, prose
    cdef public Container parent
    cdef public str tag, name
    cdef public list children, blocks
    cpdef bint within(self, Container other)


cdef class Block:
    cdef public int order
    cdef public str kind, text, drop
    cdef public long linked
    cdef public list hrefs
    cdef public Container container
    cdef public double density, prose, score
    cdef public bint heading
