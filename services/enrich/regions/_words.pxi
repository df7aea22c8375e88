# The words of a text: `spans.Tokens`.

cdef inline bint _is_word(Py_UCS4 c) noexcept:
    """Whether a word goes on with it: what a pattern's \\w takes, marks, and joiners."""
    return is_alnum(c) or c == u"_" or (<unsigned int>c >= 0xad and <unsigned int>c < 0x10000 and _WITHIN[c])


cdef inline bint _great(Py_UCS4 c) noexcept:
    """A capital letter, as a particle's pattern has them."""
    return u"A" <= c <= u"Z" or (u"À" <= c <= u"Þ" and c != u"×")


cdef class Tokens:
    """`spans.Tokens`, with the same attributes."""

    cdef readonly str text
    cdef list _words  # those that were asked for; None for others
    cdef bint _whole  # all were
    cdef unsigned long long *hashes
    cdef int count, length, kind
    cdef void *data
    cdef int *at  # where each word starts
    cdef int *to  # and ends
    cdef char *upper
    cdef list _starts, _ends, _capital

    def __cinit__(self):
        self.at = self.to = NULL
        self.upper = NULL
        self.hashes = NULL

    def __dealloc__(self):
        free(self.at)
        free(self.to)
        free(self.upper)
        free(self.hashes)

    def __init__(self, str text not None, *, bint elided=False):
        self.text = text
        self.kind, self.data, self.length = PyUnicode_KIND(text), PyUnicode_DATA(text), <int>PyUnicode_GET_LENGTH(text)
        cdef int most = self.length // 2 + 2
        self.at = <int *>malloc(most * sizeof(int))
        self.to = <int *>malloc(most * sizeof(int))
        self.upper = <char *>malloc(most)
        self.hashes = <unsigned long long *>malloc(most * sizeof(unsigned long long))
        if self.at == NULL or self.to == NULL or self.upper == NULL or self.hashes == NULL:
            raise MemoryError
        if elided:
            self._take(plain.ELIDED.findall(text))
        else:
            self._scan()
        self._starts = self._ends = self._capital = None

    cdef _take(self, list words):
        cdef int start, at = 0, n = 0
        for word in words:
            start = self.text.find(word, at)
            at = start + len(<str>word)
            self.at[n], self.to[n], self.upper[n], self.hashes[n] = start, at, Py_UNICODE_ISUPPER(self.read(start)), hash_of(word)
            n += 1
        self._words, self.count, self._whole = words, n, True

    cdef _scan(self):
        """Words as `spans` has their pattern."""
        cdef int length = self.length, at = 0, n = 0, end
        cdef Py_UCS4 c
        while at < length:
            c = self.read(at)
            if not is_alnum(c) or is_decimal(c):
                at += 1
                continue
            end = self._particle(at)
            if end:
                self.at[n], self.to[n], self.upper[n] = at, end, False
                n += 1
                at = end
                continue
            end = at + 1
            while end < length and _is_word(self.read(end)):
                end += 1
            while end + 1 < length and self.read(end) in u"'’." and _is_word(self.read(end + 1)):
                end += 2
                while end < length and _is_word(self.read(end)):
                    end += 1
            if end < length and self.read(end) == u"." and self._abbreviated(end):
                end += 1
            self.at[n], self.to[n], self.upper[n] = at, end, Py_UNICODE_ISUPPER(c)
            if self.upper[n]:  # others are not looked up by it
                self.hashes[n] = self.hash(at, end)
            n += 1
            at = end
        self.count = n
        self._words, self._whole = [None] * n, False

    cdef int _particle(self, int at) noexcept:
        """Where up to three small letters end that an apostrophe parts from a capital; 0 where none do."""
        cdef int end = at
        cdef Py_UCS4 c
        while end < self.length and end - at < 4:
            c = self.read(end)
            if not is_alnum(c) or is_decimal(c) or _great(c):
                break
            end += 1
        if end == at or end - at > 3 or end + 1 >= self.length or self.read(end) not in u"'’":
            return 0
        c = self.read(end + 1)
        return end if _great(c) or c in u"ỊỌỤẸṢ" else 0

    cdef unsigned long long hash(self, int start, int end) noexcept:
        """The hash of what stands there."""
        cdef unsigned long long state = begun()
        cdef int at
        for at in range(start, end):
            state = taken(state, self.read(at))
        return finished(state)

    cdef str word(self, int n):
        """Word `n`, as a string that is made when it is first asked for."""
        held = self._words[n]
        if held is None:
            held = self._words[n] = PyUnicode_Substring(self.text, self.at[n], self.to[n])
        return <str>held

    def word_at(self, int n):
        """Word `n`; empty where there is none."""
        return self.word(n) if 0 <= n < self.count else ""

    def is_capital(self, int n):
        """Whether there is a word `n`, and it begins with a capital."""
        return 0 <= n < self.count and self.upper[n] != 0

    def __len__(self):
        return self.count

    @property
    def words(self):
        """All words."""
        cdef int n
        if not self._whole:
            for n in range(self.count):
                self.word(n)
            self._whole = True
        return self._words

    cdef bint _abbreviated(self, int end):
        """Whether the full stop at `end` belongs to the word: U.S. and the like."""
        cdef Py_UCS4 before = self.read(end - 1)
        if not u"A" <= before <= u"Z":
            return False
        if end > 1 and self.read(end - 2) == u".":
            return True
        if end + 2 >= self.length or (end > 1 and (is_alnum(self.read(end - 2)) or self.read(end - 2) == u"_")):
            return False
        return u"A" <= self.read(end + 1) <= u"Z" and self.read(end + 2) == u"."

    cdef inline Py_UCS4 read(self, Py_ssize_t at) noexcept:
        return PyUnicode_READ(self.kind, self.data, at)

    cdef bint all_capital(self, int start, int end) noexcept:
        """`str.isupper` of what stands there."""
        cdef bint cased = False
        cdef int at
        cdef Py_UCS4 c
        for at in range(start, end):
            c = self.read(at)
            if Py_UNICODE_ISLOWER(c) or Py_UNICODE_ISTITLE(c):
                return False
            cased = cased or Py_UNICODE_ISUPPER(c)
        return cased

    cdef bint all_letters(self, int start, int end) noexcept:
        """`str.isalpha` of what stands there."""
        cdef int at
        for at in range(start, end):
            if not is_alpha(self.read(at)):
                return False
        return end > start

    cdef inline bint spaced(self, int n) noexcept:
        """Whether one blank stands between word `n` and the next."""
        return self.at[n + 1] - self.to[n] == 1 and self.read(self.to[n]) == u" "

    cdef inline bint stopped(self, int n) noexcept:
        """Whether a full stop and a blank stand there."""
        return self.at[n + 1] - self.to[n] == 2 and self.read(self.to[n]) == u"." and self.read(self.to[n] + 1) == u" "

    cdef inline bint hyphened(self, int n) noexcept:
        return self.at[n + 1] - self.to[n] == 1 and self.read(self.to[n]) == u"-"

    cdef bint broken(self, int n) noexcept:
        """Whether a line ends there."""
        cdef int at
        for at in range(self.to[n], self.at[n + 1]):
            if self.read(at) == u"\n":
                return True
        return False

    cdef Py_UCS4 mark(self, int n) noexcept:
        """The first character there that is no blank; 0 for none."""
        cdef int at
        for at in range(self.to[n], self.at[n + 1]):
            if not Py_UNICODE_ISSPACE(self.read(at)):
                return self.read(at)
        return 0

    def gap(self, int n):
        """What stands between word `n` and the next."""
        if not 0 <= n < self.count - 1:
            raise IndexError(n)
        return PyUnicode_Substring(self.text, self.to[n], self.at[n + 1])

    @property
    def starts(self):
        if self._starts is None:
            self._starts = [self.at[n] for n in range(self.count)]
        return self._starts

    @property
    def ends(self):
        if self._ends is None:
            self._ends = [self.to[n] for n in range(self.count)]
        return self._ends

    @property
    def capital(self):
        if self._capital is None:
            self._capital = [bool(self.upper[n]) for n in range(self.count)]
        return self._capital
