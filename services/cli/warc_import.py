"""`dateline submit --warc`: imports pages from another crawler's WARC files, without fetching."""

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
_SHOWN = 3  # positions shown for each kind of gap
_FICLONE = 0x40049409  # the ioctl of Linux


def submit_warc(
    connection: psycopg.Connection[Any], path: Path, *, again: bool, origin: str, quiet: bool
) -> ledger.Recorded:
    """Submits every HTML response of a WARC file; ingest reads it from a copy of the file in the archive."""
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
                copy.unlink(missing_ok=True)  # none of its pages is requested
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
    """Counts what was skipped in a WARC file, by reason, with the first positions."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[bool, str]] = Counter()
        self._places: dict[tuple[bool, str], list[str]] = {}

    def take(self, gap: Gap) -> None:
        """Counts one gap."""
        key = gap.taken, gap.why
        self._counts[key] += 1
        places = self._places.setdefault(key, [])
        if len(places) < _SHOWN:
            places.append(f"byte {gap.offset:,}" + (f" {gap.record_id[:100]!r}" if gap.record_id else ""))

    def show(self, path: Path) -> None:
        """Prints the counts to stderr."""
        for taken, what in ((False, "skipped"), (True, "read despite a flaw")):
            whys = {why: count for (was, why), count in self._counts.most_common() if was is taken}
            if not whys:
                continue
            number = sum(whys.values())
            click.echo(f"{path}: {number:,} record{'s were' if number > 1 else ' was'} {what}:", err=True)
            for why, count in whys.items():
                places = ", ".join(self._places[taken, why])
                click.echo(f"  {count:,}: {why} ({places}{', …' if count > _SHOWN else ''})", err=True)


def imported(path: Path, folder: Path) -> str:
    """Imports a WARC file into the archive by copying it, under a name derived from its content; returns
    that name.

    It is copied and not linked, since a crawler that overwrites the file would change the archive.
    Idempotent: the same content gets the same name, whatever its path.
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
    """Copies by reflink (copy on write) if the file system supports it, else byte by byte."""
    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
        except OSError:
            shutil.copyfileobj(old, new, 1024 * 1024)
    was = source.stat()
    os.utime(target, ns=(was.st_atime_ns, was.st_mtime_ns))
