"""Reads WARC files record by record; after damage, reading resumes at the next record.

Records are gzip members of their own, or plain. A gzip member has a checksum, so any damage is noticed; in a
plain file only damage that moves the end of a record is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_END
from typing import IO

_BLOCK = 16 * 1024
_WINDOW = 1024 * 1024
_OVERLAP = 64
_MAX_HEAD_BYTES = 64 * 1024
HEAD_BYTES = 256 * 1024
"""Bytes of a record that identify it: its own head, and that of the response in it."""

_GZIP = b"\x1f\x8b\x08"
_BLANK = b"\r\n\t \0"
_START = re.compile(rb"\x1f\x8b\x08|WARC/[01]\.[0-9]+\r?\n[A-Za-z][A-Za-z-]*:")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")


class Damage(Exception):
    """No record can be read here; the message says why."""


class NotWarc(Exception):
    """The file has another format; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A record: offset and length in the file, header fields by lower-case name, and the requested part of
    its block."""

    offset: int
    length: int
    fields: dict[str, str]
    block: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """A record or a stretch of a file that was skipped; or, with `taken`, one that was read despite a
    flaw."""

    offset: int
    why: str
    record_id: str = ""
    taken: bool = False


def frames(file: IO[bytes], keep: int = HEAD_BYTES) -> Iterator[Frame | Gap]:
    """Yields the records of a file, with up to `keep` bytes of each block, and the gaps between them.

    Raises NotWarc for a file of another format.
    """
    check_kind(file)
    offset = 0
    while (offset := _skip_blank(file, offset)) >= 0:
        try:
            frame = frame_at(file, offset, keep)
        except Damage as damage:
            following = _resync(file, offset + 1)
            yield Gap(offset, str(damage))
            if following < 0:
                return
            offset = following
            continue
        if frame.fields:
            yield frame
        offset += frame.length


def check_kind(file: IO[bytes]) -> None:
    """Raises NotWarc for a file whose first bytes show another format."""
    file.seek(0)
    head = file.read(4096)
    if not head:
        raise NotWarc("is empty")
    if head.startswith((b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")):
        raise NotWarc("is compressed with zstd; decompress it (zstd -d) and submit the plain WARC file")
    if head.startswith(b"BZh") or head.startswith(b"\xfd7zXZ"):
        raise NotWarc("is compressed as one piece; decompress it and submit the plain WARC file")
    if head.startswith(_GZIP + b"\x04") and head[12:14] == b"BC":
        raise NotWarc(
            "is compressed with bgzip, across its records; write it anew with: warcio recompress FILE NEW"
        )
    start = _first(head, 11) if head.startswith(_GZIP) else head
    if start.startswith(b"filedesc://"):
        raise NotWarc("is an ARC file; convert it with: warcio recompress FILE.arc.gz FILE.warc.gz")


def frame_at(file: IO[bytes], offset: int, keep: int) -> Frame:
    """The record at an offset; without fields for an empty gzip member. Raises Damage."""
    file.seek(offset)
    start = file.read(5)
    if start.startswith(_GZIP[:2]):
        return _zipped(file, offset, keep)
    if start == b"WARC/":
        return _plain(file, offset, keep)
    raise Damage("no record begins here")


def _zipped(file: IO[bytes], offset: int, keep: int) -> Frame:
    kept, total, length = _member(file, offset, keep + _MAX_HEAD_BYTES)
    if not kept.strip(_BLANK):
        return Frame(offset, length, {}, b"")
    fields, start = _head(kept)
    size = _size(fields)
    if size is None:
        size = total - start
    end = start + size
    if total > end + 4:
        rest = kept if len(kept) >= end + _OVERLAP else _member(file, offset, end + _OVERLAP)[0]
        if rest[end : end + _OVERLAP].lstrip(_BLANK).startswith(b"WARC/"):
            raise NotWarc(
                "is compressed as one piece, or several records at a time; "
                "write it anew with: warcio recompress FILE NEW"
            )
        if rest[end : end + 2].strip(_BLANK):  # the length is wrong, but the member holds only this record
            end = total
    return Frame(offset, length, fields, kept[start : min(end, start + keep)])


def _plain(file: IO[bytes], offset: int, keep: int) -> Frame:
    file.seek(offset)
    fields, start = _head(file.read(_MAX_HEAD_BYTES))
    size = _size(fields)
    if size is None:
        raise Damage("its head names no length")
    end = offset + start + size
    if end > file.seek(0, SEEK_END):
        raise Damage("it is cut off, or its length is wrong")
    file.seek(end)
    behind = file.read(_OVERLAP)
    following = behind.lstrip(_BLANK)
    if following and not behind.startswith(b"\r\n\r\n") and not following.startswith((b"WARC/", _GZIP)):
        raise Damage("it does not end where its length says")
    file.seek(offset + start)
    return Frame(offset, start + size, fields, file.read(min(size, keep)))


def _member(file: IO[bytes], offset: int, keep: int) -> tuple[bytes, int, int]:
    """The first bytes of a gzip member's content, the content's size, and the member's size."""
    file.seek(offset)
    unzip, kept, total, consumed = zlib.decompressobj(31), bytearray(), 0, 0
    try:
        while not unzip.eof:
            block = unzip.unconsumed_tail
            if not block:
                block = file.read(_BLOCK)
                consumed += len(block)
            if not block:
                raise Damage("it is cut off")
            content = unzip.decompress(block, _WINDOW)
            total += len(content)
            if len(kept) < keep:
                kept += content[: keep - len(kept)]
    except zlib.error as error:
        raise Damage(f"its compressed bytes are damaged ({error})") from error
    return bytes(kept), total, consumed - len(unzip.unused_data)


def _head(content: bytes) -> tuple[dict[str, str], int]:
    """A record's header fields, and the offset of its block."""
    found = _HEAD_END.search(content, 0, _MAX_HEAD_BYTES)
    if not content.startswith(b"WARC/") or not found:
        raise Damage("it has no WARC head")
    return fields_of(content[: found.start()]), found.end()


def fields_of(head: bytes) -> dict[str, str]:
    """The header fields by lower-case name, without the first line; the first value of a repeated name."""
    fields: dict[str, str] = {}
    for name, value in pairs_of(head):
        fields.setdefault(name.lower(), value)
    return fields


def pairs_of(head: bytes) -> list[tuple[str, str]]:
    """The header fields as written; malformed lines are skipped."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    pairs = (line.partition(":") for line in _FOLD.sub(" ", text).split("\n")[1:])
    return [(name.strip(), value.strip()) for name, colon, value in pairs if colon and name.strip()]


def _size(fields: dict[str, str]) -> int | None:
    size = fields.get("content-length", "")
    return int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None


def _first(start: bytes, size: int) -> bytes:
    """The first bytes of a gzip member's content."""
    try:
        return zlib.decompressobj(31).decompress(start, size)
    except zlib.error:
        return b""


def _skip_blank(file: IO[bytes], offset: int) -> int:
    """The offset of the next byte that is not blank; -1 at the end."""
    while True:
        file.seek(offset)
        block = file.read(4096)
        if not block:
            return -1
        rest = block.lstrip(_BLANK)
        if rest:
            return offset + len(block) - len(rest)
        offset += len(block)


def _resync(file: IO[bytes], offset: int) -> int:
    """The offset of the next record's start; -1 if there is none."""
    while True:
        file.seek(offset)
        window = file.read(_WINDOW)
        for found in _START.finditer(window):
            place = offset + found.start()
            if found[0] != _GZIP or _holds_record(file, place):
                return place
        if len(window) < _WINDOW:
            return -1
        offset += _WINDOW - _OVERLAP


def _holds_record(file: IO[bytes], offset: int) -> bool:
    file.seek(offset)
    return _first(file.read(_BLOCK), 5) == b"WARC/"
