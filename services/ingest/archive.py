"""Raw answers kept as WARC files, and read back from them: ours, and those of other crawlers.

Records hold the answer as received, with one difference: the body stands decompressed, and the headers
of the transfer (Content-Encoding, Transfer-Encoding) are left out, so that any tool reads it alike.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services import __version__
from services.contract.errors import PermanentError
from services.contract.limits import MAX_PAGE_BYTES
from services.contract.messages import Archived
from services.ingest.fetch import Fetched
from services.ingest.fetch.response import kind_and_charset

MAX_FILE_BYTES = 1024 * 1024 * 1024
MAX_FILE_AGE_S = 6 * 3600.0
_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class Archive:
    """A folder of WARC files. Many threads may write; each process writes files of its own."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_FILE_BYTES, max_age_s: float = MAX_FILE_AGE_S) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._lock = threading.Lock()
        self._numbers = count()
        self._file: IO[bytes] | None = None
        self._name = ""
        self._opened_at = 0.0

    def write(self, page: Fetched, asked_url: str) -> Archived:
        """Append a page's answer; returns where it stands. Raises OSError when the disk is full."""
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
                    page.url, "response", payload=BytesIO(page.body), http_headers=http, warc_headers_dict=more
                )
                writer.write_record(record)
                file.flush()
            except OSError:
                self._cut(offset)
                raise
            return Archived(file=self._name, offset=offset, length=file.tell() - offset)

    def read(self, position: Archived) -> Fetched:
        """The page at a position. Raises PermanentError when there is none."""
        path = (self.folder / position.file).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise PermanentError("archive_missing", f"{position.file} is not within the archive {self.folder}")
        try:
            with path.open("rb") as file:
                file.seek(position.offset)
                record = next(iter(ArchiveIterator(file)), None)
                page = page_of(record) if record is not None else None
        except (OSError, ArchiveLoadFailed) as error:
            raise PermanentError(
                "archive_missing",
                f"{path} at byte {position.offset:,} cannot be read: {error}; is DATELINE_WARC_DIR right?",
            ) from error
        if page is None:
            raise PermanentError("archive_missing", f"{path} holds no answer at byte {position.offset:,}")
        return page

    def close(self) -> None:
        """Close the file in hand."""
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
            self._name = f"dateline-{stamp}-{socket.gethostname()}-{os.getpid()}-{next(self._numbers):05d}.warc.gz"
            self._file = (self.folder / self._name).open("xb")
            self._opened_at = time.monotonic()
            writer = WARCWriter(self._file, gzip=True, warc_version="1.1")
            info = {"software": f"dateline/{__version__}", "format": "WARC File Format 1.1"}
            writer.write_record(writer.create_warcinfo_record(self._name, info))
        return self._file

    def _cut(self, offset: int) -> None:
        """Take back half a record, so that the file stays readable."""
        if self._file is not None:
            self._file.seek(offset)
            self._file.truncate()


def page_of(record: Any) -> Fetched | None:
    """A WARC record as a fetched page; None where it is no answer to an HTTP request."""
    if record.rec_type != "response" or record.http_headers is None:
        return None
    headers = record.http_headers
    status = headers.get_statuscode()
    kind, charset = kind_and_charset(headers.get_header("content-type") or "")
    moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date"))
    return Fetched(
        url=record.rec_headers.get_header("WARC-Target-URI").strip("<>"),
        status=int(status) if str(status).isdigit() else 0,
        body=record.content_stream().read(MAX_PAGE_BYTES),
        charset=charset,
        fetched_at=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
        elapsed_ms=0.0,
        headers=tuple(headers.headers),
        kind=kind,
    )


def pages(path: Path) -> Iterator[tuple[str, Archived, int]]:
    """The HTML answers of a WARC file: URL, position (with the file's own name) and the bytes read so far.

    Raises PermanentError, naming the byte, where the file is damaged or no WARC.
    """
    with path.open("rb") as file:
        iterator, records = ArchiveIterator(file), 0
        try:
            for record in iterator:
                records += record.rec_headers.get_header("WARC-Record-ID") is not None
                headers = record.http_headers
                kind = (headers.get_header("content-type") or "").partition(";")[0].strip().lower() if headers else ""
                wanted = record.rec_type == "response" and headers is not None and headers.get_statuscode() == "200"
                offset = iterator.get_record_offset()
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                length = iterator.get_record_length()
                if wanted and kind in ("text/html", "application/xhtml+xml", ""):
                    yield url.strip("<>"), Archived(file=path.name, offset=offset, length=length), file.tell()
        except ArchiveLoadFailed as error:
            raise PermanentError(
                "bad_warc", f"{path} is not a WARC file that can be read ({error}), near byte {file.tell():,}"
            ) from error
        if not records:
            raise PermanentError("bad_warc", f"{path} is not a WARC file: it holds no record")
