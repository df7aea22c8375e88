# What the detector is told of a span: `detection.Detector`.

cdef str _beside(Tokens t, int n, int gap):
    """`detection.beside`."""
    cdef Py_UCS4 mark
    cdef str word
    if not 0 <= n < t.count:
        return _END
    word = t.word(n)
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
    if at + 2 >= t.length or t.read(at) != u"," or t.read(at + 1) != u" " or not is_decimal(t.read(at + 2)):
        return False
    at += 3
    if at < t.length and is_decimal(t.read(at)):
        at += 1
    return at >= t.length or not (is_alnum(t.read(at)) or t.read(at) == u"_")


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
        cdef int near = 0  # the first of the landmarks that may hold a span
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
                while near < len(landmarks) and (<Span>landmarks[near]).first < span.first - _LONGEST_LANDMARK:
                    near += 1
                while near > 0 and (<Span>landmarks[near - 1]).first >= span.first - _LONGEST_LANDMARK:
                    near -= 1
                self._row(t, span, &row[n, 0], &around[n], &sums[same[n]], known, surnames, persons, landmarks, near)
            self._context(row, count, context)
        finally:
            free(around)
            free(sums)
            free(same)
            free(known)
        return out

    cdef _context(self, float[:, ::1] row, int count, context):
        """What resolution knew before: columns 48 to 53."""
        cdef int n
        cdef list contained = context.contained, contains = context.contains
        cdef list country = context.country_share, division = context.admin1_share
        cdef list prior_country = context.prior_country, prior_division = context.prior_admin1
        for column in (contained, contains, country, division, prior_country, prior_division):
            if len(column) != count:
                raise ValueError(f"a context of {len(column)} spans for {count}")
        for n in range(count):
            row[n, 48], row[n, 49], row[n, 50] = <bint>contained[n], <bint>contains[n], <double>country[n]
            row[n, 51], row[n, 52], row[n, 53] = <double>division[n], <double>prior_country[n], <double>prior_division[n]

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
            and t.word(n).lower() not in _LEADING
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
            word = t.word(n)
            if word.lower() not in _LEADING and word not in _COMPANY and word not in _FACILITIES:
                name = t.word(span.first)
                surnames[name] = surnames.get(name, 0) + 1

    cdef _count_person(self, Tokens t, Span span, dict persons):
        if (
            _aged(t, span.end)
            or (span.first > 0 and t.word(span.first - 1).rstrip(".").lower() in _TITLES)
            or (span.last + 1 < t.count and t.spaced(span.last) and t.word(span.last + 1) in _SPEECH)
        ):
            persons[span.name] = persons.get(span.name, 0) + 1

    cdef _row(
        self, Tokens t, Span span, float *f, _Around *around, _Sum *total, char *known, dict surnames, dict persons, list landmarks, int near
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
            f[23] = _of(self.before, t.word(first - 2).lower())
        if last + 2 < t.count and spaced_after:
            f[24] = _of(self.after, t.word(last + 2).lower())
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
            before_word = t.word(first - 1)
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
                after_word = t.word(last + 1)
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
            after_word = t.word(last + 1 + k)
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
        f[47] = surnames.get(t.word(last), 0)
        f[54] = span.start / <double>max(1, t.length)
        if span.facility:
            f[55 + <int>_FACILITY_NUMBER[span.facility]] = 1.0
            for k in range(first, last + 1):
                if known[k] & 2:
                    f[62] = 1.0
        for k in range(near, <int>len(landmarks)):
            other = landmarks[k]
            if other.first > first:
                break
            if last <= other.last and other is not span:
                f[61] = 1.0
        f[63] = first > 0 and known[first - 1] & 4 != 0
        f[64] = has_next and known[last + 1] & 2 != 0
        f[65] = self._figures(t, span.end)
        f[66] = how == _PEOPLE and t.read(span.end - 1) == u"s"
        f[67] = _aged(t, span.end)
        f[68] = log(1.0 + <int>persons.get(span.name, 0))
        for k in range(last + 1, min(t.count, last + 7)):
            if t.word(k) in _COUNTIES:
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
