"""The archive's files as a backup lists them, and what differs from such a list."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

_CHUNK = 1024 * 1024


def archive_manifest(folder: Path) -> list[dict[str, Any]]:
    """The archive's files, with how long each is and the SHA-256 of so much of it: one that is written to
    grows."""
    found = []
    for path in sorted(folder.rglob("*.warc*")):
        if path.is_file() and not path.name.startswith("."):
            size = path.stat().st_size
            found.append(
                {"file": str(path.relative_to(folder)), "bytes": size, "sha256": _digest(path, size)}
            )
    return found


def compare_archive(folder: Path, archive: list[dict[str, Any]]) -> list[str]:
    """What of an archive is not as a backup says, one line a file."""
    wrong = []
    for told in archive:
        path = (folder / str(told["file"])).resolve()
        if not path.is_relative_to(folder.resolve()):
            wrong.append(f"{told['file']}: is not within the archive")
        elif not path.is_file():
            wrong.append(f"{told['file']}: is missing")
        elif path.stat().st_size < told["bytes"]:
            wrong.append(f"{told['file']}: is shorter, {path.stat().st_size:,} of {told['bytes']:,} bytes")
        elif _digest(path, told["bytes"]) != told["sha256"]:
            wrong.append(f"{told['file']}: holds something else (were answers removed from it since?)")
    return wrong


def _digest(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, _CHUNK))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()
