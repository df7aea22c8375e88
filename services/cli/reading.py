"""Reads lines of files and standard input, of any length and any bytes, and detects files that are not
text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

_BLOCK = 64 * 1024
_HEAD = 8 * 1024
_KINDS = {
    b"\x1f\x8b": "is compressed (gzip); write: zcat FILE | dateline submit -",
    b"\x28\xb5\x2f\xfd": "is compressed (zstd); write: zstdcat FILE | dateline submit -",
    b"BZh": "is compressed (bzip2); write: bzcat FILE | dateline submit -",
    b"\xfd7zXZ": "is compressed (xz); write: xzcat FILE | dateline submit -",
    b"PK\x03\x04": "is a ZIP archive; write: unzip -p FILE | dateline submit -",
    b"WARC/": "is a WARC file; name it with --warc",
    b"\xff\xfe": "is UTF-16; write: iconv -f UTF-16 -t UTF-8 FILE | dateline submit -",
    b"\xfe\xff": "is UTF-16; write: iconv -f UTF-16 -t UTF-8 FILE | dateline submit -",
}
_CONTROLS = bytes(n for n in range(32) if n not in (9, 10, 12, 13, 27)) + b"\x7f"
_MOST_CONTROLS = 0.05  # text has far fewer; compressed or binary data about a tenth or more


class NoLines(Exception):
    """The file is not text; the message says what it is, and the remedy."""


def bounded_lines(stream: BinaryIO, cap: int, *, refuse_binary: bool = False) -> Iterator[bytes]:
    """Yields lines without their ends; of a line longer than `cap`, the first `cap` + 1 bytes.

    Lines end with LF, CR LF or CR. Raises NoLines for a file that is not text, if asked to.
    """
    rest, first = b"", True
    for block in iter(partial(stream.read, _BLOCK), b""):
        if first and refuse_binary and (fault := _no_text(block[:_HEAD])):
            raise NoLines(fault)
        first = False
        pieces = (rest + block).splitlines(keepends=True)
        # A CR at the end may be the first half of CR LF.
        rest = b"" if pieces[-1].endswith(b"\n") else pieces.pop()
        if len(rest) > cap + 1:
            rest = rest[: cap + 1] + (b"\r" if rest.endswith(b"\r") else b"")
        for piece in pieces:
            yield piece.rstrip(b"\r\n")[: cap + 1]
    if rest:
        yield rest.rstrip(b"\r")[: cap + 1]


def _no_text(head: bytes) -> str | None:
    for magic, fault in _KINDS.items():
        if head.startswith(magic):
            return fault
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls >= 8 and controls > _MOST_CONTROLS * len(head):
        return "is a binary file; submit text, with one URL or one JSON object a line"
    return None
