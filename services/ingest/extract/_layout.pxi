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
