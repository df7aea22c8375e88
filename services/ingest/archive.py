"""WARC archive: writes raw responses, and reads them and other crawlers' files.

A record holds the response as received, except that its body is decompressed and the transfer headers
(Content-Encoding, Transfer-Encoding) are left out, so that any tool reads it alike.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import IO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services import __version__
from services.contract.errors import PermanentError
from services.contract.limits import MAX_PAGE_BYTES, believable
from services.contract.messages import Archived
from services.ingest.fetch import Fetched
from services.ingest.fetch.response import kind_and_charset
from services.ingest.recorded import Answer, address_of, answer_of, moment_of, moment_of_answer
from services.warc.records import Damage, Frame, Gap, NotWarc, frame_at, frames

MAX_FILE_BYTES = 1024 * 1024 * 1024
MAX_FILE_AGE_S = 6 * 3600.0
_WHOLE = (200, 203)
"""HTTP statuses whose body is a page."""
_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class Archive:
    """A folder of WARC files. Thread-safe; each process writes files of its own."""

    def __init__(
        self, folder: Path, *, max_bytes: int = MAX_FILE_BYTES, max_age_s: float = MAX_FILE_AGE_S
    ) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._lock = threading.Lock()
        self._numbers = count()
        self._file: IO[bytes] | None = None
        self._name = ""
        self._opened_at = 0.0

    def write(self, page: Fetched, asked_url: str) -> Archived:
        """Appends a response and returns its position. Raises OSError when the disk is full."""
        headers = [(k, v) for k, v in page.headers if k.lower() not in _TRANSFER]
        headers.append(("Content-Length", str(len(page.body))))
        http = StatusAndHeaders(f"{page.status} OK", headers, protocol="HTTP/1.1")
        moment = page.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        more = {"WARC-Date": moment}
        if asked_url != page.url:
            more["WARC-Refers-To-Target-URI"] = asked_url
        with self._lock:
            file = self._current()
            offset = file.tell()
            try:
                writer = WARCWriter(file, gzip=True, warc_version="1.1")
                record = writer.create_warc_record(
                    page.url,
                    "response",
                    payload=BytesIO(page.body),
                    http_headers=http,
                    warc_headers_dict=more,
                )
                writer.write_record(record)
                file.flush()
            except OSError:
                self._cut(offset)
                raise
            return Archived(file=self._name, offset=offset, length=file.tell() - offset)

    def read(self, position: Archived) -> Fetched:
        """The page at a position. Raises PermanentError when there is none."""
        path = self.folder / position.file
        try:
            path = path.resolve()
            if not path.is_relative_to(self.folder.resolve()):
                raise PermanentError(
                    "archive_missing", f"{position.file} is not within the archive {self.folder}"
                )
            with path.open("rb") as file:
                frame = frame_at(file, position.offset, MAX_PAGE_BYTES)
                page = page_of(frame, datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC))
        except (OSError, ValueError, OverflowError, Damage, NotWarc) as error:
            raise PermanentError(
                "archive_missing",
                f"{path} at byte {position.offset:,} cannot be read: {error}; is DATELINE_WARC_DIR right?",
            ) from error
        if page is None:
            raise PermanentError("archive_missing", f"{path} holds no answer at byte {position.offset:,}")
        return page

    def close(self) -> None:
        """Closes the current file."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None

    def _current(self) -> IO[bytes]:
        if self._file and (
            self._file.tell() >= self._max_bytes or time.monotonic() - self._opened_at > self._max_age_s
        ):
            self._file.close()
            self._file = None
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
            self._name = (
                f"dateline-{stamp}-{socket.gethostname()}-{os.getpid()}-{next(self._numbers):05d}.warc.gz"
            )
            self._file = (self.folder / self._name).open("xb")
            self._opened_at = time.monotonic()
            writer = WARCWriter(self._file, gzip=True, warc_version="1.1")
            info = {"software": f"dateline/{__version__}", "format": "WARC File Format 1.1"}
            writer.write_record(writer.create_warcinfo_record(self._name, info))
        return self._file

    def _cut(self, offset: int) -> None:
        """Removes a partial record, so that the file stays readable."""
        if self._file is not None:
            self._file.seek(offset)
            self._file.truncate()


def page_of(frame: Frame, written: datetime) -> Fetched | None:
    """A WARC record as a fetched page; None where it is no response or names no URL.

    The date is the record's or, where that is missing or implausible, the response's Date header, else the
    file's mtime.
    """
    answer, url, now = answer_of(frame), address_of(frame), datetime.now(UTC)
    if answer is None or not url:
        return None
    kind, charset = kind_and_charset(answer.joined("content-type"))
    return Fetched(
        url=url,
        status=answer.status,
        body=answer.body(),
        charset=charset,
        fetched_at=moment_of(frame, now) or moment_of_answer(answer, now) or believable(written, now) or now,
        elapsed_ms=0.0,
        headers=answer.headers,
        kind=kind,
    )


def pages(
    path: Path, passed_over: Callable[[Gap], None] = lambda gap: None
) -> Iterator[tuple[str, Archived, int]]:
    """The HTML responses of a WARC file: URL, position (with the file's own name), and the bytes read so
    far.

    A damaged record, or one without a URL, is skipped and reported to `passed_over`; one without a date is
    reported and used. Raises PermanentError where the file is no WARC file, or none of its records can be
    read.
    """
    records, now = 0, datetime.now(UTC)
    try:
        with path.open("rb", buffering=1024 * 1024) as file:
            for frame in frames(file):
                if isinstance(frame, Gap):
                    passed_over(frame)
                    continue
                records += 1
                answer = answer_of(frame)
                if answer is None or answer.status not in _WHOLE or not _is_html(answer):
                    continue
                record_id = frame.fields.get("warc-record-id", "")
                if not (url := address_of(frame)):
                    passed_over(Gap(frame.offset, "no WARC-Target-URI", record_id))
                    continue
                if moment_of(frame, now) is None:
                    passed_over(Gap(frame.offset, "no WARC-Date that can be believed", record_id, taken=True))
                position = Archived(file=path.name, offset=frame.offset, length=frame.length)
                yield url, position, frame.offset + frame.length
    except NotWarc as error:
        raise PermanentError("bad_warc", f"{path} {error}") from error
    except OSError as error:
        raise PermanentError("bad_warc", f"{path} cannot be read: {error.strerror or error}") from error
    if not records:
        raise PermanentError("bad_warc", f"{path} is not a WARC file: it holds no record that can be read")


def _is_html(answer: Answer) -> bool:
    """Whether a response is HTML, by its content type or its first bytes: types are often wrong."""
    if answer.raw_body[:256].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return True
    return kind_and_charset(answer.joined("content-type"))[0] in ("text/html", "application/xhtml+xml", "")
