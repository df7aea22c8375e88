"""What of Dateline is compiled: modules of plain Python as they stand, each typed by the `.pxd` beside it,
and a few `.pyx`.

Without Cython or a C compiler nothing is, and all works the same in plain Python.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from warnings import warn

from setuptools import Extension, setup

ANNOTATED = {f"services/ingest/extract/{name}.py" for name in ("containers", "links")}
"""Modules whose annotations tell the compiler types, too; of all others only the `.pxd` does."""
OF_LEXBOR = ("services/ingest/extract/walk.py", "services/ingest/extract/nodes.pyx")
"""These are compiled with Lexbor's headers."""


def headers_of_lexbor() -> Path | None:
    """Lexbor's headers, from the source distribution of the selectolax that is installed; None, with the
    reason told, without it.

    Its wheel has `lexbor.pxd` but not the headers which that names. The lock's hashes hold for the source
    distribution, too.
    """
    try:
        wanted = version("selectolax")
    except PackageNotFoundError:
        return None
    folder = Path("build") / f"selectolax-{wanted}"
    if not (folder / "lexbor/source/lexbor/core/base.h").exists():
        try:
            fetch(wanted)
        except (subprocess.CalledProcessError, OSError, tarfile.TarError) as error:
            warn(
                f"Lexbor's headers could not be fetched, so the walk over a page is not compiled: {error}",
                stacklevel=2,
            )
            return None
    return folder / "lexbor/source"


def fetch(wanted: str) -> None:
    lock = Path("requirements.lock").read_text()
    pinned = re.search(r"^selectolax==(\S+)(?: .*)?\\\n(?: +--hash=.*\n)+", lock, re.MULTILINE)
    if pinned is None or pinned[1] != wanted:
        raise OSError(f"selectolax {wanted} is installed, and the lock has another one")
    Path("build").mkdir(exist_ok=True)
    Path("build/selectolax.lock").write_text(pinned[0])
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-binary=selectolax",
        "--retries=1",
    ]
    subprocess.run([*command, "--require-hashes", "--dest=build", "-r", "build/selectolax.lock"], check=True)
    with tarfile.open(f"build/selectolax-{wanted}.tar.gz") as source:
        headers = [member for member in source.getmembers() if member.name.endswith(".h")]
        source.extractall("build", headers)  # noqa: S202  the hash of the archive was compared


def extensions() -> list[Extension]:
    try:
        from Cython.Build import cythonize
    except ImportError:  # nothing to compile with
        return []
    headers = headers_of_lexbor()

    def extension(source: str) -> Extension:
        return Extension(
            source.rpartition(".")[0].replace("/", "."),
            [source],
            include_dirs=[str(headers)] if source in OF_LEXBOR else [],
            depends=[str(headers / "lexbor/core/base.h")] if headers and source in OF_LEXBOR else [],
            define_macros=[("SELECTOLAX", f'"{version("selectolax")}"')] if source in OF_LEXBOR else [],
            extra_compile_args=["-O3", "-fno-math-errno"],
            optional=True,  # a failed build is told, and no error
        )

    def compiled(sources: list[str], **directives: bool) -> list[Extension]:
        wanted = [extension(source) for source in sources if headers or source not in OF_LEXBOR]
        return list(cythonize(wanted, build_dir="build", compiler_directives=directives, language_level=3))

    written = {str(path) for path in Path("services").rglob("*.pyx")}
    typed = sorted(Path("services").rglob("*.pxd"))
    plain = {str(path.with_suffix(".py")) for path in typed if str(path.with_suffix(".pyx")) not in written}
    note_what_is_compiled([*plain, *written, *map(str, typed)])
    return [
        *compiled(sorted(plain - ANNOTATED), annotation_typing=False),
        *compiled(sorted(plain & ANNOTATED)),
        *compiled(sorted(written)),
    ]


def note_what_is_compiled(sources: list[str]) -> None:
    """The hash of each source as it is now, by which tests see that none was changed since
    (tests/compiled.py)."""
    hashes = {source: sha256(Path(source).read_bytes()).hexdigest() for source in sorted(sources)}
    Path("build").mkdir(exist_ok=True)
    Path("build/compiled.json").write_text(json.dumps(hashes, indent=1))


setup(ext_modules=extensions())
