# What the walk asks of Lexbor's nodes, as pointers: `nodes`. What is asked of each of them stands here, to be inlined.

cimport cython
from selectolax.lexbor cimport LexborHTMLParser, LexborNode, lxb_dom_node_t

from services.ingest.extract.elements cimport Tag

ctypedef lxb_dom_node_t *Pointer


cdef class Run


@cython.final
cdef class Nodes:
    cdef LexborHTMLParser parser
    cdef list tags
    cdef int known

    cdef inline Pointer root(self, LexborNode node) except NULL:
        if node is None:
            raise TypeError("a walk begins at an element")
        return node.node

    cdef inline Pointer first(self, Pointer node) noexcept:
        return node.first_child

    cdef inline Pointer next(self, Pointer node) noexcept:
        return node.next

    cdef inline Pointer parent(self, Pointer node) noexcept:
        return node.parent

    cdef inline bint same(self, Pointer node, Pointer other) noexcept:
        return node == other

    cdef inline Tag tag(self, Pointer node):
        if node.local_name < <size_t>self.known:
            found = self.tags[<Py_ssize_t>node.local_name]
            if found is not None:
                return <Tag>found
        return self.learn(node)

    cdef Tag learn(self, Pointer node)
    cdef Pointer after(self, Pointer node, Pointer root) noexcept
    cdef LexborNode held(self, Pointer node)
    cdef long length(self, Pointer node) noexcept
    cdef int which(self, Pointer node) noexcept
    cdef str value(self, Pointer node, int name)
    cdef int gather(self, Pointer root, str separator, Run run) except -1


@cython.final
cdef class Run:
    cdef unsigned char *data
    cdef size_t length, room

    cdef inline size_t size(self) noexcept:
        return self.length

    cdef int take(self, Pointer node) except -1
    cdef int add(self, str text) except -1
    cdef long characters(self) noexcept
    cdef str since(self, size_t mark)
    cdef str end(self)
    cdef int append(self, const unsigned char *data, size_t length) except -1
