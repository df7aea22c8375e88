# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""What the walk asks of a page's nodes, of Lexbor's own. `nodes.py` says what each answer means, and asks the same of selectolax.

Nodes, attributes and texts are declared by selectolax's `lexbor.pxd` and Lexbor's headers, so the compiler knows where everything
stands. It knows it of one version: with another one installed this module refuses to load, and the plain ones do the work.
"""

from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcmp, memcpy

from selectolax.lexbor cimport (
    _LEXBOR_VERSION_MAJOR, _LEXBOR_VERSION_MINOR, LXB_DOM_NODE_TYPE_ELEMENT, LXB_DOM_NODE_TYPE_TEXT, LXB_TAG__LAST_ENTRY,
    LexborHTMLParser, LexborNode, lexbor_str_t, lxb_dom_attr_t, lxb_dom_character_data_t, lxb_dom_element_t, lxb_dom_node_t,
)

from importlib.metadata import version

import selectolax.lexbor as installed

from services.ingest.extract.elements cimport Tag
from services.ingest.extract import elements

cdef extern from *:
    """
    static inline lxb_dom_attr_t *first_attribute(lxb_dom_node_t *node) {
        return lxb_dom_element_first_attribute(lxb_dom_interface_element(node));
    }
    static inline lxb_dom_attr_id_t attribute_id(lxb_dom_attr_t *attribute) {
        return attribute->qualified_name ? attribute->qualified_name : attribute->node.local_name;
    }
    /* The name of an attribute that HTML does not know, whose identifier is where its entry lies. */
    static inline const lxb_char_t *own_name(lxb_dom_attr_id_t identifier, size_t *length) {
        const lexbor_hash_entry_t *entry = &((const lxb_dom_attr_data_t *) identifier)->entry;
        *length = entry->length;
        return lexbor_hash_entry_str(entry);
    }
    enum { KNOWN_ATTRIBUTES = LXB_DOM_ATTR__LAST_ENTRY, KNOWN_TAGS = LXB_TAG__LAST_ENTRY };
    """
    lxb_dom_attr_t *first_attribute(lxb_dom_node_t *node) noexcept
    size_t attribute_id(lxb_dom_attr_t *attribute) noexcept
    const unsigned char *own_name(size_t identifier, size_t *length) noexcept
    const int KNOWN_ATTRIBUTES, KNOWN_TAGS

cdef extern from *:
    const char *SELECTOLAX  # the version whose headers this was compiled with (setup.py)

cdef extern from "Python.h":
    str PyUnicode_DecodeUTF8(const char *data, Py_ssize_t length, const char *errors)

if version("selectolax") != SELECTOLAX.decode() or (
    (installed.LEXBOR_VERSION_MAJOR, installed.LEXBOR_VERSION_MINOR) != (_LEXBOR_VERSION_MAJOR, _LEXBOR_VERSION_MINOR)
):
    raise ImportError(f"compiled for selectolax {SELECTOLAX.decode()}, and {version('selectolax')} is installed")

cdef enum:
    NAMES = 12

cdef list _names = [name.encode() for name in elements.ATTRIBUTES]
cdef const char *_name[NAMES]
cdef size_t _length[NAMES]
cdef int _bit_of[256]  # by identifier, of attributes that HTML knows


cdef _learn_names():
    """Which identifiers Lexbor has for the attributes that the walk asks for."""
    cdef int n
    cdef lxb_dom_attr_t *attribute
    specimen = LexborHTMLParser("<p " + " ".join([f"{name}=1" for name in elements.ATTRIBUTES]) + ">")
    cdef LexborNode paragraph = specimen.css_first("p")
    if len(elements.ATTRIBUTES) != NAMES or KNOWN_ATTRIBUTES > 256:
        raise ImportError("another number of attributes than the compiled form has room for")
    for n in range(256):
        _bit_of[n] = 0
    attribute = first_attribute(paragraph.node)
    for n, name in enumerate(paragraph.attributes):
        _name[n], _length[n] = <const char *><bytes>_names[n], len(<bytes>_names[n])
        if name != elements.ATTRIBUTES[n] or attribute == NULL:
            raise ImportError("attributes are read in another order than they stand")
        if attribute_id(attribute) < <size_t>KNOWN_ATTRIBUTES:
            _bit_of[attribute_id(attribute)] = 1 << n
        attribute = attribute.next


_learn_names()


cdef int _bit(lxb_dom_attr_t *attribute) noexcept:
    """The bit of an attribute that the walk asks for; 0 for any other."""
    cdef size_t identifier = attribute_id(attribute), length
    cdef const unsigned char *own
    cdef int n
    if identifier < <size_t>KNOWN_ATTRIBUTES:
        return _bit_of[identifier]
    own = own_name(identifier, &length)
    for n in range(NAMES):
        if length == _length[n] and memcmp(own, _name[n], length) == 0:
            return 1 << n
    return 0


cdef inline lexbor_str_t *_text_of(lxb_dom_node_t *node) noexcept:
    """The characters of a text; NULL where it has none, or is none."""
    cdef lexbor_str_t *text
    if node.type != LXB_DOM_NODE_TYPE_TEXT:
        return NULL
    text = &(<lxb_dom_character_data_t *>node).data
    return text if text.data != NULL and text.length else NULL


cdef class Nodes:
    """The nodes of one page."""

    def __cinit__(self, LexborHTMLParser parser not None):
        self.parser, self.tags, self.known = parser, _tags, KNOWN_TAGS

    cdef Pointer after(self, Pointer node, Pointer root) noexcept:
        if node.first_child != NULL:
            return node.first_child
        while node != root:
            if node.next != NULL:
                return node.next
            node = node.parent
        return NULL

    cdef Tag learn(self, Pointer node):
        cdef Tag found = Tag(self.held(node).tag)
        if node.local_name < <size_t>KNOWN_TAGS:
            self.tags[node.local_name] = found
        return found

    cdef LexborNode held(self, Pointer node):
        return LexborNode.new(node, self.parser)

    cdef long length(self, Pointer node) noexcept:
        cdef lexbor_str_t *text = _text_of(node)
        return _characters(text.data, text.length) if text != NULL else 0

    cdef int which(self, Pointer node) noexcept:
        cdef lxb_dom_attr_t *attribute = first_attribute(node)
        cdef int found = 0
        while attribute != NULL:
            found |= _bit(attribute) or 1 << NAMES
            attribute = attribute.next
        return found

    cdef str value(self, Pointer node, int name):
        cdef lxb_dom_attr_t *attribute = first_attribute(node)
        while attribute != NULL and _bit(attribute) != name:
            attribute = attribute.next
        if attribute == NULL or attribute.value == NULL or attribute.value.data == NULL:
            return ""
        return PyUnicode_DecodeUTF8(<char *>attribute.value.data, attribute.value.length, "replace")

    cdef int gather(self, Pointer root, str separator, Run run) except -1:
        cdef Pointer node = self.after(root, root)
        cdef lexbor_str_t *text
        cdef bytes between = separator.encode()
        cdef bint first = True
        run.length = 0
        while node != NULL:
            text = _text_of(node)
            if text != NULL:
                if not first:
                    run.append(between, len(between))
                first = False
                run.append(text.data, text.length)
            node = self.after(node, root)
        return 0


Node = LexborNode  # as `nodes.py` has it

cdef list _tags = [None] * <int>KNOWN_TAGS


cdef class Run:
    """The run of text that is being read, as UTF-8."""

    def __dealloc__(self):
        free(self.data)

    cdef int take(self, Pointer node) except -1:
        cdef lexbor_str_t *text = _text_of(node)
        if text == NULL:
            return 0
        if not _all_blank(text.data, text.length):
            self.append(text.data, text.length)
            return 2
        if self.length:
            self.append(text.data, text.length)
            return 1
        return 0

    cdef int add(self, str text) except -1:
        cdef bytes raw = text.encode()
        return self.append(raw, len(raw))

    cdef long characters(self) noexcept:
        return _characters(self.data, self.length)

    cdef str since(self, size_t mark):
        cdef unsigned char *out
        if self.length <= mark:
            return ""
        out = <unsigned char *>malloc(self.length - mark + 1)
        if out == NULL:
            raise MemoryError
        try:
            return PyUnicode_DecodeUTF8(<char *>out, _fold(self.data + mark, self.length - mark, out), "replace")
        finally:
            free(out)

    cdef str end(self):
        cdef str text = self.since(0)
        self.length = 0
        return text

    cdef int append(self, const unsigned char *data, size_t length) except -1:
        cdef unsigned char *moved
        if self.length + length > self.room:
            self.room = 2 * (self.length + length) + 4096
            moved = <unsigned char *>realloc(self.data, self.room)
            if moved == NULL:
                raise MemoryError
            self.data = moved
        memcpy(self.data + self.length, data, length)
        self.length += length
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
