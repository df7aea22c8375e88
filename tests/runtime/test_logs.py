"""Logs: one line an event, the standard library's in the same shape, nothing below the level."""

from __future__ import annotations

import json
import subprocess
import sys

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
        "service": "store", "event": "article_stored", "level": "info", "logger": "a.module",
        "url": "http://x.example/", "article_id": 3,
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
