# Topics of an article: types of `tagger`.

cdef str _stem(str word)
