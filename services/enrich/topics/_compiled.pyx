# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The inner loops of topic tagging, compiled: what `pieces`, `english` and `tagger` do, to the same answers.

Those modules say what each step means and why; here it is only done faster, and where there is no compiler they do it themselves.
`tests/enrich/test_compiled.py` holds both to each other.
"""

from cpython.ref cimport PyObject
from libc.math cimport log, sqrt
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

import numpy as np

from services.enrich._compiled cimport Numbers, Slot, Words, __builtin_prefetch, hash_of

include "../_unicode.pxi"

cdef extern from "Python.h":
    PyObject *PyDict_GetItem(object table, object key)

cdef int _PAIR_BITS = 20


def figures(str text not None, int end):
    """How many figures the text has up to `end`: digits, and those parted by a point, a comma or a colon as one."""
    cdef int kind = PyUnicode_KIND(text), at = 0, found = 0
    cdef void *data = PyUnicode_DATA(text)
    while at < end:
        if not is_decimal(PyUnicode_READ(kind, data, at)):
            at += 1
            continue
        found += 1
        while at < end and is_decimal(PyUnicode_READ(kind, data, at)):
            at += 1
            if at + 1 < end and PyUnicode_READ(kind, data, at) in u".,:" and is_decimal(PyUnicode_READ(kind, data, at + 1)):
                at += 1
    return found


cdef struct _Item:
    long long key
    int place


cdef _Item *_sorted(_Item *items, _Item *spare, int count, int bits) noexcept:
    """Items by key, those of a key in their order: by eleven bits at a time. Returns the one of the two that holds them."""
    cdef int[2048] begins
    cdef int shift = 0, n, digit, total, held
    while shift < bits:
        memset(begins, 0, sizeof(begins))
        for n in range(count):
            begins[(items[n].key >> shift) & 2047] += 1
        total = 0
        for digit in range(2048):
            held, begins[digit] = begins[digit], total
            total += held
        for n in range(count):
            digit = (items[n].key >> shift) & 2047
            spare[begins[digit]] = items[n]
            begins[digit] += 1
        items, spare = spare, items
        shift += 11
    return items


cdef int _unique(_Item *items, int count, long long[::1] keys, long long[::1] counts, long long[::1] first) noexcept:
    cdef int n, found = 0
    for n in range(count):
        if n and items[n].key == items[n - 1].key:
            counts[found - 1] += 1
        else:
            keys[found], counts[found], first[found] = items[n].key, 1, items[n].place
            found += 1
    return found


cdef class _Strangers:
    """Counts the different hashes among those that are added."""

    cdef unsigned long long *slots
    cdef size_t mask
    cdef int count

    def __cinit__(self, int most):
        self.mask = 31
        while self.mask < 2 * <size_t>most:
            self.mask = 2 * self.mask + 1
        self.slots = <unsigned long long *>calloc(self.mask + 1, sizeof(unsigned long long))
        if self.slots == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.slots)

    cdef inline void add(self, unsigned long long hash_) noexcept:
        cdef size_t at
        hash_ = hash_ or 1  # 0 is an empty slot
        at = hash_ & self.mask
        while self.slots[at]:
            if self.slots[at] == hash_:
                return
            at = (at + 1) & self.mask
        self.slots[at] = hash_
        self.count += 1


cdef class _Room:
    """Memory for the words of a text, and twice those of its headline."""

    cdef unsigned long long *hashes
    cdef int *ids
    cdef _Item *items
    cdef _Item *spare

    def __cinit__(self, int most):
        self.hashes = <unsigned long long *>malloc((most + 1) * sizeof(unsigned long long))
        self.ids = <int *>malloc((most + 1) * sizeof(int))
        self.items = <_Item *>malloc((most + 1) * sizeof(_Item))
        self.spare = <_Item *>malloc((most + 1) * sizeof(_Item))
        if self.hashes == NULL or self.ids == NULL or self.items == NULL or self.spare == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.hashes)
        free(self.ids)
        free(self.items)
        free(self.spare)


cdef int _hashed(words, unsigned long long *out) except -1:
    cdef int n = 0
    if isinstance(words, Words):
        memcpy(out, (<Words>words).hashes, (<Words>words).spans.count * sizeof(unsigned long long))
        return 0
    for word in words:
        out[n] = hash_of(word)
        n += 1
    return 0


cdef class Bagger:
    """`english.Vocabulary.bag`."""

    cdef Numbers words
    cdef const long long[::1] pairs
    cdef Py_ssize_t[::1] begins  # of the pairs by their first word

    def __init__(self, list words not None, pairs):
        self.words, self.pairs = Numbers(words), pairs
        self.begins = np.searchsorted(pairs, np.arange(len(words) + 1, dtype=np.int64) << _PAIR_BITS)

    def bag(self, text_words, title_words):
        """Words, their counts, where each is first; the same of known pairs, as rows; and how many words are unknown."""
        cdef int in_text = len(text_words), in_title = len(title_words), most = in_text + 2 * in_title, n, words, pairs, round_
        cdef _Room room = _Room(most)
        cdef int *ids = room.ids
        cdef _Item *items = room.items
        cdef _Strangers strangers = _Strangers(most)
        cdef long long[::1] keys, counts, first
        cdef int held = 0
        _hashed(text_words, room.hashes)
        _hashed(title_words, room.hashes + in_text)
        for n in range(in_text + in_title):
            self.words.expect(room.hashes[n])
        for n in range(in_text + in_title):
            ids[n] = self.words.find(room.hashes[n])
            if ids[n] < 0:
                strangers.add(room.hashes[n])
            else:
                __builtin_prefetch(&self.begins[ids[n]])
        for n in range(in_title):
            ids[in_text + in_title + n] = ids[in_text + n]
        for n in range(most):
            if ids[n] >= 0:
                items[held].key, items[held].place = ids[n], n
                held += 1
        shape = (3, most + 1)
        of_words = np.empty(shape, np.int64)
        keys, counts, first = of_words
        words = _unique(_sorted(items, room.spare, held, _PAIR_BITS), held, keys, counts, first)
        held = 0
        for n in range(in_text - 1):
            held = self._pair(items, held, ids[n], ids[n + 1], n)
        for round_ in range(2):
            for n in range(in_text, in_text + in_title - 1):
                held = self._pair(items, held, ids[n], ids[n + 1], n)
        of_pairs = np.empty(shape, np.int64)
        keys, counts, first = of_pairs
        pairs = self._known(_unique(_sorted(items, room.spare, held, 2 * _PAIR_BITS), held, keys, counts, first), keys, counts, first)
        return (*of_words[:, :words], *of_pairs[:, :pairs], strangers.count)

    cdef inline int _pair(self, _Item *items, int held, int one, int other, int place) noexcept:
        if one < 0 or other < 0:
            return held
        items[held].key = (<long long>one << _PAIR_BITS) + other
        items[held].place = place
        return held + 1

    cdef int _known(self, int count, long long[::1] keys, long long[::1] counts, long long[::1] first) noexcept:
        """Keep the pairs that the model knows, and their rows in place of their keys."""
        cdef int n, found = 0
        cdef Py_ssize_t low, high, middle, end
        for n in range(count):
            __builtin_prefetch(&self.pairs[0] + self.begins[keys[n] >> _PAIR_BITS])
        for n in range(count):
            low, end = self.begins[keys[n] >> _PAIR_BITS], self.begins[(keys[n] >> _PAIR_BITS) + 1]
            high = end
            while low < high:
                middle = (low + high) // 2
                if self.pairs[middle] < keys[n]:
                    low = middle + 1
                else:
                    high = middle
            if low < end and self.pairs[low] == keys[n]:
                keys[found], counts[found], first[found] = low, counts[n], first[n]
                found += 1
        return found


def contributions(
    const signed char[:, ::1] weights, const float[::1] idf, float scale, const long long[::1] words, const long long[::1] word_counts,
    const long long[::1] pairs, const long long[::1] pair_counts, int pairs_from,
):
    """What each word and pair contributes to each label, (features, labels), and the sums, (labels,): `english.EnglishModel.read`."""
    cdef int known = words.shape[0], count = known + <int>pairs.shape[0], labels = weights.shape[1], n, label
    cdef long long row
    given, sums = np.empty((count, labels), np.float32), np.zeros(labels, np.float32)
    cdef float[:, ::1] out = given
    cdef float[::1] total = sums
    cdef float *value = <float *>malloc((count + 1) * sizeof(float))
    cdef double square = 0.0, times
    cdef float part
    if value == NULL:
        raise MemoryError
    for n in range(count):
        row = words[n] if n < known else pairs[n - known] + pairs_from
        __builtin_prefetch(&idf[row])
        __builtin_prefetch(&weights[row, 0])
        __builtin_prefetch(&weights[row, labels - 1])
    for n in range(count):
        row = words[n] if n < known else pairs[n - known] + pairs_from
        times = <double>(word_counts[n] if n < known else pair_counts[n - known])
        value[n] = <float>(1.0 + log(times)) * idf[row] if times > 1 else idf[row]
        square += value[n] * value[n]
    square = sqrt(square) or 1.0
    for n in range(count):
        row = words[n] if n < known else pairs[n - known] + pairs_from
        part = scale * <float>(value[n] / square)
        for label in range(labels):
            out[n, label] = weights[row, label] * part
            total[label] += out[n, label]
    free(value)
    return given, sums


def mean_vector(const signed char[:, ::1] vectors, const float[::1] share, const long long[::1] words, const long long[::1] counts):
    """The mean of words' vectors by their shares, (dimensions,), and the sum of these: `english.Network.read`."""
    cdef int size = vectors.shape[1], n, d
    cdef long long word
    mean = np.zeros(size, np.float32)
    cdef float[::1] out = mean
    cdef float part
    cdef double total = 0.0
    for n in range(words.shape[0]):
        if words[n] < share.shape[0]:
            __builtin_prefetch(&share[words[n]])
            __builtin_prefetch(&vectors[words[n], 0])
    for n in range(words.shape[0]):
        word = words[n]
        if word >= share.shape[0]:
            continue
        part = share[word]
        if counts[n] > 1:
            part *= <float>(1.0 + log(<double>counts[n]))
        total += part
        for d in range(size):
            out[d] += part * vectors[word, d]
    if total:
        for d in range(size):
            out[d] = <float>(out[d] / total)
    return mean, total


def cut(str text not None, int limit, dict cache not None, miss):
    """`pieces.Pieces.cut` as three lists: pieces, starts, ends. `miss(word)` gives the pieces of a word that the cache has not."""
    cdef int kind = PyUnicode_KIND(text), length = <int>PyUnicode_GET_LENGTH(text), at = 0, end
    cdef void *data = PyUnicode_DATA(text)
    cdef list pieces = [], starts = [], ends = []
    cdef tuple parts, part
    cdef PyObject *known
    while at < length and len(pieces) < limit:
        if not is_alnum(PyUnicode_READ(kind, data, at)):
            at += 1
            continue
        end = at + 1
        while end < length and is_alnum(PyUnicode_READ(kind, data, end)):
            end += 1
        word = PyUnicode_Substring(text, at, end)
        known = PyDict_GetItem(cache, word)
        parts = miss(word) if known == NULL else <tuple><object>known
        for part in parts:
            pieces.append(part[0])
            starts.append(at + <int>part[1])
            ends.append(at + <int>part[2])
        at = end
    return pieces, starts, ends


cdef inline str _stem(str word):
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(word)
    if length > 4 and word[length - 1] == u"s" and word[length - 2] != u"s":
        return PyUnicode_Substring(word, 0, length - 1)
    return word


cdef class Mentions:
    """`tagger.mentions`."""

    cdef Numbers first
    cdef list by_first

    def __init__(self, dict names not None):
        self.first, self.by_first = Numbers(list(names)), list(names.values())

    def __call__(self, text_words, spans):
        cdef int n, k, length, at, count = len(text_words)
        cdef dict found = {}, ends
        cdef tuple name
        cdef list codes
        cdef Words words = text_words if isinstance(text_words, Words) else None
        cdef bint same
        if words is not None:
            for n in range(count):
                self.first.expect(words.stems[n])
        for n in range(count):
            at = self.first.find(words.stems[n] if words is not None else hash_of(_stem(text_words[n])))
            if at < 0:
                continue
            for name, codes in (<dict>self.by_first[at]).items():
                length = len(name)
                if n + length > count:
                    continue
                same = True
                for k in range(1, length):
                    if _stem(text_words[n + k]) != name[k]:
                        same = False
                        break
                if not same:
                    continue
                start, end = spans[n][0], spans[n + length - 1][1]
                for code in codes:
                    ends = found.setdefault(code, {})
                    ends[start] = max(end, ends.get(start, 0))
        return found
