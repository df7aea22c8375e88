# cython: language_level=3
"""Calls of the system on sockets that let go of the interpreter only in order to wait (`connections` says why)."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.exc cimport PyErr_CheckSignals
from libc.errno cimport EAGAIN, EINTR, errno

from os import strerror
from time import monotonic

cdef extern from "<poll.h>" nogil:
    struct pollfd:
        int fd
        short events
        short revents
    int poll(pollfd *which, unsigned long many, int timeout_ms)
    short POLLIN

cdef extern from "<sys/socket.h>" nogil:
    ssize_t recv(int fd, void *into, size_t most, int flags)
    ssize_t send(int fd, const void *data, size_t length, int flags)
    int MSG_DONTWAIT, MSG_PEEK

cdef enum:
    ROOM = 65536


cdef int _wait(int fd, object timeout_s) except -1:
    """Until there is something to be received. Raises TimeoutError; None waits for ever."""
    cdef pollfd one
    cdef int left_ms = -1, ready
    cdef double until = 0.0
    if timeout_s is not None:
        until = monotonic() + <double>timeout_s
        left_ms = <int>min(<double>timeout_s * 1000 + 0.999, 2e9)
    while True:
        one.fd, one.events, one.revents = fd, POLLIN, 0
        with nogil:
            ready = poll(&one, 1, left_ms)
        if ready > 0:
            return 0
        if ready == 0:
            raise TimeoutError("timed out")
        if errno != EINTR:
            raise OSError(errno, strerror(errno))
        PyErr_CheckSignals()
        if timeout_s is not None:
            left_ms = <int>min(max(0.0, until - monotonic()) * 1000 + 0.999, 2e9)


cdef ssize_t _received(int fd, void *into, size_t most, object timeout_s) except -1:
    cdef ssize_t count
    while True:
        count = recv(fd, into, most, MSG_DONTWAIT)
        if count >= 0:
            return count
        if errno == EINTR:
            PyErr_CheckSignals()
        elif errno != EAGAIN:
            raise OSError(errno, strerror(errno))
        elif timeout_s is not None and timeout_s == 0:
            raise OSError(errno, strerror(errno))  # as of a socket that does not block
        else:
            _wait(fd, timeout_s)


def receive_into(int fd, object into, object timeout_s):
    """Receive what is there, or what comes within `timeout_s`, into a writable buffer; how many bytes, 0 at the end."""
    cdef Py_buffer view
    PyObject_GetBuffer(into, &view, PyBUF_WRITABLE)
    try:
        return _received(fd, view.buf, view.len, timeout_s)
    finally:
        PyBuffer_Release(&view)


def receive(int fd, size_t most, object timeout_s):
    """The same as bytes, at most 64 KiB of them."""
    cdef char room[ROOM]
    cdef ssize_t count = _received(fd, room, min(most, <size_t>ROOM), timeout_s)
    return room[:count]


def send_some(int fd, object data):
    """How many bytes of `data` the system took at once; perhaps none."""
    cdef Py_buffer view
    cdef ssize_t count
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        count = send(fd, view.buf, view.len, MSG_DONTWAIT)
        if count < 0:
            if errno == EAGAIN or errno == EINTR:
                return 0
            raise OSError(errno, strerror(errno))
        return count
    finally:
        PyBuffer_Release(&view)


def is_quiet(int fd):
    """Whether the connection stands and nothing has come over it."""
    cdef char one
    return recv(fd, &one, 1, MSG_DONTWAIT | MSG_PEEK) < 0 and errno == EAGAIN
