"""Connections: what is sent arrives whole, compiled or not, and a line shuts its own connection and no other."""

from __future__ import annotations

import socket
import threading

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from services.runtime import broker, connections
from services.runtime.connections import RedisConnection, Socket, is_quiet
from services.runtime.deadline import Line, Watched
from services.runtime.embedded import EmbeddedRedis
from services.runtime.guarded_http import connected


def _pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = connected("127.0.0.1", server.getsockname()[1], 5.0, ())
        theirs, _ = server.accept()
    return ours, theirs


@pytest.fixture(params=["compiled", "plain"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """By the compiled calls, where they were built, and by Python's own."""
    if request.param == "plain":
        monkeypatch.setattr(connections, "_compiled", None)
    elif connections._compiled is None:
        pytest.skip("not compiled")
    return str(request.param)


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


def test_receiving_gives_what_is_there_and_nothing_at_the_end() -> None:
    ours, theirs = _pair()
    theirs.sendall(b"a page")
    assert ours.recv(2) == b"a "
    room = bytearray(100)
    assert ours.recv_into(room) == 4
    assert room[:4] == b"page"
    theirs.close()
    assert ours.recv(10) == b""
    assert ours.recv_into(room) == 0
    ours.close()


def test_what_does_not_come_in_time_is_a_timeout_and_what_comes_late_is_still_read() -> None:
    ours, theirs = _pair()
    ours.settimeout(0.05)
    with pytest.raises(TimeoutError):
        ours.recv(1)
    with pytest.raises(TimeoutError):
        ours.recv_into(bytearray(1))
    ours.settimeout(0)
    with pytest.raises(BlockingIOError):
        ours.recv(1)
    ours.settimeout(None)
    threading.Timer(0.05, theirs.sendall, [b"late"]).start()
    assert ours.recv(10) == b"late"
    ours.close()
    theirs.close()


def test_who_waits_lets_others_run() -> None:
    ours, theirs = _pair()
    ours.settimeout(20)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(ours.recv(10)))
    reader.start()
    theirs.sendall(b"now")  # only runs at all while the reader lets go of the interpreter
    reader.join(30)
    assert received == [b"now"]
    ours.close()
    theirs.close()


def test_a_connection_that_was_reset_says_so() -> None:
    ours, theirs = _pair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    theirs.close()
    with pytest.raises(ConnectionResetError):
        ours.recv(1)
    ours.close()
    with pytest.raises(OSError, match="descriptor"):
        ours.recv(1)


def test_quiet_is_a_connection_that_stands_and_over_which_nothing_came(way: str) -> None:
    ours, theirs = _pair()
    assert is_quiet(ours) == (way == "compiled")  # who cannot tell does not claim it
    theirs.sendall(b"x")
    assert not is_quiet(ours)
    assert ours.recv(5) == b"x"
    theirs.close()
    assert not is_quiet(ours)
    ours.close()
    assert not is_quiet(ours)
    assert not is_quiet(None)


def test_a_connection_to_redis_tells_an_answer_from_silence_and_from_its_end(
    redis_server: EmbeddedRedis,
) -> None:
    with broker.connect(redis_server.url) as client:
        assert client.ping()
        pool = client.connection_pool
        connection = pool.get_connection()
        assert isinstance(connection, RedisConnection)
        assert isinstance(connection._sock, Socket)
        assert not connection.can_read()
        connection.send_command("ECHO", "an answer")
        assert connection.can_read(timeout=5)
        assert connection.can_read()
        assert connection.read_response() == b"an answer"
        assert not connection.can_read()
        first = connection._sock
        first.shutdown(socket.SHUT_RDWR)
        with pytest.raises(RedisConnectionError):
            connection.can_read()
        pool.release(connection)
        assert pool.get_connection()._sock is not first  # opened anew
        assert client.ping()
