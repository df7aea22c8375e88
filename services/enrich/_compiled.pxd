# What other compiled modules of enrich use of this one.

cdef extern from *:
    void __builtin_prefetch(const void *address) noexcept


cdef struct Slot:
    unsigned int mark  # the upper half of a hash
    int number  # from 1 on; 0: nothing is here


cdef unsigned long long hash_of(str word)


cdef class Numbers:
    cdef Slot *slots
    cdef size_t mask
    cdef void expect(self, unsigned long long hash_) noexcept
    cdef int find(self, unsigned long long hash_) noexcept


cdef class Spans:
    cdef int *starts
    cdef int *ends
    cdef int count


cdef class Words:
    cdef str text
    cdef Spans spans
    cdef unsigned long long *hashes
    cdef unsigned long long *stems
    cdef int _hash(self, int n) except -1
    cdef str word(self, int n)
