# Candidates and their features: types of `features`.

cimport cython

from services.enrich.names.hashing cimport mixed
from services.enrich.names.lexicon cimport Lexicon
from services.enrich.names.tokens cimport Tokens

cdef int ALNUM, AMPERSAND, CLOSE, COLON, DOTTED, HYPHEN, LINE, LOWER, NUMBER, OPEN, QUOTE, SENTENCE, SOFT, SPACE, TITLE
cdef int FIRST_CLUSTERS, JOINING, LEADING, NAMES, ORGANISATIONS, PLACES, ROLES, SPEECH_WORD, TITLE_WORD, PLACE_WORD, ARTICLE_WORD
cdef int WIDTH, _LONGEST, _LONGEST_LISTED, _SHIFT, _SHORTEST_COMPOUND, _LONGEST_COMPOUND, _OF_COMPOUNDS, _GERMAN
cdef unsigned long long BASIS, PRIME, ALL, _END, _TWO, _THREE
cdef int _NAMED, _TITLED, _SPOKE, _LAST, _FIRST, _SMALL, _PLACED, _BRACKETED, _THE, _KNOWN


@cython.final
cdef class Candidates:
    cdef readonly Tokens tokens
    cdef readonly Lexicon lexicon
    cdef int language
    cdef readonly int count, words
    cdef size_t mask
    cdef public int[::1] first, last, name, place, body, rows, filled
    cdef int[::1] role, cluster, said
    cdef readonly unsigned long long[::1] key

    @cython.locals(tokens=Tokens, n=int, ended=int, count=int, total=int, shape=int, first=int, last=int, at=int)
    cdef _find(self)
    @cython.locals(tokens=Tokens, n=int, c=int, first=int, last=int, before=int, after=int, found=int)
    cdef _note(self)
    cdef unsigned long long _key(self, int n) noexcept
    cdef _listed(self, int first, int last)
    @cython.locals(tokens=Tokens, n=int, at=int, best=int, kind=int, found=int, position=int, key="unsigned long long")
    cdef _longest(self, int salt, int first, int last)
    @cython.locals(at=size_t)
    cpdef size_t slot(self, unsigned long long key) noexcept
    cpdef int role_of(self, int n) except -1
    @cython.locals(text=str, end=int, length=int, begin=int, at=int, key="unsigned long long", found=int)
    cpdef int role_of_compound(self, int n) except -1
    cdef int role_before(self, int n) noexcept
    cdef int role_after(self, int n) noexcept
    @cython.locals(found=int)
    cdef int cluster_of(self, int n) noexcept
    @cython.locals(text=str, end=int, begin=int, at=int, c="unsigned int", key="unsigned long long", found=int)
    cdef int head_of(self, int n) except -1
    @cython.locals(word=int, c=int, n=int)
    cdef _fill(self)
    @cython.locals(tokens=Tokens, k=int, t=int, total=int, own=bint, gap_before=int, gap_after=int, gap_before2=int, gap_after2=int,
                   before=int, after=int, before2=int, after2=int, exact="unsigned long long", lower="unsigned long long",
                   lower_before="unsigned long long", lower_after="unsigned long long", shape=int, shape_before=int, shape_after=int,
                   shapes="unsigned long long", role="unsigned long long", role_before="unsigned long long",
                   role_after="unsigned long long", role_before2="unsigned long long", role_after2="unsigned long long",
                   name="unsigned long long", place="unsigned long long", body="unsigned long long", name_before="unsigned long long",
                   name_after="unsigned long long", place_before="unsigned long long", place_after="unsigned long long",
                   from_start="unsigned long long", from_end="unsigned long long", where="unsigned long long",
                   length="unsigned long long", said="unsigned long long", small="unsigned long long", start="unsigned long long",
                   rows="int[::1]", edge_before="unsigned long long", edge_after="unsigned long long",
                   edge_word="unsigned long long", edge_next="unsigned long long", cluster="unsigned long long",
                   cluster_before="unsigned long long", cluster_after="unsigned long long")
    cdef _row(self, int word, int n, int first, int last)


cdef bint soft(int gap) noexcept
cdef bint beyond(int gap) noexcept
@cython.locals(gap=int)
cdef bint opens(Tokens tokens, int n) noexcept
