"""Erases records of WARC files in place. A replacement record of the same size keeps every other record at
its offset, and says nothing of the page."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import IO

from services.contract.errors import BadUrl
from services.contract.urls import parse_url
from services.warc.records import Damage, Frame, NotWarc, frame_at, frames

_SAID = b"removed on request\n"
_GZIP = b"\x1f\x8b"
_HEAD = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: %d\r\n\r\n"
_BLOCK = 65535


def erase(path: Path, offset: int) -> bool:
    """Overwrites the record at an offset; returns False if it was erased before.

    Raises ValueError if no record can be read there, and OSError if the file cannot be written.
    """
    with path.open("r+b") as file:
        was = os.fstat(file.fileno())
        try:
            frame = frame_at(file, offset, len(_SAID))
        except (Damage, NotWarc) as error:
            raise ValueError(f"{path} holds no record at byte {offset:,}: {error}") from error
        if _is_removed(frame):
            return False
        _overwrite(file, frame)
        file.flush()
        os.fsync(file.fileno())
        # The file's time tells how old the responses are.
        os.utime(file.fileno(), ns=(was.st_atime_ns, was.st_mtime_ns))
    return True


def sweep(path: Path, hashes: Collection[bytes]) -> int:
    """Erases every record of a file whose URL, or the URL that was requested for it, has one of these
    hashes."""
    with path.open("rb") as file:
        found = [
            frame.offset
            for frame in frames(file, len(_SAID))
            if isinstance(frame, Frame) and not hashes_of(frame).isdisjoint(hashes)
        ]
    return sum(erase(path, offset) for offset in found)


def hashes_of(frame: Frame) -> set[bytes]:
    """Identities of the URLs that a record names."""
    found = set()
    for name in ("warc-target-uri", "warc-refers-to-target-uri"):
        url = frame.fields.get(name, "").strip().removeprefix("<").removesuffix(">")
        try:
            found.add(parse_url(url).hash)
        except (BadUrl, ValueError):
            continue
    return found


def _is_removed(frame: Frame) -> bool:
    return not frame.fields or (
        frame.fields.get("warc-type") == "metadata" and frame.block[: len(_SAID)] == _SAID
    )


def _overwrite(file: IO[bytes], frame: Frame) -> None:
    file.seek(frame.offset)
    zipped = file.read(2) == _GZIP
    content = member(frame.length) if zipped else record(frame.length)
    file.seek(frame.offset)
    file.write(content)


def record(size: int) -> bytes:
    """A record of exactly that size. Raises ValueError if the size is too small."""
    for length in range(size - len(_HEAD % size), size):
        if length >= 0 and len(head := _HEAD % length) + length == size:
            return head + _SAID[:length].ljust(length)
    # Content-Length has one digit too many or too few: pad the line before it with a space.
    head = _HEAD.replace(b": %d", b":  %d")
    for length in range(max(0, size - len(head % size)), size):
        if len(head % length) + length == size:
            return head % length + _SAID[:length].ljust(length)
    raise ValueError(f"a record of {size} bytes is too short to be replaced")


def member(size: int) -> bytes:
    """A gzip member of exactly that size, with a record in it; an empty one if the size is too small for a
    record.

    The record is stored uncompressed, and the header's comment field pads sizes that cannot be reached
    otherwise.
    """
    for blank in range(0, 16):
        room = size - 18 - blank
        blocks = -(-room // (_BLOCK + 5))
        try:
            content = record(room - 5 * blocks)
        except ValueError:
            continue
        made = _wrapped(_stored(content), content, blank)
        if len(made) == size:
            return made
    small = zlib.compressobj(9, wbits=-15)
    content = record(len(_HEAD) + len(_SAID))
    body = small.compress(content) + small.flush()
    if len(body) + 18 > size:
        content, body = b"", b"\x03\x00"
    return _wrapped(body, content, size - 18 - len(body))


def _wrapped(body: bytes, content: bytes, blank: int) -> bytes:
    """Deflate data as a gzip member, padded by `blank` bytes."""
    comment = b" " * (blank - 1) + b"\0" if blank else b""
    head = _GZIP + bytes([8, 16 if blank else 0]) + b"\0\0\0\0\0\xff"
    return head + comment + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def _stored(content: bytes) -> bytes:
    """Content as uncompressed deflate blocks."""
    blocks = [content[place : place + _BLOCK] for place in range(0, len(content), _BLOCK)]
    return b"".join(
        struct.pack("<BHH", place == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
        for place, block in enumerate(blocks)
    )
