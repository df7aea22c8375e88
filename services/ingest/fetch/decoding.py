"""Content codings: decodes a body, however many codings were applied, within a size limit."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Sequence

import brotli

from services.ingest.fetch.inflate import TooLarge, Truncated, inflate, pump

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"
_MOST_CODINGS = 5
_NAMES = {
    "gzip": "gzip", "x-gzip": "gzip", "gz": "gzip", "deflate": "deflate", "x-deflate": "deflate",
    "zlib": "deflate", "br": "br", "x-br": "br",
    "brotli": "br", "zstd": "zstd", "x-zstd": "zstd", "compress": "compress", "x-compress": "compress",
}  # fmt: skip
_OTHERS = frozenset(
    ("aes128gcm", "bzip2", "dcb", "dcz", "exi", "lzma", "pack200-gzip", "sdch", "x-bzip2", "xz")
)
"""Known codings that are not supported."""
_MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "compress": b"\x1f\x9d"}
_MARKED = ("gzip", "zstd", "deflate")
_ZSTD_WINDOW_LOG = 23
"""Largest zstd window: 8 MB (RFC 9659, 3)."""
_PIECE = 256 * 1024
_MOST_BY_THE_BYTE = 1024 * 1024
_MOST_FRAMES = 10_000


class Damaged(Exception):
    """The data do not match their coding."""


class Unknown(Exception):
    """An unsupported coding."""


def codings(header: str) -> list[str]:
    """The codings in a Content-Encoding header, in the order in which they were applied; unknown words are
    ignored."""
    if not header:
        return []
    named = [name.partition(";")[0].strip().lower().strip("\"'") for name in header.split(",")]
    return [_NAMES.get(name, name) for name in named if name in _NAMES or name in _OTHERS]


def decoded(packed: bytes, applied: Sequence[str], most: int, *, cut: bool = False) -> bytes:
    """The body with the codings in `applied` removed, at most `most` bytes.

    A body that is labelled as compressed but is plain text is returned unchanged. Raises TooLarge, Truncated,
    Damaged and Unknown; with `cut`, returns the beginning of a body that is too large or truncated.
    """
    if len(applied) > _MOST_CODINGS:
        raise Unknown(f"{len(applied)} codings, one over another")
    for name in reversed(applied):
        if not packed:
            break
        if _is_plain(name, packed):
            continue
        if name not in _UNPACK:
            raise Unknown(name)
        packed = _unpacked(name, packed, most, cut)
    if len(packed) > most and not cut:
        raise TooLarge("more comes out than the limit")
    return packed[:most]


def _unpacked(name: str, packed: bytes, most: int, cut: bool) -> bytes:
    """Decodes by the named coding or, where the data do not match it, by the one whose signature they
    have."""
    if name in _MAGIC and not packed.startswith(_MAGIC[name]):
        name = next((other for other in _MARKED if _bears(packed, other)), name)
    try:
        return _UNPACK[name](packed, most, cut)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        other = next((other for other in _MARKED if other != name and _bears(packed, other)), None)
        if other is None:
            raise Damaged(f"{name}: {error}") from error
        failed = error
    try:
        return _UNPACK[other](packed, most, cut)
    except (zlib.error, brotli.error, zstd.ZstdError):
        raise Damaged(f"{name}: {failed}") from failed


def _bears(packed: bytes, name: str) -> bool:
    # RFC 1950, 2.2: method and window, and a checksum: both bytes together are divisible by 31
    if name == "deflate":
        return (
            len(packed) > 2
            and packed[0] & 15 == 8
            and packed[0] >> 4 < 8
            and not (packed[0] << 8 | packed[1]) % 31
        )
    return packed.startswith(_MAGIC[name])


def _is_plain(name: str, packed: bytes) -> bool:
    """Whether the coding's signature is missing and the body is text instead."""
    if name in _MAGIC and packed.startswith(_MAGIC[name]):
        return False
    if packed.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return True
    start = packed[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith((b"<", b"{", b"[", b"#")) and not any(
        byte < 9 or 13 < byte < 32 for byte in start[:64]
    )


def _gzip(packed: bytes, most: int, cut: bool) -> bytes:
    return inflate(packed, most, cut=cut)


def _deflate(packed: bytes, most: int, cut: bool) -> bytes:
    """Deflate with zlib's header, as RFC 9110 says; or without, as some servers send it."""
    try:
        return _by_zlib(packed, most, cut, zlib.MAX_WBITS)
    except zlib.error:
        return _by_zlib(packed, most, cut, -zlib.MAX_WBITS)


def _by_zlib(packed: bytes, most: int, cut: bool, bits: int) -> bytes:
    unpacker = zlib.decompressobj(bits)
    whole = bytearray()
    pump(unpacker, memoryview(packed), 0, whole, most)
    if len(whole) > most and not cut:
        raise TooLarge("more comes out than the limit")
    if not unpacker.eof and not cut and bits > 0:
        _by_zlib(packed[2:], most, cut, -bits)  # only the checksum may be missing
    elif not unpacker.eof and not cut:
        raise Truncated("the compressed data end before their end mark")
    return bytes(whole[:most])


def _br(packed: bytes, most: int, cut: bool) -> bytes:
    try:
        return _brotli(packed, most, cut, len(packed))
    except brotli.error:
        if len(packed) > _MOST_BY_THE_BYTE:
            raise
        return _brotli(
            packed, most, cut, 1
        )  # the library accepts no data after the end mark: stop right at it


def _brotli(packed: bytes, most: int, cut: bool, size: int) -> bytes:
    unpacker = brotli.Decompressor()
    whole = bytearray()
    start = 0
    while not unpacker.is_finished() and len(whole) <= most:
        piece = b""
        if unpacker.can_accept_more_data():
            if start >= len(packed):
                break
            piece = packed[start : start + size]
            start += size
        whole += unpacker.process(piece, output_buffer_limit=_PIECE)
    return _within(whole, most, cut, ended=unpacker.is_finished())


def _zstd(packed: bytes, most: int, cut: bool) -> bytes:
    """All zstd frames; the library skips skippable ones."""
    whole = bytearray()
    view = memoryview(packed)
    start = frames = 0
    while start < len(view) and len(whole) <= most:
        frames += 1
        if frames > _MOST_FRAMES:
            raise Damaged(f"zstd: more than {_MOST_FRAMES:,} frames")
        unpacker = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        )
        size = 512
        try:
            while not unpacker.eof and len(whole) <= most:
                if unpacker.needs_input:
                    if start >= len(view):
                        break
                    piece = view[start : start + size]
                    start, size = start + len(piece), min(2 * size, _PIECE)
                else:
                    piece = view[:0]
                whole += unpacker.decompress(piece, most + 1 - len(whole))
        except zstd.ZstdError:
            if not whole:
                raise
            break  # trailing garbage after the last frame
        if not unpacker.eof:
            return _within(whole, most, cut, ended=False)
        start -= len(unpacker.unused_data)
    return _within(whole, most, cut, ended=True)


def _within(whole: bytearray, most: int, cut: bool, *, ended: bool) -> bytes:
    if len(whole) > most and not cut:
        raise TooLarge("more comes out than the limit")
    if not ended and len(whole) <= most and not cut:
        raise Truncated("the compressed data end before their end mark")
    return bytes(whole[:most])


_UNPACK: dict[str, Callable[[bytes, int, bool], bytes]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _br,
    "zstd": _zstd,
}
