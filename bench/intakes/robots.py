"""Protego's tests: the robots.txt of some thousand sites, by our rules and by Protego on the text as
it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

from protego import Protego

from bench.intakes.outcome import Check, Point, Suite
from bench.intakes.robots_reasons import ROBOTS
from services.ingest.fetch.robots import AGENT, RobotsRules

_SITE = "https://www.example.org"
_PATHS = (
    "/",
    "/news/2026/11/30/a-long-story.html",
    "/search?q=news",
    "/admin/",
    "/wp-admin/admin-ajax.php",
    "/robots.txt",
)
_RULE = re.compile(r"^\s*(?:dis)?allow\s*:\s*(/[^\s#]*)", re.IGNORECASE | re.MULTILINE)
_NAMED = re.compile(r"^(\s*user-agent\s*:\s*)([A-Za-z][\w-]+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_MOST_RULES, _MOST_AGENTS = 8, 2


def protego(peers: Path) -> Suite:
    """All files of its `tests/test_data`; one that costs a second is too slow."""
    files = sorted(file for file in (peers / "protego" / "tests" / "test_data").iterdir() if file.is_file())
    checks = (Check(name, run) for file in files for name, run in _runs(file))
    return Suite("Protego", checks, ROBOTS, limit_s=1.0)


def _runs(file: Path) -> Iterator[tuple[str, Callable[[], Iterator[Point]]]]:
    raw = file.read_bytes()
    for agent in (None, *_agents(raw)):
        yield f"{file.name} as {agent or 'everybody'}", partial(verdicts, raw, agent)


def _agents(raw: bytes) -> list[str]:
    """The last robots that a file names."""
    names = (line[1].lower() for line in _NAMED.findall(raw.decode("utf-8", "replace")))
    return list(dict.fromkeys(name for name in names if name != AGENT.lower()))[-_MOST_AGENTS:]


def verdicts(raw: bytes, agent: str | None = None) -> Iterator[Point]:
    """Whether we may fetch some addresses: as everybody, or as if the groups that name another robot named
    us."""
    text = raw.decode("utf-8", "replace")
    rules = _RULE.findall(text)
    paths = [*_PATHS, *(_example(rule) for rule in rules[:: max(1, len(rules) // _MOST_RULES)][:_MOST_RULES])]
    if agent:
        text = _NAMED.sub(lambda line: line[1] + (AGENT if line[2].lower() == agent else line[2]), text)
        raw = text.encode("utf-8", "replace")
    yield from _compared(text, raw, paths)


def _example(rule: str) -> str:
    """An address that a rule is about."""
    return quote(rule.rstrip("$").replace("*", "x"), safe="/?=&%:@+,;~!'()")


def _compared(text: str, raw: bytes, paths: list[str]) -> Iterator[Point]:
    theirs, ours = Protego.parse(text), RobotsRules.of(raw)
    for path in paths:
        url = _SITE + path
        yield Point(
            f"may fetch {path[:60]}", theirs.can_fetch(url, AGENT), ours.forbidding(url) is None, text
        )
