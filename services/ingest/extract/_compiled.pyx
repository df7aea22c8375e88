# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The walk over a parsed page, compiled: what `walk` and `blocks` do, to the same answers, over the parser's own nodes; and
`containers`, `block_filter` and `links`, whose text is included as it stands.

Those modules say what each step means and why. Here no Python object is made for an element, since most are only passed
through: the walk follows Lexbor's pointers. Their layout is that of the Lexbor in the locked selectolax, and `_verify`, which
runs when this module is imported, compares what is read through them with what selectolax says: where these part, or there was no
compiler, the plain walk does the work. `tests/ingest/test_compiled.py` holds both to each other.
"""

from cpython.ref cimport PyObject
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memset

from bisect import bisect_left
from collections import defaultdict
from time import perf_counter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest.extract import blocks as plain_blocks
from services.ingest.extract import elements
from services.ingest.extract.blocks import Body, Walked
from services.ingest.extract.lines import ENDS, is_byline_or_date
from services.ingest.extract.standfirst import find_standfirst
from services.ingest.extract.title import fold
from services.ingest.extract.vocabulary import MARKING, is_junk_line, is_more_heading, read_class

cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char *data, Py_ssize_t length, const char *errors)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    bytes PyBytes_FromStringAndSize(const char *data, Py_ssize_t length)
    Py_UCS4 PyUnicode_READ_CHAR(object text, Py_ssize_t at)

include "_nodes.pxi"
include "_text.pxi"
include "_effort.pxi"

# --- what is known of a tag ---

cdef class Tag:
    cdef str name, own_kind
    cdef int action
    cdef bint furniture, left_out, figure, list_, time

    def __init__(self, str name):
        self.name = name or ""
        self.action = elements.ACTION_OF_TAG.get(name, elements.CONTAINER)
        self.furniture, self.left_out = name in elements.FURNITURE, name in ("nav", "footer")
        self.figure, self.list_, self.time = name == "figure", name == "ul", name == "time"
        self.own_kind = elements.OWN_KIND.get(name)


cdef list _tags = [None] * 1000  # by identifier, of tags that HTML knows; filled as they are met
cdef int _ACT_TEXT = elements.TEXT, _ACT_SKIPPED = elements.SKIPPED, _ACT_BREAK = elements.BREAK, _ACT_LINK = elements.LINK, _ACT_RUN = elements.RUN
cdef int _ACT_NAMED_RUN = elements.NAMED_RUN, _ACT_LEAF = elements.LEAF, _ACT_META = elements.META, _ACT_SCRIPT = elements.SCRIPT
cdef int _MARKING = MARKING, _MAX_DEPTH = elements.MAX_DEPTH, _MAX_ELEMENTS = elements.MAX_ELEMENTS, _MAX_LOOKS = elements.MAX_LOOKS
cdef int _MAX_NESTED_LINKS = elements.MAX_NESTED_LINKS
cdef int _EARLY = elements.EARLY, _LITTLE_FURNITURE = elements.LITTLE_FURNITURE
cdef object _INHERITED = elements.INHERITED, _FURNITURE_ROLES = elements.FURNITURE_ROLES, _HIDDEN = elements.HIDDEN
cdef object _HEADINGS = plain_blocks.HEADINGS, _SENTENCE_ENDS = plain_blocks.SENTENCE_ENDS
cdef str _CLOSING = plain_blocks.CLOSING
cdef uintptr_t _A = 0, _H1 = 0, _BLOCKQUOTE = 0, _TEXT_TAG = 0


# --- below a node ---

cdef Node *_following(Node *node, Node *root) noexcept:
    """The next node below `root` in the page's order; NULL at the end."""
    if node.child != NULL:
        return node.child
    while node != root:
        if node.next != NULL:
            return node.next
        node = node.parent
    return NULL


cdef int _gather(Buffer *buffer, Node *root, const char *separator) except -1:
    """The text below `root`, its pieces parted by `separator`."""
    cdef Node *node = _following(root, root)
    cdef String *text
    cdef bint first = True
    buffer.length = 0
    while node != NULL:
        if node.name == _TEXT_TAG:
            text = &(<Text *>node).data
            if text.data != NULL:
                if not first and separator[0]:
                    _append(buffer, <const unsigned char *>separator, 1)
                first = False
                _append(buffer, text.data, text.length)
        node = _following(node, root)
    return 0


cdef bint _holds(Node *root, uintptr_t name) noexcept:
    """Whether an element of that name is `root` or stands below it."""
    cdef Node *node = root
    while node != NULL:
        if node.name == name and node.type == _ELEMENT:
            return True
        node = _following(node, root)
    return False


cdef bint _holds_a_quote(Node *figure) noexcept:
    cdef Node *child = figure.child
    cdef int n = 0
    while child != NULL and n < 8:
        if child.name == _BLOCKQUOTE:
            return True
        if child.child != NULL and (
            child.child.name == _BLOCKQUOTE or (child.child.next != NULL and child.child.next.name == _BLOCKQUOTE)
        ):
            return True
        child = child.next
        n += 1
    return False

include "_blocks.pxi"


cdef class Walker:
    """`walk._Walker`."""

    cdef public object page, marks
    cdef public Container root
    cdef list blocks, containers, hrefs
    cdef object parser
    cdef Buffer buffer, aside
    cdef bint everything, thorough
    cdef double ends_at
    cdef long linked
    cdef int in_link, breaks, calls
    cdef readonly int looks

    def __cinit__(self):
        self.buffer.data = self.aside.data = NULL
        self.buffer.length = self.buffer.room = self.aside.length = self.aside.room = 0

    def __dealloc__(self):
        free(self.buffer.data)
        free(self.aside.data)

    def __init__(self, *, bint everything, bint thorough, double ends_at):
        self.ends_at, self.everything, self.thorough = ends_at, everything, thorough
        self.root = _container(0, None, "body", 0, "", 0)
        self.page = plain_blocks.Walked(self.root, [self.root])
        self.marks, self.blocks, self.containers = self.page.marks, self.page.blocks, self.page.containers
        self.hrefs = []
        self.linked = self.in_link = self.breaks = self.calls = self.looks = 0

    def walk(self, node, Container container not None, str kind, int depth):
        self.parser = node.parser
        self._walk(_pointer(node), container, kind, depth)

    def flush(self, str kind, Container container not None):
        self._flush(kind, container)

    cdef _flush(self, str kind, Container container):
        cdef str text = _single_spaced(self.buffer.data, self.buffer.length) if self.buffer.length else ""
        cdef Block block
        cdef long length
        self.buffer.length = 0
        if text:
            length = PyUnicode_GET_LENGTH(text)
            block = _block(<int>len(self.blocks), kind, text, min(self.linked, length), self.hrefs, container)
            self.blocks.append(block)
            container.blocks.append(block)
            container.text += length
            container.links += block.linked
            container.own_prose += block.prose
            if kind == "h1":
                self.page.h1.append(block)
        self.hrefs = []
        self.linked = self.breaks = 0

    cdef Tag _tag(self, Node *node):
        cdef Tag found
        if node.name < _KNOWN:
            found = _tags[node.name]
            if found is None:
                found = _tags[node.name] = Tag(_as_python(node, self.parser).tag)
            return found
        return Tag(_as_python(node, self.parser).tag)

    cdef _walk(self, Node *node, Container container, str kind, int depth):
        cdef Node *child = node.child
        cdef Tag tag
        cdef String *text
        cdef Attributes attributes
        cdef bint blank
        cdef int action
        self.calls += 1
        if not self.calls & 1023 and perf_counter() > self.ends_at:
            self.calls = _MAX_ELEMENTS
        while child != NULL:
            tag = self._tag(child)
            action = tag.action
            if action == _ACT_TEXT:
                text = &(<Text *>child).data
                if child.type == _TEXT_NODE and text.data != NULL and text.length:
                    blank = _all_blank(text.data, text.length)
                    if self.buffer.length or not blank:
                        _append(&self.buffer, text.data, text.length)
                        if not blank:
                            self.breaks = 0
                        if self.in_link:
                            self.linked += <long>_characters(text.data, text.length)
            elif action == _ACT_SKIPPED:
                pass
            elif action == _ACT_BREAK:
                self.breaks += 1
                if self.buffer.length:
                    if self.breaks >= 2:
                        self._flush(kind, container)
                    else:
                        _append(&self.buffer, b"\n", 1)
            elif action == _ACT_META:
                self.marks.metas.append(_as_python(child, self.parser))
            elif action == _ACT_SCRIPT:
                _read(child, &attributes)
                if _is(attributes.held[TYPE], b"application/ld+json", 19):
                    self.marks.json_ld.append(_as_python(child, self.parser))
            elif depth >= _MAX_DEPTH:
                self._take_whole(child)
            elif self.calls >= _MAX_ELEMENTS:
                return
            elif action == _ACT_RUN:
                self._walk(child, container, kind, depth + 1)
            elif action == _ACT_LINK:
                self._link(child, container, kind, depth)
            elif action == _ACT_NAMED_RUN:
                self._named_run(child, tag, container, kind, depth)
            else:
                _read(child, &attributes)
                self._block(child, tag, &attributes, action == _ACT_LEAF, container, kind, depth)
            child = child.next

    cdef _take_whole(self, Node *node):
        held = _as_python(node, self.parser)
        held.strip_tags(elements.CODE)
        cdef bytes text = held.text(deep=True, separator=" ").encode()
        _append(&self.buffer, text, len(text))

    cdef _note(self, Node *node, str tag, int flags):
        held = _as_python(node, self.parser)
        self.marks.note(held, tag, held.attributes, flags)

    cdef _named_run(self, Node *node, Tag tag, Container container, str kind, int depth):
        cdef Attributes attributes
        cdef str names
        cdef int verdict = 0, flags = 0
        if (<Element *>node).first != NULL:
            _read(node, &attributes)
            names = _value(attributes.held[CLASS])
            if names:
                verdict, flags = read_class(names)
            if verdict < 0 and kind != "pre":
                self._block(node, tag, &attributes, False, container, kind, depth)
                return
            if flags & _MARKING or attributes.held[ITEMPROP] != NULL or attributes.held[DATETIME] != NULL:
                self._note(node, tag.name, flags)
        self._walk(node, container, kind, depth + 1)

    cdef _link(self, Node *node, Container container, str kind, int depth):
        cdef Attributes attributes
        cdef str names, href, title
        cdef int flags = 0, before = <int>len(self.blocks), n
        cdef size_t mark
        cdef Block block
        _read(node, &attributes)
        if attributes.count > 1:
            names = _value(attributes.held[CLASS])
            if names:
                flags = read_class(names)[1]
            if flags & _MARKING or attributes.held[REL] != NULL or attributes.held[ITEMPROP] != NULL:
                self._note(node, "a", flags)
        href = _value(attributes.held[HREF])
        if not href or href[0] == u"#" or self.in_link >= _MAX_NESTED_LINKS:
            self._walk(node, container, kind, depth + 1)
            return
        mark = self.buffer.length
        self.in_link += 1
        self._walk(node, container, kind, depth + 1)
        self.in_link -= 1
        if len(self.blocks) == before:
            if self.buffer.length > mark:
                title = _single_spaced(self.buffer.data + mark, self.buffer.length - mark)
                if title:
                    self.hrefs.append((href, title))
            return
        entry = (href, " ".join([block.text for block in self.blocks[before:]]))
        for n in range(before, <int>len(self.blocks)):
            block = self.blocks[n]
            block.hrefs.append(entry)

    cdef _block(self, Node *node, Tag tag, Attributes *attributes, bint leaf, Container container, str kind, int depth):
        cdef bint furniture = tag.furniture
        cdef int verdict = 0, flags = 0, named, told
        cdef str name = "", identifier, own_kind
        cdef Container inner
        if self.buffer.length:
            self._flush(kind, container)
        if attributes.count:
            name = _value(attributes.held[CLASS])
            if name:
                verdict, flags = read_class(name)
            if attributes.count > (1 if name else 0):
                if not self.everything and _hidden(attributes):
                    self._note(node, tag.name, flags)
                    return
                identifier = _value(attributes.held[ID])
                if identifier:
                    named, told = read_class(identifier)
                    verdict = 1 if verdict > 0 or named > 0 else min(verdict, named)
                    flags |= told
                    name = f"{name} {identifier}"
                if attributes.held[ITEMPROP] != NULL and "articlebody" in _value(attributes.held[ITEMPROP]).lower():
                    verdict = 1
                if attributes.held[ROLE] != NULL and _value(attributes.held[ROLE]) in _FURNITURE_ROLES:
                    furniture = True
            if flags & _MARKING or tag.time or attributes.held[ITEMPROP] != NULL or attributes.held[PROPERTY] != NULL:
                self._note(node, tag.name, flags)
        if furniture and tag.figure and ("table" in name or _holds_a_quote(node)):
            furniture = False
        if furniture:
            if tag.left_out and not self.everything:
                return
            verdict = min(verdict, -1)
        if verdict < 0 and not self.everything and self._passes(node, tag.name, verdict, flags, name, container):
            return
        if tag.list_ and verdict == 0 and not self.everything and self._is_list_of_links(node):
            _gather(&self.aside, node, b" ")
            self._pass_by(node, tag.name, verdict, name, container)
            return
        own_kind = tag.own_kind
        if own_kind is None:
            own_kind = kind if kind in _INHERITED else "div"
        if leaf and verdict == 0:
            self._walk(node, container, own_kind, depth + 1)
            if self.buffer.length:
                self._flush(own_kind, container)
            return
        inner = _container(<int>len(self.containers), container, tag.name, verdict, name[:80], <int>len(self.blocks))
        container.children.append(inner)
        self.containers.append(inner)
        self._walk(node, inner, own_kind, depth + 1)
        if self.buffer.length:
            self._flush(own_kind, inner)
        if len(self.blocks) == inner.first_block:
            del self.containers[inner.index :]
            container.children.pop()
            return
        inner.last = <int>len(self.containers) - 1
        inner.end_block = <int>len(self.blocks)

    cdef bint _passes(self, Node *node, str tag, int verdict, int flags, str name, Container container) except -1:
        cdef bint early = len(self.containers) <= _EARLY
        if verdict == -2 and not early:
            return True
        if flags or self.thorough or self.looks >= _MAX_LOOKS:
            return False
        _gather(&self.aside, node, b" ")
        if _characters(self.aside.data, self.aside.length) < <size_t>_LITTLE_FURNITURE and not (early and _holds(node, _H1)):
            self._pass_by(node, tag, verdict, name, container)
            return True
        self.looks += 10
        return False

    cdef bint _is_list_of_links(self, Node *list_) except -1:
        cdef Node *node = list_.child
        cdef String *text
        cdef int links = 0, depth = 0, nested = 0
        cdef size_t linked = 0
        if self.looks >= _MAX_LOOKS:
            return False
        while node != NULL:
            if node.name == _A and node.type == _ELEMENT:
                links, depth = links + 1, depth + 1
                nested = max(nested, depth)
            elif depth and node.name == _TEXT_TAG:
                text = &(<Text *>node).data
                if text.data != NULL:
                    linked += depth * _characters(text.data, text.length)
            if node.child != NULL:
                node = node.child
                continue
            while node != list_:
                depth -= node.name == _A and node.type == _ELEMENT
                if node.next != NULL:
                    break
                node = node.parent
            node = node.next if node != list_ else NULL
        self.looks += 1 + links // 100
        if links < 3 or nested > _MAX_NESTED_LINKS:
            return False
        _gather(&self.aside, list_, b"")
        return linked > 0.8 * _characters_without_blanks(self.aside.data, self.aside.length)

    cdef _pass_by(self, Node *node, str tag, int verdict, str name, Container container):
        """Take what has been gathered as one block."""
        cdef str text = _single_spaced(self.aside.data, self.aside.length) if self.aside.length else ""
        cdef Container inner
        cdef Block block
        cdef long length = PyUnicode_GET_LENGTH(text)
        if not text:
            return
        inner = _container(<int>len(self.containers), container, tag, verdict, name[:80], <int>len(self.blocks))
        container.children.append(inner)
        self.containers.append(inner)
        block = _block(<int>len(self.blocks), "div", text, 0 if verdict else length, [], inner)
        if text.count(". ") < length // 250:
            block.prose = 0.0
        self.blocks.append(block)
        inner.blocks.append(block)
        inner.text, inner.links, inner.own_prose = length, block.linked, block.prose
        inner.last, inner.end_block = inner.index, <int>len(self.blocks)
        self.page.passed.append((inner, _as_python(node, self.parser)))


cdef bint _hidden(Attributes *attributes) except -1:
    if attributes.held[HIDDEN] != NULL and not _is(attributes.held[HIDDEN], b"until-found", 11):
        return True
    if _is(attributes.held[ARIA_HIDDEN], b"true", 4):
        return True
    return attributes.held[STYLE] != NULL and _HIDDEN.search(_value(attributes.held[STYLE])) is not None


include "_containers.pxi"
include "_block_filter.pxi"
include "_links.pxi"
include "_layout.pxi"
