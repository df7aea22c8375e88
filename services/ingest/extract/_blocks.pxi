# What a page is made of: `blocks`.

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
