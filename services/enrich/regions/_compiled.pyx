# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The inner loops of reading a text for places, compiled: what `spans`, `detection`, `resolution` and `trees` do, to the same answers.

Those modules say what each step means and why; here it is only done faster, and where there is no compiler they do it themselves.
`tests/enrich/regions/test_compiled.py` holds both to each other.
"""

from libc.math cimport asin, cos, exp, fmin, isnan, log, log1p, sin, sqrt
from libc.stdlib cimport calloc, free, malloc

import numpy as np

from services.enrich._compiled cimport Numbers, Sieve, begun, finished, hash_of, taken

from services.enrich.regions import spans as plain
from services.enrich.regions.gazetteer import ALIAS, PEOPLE, SHORT
from services.enrich.regions.vocabulary import ABBREVIATED, COMPANY, FACILITIES, FACILITY_KINDS, LEADING, SPEECH, TITLES
from services.enrich.scripts import WITHIN

include "../_unicode.pxi"

cdef int _LONGEST = 6
cdef int _LONGEST_CHARS = 60
cdef int _MOST_FORMS = 50_000  # of a language, kept with what they are forms of
cdef int _LONGEST_LANDMARK = 8, _MOST_ANCHORS = 500  # as detection and resolution have them
cdef object _LEADING = LEADING
cdef object _TITLES = TITLES
cdef object _SPEECH = SPEECH
cdef object _COMPANY = COMPANY
cdef dict _FACILITIES = FACILITIES
cdef object _ABBREVIATED = ABBREVIATED
cdef dict _FACILITY_NUMBER = {kind: n for n, kind in enumerate(FACILITY_KINDS)}
cdef object _COUNTIES = frozenset(("counties", "Counties", "County"))
cdef object _JOINING = frozenset(("of", "de", "del", "la"))
cdef int _ALIAS = ALIAS, _PEOPLE = PEOPLE, _SHORT = SHORT
cdef double _UNKNOWN_BEFORE = -2.0
cdef double _EARTH_KM = 6371.0
cdef bytes _MARKS_AND_JOINERS = WITHIN
cdef const unsigned char *_WITHIN = _MARKS_AND_JOINERS
cdef str _END = "^"

include "_words.pxi"
include "_names.pxi"
include "_features.pxi"
include "_candidates.pxi"
include "_wordlists.pxi"
