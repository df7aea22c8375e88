# Traits of spans: types of `traits`.

cdef int _times(str text, str word, dict counted) except -1
cdef bint _close(str gap) except -1
cdef bint _inflected(str raw, str name) except -1
