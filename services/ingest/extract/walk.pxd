# The walk over Lexbor's own nodes: types of `walk`.

cimport cython

from services.ingest.extract.blocks cimport Block, Container
from services.ingest.extract.elements cimport Tag
from services.ingest.extract.nodes cimport Pointer, Nodes, Run

# Numbers that are compared for each element.
cdef int BREAK, LEAF, LINK, META, NAMED_RUN, RUN, SCRIPT, SKIPPED, TEXT, _HAS_WORDS, _A_WRAPPER, _DEALT_WITH, _A_BOX, MARKING
cdef int CLASS, ID, HREF, REL, HIDDEN, STYLE, ITEMPROP, DATETIME, PROPERTY, ROLE, ARIA_HIDDEN, TYPE
cdef int EARLY, A_SENTENCE, HIDDEN_PROSE, LITTLE_BOILERPLATE, MAX_DEPTH, MAX_ELEMENTS, MAX_LOOKS, MAX_NESTED_LINKS


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
    cdef int in_link, breaks, calls, boxes
    cdef readonly int looks

    cdef flush(self, str kind, Container container)
    @cython.locals(nodes=Nodes, run=Run, child=Pointer, tag=Tag, action=int, taken=int)
    cdef walk(self, Pointer node, Container container, str kind, int depth)
    cdef note(self, Pointer node, str tag, int flags)
    @cython.locals(nodes=Nodes, names=str, has=int, verdict=int, flags=int, mark=size_t)
    cdef named_run(self, Pointer node, Tag tag, Container container, str kind, int depth)
    @cython.locals(nodes=Nodes, names=str, href=str, title=str, has=int, flags=int, mark=size_t, before=int, block=Block)
    cdef link(self, Pointer node, Container container, str kind, int depth)
    @cython.locals(nodes=Nodes, boilerplate=bint, hidden=bint, box=bint, passed=int, least=int, verdict=int, flags=int, named=int, told=int, has=int, name=str, identifier=str,
                   own_kind=str, inner=Container)
    cdef block(self, Pointer node, Tag tag, bint leaf, Container container, str kind, int depth)
    cdef Container opened(self, Tag tag, int verdict, str name, Container container)
    @cython.locals(nodes=Nodes)
    cdef bint is_hidden(self, Pointer node, int has) except -1
    @cython.locals(nodes=Nodes, before=Block, child=Pointer)
    cdef bint goes_on(self, Pointer node, Container container) except -1
    @cython.locals(early=bint, text=str)
    cdef int passes(self, Pointer node, Tag tag, int verdict, int flags, str name, Container container) except -1
    @cython.locals(inner=Container, block=Block, length=long)
    cdef pass_by(self, str text, Pointer node, Tag tag, int verdict, str name, Container container)
    cdef bint holds_prose(self, Pointer node, int least) except -1
    @cython.locals(length=long, stops=long, closing=str)
    cdef bint is_prose(self, str text, int least) except -1
    @cython.locals(nodes=Nodes, following=Pointer)
    cdef bint like_follows(self, Pointer node, Tag tag, str names) except -1
    @cython.locals(words=list, parts=list)
    cdef bint is_slug(self, Pointer node, str identifier) except -1
    @cython.locals(nodes=Nodes, following=Pointer)
    cdef bint text_follows(self, Pointer node) except -1
    @cython.locals(nodes=Nodes, node=Pointer, below=Pointer, links=int, nested=int, depth=int, linked=long, text=str)
    cdef bint is_list_of_links(self, Pointer list_) except -1
    @cython.locals(nodes=Nodes, node=Pointer)
    cdef bint holds_a_headline(self, Pointer root) except -1
    @cython.locals(nodes=Nodes, child=Pointer, inner=Pointer, n=int)
    cdef bint holds_a_quote(self, Pointer figure) except -1
