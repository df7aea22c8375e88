"""Records of WARC files, one by one: what is damaged costs itself, and reading goes on at the next record.

Files hold each record in a gzip member of its own, or plain. A gzip member has a checksum, so that damage is
noticed wherever it is; in a plain file it is noticed where it moves the end of a record.
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
"""How much of a record is enough to see what it is: its own head, and that of the answer in it."""

_GZIP = b"\x1f\x8b\x08"
_BLANK = b"\r\n\t \0"
_START = re.compile(rb"\x1f\x8b\x08|WARC/[01]\.[0-9]+\r?\n[A-Za-z][A-Za-z-]*:")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")


class Damage(Exception):
    """No record can be read here; the message says why."""


class NotWarc(Exception):
    """A file of another kind, none of whose records can be read; the message says what would help."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A record: where it stands, its header fields (by lower-case name), and its block, as far as it was asked for."""

    offset: int
    length: int
    fields: dict[str, str]
    block: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """A record, or a stretch of a file, that was passed over; or one that was `taken` though something is amiss."""

    offset: int
    why: str
    record_id: str = ""
    taken: bool = False


def frames(file: IO[bytes], keep: int = HEAD_BYTES) -> Iterator[Frame | Gap]:
    """The records of a file, with up to `keep` bytes of each block, and the gaps between them.

    Raises NotWarc for a file of another kind.
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
    """Raise NotWarc for a file whose first bytes say that it is of another kind."""
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
    """The record at an offset; without fields where a gzip member holds nothing. Raises Damage."""
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
                "is compressed as one piece, or several records at a time; write it anew with: warcio recompress FILE NEW"
            )
        if rest[end : end + 2].strip(
            _BLANK
        ):  # the length is wrong, and the member holds nothing but this record
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
    """The first bytes of a gzip member, the size of all that it holds, and its own size."""
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
    """A record's header fields, and where its block begins."""
    found = _HEAD_END.search(content, 0, _MAX_HEAD_BYTES)
    if not content.startswith(b"WARC/") or not found:
        raise Damage("it has no WARC head")
    return fields_of(content[: found.start()]), found.end()


def fields_of(head: bytes) -> dict[str, str]:
    """The fields of a head, by lower-case name, without its first line; of a name that comes twice, the first."""
    fields: dict[str, str] = {}
    for name, value in pairs_of(head):
        fields.setdefault(name.lower(), value)
    return fields


def pairs_of(head: bytes) -> list[tuple[str, str]]:
    """The fields of a head as they stand; lines that are none are passed over."""
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
    """The first bytes that a gzip member holds."""
    try:
        return zlib.decompressobj(31).decompress(start, size)
    except zlib.error:
        return b""


def _skip_blank(file: IO[bytes], offset: int) -> int:
    """Where something stands again; -1 where nothing does."""
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
    """Where the next record begins; -1 where none does."""
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
