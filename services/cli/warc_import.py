"""`dateline submit --warc`: another crawler's pages, read from its WARC files without a fetch."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import psycopg
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.servers import warc_dir
from services.contract.errors import BadUrl, PermanentError
from services.contract.messages import Archived
from services.contract.urls import parse_url
from services.store import ledger

if TYPE_CHECKING:
    from services.warc.records import Gap

_BATCH = 500
_IMPORTED = "imported"
_SHOWN = 3  # places of each kind of gap
_FICLONE = 0x40049409  # the ioctl of Linux


def submit_warc(
    connection: psycopg.Connection[Any], path: Path, *, again: bool, origin: str, quiet: bool
) -> ledger.Recorded:
    """Every HTML answer of a WARC file into the ledger, to be read from there. A copy of the file is kept with the archive."""
    from services.ingest.archive import pages

    size = path.stat().st_size
    gaps = _Gaps()
    name = imported(path, warc_dir())
    total = ledger.Recorded()
    copy = warc_dir() / name
    found = pages(copy, gaps.take)
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=quiet or not console.is_terminal,
    ) as progress:  # fmt: skip
        task = progress.add_task(path.name, total=size)
        try:
            while batch := list(islice(found, _BATCH)):
                total += _record(connection, batch, name, path, again=again, origin=origin)
                progress.update(task, completed=batch[-1][2])
        except PermanentError as error:
            if total == ledger.Recorded() and _IMPORTED in copy.parts and copy.resolve() != path.resolve():
                copy.unlink(missing_ok=True)  # nothing in it is asked for
            raise PermanentError(error.reason, str(error).replace(str(copy), str(path))) from error
        finally:
            gaps.show(path)
    return total


def _record(
    connection: psycopg.Connection[Any],
    batch: list[tuple[str, Archived, int]],
    name: str,
    path: Path,
    *,
    again: bool,
    origin: str,
) -> ledger.Recorded:
    entries, refusals = [], []
    for url, position, _ in batch:
        archived = Archived(file=name, offset=position.offset, length=position.length)
        try:
            entries.append(ledger.Entry(parse_url(url), origin, archived=archived))
        except BadUrl as error:
            refusals.append(ledger.Refusal(url, error, origin))
            click.echo(f"refused: {path}, byte {position.offset:,}: {error}", err=True)
    with connection.transaction():
        recorded = ledger.record(connection, entries, refusals)
        if again:
            ledger.archive_again(connection, entries)
    return recorded


class _Gaps:
    """What was passed over in a WARC file, counted by its reason, with the first few places."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[bool, str]] = Counter()
        self._places: dict[tuple[bool, str], list[str]] = {}

    def take(self, gap: Gap) -> None:
        """Count one."""
        key = gap.taken, gap.why
        self._counts[key] += 1
        places = self._places.setdefault(key, [])
        if len(places) < _SHOWN:
            places.append(f"byte {gap.offset:,}" + (f" {gap.record_id[:100]!r}" if gap.record_id else ""))

    def show(self, path: Path) -> None:
        """Tell of them, on stderr."""
        for taken, what in ((False, "passed over"), (True, "taken though something is amiss")):
            whys = {why: count for (was, why), count in self._counts.most_common() if was is taken}
            if not whys:
                continue
            number = sum(whys.values())
            click.echo(f"{path}: {number:,} record{'s were' if number > 1 else ' was'} {what}:", err=True)
            for why, count in whys.items():
                places = ", ".join(self._places[taken, why])
                click.echo(f"  {count:,}: {why} ({places}{', …' if count > _SHOWN else ''})", err=True)


def imported(path: Path, folder: Path) -> str:
    """A WARC file's name within the archive; one from elsewhere is copied there first, under a name by its content.

    Not linked: who writes the next crawl into the same file would change the pages of this one. The same content
    is the same archive, whatever path it comes from.
    """
    resolved = path.resolve()
    if resolved.is_relative_to(folder.resolve()) and str(resolved).isprintable():
        return str(resolved.relative_to(folder.resolve()))
    target, plain = folder / _IMPORTED, re.sub(r"[^A-Za-z0-9._-]", "_", path.name)[-200:]
    target.mkdir(parents=True, exist_ok=True)
    size = resolved.stat().st_size
    if any(old.stat().st_size == size for old in target.iterdir() if not old.name.startswith(".")):
        for old in target.glob(f"{_digest(resolved)}-*"):
            return str(old.relative_to(folder))
    partial = target / f".{os.getpid()}-{plain}"
    try:
        _copy(resolved, partial)
        final = target / f"{_digest(partial)}-{plain}"
        partial.replace(final)
    finally:
        partial.unlink(missing_ok=True)
    return str(final.relative_to(folder))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _copy(source: Path, target: Path) -> None:
    """A copy that shares its blocks with the source until either is written, where the file system can do that."""
    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
        except OSError:
            shutil.copyfileobj(old, new, 1024 * 1024)
    was = source.stat()
    os.utime(target, ns=(was.st_atime_ns, was.st_mtime_ns))
