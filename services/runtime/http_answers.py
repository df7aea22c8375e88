"""The head of an HTTP answer, read at once where it is plain.

The standard library hands an answer's header fields to its parser of e-mails, which takes as long as the rest of a request
together. Nearly all heads are plain: one status line, one line a field, all of it in the first packet. Whatever is not goes the
standard library's way, and comes out the same.
"""

from __future__ import annotations

import re
from http.client import HTTPMessage, HTTPResponse

_STATUS = re.compile(rb"HTTP/1\.([01]) ([2-5]\d\d)(?: ([ -~]*))?\Z")
_FIELD = re.compile(rb"([!-9;-~]+):[ \t]*([\t -~\xa0-\xff]*)\Z")
_MOST_FIELDS = 90
_LONGEST = 32_000  # of a head, in bytes


class Answer(HTTPResponse):
    """An answer whose head is read quickly, if it can be."""

    def begin(self) -> None:
        """Read status and header fields."""
        if self.headers is not None or not self._read_plain():
            super().begin()

    def _read_plain(self) -> bool:
        """Whether the head was plain, and was read. Otherwise nothing was taken from the connection."""
        waiting = self.fp.peek()
        end = waiting.find(b"\r\n\r\n", 0, _LONGEST)
        if end < 0:
            return False
        first, *lines = waiting[:end].split(b"\r\n")
        status = _STATUS.match(first)
        fields = [_FIELD.match(line) for line in lines]
        if status is None or None in fields or len(fields) > _MOST_FIELDS:
            return False
        self.fp.read(end + 4)
        self.version = 10 + int(status[1])
        self.code = self.status = int(status[2])
        self.reason = (status[3] or b"").decode("ascii").strip()
        self.headers = self.msg = HTTPMessage()
        self.headers._headers = [(f[1].decode("latin-1"), f[2].decode("latin-1")) for f in fields if f]  # type: ignore[attr-defined]
        self.chunked = (self.headers.get("transfer-encoding") or "").lower() == "chunked"
        self.chunk_left = None
        self.will_close = self._check_close()  # type: ignore[attr-defined]
        self.length = None if self.chunked else self._stated_length()
        if self.status in (204, 304) or self._method == "HEAD":  # type: ignore[attr-defined]
            self.length = 0
        self.will_close = self.will_close or (not self.chunked and self.length is None)
        return True

    def _stated_length(self) -> int | None:
        try:
            length = int(self.headers.get("content-length") or "")
        except ValueError:
            return None
        return length if length >= 0 else None
