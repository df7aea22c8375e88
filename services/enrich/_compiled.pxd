# What other compiled modules of enrich use of this one.

cdef extern from *:
    void __builtin_prefetch(const void *address) noexcept


cdef struct Slot:
    unsigned int mark  # the upper half of a hash
    int number  # from 1 on; 0: nothing is here


# --- hashes: FNV-1a over a word's characters, and at the end their bits mixed (the finisher of SplitMix64) ---

cdef inline unsigned long long begun() noexcept:
    return 0xCBF29CE484222325ULL


cdef inline unsigned long long taken(unsigned long long state, Py_UCS4 c) noexcept:
    return (state ^ <unsigned int>c) * 0x100000001B3ULL


cdef inline unsigned long long finished(unsigned long long state) noexcept:
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9ULL
    state = (state ^ (state >> 27)) * 0x94D049BB133111EBULL
    return state ^ (state >> 31)


cdef unsigned long long hash_of(str word)


cdef class Numbers:
    cdef Slot *slots
    cdef size_t mask
    cdef void expect(self, unsigned long long hash_) noexcept
    cdef int find(self, unsigned long long hash_) noexcept


cdef class Sieve:
    cdef unsigned char *bits
    cdef size_t mask
    cdef bint lets_through(self, unsigned long long hash_) noexcept


cdef class Spans:
    cdef int *starts
    cdef int *ends
    cdef int count


cdef class Words:
    cdef str text
    cdef Spans spans
    cdef unsigned long long *hashes
    cdef int _hash(self, int n) except -1
    cdef bint _begins(self, int n, Sieve stems) noexcept
    cdef str word(self, int n)
