"""Put before the workers' path by a test: pages and articles that hold a marker kill the process that works
on them."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import Any


def _strike(text: str, stage: str) -> None:
    if f"poison-{stage}-crash" in text:
        ctypes.string_at(0)
    if f"poison-{stage}-error" in text:
        raise ZeroDivisionError("a fault of ours")
    if f"poison-{stage}-memory" in text:
        hoard = []
        while True:
            hoard.append(bytearray(64 * 1024 * 1024))
            if len(hoard) > 4 and stage == "enrich":
                os.kill(os.getpid(), 9)  # as the kernel does to a process that takes a machine's memory
    while f"poison-{stage}-loop" in text:
        time.sleep(0.01)


def _poison_ingest() -> None:
    from services.ingest import extract as module

    parser = module.LexborHTMLParser

    def parse(source: bytes, *more: Any) -> Any:
        _strike(source.decode(errors="replace"), "ingest")
        return parser(source, *more)

    module.LexborHTMLParser = parse  # type: ignore[assignment,misc]


def _poison_enrich() -> None:
    from services.enrich import language

    identify = language.identify

    def struck(text: str, *more: Any) -> Any:
        _strike(text, "enrich")
        return identify(text, *more)

    language.identify = struck


_command = " ".join(sys.orig_argv)
if "services.ingest" in _command:
    _poison_ingest()
if "services.enrich" in _command:
    _poison_enrich()
