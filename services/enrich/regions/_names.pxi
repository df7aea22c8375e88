# Names and landmarks in a text: `spans.find_spans`, `spans.find_landmarks`.

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
    cdef Sieve sieve, opening

    def __cinit__(self, gazetteer):
        if gazetteer.sieves is None:
            gazetteer.sieves = Sieve(gazetteer.names), Sieve(gazetteer.openers)
        self.sieve, self.opening = gazetteer.sieves
        self.names, self.openers, self.lower_ends = gazetteer.names, gazetteer.openers, gazetteer.lower_ends

    cdef Span named(self, Tokens t, int n, int length):
        """The name that `length` words from `n` on make, under any of its forms."""
        cdef int start = t.at[n], last = n + length - 1, end = t.to[last], at, before
        cdef Py_UCS4 c, previous = 0
        cdef str name, raw
        cdef bint simple = not (length == 1 and end - start > 4 and t.read(start) >= 0x400)
        if end < t.length and t.read(end) == u"." and end - start < 8 and t.read(end - 1) != u".":
            simple = False
        if end - start > 1 and t.read(end - 2) == u"'" and t.read(end - 1) == u"s":
            simple = False
        if simple and end - start > 3 and t.all_capital(start, end):
            simple = False
        if simple:
            for at in range(start, end):
                c = t.read(at)
                if c == u"’" or (c >= 0xad and c < 0x10000 and _WITHIN[c]) or (c == u"'" and length == 1) or (length > 1 and c == u" " and previous == u" "):
                    simple = False
                    break
                previous = c
        if simple and not self.sieve.lets_through(t.hashes[n] if length == 1 and t.upper[n] else t.hash(start, end)):
            return None
        name = PyUnicode_Substring(t.text, start, end)
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
        cdef str other
        cdef int start = t.at[n], end = t.to[n], most = 1, length, last, at
        cdef Span found
        cdef bint one_line
        if self.opening.lets_through(t.hashes[n] if t.upper[n] else t.hash(start, end)):
            known = self.openers.get(t.word(n))
            if known is not None:
                most = known
        if end - start > 1 and t.all_capital(start, end):
            known = self.openers.get(t.word(n).title())
            if known is not None and known > most:
                most = known
        for length in range(min(most, _LONGEST, t.count - n), 1, -1):
            last = n + length - 1
            if not t.upper[last]:
                other = t.word(last)
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
            and t.all_letters(start, end)
        ):
            if not self.sieve.lets_through(t.hashes[n] if t.upper[n] else t.hash(start, end)):
                return None
            row = self.names.get(t.word(n))
            return None if row is None else _span(start, end, n, n, t.word(n), row, "")
        return self.named(t, n, 1)


cdef tuple _foreign(gazetteer, str language):
    """Adjectives and people of a language other than English, and their sieve; made when first asked for."""
    cdef dict words
    found = gazetteer.foreign.get(language)
    if found is None:
        words = {} if language == "en" else gazetteer.foreign_people.get("any", {}) | gazetteer.foreign_people.get(language, {})
        found = gazetteer.foreign[language] = words, Sieve(words)
    return found


cdef Span _uninflected(Tokens t, int n, Span span, inflected, dict found, str language):
    """`spans.uninflected`; `found` holds what single words of the language were forms of."""
    cdef str word = t.word(n)
    if n + 1 < t.count and t.upper[n] and t.upper[n + 1] and (t.spaced(n) or t.hyphened(n)):
        both = inflected.pair(word, " " if t.spaced(n) else "-", t.word(n + 1), language)
        if both is not None:
            return _span(t.at[n], t.to[n + 1], n, n + 1, both.name, both.row, "")
    known = found.get(word, found)
    if known is found:
        known = inflected.base(plain.as_written(word), language, -1 if span is None else span.row)
        if len(found) >= _MOST_FORMS:
            found.clear()
        found[word] = known
    if known is None:
        return span
    return _span(t.at[n] + <int>known.before, t.to[n], n, n, known.name, known.row, "")


def find_spans(Tokens tokens not None, gazetteer, str language="en"):
    """`spans.find_spans`."""
    cdef list spans = []
    cdef _Names lexicon = _Names(gazetteer)
    cdef dict foreign
    cdef Sieve foreign_sieve
    foreign, foreign_sieve = _foreign(gazetteer, language)
    cdef dict unsegmented = gazetteer.unsegmented
    cdef bint abroad = bool(foreign)
    inflected = plain.inflections(gazetteer, language)
    cdef dict forms = {} if inflected is None else inflected.forms.setdefault(language, {})
    cdef int n, free_from = 0
    cdef Py_UCS4 c
    cdef str word
    cdef Span span, inner
    for n in range(tokens.count):
        if n < free_from:
            continue
        c = tokens.read(tokens.at[n])
        if not (tokens.upper[n] or c >= 0x590):
            if abroad and foreign_sieve.lets_through(tokens.hash(tokens.at[n], tokens.to[n])) and tokens.word(n) in foreign:
                word = tokens.word(n)
                spans.append(_span(tokens.at[n], tokens.to[n], n, n, word, foreign[word], ""))
            continue
        if tokens.upper[n] or (c >= 0x590 and tokens.word(n)[0] not in unsegmented):
            span = lexicon.longest(tokens, n)
            if span is not None and tokens.word(n).lower() in _LEADING:
                if span.first == span.last:
                    if not plain.is_behind_comma(tokens, n, span.row, gazetteer):
                        span = None
                else:
                    inner = lexicon.longest(tokens, span.first + 1)
                    if inner is not None and inner.last > span.last:
                        span = inner
            if inflected is not None and (span is None or span.first == span.last):
                span = _uninflected(tokens, n, span, inflected, forms, language)
            if span is not None:
                spans.append(span)
                free_from = span.last + 1
                continue
        if abroad and tokens.word(n) in foreign:
            word = tokens.word(n)
            spans.append(_span(tokens.at[n], tokens.to[n], n, n, word, foreign[word], ""))
    return spans


cdef inline bint _is_abbreviated(str word):
    """`spans.is_abbreviated`."""
    return len(word) == 1 or word in _ABBREVIATED


def find_landmarks(Tokens tokens not None, list names not None):
    """`spans.find_landmarks`."""
    cdef list found = []
    cdef Span span
    cdef int n, first
    cdef set known = {span.last for span in names} | {span.first for span in names if span.last > span.first}
    for n in range(1, tokens.count):
        if not tokens.upper[n]:
            continue
        kind = _FACILITIES.get(tokens.word(n))
        if kind is None or n in known or not tokens.spaced(n - 1):
            continue
        first = n
        while (
            first > 0
            and n - first < _LONGEST
            and (
                tokens.spaced(first - 1)
                or tokens.hyphened(first - 1)
                or (tokens.stopped(first - 1) and _is_abbreviated(tokens.word(first - 1)))
            )
        ):
            if tokens.upper[first - 1] or (first > 1 and tokens.upper[first - 2] and tokens.word(first - 1) in _JOINING):
                first -= 1
            else:
                break
        while first < n and not tokens.upper[first]:
            first += 1
        if first < n:
            text = PyUnicode_Substring(tokens.text, tokens.at[first], tokens.to[n])
            found.append(_span(tokens.at[first], tokens.to[n], first, n, text, -1, kind))
    return found
