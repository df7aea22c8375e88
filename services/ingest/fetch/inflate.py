"""Inflating gzipped answers with ISA-L, where it is to be had: half of what zlib takes."""

from __future__ import annotations

import zlib
from typing import Any

from urllib3.response import BaseHTTPResponse, GzipDecoder

isal_zlib: Any
try:
    from isal import isal_zlib
except ImportError:  # not on every kind of processor
    isal_zlib = None

_GZIP = 16 + zlib.MAX_WBITS


class _Inflater:
    """An ISA-L decompressor that fails as zlib's do."""

    __slots__ = ("_own",)

    def __init__(self) -> None:
        self._own = isal_zlib.decompressobj(_GZIP)

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        try:
            return self._own.decompress(data, max_length)  # type: ignore[no-any-return]
        except isal_zlib.error as error:
            raise zlib.error(str(error)) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


def inflate_quickly(answer: BaseHTTPResponse) -> None:
    """Let `answer`, of which nothing has been read, be inflated by ISA-L if it is plain gzip; all others stay urllib3's."""
    if isal_zlib is not None and answer.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip"):
        decoder = GzipDecoder()
        decoder._obj = _Inflater()  # type: ignore[assignment]
        answer._decoder = decoder
