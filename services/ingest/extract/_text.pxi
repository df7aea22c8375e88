# Text as bytes: white space, single spacing, what is UTF-8.


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
    # Letting go of the interpreter meanwhile would cost more than it takes: another thread takes it, and wants it back.
    return page.shape[0] == 0 or _is_utf8(&page[0], page.shape[0])


cdef inline const unsigned char *_past_ascii(const unsigned char *at, const unsigned char *end) noexcept nogil:
    cdef unsigned long long eights[4]
    while end - at >= 32:
        memcpy(eights, at, 32)
        if (eights[0] | eights[1] | eights[2] | eights[3]) & 0x8080808080808080ULL:
            break
        at += 32
    while end - at >= 8:
        memcpy(eights, at, 8)
        if eights[0] & 0x8080808080808080ULL:
            break
        at += 8
    while at < end and at[0] < 0x80:
        at += 1
    return at


cdef bint _is_utf8(const unsigned char *at, size_t length) noexcept nogil:
    cdef const unsigned char *end = at + length
    cdef unsigned char c
    cdef int more
    while at < end:
        if at[0] < 0x80:
            at = _past_ascii(at, end)
            continue
        c = at[0]
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
