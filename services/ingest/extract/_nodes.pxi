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
