# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The walk over a parsed page, compiled: what `walk` and `blocks` do, to the same answers, over the parser's own nodes.

Those modules say what each step means and why. Here no Python object is made for an element, since most are only passed
through: the walk follows Lexbor's pointers. Their layout is that of the Lexbor in the locked selectolax, and `_verify`, which
runs when this module is imported, compares what is read through them with what selectolax says: where these part, or there was no
compiler, the plain walk does the work. `tests/ingest/test_compiled.py` holds both to each other.
"""

from cpython.ref cimport PyObject
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcmp, memcpy

from time import perf_counter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest.extract import blocks as plain_blocks
from services.ingest.extract import elements
from services.ingest.extract.vocabulary import MARKING, read_class

cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char *data, Py_ssize_t length, const char *errors)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    bytes PyBytes_FromStringAndSize(const char *data, Py_ssize_t length)
    Py_UCS4 PyUnicode_READ_CHAR(object text, Py_ssize_t at)

# --- Lexbor 3.1's nodes, as far as they are read (dom/interfaces/{node,element,attr,character_data}.h, core/{str,hash}.h) ---

cdef struct String:
    unsigned char *data
    size_t length

cdef struct Node:
    void *events
    uintptr_t name  # an identifier; of what HTML does not know, the address of an Entry
    uintptr_t prefix
    uintptr_t ns
    void *document
    Node *next
    Node *prev
    Node *parent
    Node *child
    Node *last
    void *user
    int type

cdef struct Attribute:
    Node node
    uintptr_t upper_name
    uintptr_t qualified_name
    String *value
    void *owner
    Attribute *next
    Attribute *prev

cdef struct Element:
    Node node
    uintptr_t upper_name
    uintptr_t qualified_name
    String *is_value
    Attribute *first
    Attribute *last

cdef struct Text:
    Node node
    String data

cdef struct Entry:
    unsigned char name[24]  # up to 16 characters; else their address
    size_t length

cdef int _ELEMENT = 1
cdef int _TEXT_NODE = 3
cdef uintptr_t _KNOWN = 1000  # identifiers of attributes and tags that HTML knows lie below

# --- Python's view of a node, made by hand where a mark must be kept ---

cdef Py_ssize_t _node_at = 0  # where a LexborNode holds its pointer


cdef object _as_python(Node *node, object parser):
    made = LexborNode.__new__(LexborNode)
    (<uintptr_t *>(<char *><PyObject *>made + _node_at))[0] = <uintptr_t>node
    made.parser = parser
    return made


cdef Node *_pointer(object node):
    cdef uintptr_t address = node.mem_id
    return <Node *>address


# --- attributes ---

cdef enum:
    CLASS, ID, HREF, REL, HIDDEN, STYLE, ITEMPROP, DATETIME, PROPERTY, ROLE, ARIA_HIDDEN, TYPE, NAMES

cdef list _names = [
    b"class", b"id", b"href", b"rel", b"hidden", b"style", b"itemprop", b"datetime", b"property", b"role", b"aria-hidden", b"type",
]
cdef signed char _code_of[1000]  # by identifier, of attributes that HTML knows
cdef const char *_name[12]
cdef size_t _length[12]

cdef struct Attributes:
    Attribute *held[12]
    int count


cdef int _code(Attribute *attribute) noexcept:
    cdef uintptr_t identifier = attribute.qualified_name or attribute.node.name
    cdef Entry *entry
    cdef int n
    if identifier < _KNOWN:
        return _code_of[identifier]
    entry = <Entry *>identifier
    if entry.length > 16:
        return -1
    for n in range(<int>NAMES):
        if entry.length == _length[n] and memcmp(entry.name, _name[n], entry.length) == 0:
            return n
    return -1


cdef void _read(Node *node, Attributes *out) noexcept:
    cdef Attribute *attribute = (<Element *>node).first
    cdef int n
    for n in range(<int>NAMES):
        out.held[n] = NULL
    out.count = 0
    while attribute != NULL:
        n = _code(attribute)
        if n >= 0:
            out.held[n] = attribute
        out.count += 1
        attribute = attribute.next


cdef str _value(Attribute *attribute):
    """An attribute's value; empty where it has none or is not there."""
    if attribute == NULL or attribute.value == NULL or attribute.value.data == NULL:
        return ""
    return PyUnicode_DecodeUTF8(<char *>attribute.value.data, attribute.value.length, "replace")


cdef bint _is(Attribute *attribute, const char *value, size_t length) noexcept:
    return (
        attribute != NULL and attribute.value != NULL and attribute.value.data != NULL
        and attribute.value.length == length and memcmp(attribute.value.data, value, length) == 0
    )


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
cdef int _EARLY = elements.EARLY, _LITTLE_FURNITURE = elements.LITTLE_FURNITURE
cdef object _INHERITED = elements.INHERITED, _FURNITURE_ROLES = elements.FURNITURE_ROLES, _HIDDEN = elements.HIDDEN
cdef object _HEADINGS = plain_blocks.HEADINGS, _SENTENCE_ENDS = plain_blocks.SENTENCE_ENDS
cdef str _CLOSING = plain_blocks.CLOSING
cdef uintptr_t _A = 0, _H1 = 0, _BLOCKQUOTE = 0, _TEXT_TAG = 0


# --- bytes of text ---

cdef struct Buffer:
    unsigned char *data
    size_t length
    size_t room


cdef int _append(Buffer *buffer, const unsigned char *data, size_t length) except -1:
    cdef unsigned char *moved
    if buffer.length + length > buffer.room:
        buffer.room = 2 * (buffer.length + length) + 4096
        moved = <unsigned char *>realloc(buffer.data, buffer.room)
        if moved == NULL:
            raise MemoryError
        buffer.data = moved
    memcpy(buffer.data + buffer.length, data, length)
    buffer.length += length
    return 0


cdef inline int _blank(const unsigned char *at, const unsigned char *end) noexcept:
    """Bytes of the white space that stands here, as str.isspace() has it; 0 where there is none."""
    cdef unsigned char c = at[0]
    if c < 0x80:
        return c == 32 or 9 <= c <= 13 or 28 <= c <= 31
    if c == 0xC2:
        return 2 if end - at > 1 and (at[1] == 0x85 or at[1] == 0xA0) else 0
    if end - at < 3:
        return 0
    if c == 0xE2:
        if at[1] == 0x80:
            return 3 if 0x80 <= at[2] <= 0x8A or at[2] == 0xA8 or at[2] == 0xA9 or at[2] == 0xAF else 0
        return 3 if at[1] == 0x81 and at[2] == 0x9F else 0
    if c == 0xE3:
        return 3 if at[1] == 0x80 and at[2] == 0x80 else 0
    if c == 0xE1:
        return 3 if at[1] == 0x9A and at[2] == 0x80 else 0
    return 0


cdef bint _all_blank(const unsigned char *at, size_t length) noexcept:
    cdef const unsigned char *end = at + length
    cdef int step
    while at < end:
        step = _blank(at, end)
        if step == 0:
            return False
        at += step
    return True


cdef size_t _characters(const unsigned char *at, size_t length) noexcept:
    cdef size_t n, found = 0
    for n in range(length):
        found += (at[n] & 0xC0) != 0x80
    return found


cdef size_t _characters_without_blanks(const unsigned char *at, size_t length) noexcept:
    cdef const unsigned char *end = at + length
    cdef size_t found = 0
    cdef int step
    while at < end:
        step = _blank(at, end)
        if step:
            at += step
        else:
            found += (at[0] & 0xC0) != 0x80
            at += 1
    return found


cdef str _single_spaced(const unsigned char *at, size_t length):
    """Text with one blank between its words, and none around it."""
    cdef unsigned char *out = <unsigned char *>malloc(length + 1)
    if out == NULL:
        raise MemoryError
    try:
        return PyUnicode_DecodeUTF8(<char *>out, _fold(at, length, out), "replace")
    finally:
        free(out)


def single_spaced(str text not None):
    """`walk.single_spaced`."""
    cdef bytes raw = text.encode()
    cdef size_t length = len(raw)
    cdef bytes folded = PyBytes_FromStringAndSize(NULL, length)  # ours alone until it is returned
    length = _fold(<const unsigned char *>raw, length, <unsigned char *>folded)
    return folded[:length]


cdef size_t _fold(const unsigned char *at, size_t length, unsigned char *out) noexcept:
    """Write the text with single blanks to `out`; returns its length."""
    cdef const unsigned char *end = at + length
    cdef unsigned char *to = out
    cdef bint waiting = False
    cdef int step
    while at < end:
        step = _blank(at, end)
        if step:
            waiting = to != out
            at += step
            continue
        if waiting:
            to[0] = 32
            to += 1
            waiting = False
        to[0] = at[0]
        to += 1
        at += 1
    return to - out


def is_utf8(const unsigned char[::1] page not None):
    """Whether bytes are UTF-8 as Python reads it strictly; nothing is decoded."""
    cdef size_t length = page.shape[0]
    cdef bint valid
    if length == 0:
        return True
    with nogil:
        valid = _is_utf8(&page[0], length)
    return valid


cdef bint _is_utf8(const unsigned char *at, size_t length) noexcept nogil:
    cdef const unsigned char *end = at + length
    cdef unsigned long long eight
    cdef unsigned char c
    cdef int more
    while at < end:
        if end - at >= 8:
            memcpy(&eight, at, 8)
            if eight & 0x8080808080808080ULL == 0:
                at += 8
                continue
        c = at[0]
        if c < 0x80:
            at += 1
            continue
        if 0xC2 <= c <= 0xDF:
            more = 1
        elif 0xE0 <= c <= 0xEF:
            more = 2
            if end - at < 2 or (c == 0xE0 and at[1] < 0xA0) or (c == 0xED and at[1] > 0x9F):
                return False
        elif 0xF0 <= c <= 0xF4:
            more = 3
            if end - at < 2 or (c == 0xF0 and at[1] < 0x90) or (c == 0xF4 and at[1] > 0x8F):
                return False
        else:
            return False
        if end - at <= more:
            return False
        at += 1
        while more:
            if at[0] & 0xC0 != 0x80:
                return False
            at += 1
            more -= 1
    return True


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


# --- what a page is made of ---

cdef class Container:
    """`blocks.Container`."""

    cdef public int index, verdict, first_block, end_block, last
    cdef public long text, links
    cdef public double own_prose, prose
    cdef public Container parent
    cdef public str tag, name
    cdef public list children, blocks

    def within(self, Container other not None):
        return other.index <= self.index <= other.last


cdef inline Container _container(int index, Container parent, str tag, int verdict, str name, int first_block):
    cdef Container made = Container.__new__(Container)
    made.index, made.parent, made.tag, made.verdict, made.name, made.first_block = index, parent, tag, verdict, name, first_block
    made.children, made.blocks = [], []
    return made


cdef class Block:
    """`blocks.Block`."""

    cdef public int order
    cdef public str kind, text, drop
    cdef public long linked
    cdef public list hrefs
    cdef public Container container
    cdef public double density, prose
    cdef public bint heading


cdef Block _block(int order, str kind, str text, long linked, list hrefs, Container container):
    cdef Block made = Block.__new__(Block)
    cdef long length = PyUnicode_GET_LENGTH(text)
    made.order, made.kind, made.text, made.linked, made.hrefs, made.container = order, kind, text, linked, hrefs, container
    made.density = linked / <double>length
    made.heading = kind in _HEADINGS
    made.prose = 0.0 if length < 20 or made.heading or made.density > 0.45 else _prose_weight(kind, text, linked)
    return made


cdef double _prose_weight(str kind, str text, long linked):
    cdef long length = PyUnicode_GET_LENGTH(text), end = length
    cdef double weight
    if PyUnicode_READ_CHAR(text, length // 2) > 0x2E80:
        length *= 2
    if length < 40:
        return 0.0
    if length < 90:
        while end > 0 and PyUnicode_READ_CHAR(text, end - 1) in _CLOSING:
            end -= 1
        if end == 0 or text[end - 1] not in _SENTENCE_ENDS:
            return 0.0
    weight = <double>(length - 2 * linked)
    if kind == "li" or kind == "td" or kind == "th" or kind == "dd" or kind == "dt":
        weight *= 0.5
    return max(0.0, weight)


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
        if not href or href[0] == u"#":
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
        cdef Node *node = _following(list_, list_)
        cdef Node *below
        cdef String *text
        cdef int links = 0
        cdef size_t linked = 0
        if self.looks >= _MAX_LOOKS:
            return False
        while node != NULL:
            if node.name == _A and node.type == _ELEMENT:
                links += 1
                below = _following(node, node)
                while below != NULL:
                    if below.name == _TEXT_TAG:
                        text = &(<Text *>below).data
                        if text.data != NULL:
                            linked += _characters(text.data, text.length)
                    below = _following(below, node)
            node = _following(node, list_)
        self.looks += 1 + links // 100
        if links < 3:
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


def weigh(page):
    """`blocks.weigh`, but for the pardons, which are rare enough to be elements."""
    cdef list containers = page.containers
    cdef list plain_prose = []
    cdef Container container, parent
    cdef int n
    cdef double *prose = <double *>malloc(len(containers) * sizeof(double))
    if prose == NULL:
        raise MemoryError
    for n in range(<int>len(containers)):
        container = containers[n]
        prose[n] = container.own_prose
    for n in range(<int>len(containers) - 1, -1, -1):
        container = containers[n]
        parent = container.parent
        if parent is not None and container.text:
            prose[parent.index] += prose[n]
            parent.text += container.text
            parent.links += container.links
    for n in range(<int>len(containers)):
        plain_prose.append(prose[n])
    free(prose)
    plain_blocks.pardon(page, plain_prose, sum_prose)


def sum_prose(page):
    """`blocks.sum_prose`."""
    cdef list containers = page.containers
    cdef Container container, parent
    cdef int n
    for n in range(<int>len(containers)):
        container = containers[n]
        container.prose = 0.0 if container.verdict < 0 else container.own_prose
    for n in range(<int>len(containers) - 1, -1, -1):
        container = containers[n]
        parent = container.parent
        if container.prose and parent is not None and parent.verdict >= 0:
            parent.prose += container.prose


# --- whether Lexbor's nodes are laid out as told above ---

_SPECIMEN = (
    "<p class=a id=b href=c rel=d hidden=e style=f itemprop=g datetime=h property=i role=j aria-hidden=k type=l "
    "data-a-name-of-more-than-sixteen=m lang=n>one<b>two</b><!--three--><a>four</a><o:p>five</o:p></p><h1></h1>"
    "<blockquote>\N{EURO SIGN}</blockquote>"
)


cdef _locate():
    """Find where a LexborNode holds its pointer: the word of the object that is its `mem_id`."""
    global _node_at
    node = LexborHTMLParser(_SPECIMEN).body
    cdef char *memory = <char *><PyObject *>node
    cdef uintptr_t wanted = node.mem_id
    cdef Py_ssize_t at, size = LexborNode.__basicsize__
    found = [at for at in range(0, size - 7, 8) if (<uintptr_t *>(memory + at))[0] == wanted]
    if len(found) != 1:
        raise ImportError("a LexborNode holds its pointer elsewhere than expected")
    _node_at = found[0]


cdef _check(bint good, str what):
    if not good:
        raise ImportError(f"Lexbor's {what} are laid out otherwise than expected; the plain walk is taken")


cdef _verify():
    global _A, _H1, _BLOCKQUOTE, _TEXT_TAG
    cdef Node *node
    cdef Attribute *attribute
    cdef int n
    for n in range(<int>NAMES):
        _name[n], _length[n] = <const char *><bytes>_names[n], len(<bytes>_names[n])
    for n in range(1000):
        _code_of[n] = -1
    tree = LexborHTMLParser(_SPECIMEN)
    paragraph = tree.css_first("p")
    node = _pointer(paragraph)
    attribute = (<Element *>node).first
    for n in range(<int>NAMES):  # in the order of their names in the specimen
        _check(attribute != NULL, "attributes")
        if (attribute.qualified_name or attribute.node.name) < _KNOWN:
            _code_of[attribute.qualified_name or attribute.node.name] = n
        attribute = attribute.next
    cdef Attributes read
    _read(node, &read)
    _check(read.count == len(paragraph.attributes), "attributes")
    for n in range(<int>NAMES):
        _check(read.held[n] != NULL and _value(read.held[n]) == paragraph.attributes[(<bytes>_names[n]).decode()], "attributes")
    _check(_as_python(node, paragraph.parser).attributes == paragraph.attributes, "elements")
    _A, _H1, _BLOCKQUOTE = tree.css_first("a").tag_id, tree.css_first("h1").tag_id, tree.css_first("blockquote").tag_id
    _TEXT_TAG = paragraph.child.tag_id
    _compare(tree.body)
    cdef Buffer buffer
    buffer.data, buffer.length, buffer.room = NULL, 0, 0
    _gather(&buffer, _pointer(tree.body), b" ")
    text = PyUnicode_DecodeUTF8(<char *>buffer.data, buffer.length, "replace")
    free(buffer.data)
    _check(text == tree.body.text(separator=" "), "texts")


cdef _compare(object python):
    """A node and all below it, through pointers and through selectolax."""
    cdef Node *node = _pointer(python)
    child = python.child
    cdef Node *below = node.child
    _check(node.name == <uintptr_t>python.tag_id, "tags")
    if python.text_content is not None:
        _check(node.type == _TEXT_NODE, "kinds of nodes")
        _check(
            PyUnicode_DecodeUTF8(<char *>(<Text *>node).data.data, (<Text *>node).data.length, "replace") == python.text_content, "texts"
        )
    while child is not None:
        _check(<uintptr_t>below == <uintptr_t>child.mem_id and <uintptr_t>below.parent == <uintptr_t>python.mem_id, "nodes")
        _compare(child)
        child, below = child.next, below.next
    _check(below == NULL, "nodes")


_locate()
_verify()
