"""The compiled inner loops (`_compiled.pyx`). Each has plain Python beside it, which does the work where no compiler is at hand."""

from __future__ import annotations

from pathlib import Path

from setuptools import Extension, setup

try:
    from Cython.Build import cythonize
except ImportError:  # nothing to compile with
    extensions = []
else:
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
    )

setup(ext_modules=extensions)
