"""A site that does what bad and broken servers do, byte by byte."""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from collections.abc import Callable
from functools import cache
from urllib.parse import unquote

from tests.raw_http import RawSite, Route, whole

PAGE = b"<!DOCTYPE html><html><body><p>A page.</p></body></html>"
TEXT = "Čtvrtek – поезд, Über die Brücke, 東京の朝"
CHARSETS = {
    "windows-1251": "Поезд прибыл на станцию поздно вечером. " * 20,
    "windows-1252": "“Über die Brücke” – naïve café. " * 20,
    "iso-8859-2": "Příliš žluťoučký kůň úpěl ďábelské ódy. " * 20,
    "shift_jis": "東京の朝、電車は時間どおりに到着した。" * 20,
    "gb18030": "北京今天上午举行了新闻发布会。" * 20,
    "euc-kr": "서울에서 오늘 아침 기자회견이 열렸다. " * 20,
}
DRIP_S = 0.05


def _head(status: str = "200 OK", *lines: str, length: int | None = None) -> bytes:
    stated = [] if length is None else [f"Content-Length: {length}"]
    return whole(b"", *lines, *stated, status=status, length=False)


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _drip(connection: socket.socket, start: bytes, piece: bytes) -> None:
    connection.sendall(start)
    while True:
        connection.sendall(piece)
        time.sleep(DRIP_S)


@cache
def _nested(times: int, size: int) -> bytes:
    body = b"\0" * size
    for _ in range(times):
        body = gzip.compress(body)
    return body


class HostileSite(RawSite):
    """Answers a path by the method of its name; `more` has answers of a test's own, by name."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.more: dict[str, Callable[[socket.socket], None]] = {}
        super().__init__(host)

    def route(self, path: str) -> Route | None:
        name, _, argument = path.partition("?")[0].strip("/").partition("/")
        found = self.more.get(name) or getattr(self, "do_" + name.replace("-", "_"), None)
        if found is None:
            return None
        return lambda connection, *_: found(connection, argument) if argument else found(connection)

    def do_page(self, c: socket.socket) -> None:
        c.sendall(whole(PAGE))

    def do_status(self, c: socket.socket, argument: str) -> None:
        status, _, retry_after = argument.partition("/")
        c.sendall(
            whole(
                PAGE,
                *([f"Retry-After: {retry_after.replace('_', ' ')}"] if retry_after else []),
                status=f"{status} X",
            )
        )

    def do_drip_status(self, c: socket.socket) -> None:
        _drip(c, b"HTTP/1.1 2", b"0")

    def do_drip_headers(self, c: socket.socket) -> None:
        _drip(c, b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x")

    def do_drip_body(self, c: socket.socket) -> None:
        _drip(c, _head(length=10**6), b"x")

    def do_drip_chunks(self, c: socket.socket) -> None:
        _drip(c, _head("200 OK", "Transfer-Encoding: chunked"), b"1\r\nx\r\n")

    def do_silence(self, c: socket.socket) -> None:
        time.sleep(30)

    def do_reset_at_once(self, c: socket.socket) -> None:
        _reset(c)

    def do_reset_in_status(self, c: socket.socket) -> None:
        c.sendall(b"HTTP/1.")
        _reset(c)

    def do_reset_in_headers(self, c: socket.socket) -> None:
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")
        _reset(c)

    def do_reset_in_body(self, c: socket.socket) -> None:
        c.sendall(_head(length=100_000) + PAGE)
        time.sleep(0.1)
        _reset(c)

    def do_truncated(self, c: socket.socket) -> None:
        c.sendall(_head(length=100_000) + PAGE)

    def do_truncated_chunks(self, c: socket.socket) -> None:
        c.sendall(_head("200 OK", "Transfer-Encoding: chunked") + b"ff\r\n" + PAGE)

    def do_truncated_gzip(self, c: socket.socket) -> None:
        body = gzip.compress(PAGE * 1000)
        c.sendall(whole(body[: len(body) // 2], "Content-Encoding: gzip"))

    def do_damaged_gzip(self, c: socket.socket) -> None:
        c.sendall(whole(b"\x1f\x8b\x08\x00this is not gzip at all", "Content-Encoding: gzip"))

    def do_nothing(self, c: socket.socket) -> None:
        pass

    def do_not_http(self, c: socket.socket) -> None:
        c.sendall(b"220 mail.example ESMTP ready\r\n")

    def do_empty(self, c: socket.socket) -> None:
        c.sendall(whole(b""))

    def do_many_headers(self, c: socket.socket) -> None:
        c.sendall(_head("200 OK", *(f"X-{n}: {n}" for n in range(5000)), length=len(PAGE)) + PAGE)

    def do_long_header(self, c: socket.socket) -> None:
        c.sendall(_head("200 OK", "X-Long: " + "x" * 10_000_000, length=len(PAGE)) + PAGE)

    def do_bomb(self, c: socket.socket) -> None:
        c.sendall(whole(_nested(1, 200_000_000), "Content-Encoding: gzip"))

    def do_nested_bomb(self, c: socket.socket) -> None:
        c.sendall(whole(_nested(2, 200_000_000), "Content-Encoding: gzip, gzip"))

    def do_deep_bomb(self, c: socket.socket) -> None:
        c.sendall(whole(_nested(3, 100_000_000), "Content-Encoding: gzip, gzip, gzip"))

    def do_deflate_bomb(self, c: socket.socket) -> None:
        c.sendall(whole(zlib.compress(b"\0" * 200_000_000), "Content-Encoding: deflate"))

    def do_huge(self, c: socket.socket) -> None:
        c.sendall(_head())
        piece = b"<p>" + b"word " * 13_000 + b"</p>\n"
        for _ in range(100 * 2**20 // len(piece)):
            c.sendall(piece)

    def do_declared_huge(self, c: socket.socket) -> None:
        c.sendall(_head(length=10**12) + PAGE)

    def do_loop(self, c: socket.socket) -> None:
        c.sendall(whole(b"", "Location: /loop2", status="302 Found"))

    def do_loop2(self, c: socket.socket) -> None:
        c.sendall(whole(b"", "Location: /loop", status="302 Found"))

    def do_huge_redirect(self, c: socket.socket) -> None:
        c.sendall(_head("302 Found", "Location: /page"))
        for _ in range(500):
            c.sendall(bytes(2**20))

    def do_self(self, c: socket.socket) -> None:
        c.sendall(whole(b"", "Location: /self", status="301 Moved"))

    def do_chain(self, c: socket.socket, argument: str) -> None:
        left = int(argument)
        c.sendall(whole(PAGE) if not left else whole(b"", f"Location: /chain/{left - 1}", status="302 Found"))

    def do_to(self, c: socket.socket, argument: str) -> None:
        target = unquote(argument).replace("~", "/").replace("|", ":")
        c.sendall(whole(b"", f"Location: {target}", status="302 Found"))

    def do_lying_json(self, c: socket.socket) -> None:
        c.sendall(whole(PAGE, "Content-Type: application/json"))

    def do_lying_image(self, c: socket.socket) -> None:
        c.sendall(whole(PAGE, "Content-Type: image/png"))

    def do_lying_html(self, c: socket.socket) -> None:
        c.sendall(whole(b"\x89PNG\r\n\x1a\n" + bytes(1000), "Content-Type: text/html"))

    def do_pdf_as_html(self, c: socket.socket) -> None:
        c.sendall(whole(b"%PDF-1.7 ...", "Content-Type: text/html"))

    def do_charset(self, c: socket.socket, argument: str) -> None:
        """`/charset/NAME/how`: the page of that charset; how: named, meta, missing, lying."""
        name, _, how = argument.partition("/")
        meta = f'<meta charset="{name}">' if how in ("meta", "lying") else ""
        body = f"<html><head>{meta}<title>x</title></head><body><p>{CHARSETS[name]}</p></body></html>".encode(
            name
        )
        kind = {"named": f"text/html; charset={name}", "lying": "text/html; charset=utf-8"}.get(
            how, "text/html"
        )
        c.sendall(whole(body, f"Content-Type: {kind}"))

    def do_bom(self, c: socket.socket) -> None:
        c.sendall(
            whole(
                f"<html><body><p>{TEXT}</p></body></html>".encode("utf-8-sig"),
                "Content-Type: text/html; charset=latin-1",
            )
        )
