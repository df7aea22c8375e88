"""Inflating gzipped answers: in one call of libdeflate where that is sure to be all of it, by zlib otherwise."""

from __future__ import annotations

import zlib

try:
    import deflate
except ImportError:  # not on every kind of processor
    deflate = None

_GZIP = 16 + zlib.MAX_WBITS
_MEMBER = b"\x1f\x8b\x08"  # RFC 1952, 2.3.1: how each member of a gzip file begins


class TooLarge(Exception):
    """More comes out than is wanted."""


class Truncated(Exception):
    """The data end before their end mark."""


def inflate(packed: bytes, most: int) -> bytes:
    """What a whole gzipped answer holds, if that is at most `most` bytes.

    Rubbish behind the last member is passed over, as browsers do. Raises TooLarge, Truncated, and zlib.error for what is no gzip.
    """
    return _at_once(packed, most) or _by_members(packed, most)


def _at_once(packed: bytes, most: int) -> bytes | None:
    """The same in one call, into a buffer of the length that the end of the answer states; None where that does not fit."""
    stated = int.from_bytes(packed[-4:], "little")
    if deflate is None or not 0 < stated <= most or _MEMBER in packed[1:]:
        return None
    try:
        whole = deflate.gzip_decompress(packed, stated)
    except deflate.DeflateError:
        return None
    return bytes(whole) if len(whole) == stated else None


def _by_members(packed: bytes, most: int) -> bytes:
    whole = bytearray()
    rest = packed
    while rest:
        member = zlib.decompressobj(_GZIP)
        try:
            whole += member.decompress(rest, most + 1 - len(whole))
        except zlib.error:
            if rest is packed:
                raise
            break
        if len(whole) > most:
            raise TooLarge
        if not member.eof:
            raise Truncated
        rest = member.unused_data
    return bytes(whole)
