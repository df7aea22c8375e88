"""The head of an HTTP answer, read as browsers read it.

The standard library hands header fields to its parser of e-mails, which drops every field behind the first line that it
does not understand, and takes numbers and chunks that no server may write. Here a broken line costs that line alone, and
its connection is not used again, since nobody can tell what else such a server gets wrong.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from http.client import (
    BadStatusLine,
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    IncompleteRead,
    LineTooLong,
    RemoteDisconnected,
    UnknownProtocol,
)
from typing import Any

_STATUS = re.compile(
    rb"HTTP/([0-9.]{1,8})[ \t]+([1-9][0-9]{2})(?![0-9])[ \t]*(.*)\Z", re.DOTALL | re.IGNORECASE
)
_FIELD = re.compile(rb"([!-9;-~]+)([ \t]*):(.*)\Z", re.DOTALL)
_NO_VALUE = bytes.maketrans(
    b"\r\n\0", b"   "
)  # RFC 9110, 5.5: read as blanks, so that none of them begins a field
_NEWER = ("1", "2", "2.0", "3", "3.0")
"""Versions that programs behind a server write into a status line; what follows is HTTP/1.1 all the same, also to browsers."""
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*\r?\n?\Z")
_BLANKS = " \t"
MOST_FIELDS = 1_000
MOST_FIELD_BYTES = 256 * 1024
"""Most header lines of an answer, and bytes of all of them: as much as browsers read."""
_MOST_INTERIM = 20
_LONGEST_LINE = 65_536
_NO_BODY = (204, 304)

Fields = list[tuple[str, str]]


class BadHead(HTTPException):
    """A head that contradicts itself, or never comes to an answer."""


class LenientResponse(HTTPResponse):
    """An answer whose head may be broken."""

    def begin(self) -> None:
        """Read status and header fields; what a server says before its answer (1xx) is passed over."""
        if self.headers is not None:
            return
        for _ in range(_MOST_INTERIM):
            version, status, reason = self._read_status_line()
            fields, odd = _read_fields(self.fp)
            if status >= 200:
                self._take(version, status, reason, fields, odd=odd)
                return
            if status == 101:
                break
        raise BadHead(f"no answer, only status {status}")

    def _read_status_line(self) -> tuple[int, int, str]:
        line = self.fp.readline(_LONGEST_LINE + 1)
        for _ in range(4):
            if line not in (b"\r\n", b"\n"):  # blank lines before an answer are its predecessor's
                break
            line = self.fp.readline(_LONGEST_LINE + 1)
        if not line:
            raise RemoteDisconnected("Remote end closed connection without response")
        if len(line) > _LONGEST_LINE:
            raise LineTooLong("status line")
        found = _STATUS.match(line)
        if not found:
            raise BadStatusLine(line.decode("latin-1"))
        version = found[1].decode()
        if not version.startswith(("1.", "0.")) and version not in _NEWER:
            raise UnknownProtocol(f"HTTP/{version}")
        reason = found[3].translate(_NO_VALUE).decode("latin-1").strip()
        return 10 if version in ("1.0", "0.9") else 11, int(found[2]), reason

    def _take(self, version: int, status: int, reason: str, fields: Fields, *, odd: bool) -> None:
        """What the head says, and by it where the body ends."""
        self.version, self.code, self.status, self.reason = version, status, status, reason
        self.headers = self.msg = HTTPMessage()
        for name, value in fields:
            self.headers[name] = value  # one more; none is replaced
        self.chunk_left = None
        odd = self._take_transfer_codings() or odd
        self.length = None if self.chunked else self._stated_length()
        self.will_close = odd or self._check_close()  # type: ignore[attr-defined]
        if status in _NO_BODY or self._method == "HEAD":  # type: ignore[attr-defined]
            self.will_close = self.will_close or (self.chunked and status in _NO_BODY)
            self.length, self.chunked = 0, self.chunked and status not in _NO_BODY
        self.will_close = self.will_close or (not self.chunked and self.length is None)

    def _take_transfer_codings(self) -> bool:
        """Whether the body comes in chunks; other codings of the transfer count as further ones of the content.

        Returns whether the field says anything but that.
        """
        stated = self.headers.get_all("transfer-encoding")
        if not stated:
            self.chunked = False
            return False
        names = [name.partition(";")[0].strip(' \t"').lower() for name in ",".join(stated).split(",")]
        self.chunked = "chunked" in names
        if names == ["chunked"]:
            return False
        del self.headers["transfer-encoding"]
        if self.chunked:
            self.headers["Transfer-Encoding"] = "chunked"
        for name in names:
            if name not in ("chunked", "identity", ""):
                self.headers["Content-Encoding"] = name
        return True

    def _stated_length(self) -> int | None:
        stated = self.headers.get_all("content-length")
        if not stated:
            return None
        lengths = [part.strip() for part in ",".join(stated).split(",")]
        if not all(_LENGTH.fullmatch(length) for length in lengths):
            del self.headers["content-length"]  # nobody else is to make a number of it
            return None
        if len({int(length) for length in lengths}) > 1:
            raise BadHead(f"its lengths contradict each other: {', '.join(lengths)[:100]}")
        if len(lengths) > 1:
            del self.headers["content-length"]
            self.headers["Content-Length"] = lengths[0]
        return int(lengths[0])

    def _read_next_chunk_size(self) -> int:
        """As hexadecimal digits and nothing else; Python's own numbers may have signs and underscores."""
        line = self.fp.readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise LineTooLong("chunk size")
        found = _CHUNK_SIZE.match(line.partition(b";")[0])
        if not found:
            self.will_close = True
            self._close_conn()
            raise ValueError(f"{line[:40]!r} is not the size of a chunk")
        return int(found[1], 16)

    def _get_chunk_left(self) -> int | None:
        """How much of a chunk is left, of the next one if need be; a chunk may end with LF alone."""
        if self.chunk_left:
            return self.chunk_left
        if self.chunk_left is not None:
            self._end_chunk()
        try:
            self.chunk_left = self._read_next_chunk_size()
        except ValueError:
            raise IncompleteRead(b"") from None
        if self.chunk_left == 0:
            self._read_and_discard_trailer()  # type: ignore[attr-defined]
            self._close_conn()
            self.chunk_left = None
        return self.chunk_left

    def _end_chunk(self) -> None:
        end = self.fp.read(1)
        if end == b"\r":
            end = self.fp.read(1)
        if end != b"\n":
            self.will_close = True
            self._close_conn()
            raise IncompleteRead(b"")

    def _close_conn(self) -> None:
        """The end of the answer. A connection over which more came than that is ended, not used again."""
        if self.fp is not None and not self.will_close:
            _end_if_more(self.fp)
        super()._close_conn()  # type: ignore[misc]


def _read_fields(fp: Any) -> tuple[Fields, bool]:
    """The header fields up to the blank line, and whether anything in them was broken."""
    fields: Fields = []
    odd, kept = False, False
    size = 0
    for _ in range(MOST_FIELDS + 1):
        line = fp.readline(_LONGEST_LINE + 1)
        size += len(line)
        if len(line) > _LONGEST_LINE or size > MOST_FIELD_BYTES:
            raise LineTooLong("header line")
        if line in (b"\r\n", b"\n"):
            return fields, odd
        if not line.endswith(b"\n"):
            raise IncompleteRead(b"")
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        clean = line.translate(_NO_VALUE)
        found = _FIELD.match(line)
        if line[:1] in (b" ", b"\t"):  # RFC 9112, 5.2: the field before goes on
            if kept:
                name, value = fields[-1]
                fields[-1] = (name, f"{value} {clean.decode('latin-1').strip(_BLANKS)}".strip(_BLANKS))
        elif found:
            fields.append((found[1].decode(), clean[found.end(2) + 1 :].decode("latin-1").strip(_BLANKS)))
            kept = True
        else:
            kept = False
        odd = odd or not kept or clean != line or bool(found and found[2])
    raise HTTPException(f"got more than {MOST_FIELDS} headers")


def _end_if_more(fp: Any) -> None:
    """End a connection on which something stands beyond what was read: it would be taken for the next answer."""
    connection = getattr(getattr(fp, "raw", None), "_sock", None)
    if connection is None:
        return
    with suppress(OSError, ValueError):
        timeout_s = connection.gettimeout()
        try:
            connection.settimeout(0)
            more = fp.peek(1)
        finally:
            connection.settimeout(timeout_s)
        if more:
            connection.shutdown(socket.SHUT_RDWR)
