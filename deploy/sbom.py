"""The bill of materials of each image and of the whole, as CycloneDX 1.6 JSON, from the lock files: `make
sbom`.

Nothing is asked of a network, and the same lock files make the same bytes on any machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^    #\s+(?:via\s+)?([A-Za-z0-9][A-Za-z0-9._-]*)(?:\s+\(.*\))?\s*$")
_SPACE = uuid.UUID("6f2a1d0e-6d1f-5a54-9b7e-2f1c7f5a0b11")


@dataclass(slots=True)
class Pinned:
    """One package of a lock file: its version, on which systems it is wanted, the files it may be, who asks
    for it."""

    name: str
    version: str
    marker: str = ""
    hashes: list[str] = field(default_factory=list)
    wanted_by: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        """The package's address in the form that scanners compare by."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def read_lock(text: str) -> list[Pinned]:
    """The packages of a lock file as uv writes it. Raises ValueError where a line is none of its."""
    found: list[Pinned] = []
    for number, line in enumerate(text.splitlines(), 1):
        if pinned := _PINNED.match(line):
            found.append(Pinned(pinned[1], pinned[2], (pinned[3] or "").strip()))
        elif found and (hashed := _HASH.search(line)):
            found[-1].hashes.append(hashed[1])
        elif found and (via := _VIA.match(line)):
            if via[1] != "via":
                found[-1].wanted_by.append(via[1])
        elif line.strip() and not line.lstrip().startswith("#"):
            raise ValueError(
                f"line {number} is no pinned package: {line[:80]!r}; write the file anew with `make lock`"
            )
    return found


def bill(name: str, version: str, packages: list[Pinned]) -> dict[str, Any]:
    """The CycloneDX document of what `name` is made of."""
    own = f"pkg:generic/{name}@{version}"
    edges: dict[str, list[str]] = {own: []} | {p.purl: [] for p in packages}
    by_name: dict[str, list[str]] = {}
    for package in packages:
        by_name.setdefault(package.name, []).append(package.purl)
    for package in packages:
        for parent in package.wanted_by or ["dateline"]:
            for wanted_by in by_name.get(parent, [own] if parent == "dateline" else []):
                edges[wanted_by].append(package.purl)
    content: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": name,
                "version": version,
                "purl": own,
            },
            "tools": {"components": [{"type": "application", "name": "dateline-sbom", "version": version}]},
        },
        "components": [_component(package) for package in packages],
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(wanted))} for ref, wanted in edges.items()],
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return content | {"serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, digest)}"}


def _component(package: Pinned) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        # One for each file that may be installed: of a source archive, of a wheel for each system.
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }
    if package.marker:
        found["properties"] = [{"name": "dateline:marker", "value": package.marker}]
    return found


def bills(root: Path = ROOT) -> Iterator[tuple[str, dict[str, Any]]]:
    """A document for everything, and one for each image, by its name."""
    said = re.search(r'__version__ = "(.+)"', (root / "services" / "__init__.py").read_text())
    version = said[1] if said else "0"
    for path in [root / "requirements.lock", *sorted((root / "requirements").glob("*.lock"))]:
        name = "dateline" if path.parent == root else f"dateline-{path.stem}"
        yield name, bill(name, version, read_lock(path.read_text()))


def main() -> None:
    """Write NAME.cdx.json for each into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "sbom", help="the folder to write to")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, document in bills():
        path = out / f"{name}.cdx.json"
        path.write_text(json.dumps(document, indent=1) + "\n")
        sys.stdout.write(f"{path}: {len(document['components'])} packages\n")


if __name__ == "__main__":
    main()
