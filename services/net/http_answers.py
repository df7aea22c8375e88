"""Parses HTTP response heads the way browsers do.

The standard library gives header fields to its e-mail parser, which drops every field after the first
malformed line, and it accepts lengths and chunk sizes that HTTP forbids. Here a malformed line costs only
itself; its connection is not reused, since such a server may err elsewhere too.
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
# RFC 9110, 5.5: replaced by spaces, so that none of them starts a field.
_NO_VALUE = bytes.maketrans(b"\r\n\0", b"   ")
_NEWER = ("1", "2", "2.0", "3", "3.0")
"""Versions that some applications write into the status line. HTTP/1.1 follows all the same, also for
browsers."""
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*\r?\n?\Z")
_BLANKS = " \t"
MOST_FIELDS = 1_000
MOST_FIELD_BYTES = 256 * 1024
"""Limits on header lines and on their total size: those of browsers."""
_MOST_INTERIM = 20
_LONGEST_LINE = 65_536
_NO_BODY = (204, 304)

Fields = list[tuple[str, str]]


class BadHead(HTTPException):
    """A response head that contradicts itself, or has only interim (1xx) statuses."""


class LenientResponse(HTTPResponse):
    """A response whose head may be malformed."""

    def begin(self) -> None:
        """Reads the status line and header fields; interim responses (1xx) are skipped."""
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
            if line not in (b"\r\n", b"\n"):  # left over from the previous response
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
        """Sets the attributes that the head determines, and how the body is delimited."""
        self.version, self.code, self.status, self.reason = version, status, status, reason
        self.headers = self.msg = HTTPMessage()
        for name, value in fields:
            self.headers[name] = value  # appends; HTTPMessage replaces none
        self.chunk_left = None
        odd = self._take_transfer_codings() or odd
        self.length = None if self.chunked else self._stated_length()
        self.will_close = odd or self._check_close()  # type: ignore[attr-defined]
        if status in _NO_BODY or self._method == "HEAD":  # type: ignore[attr-defined]
            self.will_close = self.will_close or (self.chunked and status in _NO_BODY)
            self.length, self.chunked = 0, self.chunked and status not in _NO_BODY
        self.will_close = self.will_close or (not self.chunked and self.length is None)

    def _take_transfer_codings(self) -> bool:
        """Sets `chunked`, and moves other transfer codings to Content-Encoding.

        Returns whether the field holds anything but `chunked`.
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
            del self.headers["content-length"]  # so that no other code parses it
            return None
        if len({int(length) for length in lengths}) > 1:
            raise BadHead(f"its lengths contradict each other: {', '.join(lengths)[:100]}")
        if len(lengths) > 1:
            del self.headers["content-length"]
            self.headers["Content-Length"] = lengths[0]
        return int(lengths[0])

    def _read_next_chunk_size(self) -> int:
        """Reads hexadecimal digits only; `int` would accept signs and underscores."""
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
        """Bytes left in this chunk, or in the next one at its end. A chunk may end with LF alone."""
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
        """Ends the response. A connection with surplus bytes is shut down instead of reused."""
        if self.fp is not None and not self.will_close:
            _end_if_more(self.fp)
        super()._close_conn()  # type: ignore[misc]


def _read_fields(fp: Any) -> tuple[Fields, bool]:
    """The header fields up to the blank line, and whether any line was malformed."""
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
        if line[:1] in (b" ", b"\t"):  # RFC 9112, 5.2: continues the previous field
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
    """Shuts down a connection that has unread bytes: they would be taken for the next response."""
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
