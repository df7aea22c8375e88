"""Logs: one line an event, the standard library's in the same shape, nothing below the level."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest

from services.runtime.compiled import compiled
from tests.conftest import eventually

SCRIPT = """
import logging
from services.runtime import logs
log = logs.get("a.module")
logs.configure("store", {level!r}, {shape!r})
log.debug("unheard")
log.bind(url="http://x.example/").info("article_stored", article_id=3, odd=ValueError("q"))
logging.getLogger("foreign").warning("that %s", 3)
try:
    1 / 0
except ZeroDivisionError:
    log.exception("broken")
"""


def _run(level: str = "info", shape: str = "json") -> list[str]:
    script = SCRIPT.format(level=level, shape=shape)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stderr.splitlines()


def test_each_event_is_one_line_of_json_with_service_logger_and_time() -> None:
    stored, foreign, broken = map(json.loads, _run())
    assert stored.pop("timestamp").endswith("Z")
    assert stored == {
        "service": "store", "event": "article_stored", "level": "info", "logger": "a.module", "url": "http://x.example/", "article_id": 3,
        "odd": "ValueError('q')",
    }  # fmt: skip
    assert (foreign["event"], foreign["logger"], foreign["level"]) == ("that 3", "foreign", "warning")
    assert "ZeroDivisionError" in broken["exception"]


def test_what_is_below_the_level_is_not_written() -> None:
    assert [json.loads(line)["event"] for line in _run("error")] == ["broken"]
    assert json.loads(_run("debug")[0])["event"] == "unheard"


def test_a_terminal_gets_lines_for_people() -> None:
    lines = _run(shape="console")
    assert "article_stored" in lines[0]
    assert not lines[0].startswith("{")


def test_lines_of_several_threads_and_of_any_length_are_whole() -> None:
    script = """
import threading
from services.runtime import logs
logs.configure("store", "info", "json")
log = logs.get("a")
def write(n):
    for size in (10, 5_000, 10):
        log.info("said", text=chr(233 + n) * size)
threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
"""
    environ = os.environ | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environ)
    texts = [json.loads(line)["text"] for line in done.stderr.decode().splitlines()]
    assert sorted(texts) == sorted(chr(233 + n) * size for n in range(4) for size in (10, 5_000, 10))


def test_who_cannot_write_waits_and_lets_others_run() -> None:
    """A reader of logs that is stuck holds up the thread that logs, and no other."""
    native = compiled("services.runtime")
    if native is None:
        pytest.skip("not compiled here")
    source, sink = os.pipe()
    try:
        os.set_blocking(sink, False)
        with pytest.raises(BlockingIOError):
            while True:
                os.write(sink, b"x" * 4096)
        os.set_blocking(sink, True)
        assert native.write_some(sink, b"a line\n") == 0
        written = threading.Event()
        threading.Thread(target=lambda: (os.write(sink, b"a line\n"), written.set()), daemon=True).start()
        assert not written.is_set()
        while not os.read(source, 65536).endswith(b"a line\n"):
            pass
        eventually("the line is written", written.is_set, within_s=10)
        assert native.write_some(sink, b"another\n") == 8
        assert native.write_some(sink, b"y" * 4097) == 0, "longer than a pipe takes at once"
    finally:
        os.close(source)
        os.close(sink)
