"""Connections of the guard: what is sent arrives whole, and a line shuts its own connection and no other."""

from __future__ import annotations

import socket
import threading

from services.runtime.deadline import Line, Watched
from services.runtime.guard import _connected


def _pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = _connected("127.0.0.1", server.getsockname()[1], 5.0, ())
        theirs, _ = server.accept()
    return ours, theirs


def test_more_than_the_system_takes_at_once_arrives_whole() -> None:
    ours, theirs = _pair()
    sent = bytes(range(256)) * 64 * 1024
    received = bytearray()

    def read() -> None:
        while chunk := theirs.recv(1 << 20):
            received.extend(chunk)

    reader = threading.Thread(target=read)
    reader.start()
    ours.sendall(sent)
    ours.close()
    reader.join(20)
    theirs.close()
    assert received == sent


def test_a_line_ends_who_reads_also_after_the_connection_let_go_of_it() -> None:
    ours, theirs = _pair()
    line, watched = Line(ours), Watched()
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
    line, watched = Line(ours), Watched()
    watched.uses(line)
    watched.end()
    watched.expire()
    theirs.sendall(b"x")
    assert ours.recv(1) == b"x"
    line.let_go()
    ours.close()
    theirs.close()
