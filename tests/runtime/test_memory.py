"""Threads of a worker share two arenas: their memory is where the last page's was."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from services.local.stack import Stack
from tests.conftest import repository

SCRIPT = """
import ctypes, threading
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
start = threading.Barrier(16)
def work():
    start.wait()
    for _ in range(50):
        libc.malloc(5000)
    start.wait()
threads = [threading.Thread(target=work) for _ in range(16)]
[t.start() for t in threads]
[t.join() for t in threads]
libc.fflush(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def _arenas(environ: dict[str, str]) -> int:
    script = [sys.executable, "-c", SCRIPT]
    return subprocess.run(script, env=environ, capture_output=True, text=True, check=True).stdout.count(
        "<heap nr="
    )


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are the GNU C library's")
def test_threads_of_the_stacks_workers_share_two_arenas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    assert _arenas(Stack(tmp_path).environ) <= 2
    assert _arenas(dict(os.environ)) > 2


def test_the_images_say_the_same() -> None:
    assert "MALLOC_ARENA_MAX=2 " in (repository() / "Dockerfile").read_text()
