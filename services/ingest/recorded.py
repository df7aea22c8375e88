"""The HTTP response in a WARC record: head, decoded body, date."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import brotli

from services.contract.limits import MAX_PAGE_BYTES, believable
from services.ingest.fetch.decoding import Damaged, Unknown, codings, decoded
from services.ingest.fetch.inflate import TooLarge, Truncated
from services.warc.records import Frame, pairs_of

_STATUS = re.compile(rb"\s*HTTP/[0-9](?:\.[0-9])?[ \t]+([0-9]{3})(?![0-9])", re.IGNORECASE)
_MOST_INTERIM = 20
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_CHUNK_END = re.compile(rb"\r?\n")
# WARC 1.1 allows shorter dates; some crawlers write them without separators.
_DATE = re.compile(
    r"([0-9]{4})(?:-?([0-9]{2})(?:-?([0-9]{2})(?:[T ]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:\.[0-9]+)?)?)?)"
    r"?)?(?:Z|UTC)?"
)
_PIECE = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response as received."""

    status: int
    headers: tuple[tuple[str, str], ...]
    raw_body: bytes

    def header(self, name: str) -> str:
        """The first header of a name; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def joined(self, name: str) -> str:
        """All headers of a name, joined with commas."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    def body(self) -> bytes:
        """The body without transfer and content codings, up to where it is damaged."""
        body, of_transfer = self.raw_body, self.joined("transfer-encoding")
        if "chunked" in of_transfer.lower():
            body = _dechunked(body)
        for coding in reversed(codings(self.joined("content-encoding")) + codings(of_transfer)):
            body = _decoded(body, coding)
        return body[:MAX_PAGE_BYTES]


def answer_of(frame: Frame) -> Answer | None:
    """The response in a record; None where it holds none."""
    if frame.fields.get("warc-type", "").lower() != "response":
        return None
    start = 0
    for _ in range(_MOST_INTERIM):  # interim responses (1xx) are skipped
        status = _STATUS.match(frame.block, start)
        if not status:
            return None
        end = _HEAD_END.search(frame.block, status.end())
        if int(status[1]) >= 200 or not end:
            head = frame.block[start : end.start()] if end else frame.block[start:]
            return Answer(
                int(status[1]), tuple(pairs_of(head.lstrip())), frame.block[end.end() :] if end else b""
            )
        start = end.end()
    return None


def address_of(frame: Frame) -> str:
    """The URL of a record, with or without angle brackets; empty where it has none."""
    return frame.fields.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">").strip()


def moment_of(frame: Frame, now: datetime) -> datetime | None:
    """The date of a record; None where it is missing or implausible."""
    return _moment(frame.fields.get("warc-date", ""), now)


def moment_of_answer(answer: Answer, now: datetime) -> datetime | None:
    """The response's Date header as a moment; None where it is missing or implausible."""
    return _moment(answer.header("date"), now)


def _moment(text: str, now: datetime) -> datetime | None:
    text = text.strip()
    try:
        if found := _DATE.fullmatch(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            return believable(
                datetime(year, month or 1, day or 1, hour, minute, min(second, 59), tzinfo=UTC), now
            )
        try:
            return believable(datetime.fromisoformat(text), now)
        except ValueError:
            return believable(parsedate_to_datetime(text), now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _dechunked(body: bytes) -> bytes:
    """A body without chunked coding, up to where the chunks are valid; unchanged where it is not chunked."""
    chunks: list[bytes] = []
    place = 0
    while chunk := _CHUNK.match(body, place):
        size = int(chunk[1], 16)
        if not size:
            return b"".join(chunks)
        chunks.append(body[chunk.end() : chunk.end() + size])
        place = chunk.end() + size
        if end := _CHUNK_END.match(body, place):
            place = end.end()
    return b"".join(chunks) if chunks else body


def _decoded(body: bytes, coding: str) -> bytes:
    """A body without one content coding, up to where it is damaged; unchanged where it is not so coded."""
    try:
        return decoded(body, [coding], MAX_PAGE_BYTES, cut=True)
    except (Damaged, Unknown, TooLarge, Truncated):
        return _as_far_as_it_goes(body, coding)


def _as_far_as_it_goes(body: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return _in_pieces(zlib.decompressobj(31).decompress, body) or body
    if coding == "deflate":
        zipped = _in_pieces(zlib.decompressobj().decompress, body)
        return zipped or _in_pieces(zlib.decompressobj(-15).decompress, body) or body
    if coding == "br":
        process = brotli.Decompressor().process
        return (
            _in_pieces(lambda piece: bytes(process(piece, output_buffer_limit=MAX_PAGE_BYTES)), body) or body
        )
    return body


def _in_pieces(decode: Callable[[bytes], bytes], body: bytes) -> bytes:
    found = bytearray()
    try:
        for place in range(0, len(body), _PIECE):
            found += decode(body[place : place + _PIECE])
            if len(found) >= MAX_PAGE_BYTES:
                break
    except (zlib.error, brotli.error, ValueError, EOFError):
        pass
    return bytes(found)
