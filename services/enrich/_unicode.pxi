# How CPython holds a text, and what it knows of characters.

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    Py_UCS4 PyUnicode_READ(int kind, void *data, Py_ssize_t at)
    bint PyUnicode_IS_ASCII(object text)
    str PyUnicode_Substring(object text, Py_ssize_t start, Py_ssize_t end)
    bint Py_UNICODE_ISALNUM(Py_UCS4 c)
    bint Py_UNICODE_ISDECIMAL(Py_UCS4 c)
    bint Py_UNICODE_ISDIGIT(Py_UCS4 c)
    bint Py_UNICODE_ISUPPER(Py_UCS4 c)
    bint Py_UNICODE_ISLOWER(Py_UCS4 c)
    bint Py_UNICODE_ISSPACE(Py_UCS4 c)
    bint Py_UNICODE_ISTITLE(Py_UCS4 c)
    bint Py_UNICODE_ISALPHA(Py_UCS4 c)


# Most characters of most texts are ASCII, for which Python's own answers are calls of up to four functions.
cdef inline bint is_alpha(Py_UCS4 c) noexcept:
    return 97 <= (<unsigned int>c | 32) <= 122 if <unsigned int>c < 128 else Py_UNICODE_ISALPHA(c)


cdef inline bint is_decimal(Py_UCS4 c) noexcept:
    return 48 <= <unsigned int>c <= 57 if <unsigned int>c < 128 else Py_UNICODE_ISDECIMAL(c)


cdef inline bint is_alnum(Py_UCS4 c) noexcept:
    return is_alpha(c) or is_decimal(c) if <unsigned int>c < 128 else Py_UNICODE_ISALNUM(c)
