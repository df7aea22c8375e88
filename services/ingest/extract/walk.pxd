# The walk over Lexbor's own nodes: types of `walk`.

cimport cython

from services.ingest.extract.blocks cimport Block, Container
from services.ingest.extract.elements cimport Tag
from services.ingest.extract.nodes cimport Pointer, Nodes, Run

# Numbers that are compared for each element.
cdef int BREAK, LEAF, LINK, META, NAMED_RUN, RUN, SCRIPT, SKIPPED, TEXT, _HAS_WORDS, MARKING
cdef int CLASS, ID, HREF, REL, HIDDEN, STYLE, ITEMPROP, DATETIME, PROPERTY, ROLE, ARIA_HIDDEN, TYPE
cdef int EARLY, LITTLE_BOILERPLATE, MAX_DEPTH, MAX_ELEMENTS, MAX_LOOKS, MAX_NESTED_LINKS


@cython.final
cdef class Walker:
    cdef Nodes nodes
    cdef Run run, aside
    cdef public object page, marks
    cdef public Container root
    cdef list blocks, containers, hrefs
    cdef bint everything, thorough
    cdef double ends_at
    cdef long linked
    cdef int in_link, breaks, calls
    cdef readonly int looks

    cdef flush(self, str kind, Container container)
    @cython.locals(nodes=Nodes, run=Run, child=Pointer, tag=Tag, action=int, taken=int)
    cdef walk(self, Pointer node, Container container, str kind, int depth)
    cdef note(self, Pointer node, str tag, int flags)
    @cython.locals(nodes=Nodes, names=str, has=int, verdict=int, flags=int)
    cdef named_run(self, Pointer node, Tag tag, Container container, str kind, int depth)
    @cython.locals(nodes=Nodes, names=str, href=str, title=str, has=int, flags=int, mark=size_t, before=int, block=Block)
    cdef link(self, Pointer node, Container container, str kind, int depth)
    @cython.locals(nodes=Nodes, boilerplate=bint, verdict=int, flags=int, named=int, told=int, has=int, name=str, identifier=str,
                   own_kind=str, inner=Container)
    cdef block(self, Pointer node, Tag tag, bint leaf, Container container, str kind, int depth)
    cdef Container opened(self, Tag tag, int verdict, str name, Container container)
    @cython.locals(nodes=Nodes)
    cdef bint is_hidden(self, Pointer node, int has) except -1
    @cython.locals(early=bint)
    cdef bint passes(self, Pointer node, Tag tag, int verdict, int flags, str name, Container container) except -1
    @cython.locals(text=str, inner=Container, block=Block, length=long)
    cdef pass_by(self, Pointer node, Tag tag, int verdict, str name, Container container)
    @cython.locals(nodes=Nodes, node=Pointer, below=Pointer, links=int, nested=int, depth=int, linked=long, text=str)
    cdef bint is_list_of_links(self, Pointer list_) except -1
    @cython.locals(nodes=Nodes, node=Pointer)
    cdef bint holds_a_headline(self, Pointer root) except -1
    @cython.locals(nodes=Nodes, child=Pointer, inner=Pointer, n=int)
    cdef bint holds_a_quote(self, Pointer figure) except -1
