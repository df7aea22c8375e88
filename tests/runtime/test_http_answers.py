"""The head of an answer comes out as the standard library would read it, whether it is plain or not."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from services.runtime.http_answers import Answer

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
    "a length that is none": OK + b"Content-Length: many\r\n\r\n",
    "a length below zero": OK + b"Content-Length: -4\r\n\r\n",
    "no fields": OK + b"\r\n",
    # Not plain: the standard library's way.
    "one line feed each": b"HTTP/1.1 200 OK\nContent-Length: 4\n\n",
    "a field over two lines": OK + b"X-Long: one\r\n two\r\nContent-Length: 4\r\n\r\n",
    "a line that is no field": OK + b"what is this\r\nContent-Length: 4\r\n\r\n",
    "a control character": OK + b"X: a\x0bb\r\nContent-Length: 4\r\n\r\n",
    "a blank before the colon": OK + b"X : y\r\nContent-Length: 4\r\n\r\n",
    "after a 100": b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\n",
    "long": OK + b"X-Long: " + b"x" * 40_000 + b"\r\nContent-Length: 4\r\n\r\n",
    "of many fields": OK + b"".join(b"X-%d: y\r\n" % n for n in range(95)) + b"Content-Length: 4\r\n\r\n",
}
BROKEN = {
    "nothing": b"",
    "no HTTP": b"hello, this is no web server\r\n\r\n",
    "another version": b"HTTP/2.7 200 OK\r\n\r\n",
    "too many fields": OK + b"".join(b"X-%d: y\r\n" % n for n in range(120)) + b"\r\n",
    "cut short": OK + b"Content-Le",
}


def _read(kind: type[http.client.HTTPResponse], sent: bytes, *, in_pieces: bool = False, method: str = "GET") -> Any:
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
            response.version, response.status, response.code, response.reason, response.headers.items(), response.chunked,
            response.length, response.will_close, response.getheader("content-length"), response.headers.get_content_type(),
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
    assert _read(Answer, sent, in_pieces=in_pieces, method=method) == expected


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_head_fails_as_it_would(name: str) -> None:
    assert _read(Answer, BROKEN[name]) == _read(http.client.HTTPResponse, BROKEN[name])


def test_plain_heads_are_read_quickly() -> None:
    """Else all of the above would only compare the standard library with itself."""
    plain = [name for name in HEADS if _is_plain(HEADS[name])]
    assert plain == list(HEADS)[: list(HEADS).index("one line feed each")]


def _is_plain(head: bytes) -> bool:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(head)
        return Answer(ours, method="GET")._read_plain()
