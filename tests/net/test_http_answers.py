"""The head of an answer comes out as the standard library would read it, where that reads it right."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from services.net.http_answers import BadHead, LenientResponse

OK = b"HTTP/1.1 200 OK\r\n"
HEADS = {
    "plain": OK + b"Content-Type: text/html; charset=utf-8\r\nContent-Length: 4\r\n\r\n",
    "no blank after the colon": OK + b"content-length:4\r\nX-Empty:\r\n\r\n",
    "blanks around a value": OK + b"Content-Length: \t 4 \r\nX: a  b \t\r\n\r\n",
    "a field twice": OK + b"Set-Cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\nContent-Length: 4\r\n\r\n",
    "chunked": OK + b"Transfer-Encoding: Chunked\r\nContent-Length: 9\r\n\r\n",
    "to its end": OK + b"Content-Type: text/html\r\n\r\n",
    "said to be closed": OK + b"Connection: close\r\nContent-Length: 4\r\n\r\n",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n",
    "HTTP/1.0 kept": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\n",
    "no reason": b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
    "an empty reason": b"HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n",
    "unchanged": b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
    "moved": b"HTTP/1.1 301 Moved\r\nLocation: /caf\xe9?\xa3\r\nContent-Length: 0\r\n\r\n",
    "no fields": OK + b"\r\n",
    "one line feed each": b"HTTP/1.1 200 OK\nContent-Length: 4\n\n",
    "a control character": OK + b"X: a\x0bb\r\nContent-Length: 4\r\n\r\n",
    "after a 100": b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\n",
    "long": OK + b"X-Long: " + b"x" * 40_000 + b"\r\nContent-Length: 4\r\n\r\n",
    "of many fields": OK + b"".join(b"X-%d: y\r\n" % n for n in range(95)) + b"Content-Length: 4\r\n\r\n",
}
BROKEN = {
    "nothing": b"",
    "no HTTP": b"hello, this is no web server\r\n\r\n",
    "another version": b"HTTP/2.7 200 OK\r\n\r\n",
    "too many fields": OK + b"".join(b"X-%d: y\r\n" % n for n in range(1_200)) + b"\r\n",
}


def _read(
    kind: type[http.client.HTTPResponse], sent: bytes, *, in_pieces: bool = False, method: str = "GET"
) -> Any:
    ours, theirs = socket.socketpair()
    ours.settimeout(10)

    def send() -> None:
        with theirs, suppress(BrokenPipeError):  # who has read enough closes
            for piece in [sent[n : n + 7] for n in range(0, len(sent), 7)] if in_pieces else [sent]:
                theirs.sendall(piece)

    sender = threading.Thread(target=send)
    sender.start()
    response = kind(ours, method=method)
    try:
        response.begin()
        return (
            response.version, response.status, response.code, response.reason,
            # Blanks behind a value are none of it (RFC 9112, 5); the standard library leaves them.
            [(name, value.rstrip(" \t")) for name, value in response.headers.items()], response.chunked,
            response.length, response.will_close,
            (response.getheader("content-length") or "").rstrip(" \t") or None,
            response.headers.get_content_type(),
            b"" if response.chunked else response.read(),
        )  # fmt: skip
    except http.client.HTTPException as error:
        return type(error)
    finally:
        ours.close()
        sender.join()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize("name", HEADS)
def test_a_head_comes_out_as_the_standard_library_reads_it(name: str, in_pieces: bool, method: str) -> None:
    sent = HEADS[name] + b"body"
    expected = _read(http.client.HTTPResponse, sent, method=method)
    assert isinstance(expected, tuple)
    assert _read(LenientResponse, sent, in_pieces=in_pieces, method=method) == expected


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_head_fails_as_it_would(name: str) -> None:
    assert _read(LenientResponse, BROKEN[name]) == _read(http.client.HTTPResponse, BROKEN[name])


TYPE = ("Content-Type", "text/html")
LATER = b"Content-Type: text/html\r\nContent-Length: 4\r\n\r\n"


@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        (b"no colon here\r\n", []),
        (b": no name\r\n", []),
        ("Überschrift: x\r\n".encode(), []),
        (b"\xdcberschrift: x\r\n", []),
        (b"X\0Y: z\r\n", []),
        (b"two words: x\r\n", []),
        (b"  goes on from nothing\r\n", []),
        (b"broken\r\n Location: /evil\r\n", []),
        (b"X-A : b\r\n", [("X-A", "b")]),
        (b"X-A\t: b\r\n", [("X-A", "b")]),
        (b"X-A: b\r\n c\r\n\td \r\n", [("X-A", "b c d")]),
        (b"X-A: b\rLocation: /evil\r\n", [("X-A", "b Location: /evil")]),
        (b"X-A: b\r\r\n", [("X-A", "b")]),
        (b"X-A: b\0c\r\n", [("X-A", "b c")]),
        (b"X-A: b\x85c\r\n", [("X-A", "b\x85c")]),
        (b"X-A: b\x0bc\x1cd\r\n", [("X-A", "b\x0bc\x1cd")]),
        ("X-A: Кёльн\r\n".encode(), [("X-A", "Кёльн".encode().decode("latin-1"))]),
        (b"X-A: b\nX-B: c\r\n", [("X-A", "b"), ("X-B", "c")]),
    ],
)
def test_a_broken_line_costs_that_line(lines: bytes, fields: list[tuple[str, str]], in_pieces: bool) -> None:
    read = _read(LenientResponse, OK + lines + LATER + b"body", in_pieces=in_pieces)
    assert read[4] == [*fields, TYPE, ("Content-Length", "4")]
    assert read[6] == 4
    assert read[-1] == b"body"


@pytest.mark.parametrize("line", [b"no colon\r\n", b"X : y\r\n", b"X: a\rb\r\n", b"X: a\0\r\n"])
def test_a_connection_with_a_broken_head_is_not_used_again(line: bytes) -> None:
    will_close = 7
    assert _read(LenientResponse, OK + line + LATER + b"body")[will_close] is True
    assert _read(LenientResponse, OK + LATER + b"body")[will_close] is False


@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 5,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 199\r\n\r\n",
        b"\r\n",
        b"\r\n\n",
    ],
)
def test_what_comes_before_an_answer_is_passed_over(before: bytes, in_pieces: bool) -> None:
    read = _read(LenientResponse, before + OK + LATER + b"body", in_pieces=in_pieces)
    assert read[1] == 200
    assert read[4] == [TYPE, ("Content-Length", "4")]
    assert read[-1] == b"body"


@pytest.mark.parametrize(
    ("stated", "length"),
    [
        ([b"4"], 4), ([b"4, 4"], 4), ([b"4", b"4"], 4), ([b"04"], 4), ([b"-4"], None), ([b"+4"], None),
        ([b"1_0"], None), ([b"many"], None),
        ([b""], None), ([b"\xb2"], None), ([b"0x4"], None), ([b"4.0"], None), ([b"4 4"], None),
        ([b"9" * 5000], None),
        ([b"4, many"], None), (["٤".encode()], None),
    ],
)  # fmt: skip
def test_only_ascii_digits_are_a_length(stated: list[bytes], length: int | None) -> None:
    read = _read(
        LenientResponse, OK + b"".join(b"Content-Length: %b\r\n" % one for one in stated) + b"\r\nbody"
    )
    assert read[6] == length
    assert read[8] == (None if length is None else stated[0].decode().partition(",")[0])
    assert read[7] is (length is None)  # nobody knows where it ends but by the end of the connection
    assert read[-1] == b"body"


@pytest.mark.parametrize(
    "lines", [b"Content-Length: 4, 5\r\n", b"Content-Length: 4\r\nContent-Length: 40\r\n"]
)
def test_lengths_that_contradict_each_other_are_an_error(lines: bytes) -> None:
    assert _read(LenientResponse, OK + lines + b"\r\nbody") is BadHead


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (OK + b"Content-Le", http.client.IncompleteRead),
        (OK + b"Content-Length: 4\r\n", http.client.IncompleteRead),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", BadHead),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100, BadHead),
        (b"HTTP/1.1 2000 OK\r\n\r\n", http.client.BadStatusLine),
        ("HTTP/1.1 ²00 OK\r\n\r\n".encode("latin-1"), http.client.BadStatusLine),
        (b"HTTP/1.1 -20 OK\r\n\r\n", http.client.BadStatusLine),
    ],
)
def test_what_never_becomes_an_answer_is_an_error(sent: bytes, error: type[Exception]) -> None:
    assert _read(LenientResponse, sent) is error


@pytest.mark.parametrize(
    ("coding", "chunked", "content"),
    [
        (b"chunked", True, None), (b" CHUNKED ", True, None), (b"gzip, chunked", True, "gzip"),
        (b"gzip", False, "gzip"),
        (b"identity", False, None), (b"chunked, chunked", True, None), (b"", False, None),
        (b"chunked;a=b", True, None), (b'"chunked"', True, None), (b"xchunked", False, "xchunked"),
    ],
)  # fmt: skip
def test_codings_of_the_transfer(coding: bytes, chunked: bool, content: str | None) -> None:
    with _answer(OK + b"transfer-encoding: %b\r\n\r\n4\r\nbody\r\n0\r\n\r\n" % coding) as response:
        assert response.chunked is chunked
        assert response.headers.get("content-encoding") == content


@pytest.mark.parametrize("size", [b"+4", b"-4", b"0x4", b"4_", b"\xb2", b"", b"four", b"4" * 40])
def test_only_hexadecimal_digits_are_the_size_of_a_chunk(size: bytes) -> None:
    sent = OK + b"Transfer-Encoding: chunked\r\n\r\n%b\r\nbody\r\n0\r\n\r\n" % size
    with _answer(sent) as response, pytest.raises(http.client.IncompleteRead):
        response.read()


@pytest.mark.parametrize(
    "chunks",
    [
        b"4\nbody\n0\n\n", b"2\nbo\n2\ndy\n0\n\n", b"2\r\nbo\n2\ndy\r\n0\r\n\n",
        b"0002\r\nbo\r\n02\r\ndy\r\n000\r\n\r\n", b"4;a=\"b;c\r\nbody\r\n0\r\n\r\n",
        b"4\r\nbody\r\n0\r\nbroken trailer\r\n\r\n", b"4\r\nbody\r\n0\r\n", b"4\r\nbody\r\n0",
        b"4 \t\r\nbody\r\n0;x\r\n\r\n",
    ],
)  # fmt: skip
def test_chunks_are_read_however_their_lines_end(chunks: bytes) -> None:
    with _answer(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks) as response:
        assert response.read() == b"body"


@pytest.mark.parametrize(
    "chunks", [b"4\r\nbodyxx0\r\n\r\n", b"4\r\nbody\r0\r\n\r\n", b"4\r\nbody", b"3\r\nbody\r\n0\r\n\r\n"]
)
def test_a_chunk_that_does_not_end_where_it_says_is_an_error(chunks: bytes) -> None:
    sent = OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
    with _answer(sent) as response, pytest.raises(http.client.IncompleteRead):
        response.read()


@pytest.mark.parametrize(
    "version",
    [b"http/1.1", b"Http/1.0", b"HTTP/1", b"HTTP/2", b"HTTP/2.0", b"HTTP/3", b"HTTP/1.2", b"HTTP/0.9"],
)
def test_a_status_line_is_read_in_any_case_and_version_that_servers_write(version: bytes) -> None:
    with _answer(version + b" 200 OK\r\nContent-Length: 4\r\n\r\nbody") as response:
        assert (response.status, response.read()) == (200, b"body")


def test_as_many_fields_are_read_as_browsers_read() -> None:
    fields = b"".join(b"Link: </a%d.css>; rel=preload\r\n" % n for n in range(900))
    with _answer(OK + fields + b"Content-Length: 4\r\n\r\nbody") as response:
        assert (len(response.headers), response.read()) == (901, b"body")


def test_fields_that_are_too_long_together_are_an_error() -> None:
    sent = OK + b"".join(b"X-%d: %b\r\n" % (n, b"x" * 50_000) for n in range(6)) + b"\r\n"
    assert _read(LenientResponse, sent) is http.client.LineTooLong


@pytest.mark.parametrize(
    ("extra", "stays"), [(b"", True), (b"HTTP/1.1 200 OK\r\n\r\n", False), (b"x", False)]
)
def test_a_connection_on_which_more_came_than_the_answer_is_ended(extra: bytes, stays: bool) -> None:
    """Else the next request over it would be given what was left over."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.sendall(OK + b"Content-Length: 4\r\n\r\nbody" + extra)
        response = LenientResponse(ours, method="GET")
        response.begin()
        assert response.read() == b"body"
        theirs.settimeout(5)
        if stays:
            ours.sendall(b"next")
            assert theirs.recv(9) == b"next"
        else:
            assert theirs.recv(9) == b""


@contextmanager
def _answer(sent: bytes) -> Iterator[LenientResponse]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)
        response = LenientResponse(ours, method="GET")
        response.begin()
        yield response
        response.close()
