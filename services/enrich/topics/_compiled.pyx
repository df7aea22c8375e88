# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The words and pairs of a text counted: what `english.Vocabulary.plain_bag` does with numpy, to the same answers.

The two stay apart: this one goes by the hashes of words, of which no strings are made, and saves 0.33 ms of an article's 5.6.
`tests/enrich/test_compiled.py` holds one to the other.
"""

from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

import numpy as np

from services.enrich._compiled cimport Numbers, Words, __builtin_prefetch, hash_of

cdef int _PAIR_BITS = 20


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
