"""Reads pages from their site or from the archive, and archives what was fetched where an archive is kept."""

from __future__ import annotations

from services.contract.errors import PermanentError, TransientError
from services.contract.messages import UrlSubmitted
from services.ingest.archive import Archive
from services.ingest.fetch import Fetcher
from services.ingest.fetch.response import check_kind
from services.ingest.handler import Page


class Reader:
    """Reads the page of a submission. Thread-safe."""

    def __init__(self, fetcher: Fetcher, archive: Archive | None) -> None:
        self._fetcher = fetcher
        self._archive = archive

    def read(self, submitted: UrlSubmitted) -> Page:
        """Fetches a page, or reads it from the archive. Raises as `Fetcher.fetch` and `Archive.read` do."""
        if submitted.archived is not None:
            if self._archive is None:
                raise PermanentError(
                    "archive_missing",
                    f"{submitted.url} stands in an archive, and DATELINE_WARC_DIR is not set for ingest",
                )
            page = self._archive.read(submitted.archived)
            check_kind(page.kind, page.body, page.url)
            return Page(page, submitted.archived)
        fetched = self._fetcher.fetch(
            submitted.url, token=str(submitted.submission_id), validators=submitted.validators
        )
        if self._archive is None:
            return Page(fetched)
        try:
            return Page(fetched, self._archive.write(fetched, submitted.url))
        except OSError as error:
            raise TransientError(
                "archive_full",
                f"{submitted.url} could not be archived in {self._archive.folder} ({error}): free some space",
            ) from error
