"""Inflating gzipped answers, member by member and within a bound."""

from __future__ import annotations

import zlib
from typing import Any

try:
    from isal import isal_zlib as fastest
except ImportError:  # not on every kind of processor
    fastest = zlib

_GZIP = 16 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_MEMBER = b"\x1f\x8b\x08"  # RFC 1952, 2.3.1: how each member of a gzip file begins
_FIRST_PIECE, _LARGEST_PIECE = 512, 1024 * 1024


class TooLarge(Exception):
    """More comes out than is wanted."""


class Truncated(Exception):
    """The data end before their end mark."""


def inflate(packed: bytes, most: int, *, cut: bool = False) -> bytes:
    """What a whole gzipped answer holds, if that is at most `most` bytes.

    Rubbish behind the last member is passed over, as browsers do, and so is a trailer that is missing. Raises TooLarge,
    Truncated, and zlib.error for what is no gzip; with `cut`, hands over the beginning instead, where there is one.
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
            raise TooLarge
        if not member.eof:
            if cut or _all_but_the_trailer(view[start:], most):
                break
            raise Truncated
        start = end
    return bytes(whole)


def pump(member: Any, view: memoryview, start: int, whole: bytearray, most: int) -> int:
    """Decompress what `view` holds from `start` until it ends, or `whole` has more than `most` bytes; where it ended.

    By pieces: what a piece holds beyond the end is copied, and whole tails of thousands of tiny members must not be. The first
    member, which is nearly always the only one, is begun with a large piece, the others with small ones that grow.
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
    """Whether a member's data came to their end mark, and only what stands behind that is lacking."""
    data = zlib.decompressobj(_RAW)
    try:
        pump(data, member, _head_length(member), bytearray(), most)
    except (IndexError, ValueError, zlib.error):
        return False
    return data.eof


def _head_length(member: memoryview) -> int:
    """RFC 1952, 2.3: ten bytes, then what they announce. Raises IndexError or ValueError where that is not all there."""
    raw = bytes(member[:_LARGEST_PIECE])
    flags, end = raw[3], 10
    if flags & 4:  # an extra field, with its length
        end += 2 + int.from_bytes(raw[end : end + 2], "little")
    for named in (8, 16):  # a name, a comment: each ends with a zero
        if flags & named:
            end = raw.index(b"\0", end) + 1
    return end + 2 if flags & 2 else end
