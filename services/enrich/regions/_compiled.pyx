# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The inner loops of reading a text for places, compiled: what `spans`, `detection`, `resolution` and `trees` do, to the same answers.

Those modules say what each step means and why; here it is only done faster, and where there is no compiler they do it themselves.
`tests/enrich/regions/test_compiled.py` holds both to each other.
"""

from libc.math cimport asin, cos, exp, fmin, isnan, log, log1p, sin, sqrt
from libc.stdlib cimport free, malloc

import numpy as np

from services.enrich.regions import spans as plain
from services.enrich.regions.gazetteer import ALIAS, PEOPLE, SHORT
from services.enrich.regions.vocabulary import COMPANY, FACILITIES, FACILITY_KINDS, LEADING, SPEECH, TITLES

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    Py_UCS4 PyUnicode_READ(int kind, void *data, Py_ssize_t at)
    str PyUnicode_Substring(object text, Py_ssize_t start, Py_ssize_t end)
    bint Py_UNICODE_ISALNUM(Py_UCS4 c)
    bint Py_UNICODE_ISDECIMAL(Py_UCS4 c)
    bint Py_UNICODE_ISDIGIT(Py_UCS4 c)
    bint Py_UNICODE_ISUPPER(Py_UCS4 c)
    bint Py_UNICODE_ISLOWER(Py_UCS4 c)
    bint Py_UNICODE_ISSPACE(Py_UCS4 c)

cdef int _LONGEST = 6
cdef int _LONGEST_CHARS = 60
cdef object _LEADING = LEADING
cdef object _TITLES = TITLES
cdef object _SPEECH = SPEECH
cdef object _COMPANY = COMPANY
cdef dict _FACILITIES = FACILITIES
cdef dict _FACILITY_NUMBER = {kind: n for n, kind in enumerate(FACILITY_KINDS)}
cdef object _COUNTIES = frozenset(("counties", "Counties", "County"))
cdef object _JOINING = frozenset(("of", "de", "del", "la"))
cdef int _ALIAS = ALIAS, _PEOPLE = PEOPLE, _SHORT = SHORT
cdef double _UNKNOWN_BEFORE = -2.0
cdef double _EARTH_KM = 6371.0
cdef str _END = "^"


cdef inline bint _is_word(Py_UCS4 c) noexcept:
    """What a pattern's \\w takes."""
    return Py_UNICODE_ISALNUM(c) or c == u"_"


cdef class Tokens:
    """`spans.Tokens`, with the same attributes."""

    cdef readonly str text
    cdef readonly list words
    cdef int count, length, kind
    cdef void *data
    cdef int *at  # where each word starts
    cdef int *to  # and ends
    cdef char *upper
    cdef list _starts, _ends, _capital

    def __cinit__(self):
        self.at = self.to = NULL
        self.upper = NULL

    def __dealloc__(self):
        free(self.at)
        free(self.to)
        free(self.upper)

    def __init__(self, str text not None, *, bint elided=False):
        self.text = text
        self.kind, self.data, self.length = PyUnicode_KIND(text), PyUnicode_DATA(text), <int>PyUnicode_GET_LENGTH(text)
        self.words = []
        cdef int most = self.length // 2 + 2
        self.at = <int *>malloc(most * sizeof(int))
        self.to = <int *>malloc(most * sizeof(int))
        self.upper = <char *>malloc(most)
        if self.at == NULL or self.to == NULL or self.upper == NULL:
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
            self.at[n], self.to[n], self.upper[n] = start, at, Py_UNICODE_ISUPPER(self.read(start))
            n += 1
        self.words, self.count = words, n

    cdef _scan(self):
        """Words as `spans` has their pattern."""
        cdef int length = self.length, at = 0, n = 0, end
        cdef Py_UCS4 c
        while at < length:
            c = self.read(at)
            if not Py_UNICODE_ISALNUM(c) or Py_UNICODE_ISDECIMAL(c):
                at += 1
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
            self.words.append(PyUnicode_Substring(self.text, at, end))
            self.at[n], self.to[n], self.upper[n] = at, end, Py_UNICODE_ISUPPER(c)
            n += 1
            at = end
        self.count = n

    cdef bint _abbreviated(self, int end):
        """Whether the full stop at `end` belongs to the word: U.S. and the like."""
        cdef Py_UCS4 before = self.read(end - 1)
        if not u"A" <= before <= u"Z":
            return False
        if end > 1 and self.read(end - 2) == u".":
            return True
        if end + 2 >= self.length or (end > 1 and _is_word(self.read(end - 2))):
            return False
        return u"A" <= self.read(end + 1) <= u"Z" and self.read(end + 2) == u"."

    cdef inline Py_UCS4 read(self, Py_ssize_t at) noexcept:
        return PyUnicode_READ(self.kind, self.data, at)

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


cdef class Span:
    """`spans.Span`."""

    cdef public int start, end, first, last, row
    cdef public str name, facility

    def __init__(self, int start, int end, int first, int last, str name, int row, str facility=""):
        self.start, self.end, self.first, self.last, self.row = start, end, first, last, row
        self.name, self.facility = name, facility


cdef inline Span _span(int start, int end, int first, int last, str name, int row, str facility):
    cdef Span made = Span.__new__(Span)
    made.start, made.end, made.first, made.last, made.row = start, end, first, last, row
    made.name, made.facility = name, facility
    return made


cdef class _Names:
    """What of the gazetteer the search for names asks."""

    cdef dict names, openers
    cdef object lower_ends

    def __cinit__(self, gazetteer):
        self.names, self.openers, self.lower_ends = gazetteer.names, gazetteer.openers, gazetteer.lower_ends

    cdef Span named(self, Tokens t, int n, int length):
        """The name that `length` words from `n` on make, under any of its forms."""
        cdef int start = t.at[n], last = n + length - 1, end = t.to[last], at, before
        cdef Py_UCS4 c, previous = 0
        cdef str name = PyUnicode_Substring(t.text, start, end), raw
        cdef bint simple = not (length == 1 and end - start > 4 and t.read(start) >= 0x400)
        if end < t.length and t.read(end) == u"." and end - start < 8 and t.read(end - 1) != u".":
            simple = False
        if end - start > 1 and t.read(end - 2) == u"'" and t.read(end - 1) == u"s":
            simple = False
        if simple and end - start > 3 and name.isupper():
            simple = False
        if simple:
            for at in range(start, end):
                c = t.read(at)
                if c == u"’" or (length > 1 and c == u" " and previous == u" "):
                    simple = False
                    break
                previous = c
        if simple:
            row = self.names.get(name)
            return None if row is None else _span(start, end, n, last, name, row, "")
        raw = name
        for form in plain.forms(t.text, start, end, length):
            row = self.names.get(form)
            if row is not None:
                before = len(raw) - len(<str>form) if t.read(start) >= 0x590 and raw.endswith(form) else 0
                written = plain.written(raw, form, t.text[end : end + 1])
                return _span(start + before, start + <int>written, n, last, form, row, "")
        return None

    cdef Span longest(self, Tokens t, int n):
        """The longest known name that begins with word `n`."""
        cdef str word = t.words[n], other
        cdef int start = t.at[n], end = t.to[n], most = 1, length, last, at
        cdef Span found
        cdef bint one_line
        known = self.openers.get(word)
        if known is not None:
            most = known
        if end - start > 1 and word.isupper():
            known = self.openers.get(word.title())
            if known is not None and known > most:
                most = known
        for length in range(min(most, _LONGEST, t.count - n), 1, -1):
            last = n + length - 1
            if not t.upper[last]:
                other = t.words[last]
                if t.read(t.at[last]) < 0x370 and other not in self.lower_ends:
                    continue
            if t.to[last] - start > _LONGEST_CHARS:
                continue
            one_line = True
            for at in range(start, t.to[last]):
                if t.read(at) == u"\n":
                    one_line = False
                    break
            if one_line:
                found = self.named(t, n, length)
                if found is not None:
                    return found
        if (
            t.read(start) < 0x370
            and Py_UNICODE_ISLOWER(t.read(end - 1))
            and not (end - start < 8 and end < t.length and t.read(end) == u".")
            and word.isalpha()
        ):
            row = self.names.get(word)
            return None if row is None else _span(start, end, n, n, word, row, "")
        return self.named(t, n, 1)


def find_spans(Tokens tokens not None, gazetteer, str language="en"):
    """`spans.find_spans`."""
    cdef list spans = []
    cdef _Names lexicon = _Names(gazetteer)
    cdef dict foreign = {} if language == "en" else (
        gazetteer.foreign_people.get("any", {}) | gazetteer.foreign_people.get(language, {})
    )
    cdef dict unsegmented = gazetteer.unsegmented
    cdef bint abroad = bool(foreign)
    cdef int n, free_from = 0
    cdef Py_UCS4 c
    cdef str word
    cdef Span span, inner
    for n in range(tokens.count):
        if n < free_from:
            continue
        c = tokens.read(tokens.at[n])
        if not (tokens.upper[n] or c >= 0x590 or (abroad and tokens.words[n] in foreign)):
            continue
        word = tokens.words[n]
        if tokens.upper[n] or (c >= 0x590 and word[0] not in unsegmented):
            span = lexicon.longest(tokens, n)
            if span is not None and word.lower() in _LEADING:
                if span.first == span.last:
                    span = None
                else:
                    inner = lexicon.longest(tokens, span.first + 1)
                    if inner is not None and inner.last > span.last:
                        span = inner
            if span is not None:
                spans.append(span)
                free_from = span.last + 1
                continue
        if abroad and word in foreign:
            spans.append(_span(tokens.at[n], tokens.to[n], n, n, word, foreign[word], ""))
    return spans


def find_landmarks(Tokens tokens not None, list names not None):
    """`spans.find_landmarks`."""
    cdef list found = []
    cdef Span span
    cdef int n, first
    cdef set known = {span.last for span in names}
    for n in range(1, tokens.count):
        if not tokens.upper[n]:
            continue
        kind = _FACILITIES.get(tokens.words[n])
        if kind is None or n in known or not tokens.spaced(n - 1):
            continue
        first = n
        while (
            first > 0
            and n - first < _LONGEST
            and (tokens.spaced(first - 1) or tokens.stopped(first - 1) or tokens.hyphened(first - 1))
        ):
            if tokens.upper[first - 1] or (first > 1 and tokens.upper[first - 2] and tokens.words[first - 1] in _JOINING):
                first -= 1
            else:
                break
        while first < n and not tokens.upper[first]:
            first += 1
        if first < n:
            text = PyUnicode_Substring(tokens.text, tokens.at[first], tokens.to[n])
            found.append(_span(tokens.at[first], tokens.to[n], first, n, text, -1, kind))
    return found


cdef str _beside(Tokens t, int n, int gap):
    """`detection.beside`."""
    cdef Py_UCS4 mark
    cdef str word
    if not 0 <= n < t.count:
        return _END
    word = t.words[n]
    if not t.upper[n]:
        word = word.lower()
    if t.spaced(gap):
        return word
    mark = t.mark(gap)
    if mark == 0 or mark in u".!?:;…" or t.broken(gap):
        return _END
    return "0" + word if Py_UNICODE_ISDIGIT(mark) else chr(mark) + word


cdef inline double _of(dict table, str word):
    value = table.get(word)
    return 0.0 if value is None else value


cdef bint _aged(Tokens t, int at) noexcept:
    """Whether an age follows: a comma, a blank, one or two figures."""
    if at + 2 >= t.length or t.read(at) != u"," or t.read(at + 1) != u" " or not Py_UNICODE_ISDECIMAL(t.read(at + 2)):
        return False
    at += 3
    if at < t.length and Py_UNICODE_ISDECIMAL(t.read(at)):
        at += 1
    return at >= t.length or not _is_word(t.read(at))


cdef struct _Around:
    double left, right
    bint capital_before, capital_after


cdef struct _Sum:
    double before, most, after, capital_before, capital_after
    int times


cdef class Detector:
    """`detection.Detector`."""

    cdef dict before, after, lower, lean
    cdef const unsigned char[:] kind, how
    cdef const float[:] population
    cdef const unsigned int[:] offset

    def __init__(self, gazetteer, words):
        self.before, self.after, self.lower, self.lean = words.before, words.after, words.lower, words.name
        self.kind, self.how, self.population, self.offset = (
            gazetteer.first_kind, gazetteer.first_how, gazetteer.first_log_population, gazetteer.offset,
        )  # fmt: skip

    def rows(self, Tokens t not None, list spans not None, context):
        """One row a span, (spans, features)."""
        cdef int count = len(spans), n, k, features = 72
        out = np.zeros((count, features), np.float32)
        if not count:
            return out
        cdef float[:, ::1] row = out
        cdef _Around *around = <_Around *>malloc(count * sizeof(_Around))
        cdef _Sum *sums = <_Sum *>malloc(count * sizeof(_Sum))
        cdef int *same = <int *>malloc(count * sizeof(int))  # the first span of the same name
        cdef char *known = <char *>malloc(t.count + 2)  # by word: 1 in a span, 2 begins a name, 4 ends one
        cdef Span span
        cdef dict first_of = {}, surnames = {}, persons = {}
        cdef list landmarks = []
        try:
            if around == NULL or sums == NULL or same == NULL or known == NULL:
                raise MemoryError
            for n in range(t.count + 2):
                known[n] = 0
            for n in range(count):
                span = spans[n]
                if not 0 <= span.first <= span.last < t.count:
                    raise ValueError(f"{span.name!r} stands at no word of the text")
                for k in range(span.first, span.last + 1):
                    known[k] |= 1
                if span.facility:
                    landmarks.append(span)
                else:
                    known[span.first] |= 2
                    known[span.last] |= 4
            for n in range(count):
                span = spans[n]
                self._look_around(t, span, &around[n])
                same[n] = first_of.setdefault(span.name, n)
                self._sum(&sums[same[n]], &around[n], same[n] == n)
                self._count_surname(t, span, known, surnames)
                self._count_person(t, span, persons)
            for n in range(count):
                span = spans[n]
                self._row(t, span, &row[n, 0], &around[n], &sums[same[n]], known, surnames, persons, landmarks)
            self._context(out, context)
        finally:
            free(around)
            free(sums)
            free(same)
            free(known)
        return out

    cdef _context(self, out, context):
        """What resolution knew before: columns 48 to 53."""
        out[:, 48], out[:, 49], out[:, 50] = context.contained, context.contains, context.country_share
        out[:, 51], out[:, 52], out[:, 53] = context.admin1_share, context.home_country, context.home_admin1

    cdef _look_around(self, Tokens t, Span span, _Around *found):
        cdef str word = _beside(t, span.first - 1, span.first - 1)
        cdef int n = span.first - 1, m = span.last + 1
        found.left = _of(self.before, word)
        if found.left == 0.0 and Py_UNICODE_ISUPPER(word[0]):
            found.left = _UNKNOWN_BEFORE
        found.right = _of(self.after, _beside(t, m, span.last))
        found.capital_before = (
            n >= 0
            and t.upper[n]
            and (t.spaced(n) or t.stopped(n))
            and (<str>t.words[n]).lower() not in _LEADING
        )
        found.capital_after = m < t.count and t.upper[m] and t.spaced(span.last)

    cdef void _sum(self, _Sum *total, _Around *one, bint begins) noexcept:
        if begins:
            total.before = total.after = total.capital_before = total.capital_after = 0.0
            total.most = one.left
            total.times = 0
        total.before += one.left
        total.after += one.right
        total.capital_before += one.capital_before
        total.capital_after += one.capital_after
        if one.left > total.most:
            total.most = one.left
        total.times += 1

    cdef _count_surname(self, Tokens t, Span span, char *known, dict surnames):
        cdef int n = span.first - 1
        cdef str word
        if span.facility or span.first != span.last or n < 0 or known[n] & 1 or not t.upper[n]:
            return
        if t.spaced(n) or t.stopped(n):
            word = t.words[n]
            if word.lower() not in _LEADING and word not in _COMPANY and word not in _FACILITIES:
                name = t.words[span.first]
                surnames[name] = surnames.get(name, 0) + 1

    cdef _count_person(self, Tokens t, Span span, dict persons):
        if (
            _aged(t, span.end)
            or (span.first > 0 and (<str>t.words[span.first - 1]).rstrip(".").lower() in _TITLES)
            or (span.last + 1 < t.count and t.spaced(span.last) and t.words[span.last + 1] in _SPEECH)
        ):
            persons[span.name] = persons.get(span.name, 0) + 1

    cdef _row(
        self, Tokens t, Span span, float *f, _Around *around, _Sum *total, char *known, dict surnames, dict persons, list landmarks
    ):
        cdef int first = span.first, last = span.last, k, how = 0, run_before = 0, run_after = 0, capitals = 0, start, end, n
        cdef bint spaced_before = first > 0 and t.spaced(first - 1), stopped_before = first > 0 and t.stopped(first - 1)
        cdef bint has_next = last + 1 < t.count
        cdef bint spaced_after = has_next and t.spaced(last)
        cdef bint raw_upper
        cdef Py_UCS4 mark, c
        cdef str raw = PyUnicode_Substring(t.text, span.start, span.end), before_word, after_word
        cdef Span other
        f[0], f[1], f[2] = last - first + 1, span.end - span.start, raw.isupper()
        if span.row >= 0:
            f[3 + self.kind[span.row]] = 1.0
            how = self.how[span.row]
            f[15] = self.population[span.row]
            f[16] = log(1.0 + (self.offset[span.row + 1] - self.offset[span.row]))
        f[12], f[13], f[14] = how == _ALIAS, how == _PEOPLE, how == _SHORT
        if first == last:
            pair = self.lower.get(raw.lower())
            if pair is not None:
                f[17], f[18] = pair[0], pair[1]
        pair = self.lean.get(span.name)
        if pair is not None:
            f[19], f[20] = pair[0], pair[1]
        else:
            f[20] = -1.0
        f[21], f[22] = around.left, around.right
        if first > 1 and spaced_before:
            f[23] = _of(self.before, (<str>t.words[first - 2]).lower())
        if last + 2 < t.count and spaced_after:
            f[24] = _of(self.after, (<str>t.words[last + 2]).lower())
        if first == 0:
            f[25] = 1.0
        else:
            mark = t.mark(first - 1)
            f[25] = (mark != 0 and mark in u".!?:") or t.broken(first - 1)
        f[26], f[27] = around.capital_before, around.capital_after
        if first > 0:
            start, end = t.to[first - 1], t.at[first]
            f[28] = end - start == 2 and t.read(start) == u"," and t.read(start + 1) == u" "
            f[30] = end > start and t.read(end - 1) == u"("
            f[70] = t.hyphened(first - 1)
            before_word = t.words[first - 1]
            f[33] = (spaced_before or stopped_before) and before_word.rstrip(".").lower() in _TITLES
            f[71] = before_word == "of"
        if has_next:
            start, end = t.to[last], t.at[last + 1]
            f[29] = end - start == 2 and t.read(start) == u"," and t.read(start + 1) == u" "
            if end > start:
                c = t.read(start)
                if c == u")":
                    f[30] = 1.0
                f[31] = c in u"-–—"
            if spaced_after:
                after_word = t.words[last + 1]
                f[34] = after_word.lower() in _SPEECH
                f[35] = after_word in _COMPANY
        f[32] = span.end + 1 < t.length and t.read(span.end) in u"'’" and t.read(span.end + 1) == u"s"
        while run_before < 5 and first - 1 - run_before >= 0 and t.upper[first - 1 - run_before] and (
            t.spaced(first - 1 - run_before) or t.stopped(first - 1 - run_before) or t.hyphened(first - 1 - run_before)
        ):
            run_before += 1
        while run_after < 5 and last + 1 + run_after < t.count and t.upper[last + 1 + run_after] and t.spaced(last + run_after):
            run_after += 1
        for k in range(run_after):
            after_word = t.words[last + 1 + k]
            if after_word in _COMPANY:
                f[36] = 1.0
            if after_word in _FACILITIES:
                f[37] = 1.0
        f[38], f[39] = run_before, run_after
        start, end = max(0, first - 6), min(t.count, last + 7)
        for k in range(start, end):
            capitals += t.upper[k]
        f[40] = capitals / <double>(end - start)
        f[41] = log(total.times)
        f[42], f[43], f[44] = total.before / total.times, total.most, total.after / total.times
        f[45], f[46] = total.capital_before / total.times, total.capital_after / total.times
        f[47] = surnames.get(t.words[last], 0)
        f[54] = span.start / <double>max(1, t.length)
        if span.facility:
            f[55 + <int>_FACILITY_NUMBER[span.facility]] = 1.0
            for k in range(first, last + 1):
                if known[k] & 2:
                    f[62] = 1.0
        for other in landmarks:
            if other.first <= first and last <= other.last and other is not span:
                f[61] = 1.0
        f[63] = first > 0 and known[first - 1] & 4 != 0
        f[64] = has_next and known[last + 1] & 2 != 0
        f[65] = self._figures(t, span.end)
        f[66] = how == _PEOPLE and t.read(span.end - 1) == u"s"
        f[67] = _aged(t, span.end)
        f[68] = log(1.0 + <int>persons.get(span.name, 0))
        for k in range(last + 1, min(t.count, last + 7)):
            if t.words[k] in _COUNTIES:
                f[69] = 1.0

    cdef bint _figures(self, Tokens t, int at) noexcept:
        """Whether the next two characters are figures, blanks aside."""
        cdef int end = min(at + 2, t.length)
        while at < end and Py_UNICODE_ISSPACE(t.read(at)):
            at += 1
        while end > at and Py_UNICODE_ISSPACE(t.read(end - 1)):
            end -= 1
        if at == end:
            return False
        while at < end:
            if not Py_UNICODE_ISDIGIT(t.read(at)):
                return False
            at += 1
        return True


def walk_trees(
    const float[:, ::1] rows, const unsigned char[:, ::1] feature, const float[:, ::1] threshold, const float[:, ::1] leaf, double base
):
    """`trees.Trees.log_odds`: (rows, features) to (rows,). `feature` and `threshold` are (trees, inner nodes).

    A few trees at a time, which stay in the processor's first cache while all rows go through them.
    """
    cdef int count = rows.shape[0], trees = feature.shape[0], inner = feature.shape[1], n, tree, node, begun, end
    found = np.empty(count, np.float32)
    cdef float[::1] out = found
    cdef double *total = <double *>malloc((count + 1) * sizeof(double))
    cdef const float *row
    cdef const unsigned char *at
    cdef const float *edge
    if total == NULL:
        raise MemoryError
    for n in range(count):
        total[n] = 0.0
    for begun in range(0, trees, 16):
        end = min(begun + 16, trees)
        for n in range(count):
            row = &rows[n, 0]
            for tree in range(begun, end):
                at, edge, node = &feature[tree, 0], &threshold[tree, 0], 0
                if inner == 15:  # the shipped models: four levels, without a loop over them
                    node = 1 + (row[at[0]] > edge[0])
                    node = 2 * node + 1 + (row[at[node]] > edge[node])
                    node = 2 * node + 1 + (row[at[node]] > edge[node])
                    node = 2 * node + 1 + (row[at[node]] > edge[node])
                else:
                    while node < inner:
                        node = 2 * node + 1 + (row[at[node]] > edge[node])
                total[n] += leaf[tree, node - inner]
    for n in range(count):
        out[n] = <float>(total[n] + base)
    free(total)
    return found


cdef inline double _km(double lat_a, double lon_a, double lat_b, double lon_b) noexcept:
    cdef double up = sin((lat_b - lat_a) / 2), along = sin((lon_b - lon_a) / 2)
    return 2 * _EARTH_KM * asin(sqrt(fmin(up * up + cos(lat_a) * cos(lat_b) * along * along, 1.0)))


cdef class Candidates:
    """The candidates of all names of a text side by side, as `resolution.Guess` has them; those of a name stand together."""

    cdef int count, groups
    cdef const int[::1] entity
    cdef const unsigned char[::1] how
    cdef const Py_ssize_t[::1] first  # by group; one past the last at the end
    cdef const signed char[::1] contained
    cdef const unsigned char[::1] contains  # by group

    def __init__(self, entity, how, first, contained, contains):
        self.entity, self.how, self.first, self.contained, self.contains = entity, how, first, contained, contains
        self.count, self.groups = self.entity.shape[0], self.contains.shape[0]

    def best(self, const float[::1] score):
        """`resolution.Guess.best`."""
        cdef int g, n, most
        cdef list found = []
        for g in range(self.groups):
            most = self.first[g]
            for n in range(most + 1, self.first[g + 1]):
                if score[n] > score[most]:
                    most = n
            found.append(most)
        return found


cdef class Atlas:
    """The columns of the gazetteer that resolution computes with; `lat` and `lon` in radians, NaN where unknown."""

    cdef const unsigned char[::1] kind
    cdef const Py_ssize_t[::1] country, admin1
    cdef const float[::1] lat, lon, population, prior
    cdef int countries, divisions

    def __init__(self, gazetteer, lat, lon, prior_of_kind):
        self.kind, self.country, self.admin1 = gazetteer.kind, gazetteer.country, gazetteer.admin1
        self.population, self.lat, self.lon, self.prior = gazetteer.log_population, lat, lon, prior_of_kind
        self.countries, self.divisions = len(gazetteer.country_codes), len(gazetteer.admin1_codes)

    def inside(self, const int[:] entities, const int[:] outer, const unsigned char[:] how):
        """`resolution.Resolver.inside`."""
        cdef int count = entities.shape[0], n, m, a, e, kind
        found = np.zeros(count, np.bool_)
        cdef unsigned char[::1] held = found.view(np.uint8)
        for m in range(outer.shape[0]):
            e = outer[m]
            if how[m] == _PEOPLE:
                continue
            kind = self.kind[e]
            for n in range(count):
                a = entities[n]
                if kind == 1:
                    held[n] |= self.country[a] == self.country[e] and self.kind[a] > 1
                elif kind == 2:
                    held[n] |= self.admin1[a] == self.admin1[e] and self.kind[a] > 2
                elif kind == 3 and self.population[e] > 4:
                    held[n] = (held[n] or self._km_between(a, e) < 60.0) and a != e
                elif kind == 7 and self.country[a] == self.country[e] and self.kind[a] > 2:
                    held[n] |= self._km_between(a, e) < 400.0
        return found

    cdef double _km_between(self, int a, int b) noexcept:
        return _km(self.lat[a], self.lon[a], self.lat[b], self.lon[b])

    def shares(self, Candidates c not None, double sharpness):
        """What size and containment give each candidate of its name: (candidates,), summing to 1 for each name."""
        out = np.empty(c.count, np.float32)
        cdef float[::1] share = out
        cdef double *value = <double *>malloc((c.count + 1) * sizeof(double))
        cdef double most, total
        cdef int g, n, e
        if value == NULL:
            raise MemoryError
        for g in range(c.groups):
            most, total = -1e30, 0.0
            for n in range(c.first[g], c.first[g + 1]):
                e = c.entity[n]
                value[n] = self.population[e] + self.prior[self.kind[e]] + 5.0 * c.contained[n] - (c.how[n] == _ALIAS)
                if c.how[n] == _SHORT and not c.contains[g]:
                    value[n] -= 3.0
                value[n] *= sharpness
                if value[n] > most:
                    most = value[n]
            for n in range(c.first[g], c.first[g + 1]):
                value[n] = exp(value[n] - most)
                total += value[n]
            for n in range(c.first[g], c.first[g + 1]):
                share[n] = <float>(value[n] / total)
        free(value)
        return out

    def context(self, Candidates c not None, const float[::1] share, const float[::1] weight):
        """By name: the most that other names say of a candidate's country, and of its division, as shares of all that is said."""
        cdef double[::1] country = np.zeros(self.countries), division = np.zeros(self.divisions)
        cdef double total = 0.0, mass, of_country, of_division
        cdef int g, n, e
        cdef list countries = [], divisions = []
        for g in range(c.groups):
            for n in range(c.first[g], c.first[g + 1]):
                mass = share[n] * weight[g]
                country[self.country[c.entity[n]]] += mass
                division[self.admin1[c.entity[n]]] += mass
        for n in range(1, self.countries):
            total += country[n]
        total = max(total, 1.0)
        for g in range(c.groups):
            of_country, of_division = -1e30, -1e30
            for n in range(c.first[g], c.first[g + 1]):
                e, mass = c.entity[n], share[n] * weight[g]
                of_country = max(of_country, country[self.country[e]] - mass if self.country[e] else 0.0)
                of_division = max(of_division, division[self.admin1[e]] - mass if self.admin1[e] else 0.0)
            countries.append(of_country / total)
            divisions.append(of_division / total)
        return countries, divisions

    def rows(self, Candidates c not None, const float[::1] share, const float[::1] weight, float[:, ::1] out, int publisher):
        """Columns 0 to 25, 30 and 33 of `resolution.FEATURES`; returns what is said of each country."""
        said = np.zeros(self.countries)
        cdef double[::1] country = said, division = np.zeros(self.divisions)
        cdef double[::1] sure_country = np.zeros(self.countries), sure_division = np.zeros(self.divisions)
        cdef double[::1] own_country = np.zeros(self.countries), own_division = np.zeros(self.divisions)
        cdef float *mass = <float *>malloc((c.count + 1) * sizeof(float))
        cdef double total = 0.0, size
        cdef float largest
        cdef int g, n, e, a, d
        if mass == NULL:
            raise MemoryError
        for g in range(c.groups):
            for n in range(c.first[g], c.first[g + 1]):
                e, mass[n] = c.entity[n], share[n] * weight[g]
                country[self.country[e]] += mass[n]
                division[self.admin1[e]] += mass[n]
                if share[n] > <float>0.85:
                    sure_country[self.country[e]] += mass[n]
                    sure_division[self.admin1[e]] += mass[n]
        country[0] = division[0] = 0.0
        for n in range(self.countries):
            total += country[n]
        total = max(total, 1.0)
        for g in range(c.groups):
            largest = -1.0
            for n in range(c.first[g], c.first[g + 1]):
                largest = max(largest, self.population[c.entity[n]])
            size = log1p(c.first[g + 1] - c.first[g])
            self._own(c, g, mass, own_country, own_division, sure=False)
            for n in range(c.first[g], c.first[g + 1]):
                e = c.entity[n]
                a, d = self.country[e], self.admin1[e]
                out[n, self.kind[e]] = 1.0
                out[n, 9], out[n, 10], out[n, 11] = c.how[n] == _ALIAS, c.how[n] == _PEOPLE, c.how[n] == _SHORT
                out[n, 12], out[n, 13] = self.population[e], largest - self.population[e]
                out[n, 14], out[n, 15] = n - c.first[g], size
                out[n, 16], out[n, 17], out[n, 18] = c.contained[n] == 1, c.contained[n] == -1, c.contains[g]
                out[n, 19] = (country[a] - own_country[a]) / total if a else 0.0
                out[n, 20] = (division[d] - own_division[d]) / total if d else 0.0
                out[n, 30] = a == publisher
                out[n, 33] = self.kind[c.entity[c.first[g]]]
            self._clear(c, g, own_country, own_division)
            self._own(c, g, mass, own_country, own_division, sure=True, share=share)
            for n in range(c.first[g], c.first[g + 1]):
                a, d = self.country[c.entity[n]], self.admin1[c.entity[n]]
                out[n, 21] = sure_country[a] - own_country[a] if a else 0.0
                out[n, 22] = sure_division[d] - own_division[d] if d else 0.0
            self._clear(c, g, own_country, own_division)
        self._near(c, mass, out)
        free(mass)
        return said

    cdef _own(self, Candidates c, int g, float *mass, double[::1] country, double[::1] division, bint sure, const float[::1] share=None):
        """What the name itself says of each country and division."""
        cdef int n
        for n in range(c.first[g], c.first[g + 1]):
            if not sure or share[n] > <float>0.85:
                country[self.country[c.entity[n]]] += mass[n]
                division[self.admin1[c.entity[n]]] += mass[n]

    cdef _clear(self, Candidates c, int g, double[::1] country, double[::1] division):
        cdef int n
        for n in range(c.first[g], c.first[g + 1]):
            country[self.country[c.entity[n]]] = division[self.admin1[c.entity[n]]] = 0.0

    cdef _near(self, Candidates c, float *mass, float[:, ::1] out):
        """`resolution.Resolver._nearness`, by the chord between points on the unit sphere; one exponential gives all three scales."""
        cdef double *point = <double *>malloc((c.count + 1) * 3 * sizeof(double))
        cdef double *near = <double *>malloc((c.count + 1) * 3 * sizeof(double))
        cdef double x, y, z, fall, lat, lon
        cdef int g, n, m, e
        if point == NULL or near == NULL:
            raise MemoryError
        for n in range(c.count):
            e = c.entity[n]
            lat, lon = self.lat[e], self.lon[e]
            point[3 * n], point[3 * n + 1], point[3 * n + 2] = cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)
            near[3 * n] = near[3 * n + 1] = near[3 * n + 2] = 0.0
        for g in range(c.groups):
            for n in range(c.first[g], c.first[g + 1]):
                e = c.entity[n]
                if mass[n] <= 0.25 or self.kind[e] <= 1 or isnan(self.lat[e]):
                    continue
                for m in range(c.count):
                    if c.first[g] <= m < c.first[g + 1] or isnan(point[3 * m]):
                        continue
                    x, y, z = point[3 * m] - point[3 * n], point[3 * m + 1] - point[3 * n + 1], point[3 * m + 2] - point[3 * n + 2]
                    fall = exp(-2 * _EARTH_KM / 800.0 * asin(fmin(sqrt(x * x + y * y + z * z) / 2, 1.0)))
                    near[3 * m + 2] += fall * mass[n]
                    fall *= fall
                    fall *= fall
                    near[3 * m + 1] += fall * mass[n]
                    fall *= fall
                    fall *= fall
                    near[3 * m] += fall * mass[n]
        for n in range(c.count):
            out[n, 23], out[n, 24], out[n, 25] = near[3 * n], near[3 * n + 1], near[3 * n + 2]
        free(point)
        free(near)
