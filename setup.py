"""The compiled inner loops (`_compiled.pyx`). Each has plain Python beside it, which does the work where no
compiler is at hand."""

from __future__ import annotations

from pathlib import Path

from setuptools import Extension, setup

try:
    from Cython.Build import cythonize
except ImportError:  # nothing to compile with
    extensions = []
else:
    # These are compiled as they stand in Python, from their mark on; what comes before it are Python's
    # imports.
    shared = Path("build/shared")
    shared.mkdir(parents=True, exist_ok=True)
    for name in ("containers", "block_filter", "links"):
        module = Path(f"services/ingest/extract/{name}.py")
        text = module.read_text().partition("\n# --- From here on")[2]
        if not text:
            raise SystemExit(f"{module} has lost the mark from which it is compiled")
        (shared / f"_{name}.pxi").write_text(f"# --- From here on{text}")
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
