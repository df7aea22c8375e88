"""A line shuts its own connection, and no other."""

from __future__ import annotations

import math
import socket

from services.net.deadline import Line, Watched
from services.net.guarded_http import connected


def _pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = connected("127.0.0.1", server.getsockname()[1], 5.0, ())
        theirs, _ = server.accept()
    return ours, theirs


def test_a_line_ends_who_reads_also_after_the_connection_let_go_of_it() -> None:
    ours, theirs = _pair()
    line, watched = Line(ours), Watched(math.inf)
    watched.uses(line)
    line.let_go()  # as a connection does whose server said that it closes
    watched.expire()
    assert ours.recv(1) == b""
    watched.end()
    assert line._own.fileno() == -1
    ours.close()
    theirs.close()


def test_a_request_that_is_over_shuts_nothing() -> None:
    ours, theirs = _pair()
    line, watched = Line(ours), Watched(math.inf)
    watched.uses(line)
    watched.end()
    watched.expire()
    theirs.sendall(b"x")
    assert ours.recv(1) == b"x"
    line.let_go()
    ours.close()
    theirs.close()
