"""The compiled inner loops (`_compiled.pyx`). Each has plain Python beside it, which does the work where no compiler is at hand."""

from __future__ import annotations

from pathlib import Path

from setuptools import Extension, setup

try:
    from Cython.Build import cythonize
except ImportError:  # nothing to compile with
    extensions = []
else:
    # The filter of blocks is compiled as it stands in Python, from its mark on; what comes before it are Python's imports.
    body = Path("services/ingest/extract/body.py").read_text().partition("\n# --- From here on")[2]
    if not body:
        raise SystemExit("services/ingest/extract/body.py has lost the mark from which it is compiled")
    shared = Path("build/shared")
    shared.mkdir(parents=True, exist_ok=True)
    (shared / "_body.pxi").write_text(f"# --- From here on{body}")
    sources = sorted(str(path) for path in Path("services").rglob("_compiled.pyx"))
    extensions = cythonize(
        [
            Extension(
                source.removesuffix(".pyx").replace("/", "."),
                [source],
                extra_compile_args=["-O3", "-fno-math-errno"],
                optional=True,  # a failed build is told, and no error
            )
            for source in sources
        ],
        build_dir="build",
        include_path=[str(shared)],
    )

setup(ext_modules=extensions)
