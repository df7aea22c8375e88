# elements.Tag as a compiled class.

cdef class Tag:
    cdef readonly str name, own_kind
    cdef readonly int action
    cdef readonly bint boilerplate, left_out, figure, list_, time, link, quote, headline, control, noscript
