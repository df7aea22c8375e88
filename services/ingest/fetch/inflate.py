"""Gzip decompression, member by member, within a size limit."""

from __future__ import annotations

import zlib
from typing import Any

fastest: Any
try:
    from isal import isal_zlib
except ImportError:  # not available for every architecture
    fastest = zlib
else:
    fastest = isal_zlib

_GZIP = 16 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_MEMBER = b"\x1f\x8b\x08"  # RFC 1952, 2.3.1: the signature of a gzip member
_FIRST_PIECE, _LARGEST_PIECE = 512, 1024 * 1024


class TooLarge(Exception):
    """The decompressed data exceed the limit."""


class Truncated(Exception):
    """The data end before their end mark."""


def inflate(packed: bytes, most: int, *, cut: bool = False) -> bytes:
    """The content of a whole gzip body, at most `most` bytes.

    Trailing garbage and a missing trailer are ignored, as in browsers. Raises TooLarge, Truncated, and
    zlib.error where the data are no gzip; with `cut`, returns the beginning instead, where there is one.
    """
    whole = bytearray()
    view = memoryview(packed)
    start = 0
    while start < len(packed):
        if not _MEMBER.startswith(packed[start : start + 3]):
            if not start:
                raise zlib.error("it does not begin as gzip does")
            break
        member = fastest.decompressobj(_GZIP)
        try:
            end = pump(member, view, start, whole, most)
        except (zlib.error, fastest.error) as error:
            if not start and not (cut and whole):
                raise zlib.error(str(error)) from error
            break
        if len(whole) > most:
            if cut:
                return bytes(whole[:most])
            raise TooLarge("more comes out than the limit")
        if not member.eof:
            if cut or _all_but_the_trailer(view[start:], most):
                break
            raise Truncated("the compressed data end before their end mark")
        start = end
    return bytes(whole)


def pump(member: Any, view: memoryview, start: int, whole: bytearray, most: int) -> int:
    """Decompresses `view` from `start` to the member's end, or until `whole` exceeds `most` bytes; returns
    where it stopped.

    Works in pieces: the rest of a piece after a member's end is copied, which thousands of tiny members must
    not make quadratic. The first member, usually the only one, starts with a large piece, the others with
    small ones that grow.
    """
    size = _FIRST_PIECE if start else _LARGEST_PIECE
    while start < len(view) and not member.eof:
        piece = view[start : start + size]
        whole += member.decompress(piece, most + 1 - len(whole))
        if len(whole) > most:
            break
        start += len(piece) - len(member.unused_data) - len(member.unconsumed_tail)
        size = min(2 * size, _LARGEST_PIECE)
    return start


def _all_but_the_trailer(member: memoryview, most: int) -> bool:
    """Whether a member's data are complete and only its trailer is missing."""
    data = zlib.decompressobj(_RAW)
    try:
        pump(data, member, _head_length(member), bytearray(), most)
    except (IndexError, ValueError, zlib.error):
        return False
    return data.eof


def _head_length(member: memoryview) -> int:
    """Length of a member's header (RFC 1952, 2.3). Raises IndexError or ValueError where it is incomplete."""
    raw = bytes(member[:_LARGEST_PIECE])
    flags, end = raw[3], 10
    if flags & 4:  # FEXTRA, with its length
        end += 2 + int.from_bytes(raw[end : end + 2], "little")
    for named in (8, 16):  # FNAME, FCOMMENT: each ends with a zero
        if flags & named:
            end = raw.index(b"\0", end) + 1
    return end + 2 if flags & 2 else end
