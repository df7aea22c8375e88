"""A request that is shut down shuts its own connection, and no other."""

from __future__ import annotations

import math
import socket

from services.net.deadline import ShutdownHandle, WatchedRequest
from services.net.guarded_http import connected


def _pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = connected("127.0.0.1", server.getsockname()[1], 5.0, ())
        theirs, _ = server.accept()
    return ours, theirs


def test_a_reader_is_ended_also_after_the_connection_has_released_its_handle() -> None:
    ours, theirs = _pair()
    handle, watched = ShutdownHandle(ours), WatchedRequest(math.inf)
    watched.attach(handle)
    handle.release()  # as a connection does whose server said that it closes
    watched.expire()
    assert ours.recv(1) == b""
    watched.end()
    assert handle._own.fileno() == -1
    ours.close()
    theirs.close()


def test_a_request_that_is_over_shuts_nothing() -> None:
    ours, theirs = _pair()
    handle, watched = ShutdownHandle(ours), WatchedRequest(math.inf)
    watched.attach(handle)
    watched.end()
    watched.expire()
    theirs.sendall(b"x")
    assert ours.recv(1) == b"x"
    handle.release()
    ours.close()
    theirs.close()
