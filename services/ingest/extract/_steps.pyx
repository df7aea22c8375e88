# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""How much work parsing a page makes, byte by byte: what `effort` does with patterns, to the same answers.

The two stay apart: over a page of 300 KB this takes 0.07 ms and the patterns 3.7, more than all the rest of an article; and where
nothing is compiled, this text would take many times as long as they do. `tests/hostile/test_linear_time.py` holds one to the other.
"""

from libc.string cimport memchr, memset

from services.ingest.extract import effort as _effort

cdef enum:
    _BUCKETS = 4096

cdef enum:  # in the order of `effort`
    _PLAIN, _PASSING, _FORMATTING, _RAW, _SELECT, _OPTION, _ROOT, _FOREIGN, _INTEGRATION

cdef unsigned char _kind_of_bucket[_BUCKETS]
cdef unsigned char _breaks_out[_BUCKETS]
cdef unsigned char _length_of_bucket[_BUCKETS]
cdef unsigned char _end_of_bucket[_BUCKETS]  # the last character of its element's name
cdef unsigned char _ends_name[256]  # 1 a blank, 2 a slash, 3 the tag's end, 4 an equals sign
cdef unsigned int _SVG, _MATH, _TITLE, _other = 0  # a bucket of no element that is told from others
cdef long long _FORMATTING_STEPS = _effort.FORMATTING_STEPS, _ATTRIBUTE_STEPS = _effort.ATTRIBUTE_STEPS
cdef long long _OPTION_STEPS = _effort.OPTION_STEPS, _ROOT_STEPS = _effort.ROOT_STEPS


cdef inline unsigned char _small(unsigned char c) noexcept nogil:
    return c | 32 if 65 <= c <= 90 else c


cdef unsigned int _bucket_of(bytes name):
    cdef unsigned int state = 0
    for c in name:
        state = state * 33 + <unsigned char>c
    return (state ^ (state >> 12)) & (<unsigned int>_BUCKETS - 1)


cdef _fill_effort():
    global _SVG, _MATH, _TITLE, _other
    taken = {}
    for name in [*_effort.KINDS, *_effort.BREAKOUT]:
        at = _bucket_of(name.encode())
        if taken.setdefault(at, name) != name:
            raise ImportError(f"{name} has the bucket of {taken[at]}")
        _kind_of_bucket[at] = _effort.KINDS.get(name, 0)
        _breaks_out[at] = name in _effort.BREAKOUT
        _length_of_bucket[at], _end_of_bucket[at] = len(name), ord(name[len(name) - 1])
    while _length_of_bucket[_other]:
        _other += 1
    for c in (9, 10, 12, 13, 32):
        _ends_name[c] = 1
    _ends_name[47], _ends_name[62], _ends_name[61] = 2, 3, 4
    _SVG, _MATH, _TITLE = _bucket_of(b"svg"), _bucket_of(b"math"), _bucket_of(b"title")


_fill_effort()


def steps_of(const unsigned char[::1] page not None):
    """`effort.steps_of`; names that share a bucket count as one."""
    return _steps_of(&page[0], page.shape[0]) if page.shape[0] else 0


cdef const unsigned char *_attributes(const unsigned char *at, const unsigned char *end, long long *count) noexcept nogil:
    """Past the attributes: where the tag ends, or the page."""
    cdef unsigned char c
    while at < end:
        c = _ends_name[at[0]]
        if c == 3:
            return at
        if c == 1 or c == 2:
            at += 1
            continue
        count[0] += 1
        at += 1
        while at < end and _ends_name[at[0]] == 0:
            at += 1
        while at < end and _ends_name[at[0]] == 1:
            at += 1
        if at >= end or at[0] != 61:
            continue
        at += 1
        while at < end and _ends_name[at[0]] == 1:
            at += 1
        if at < end and (at[0] == 34 or at[0] == 39):
            at = <const unsigned char *>memchr(at + 1, at[0], end - at - 1)
            if at == NULL:
                return end
            at += 1
            continue
        while at < end and not (_ends_name[at[0]] == 1 or at[0] == 62):
            at += 1
    return end


cdef const unsigned char *_past_comment(const unsigned char *at, const unsigned char *end) noexcept nogil:
    """From the dashes on; NULL where it does not end."""
    cdef const unsigned char *begun = at
    while True:
        at = <const unsigned char *>memchr(at, 62, end - at)
        if at == NULL:
            return NULL
        if at - begun >= 2 and (at - 1)[0] == 45 and (at - 2)[0] == 45:
            return at + 1
        if at - begun >= 3 and (at - 1)[0] == 33 and (at - 2)[0] == 45 and (at - 3)[0] == 45:
            return at + 1
        at += 1


cdef const unsigned char *_end_of_raw(
    const unsigned char *at, const unsigned char *end, const unsigned char *name, Py_ssize_t length
) noexcept nogil:
    """Where the end tag of that name begins; NULL where there is none."""
    cdef Py_ssize_t n
    while True:
        at = <const unsigned char *>memchr(at, 60, end - at)
        if at == NULL or end - at < length + 3:
            return NULL
        if at[1] == 47:
            n = 0
            while n < length and _small(at[2 + n]) == _small(name[n]):
                n += 1
            if n == length and 1 <= _ends_name[at[2 + n]] <= 3:
                return at
        at += 1


cdef long long _steps_of(const unsigned char *at, Py_ssize_t size) noexcept:
    cdef int opened[_BUCKETS]
    cdef const unsigned char *end = at + size
    cdef const unsigned char *name
    cdef long long steps = 0, depth = 0, formatting = 0, foreign = 0, inside = 0, options = 0, roots = 0, attributes
    cdef unsigned int bucket
    cdef unsigned char kind
    cdef bint closing, sticky = False, closed
    cdef Py_ssize_t length
    memset(opened, 0, sizeof(opened))
    while True:
        at = <const unsigned char *>memchr(at, 60, end - at)
        if at == NULL or end - at < 2:
            return steps
        at += 1
        closing = at[0] == 47
        if closing:
            at += 1
            if at >= end:
                return steps
        if not 97 <= (at[0] | 32) <= 122:
            if not closing and end - at >= 3 and at[0] == 33 and at[1] == 45 and at[2] == 45:
                at = _past_comment(at + 1, end)
                if at == NULL:
                    return steps
            continue
        name, bucket = at, 0
        while at < end and not 1 <= _ends_name[at[0]] <= 3:
            bucket = bucket * 33 + _small(at[0])
            at += 1
        length = at - name
        bucket = (bucket ^ (bucket >> 12)) & (<unsigned int>_BUCKETS - 1)
        if length == _length_of_bucket[bucket] and _small((at - 1)[0]) == _end_of_bucket[bucket]:
            kind = _kind_of_bucket[bucket]
        else:
            kind, bucket = _PLAIN, bucket ^ 1  # another name
            if _length_of_bucket[bucket]:
                bucket = _other
        attributes = 0
        if at < end and at[0] != 62:
            at = _attributes(at, end, &attributes)
            steps += attributes * attributes * _ATTRIBUTE_STEPS
        closed = (at - 1)[0] == 47
        if at < end:
            at += 1
        if closing:
            steps += depth
            if opened[bucket]:
                if kind == _FOREIGN and inside:
                    sticky = True
                opened[bucket] -= 1
                depth -= 1
                formatting -= kind == _FORMATTING
                foreign -= kind == _FOREIGN
                inside -= kind == _INTEGRATION or bucket == _TITLE
            continue
        steps += depth + formatting * _FORMATTING_STEPS
        if foreign and not inside and _breaks_out[bucket]:
            depth -= foreign
            foreign = opened[_SVG] = opened[_MATH] = 0
        if kind == _PASSING:
            steps += depth
            continue
        if kind == _RAW and not foreign and not sticky:
            at = _end_of_raw(at, end, name, length)
            if at == NULL:
                return steps
            continue
        if kind == _OPTION:
            options += 1
            steps += options * _OPTION_STEPS
            continue
        if kind == _ROOT:
            roots += 1
            steps += roots * _ROOT_STEPS
            continue
        if closed and foreign and not inside:
            continue
        if kind == _SELECT:
            options = 0
        depth += 1
        opened[bucket] += 1
        formatting += kind == _FORMATTING
        foreign += kind == _FOREIGN
        inside += kind == _INTEGRATION or bucket == _TITLE
