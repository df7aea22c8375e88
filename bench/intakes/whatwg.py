"""The URL standard's tests, as ada keeps them: what each text means against its base, and what each host
becomes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.intakes.outcome import Check, Point, Suite
from bench.intakes.url_reasons import URLS
from services.contract.errors import BadUrl
from services.contract.urls import parse_url, resolve

_URLS = ("urltestdata.json", "ada_extra_urltestdata.json", "ada_long_urltestdata.json")
_HOSTS = ("toascii.json", "IdnaTestV2.json")


def whatwg(peers: Path) -> Suite:
    """The files of `tests/wpt` that say what an address is."""
    root = peers / "ada" / "tests" / "wpt"
    checks = [_url(case, f"{name} {number}") for name in _URLS for number, case in _cases(root / name)]
    checks += [
        _host(case, f"{name} {number}")
        for name in _HOSTS
        for number, case in _cases(root / name)
        if case["input"]
    ]
    checks += [
        _query(case, f"percent-encoding.json {number}")
        for number, case in _cases(root / "percent-encoding.json")
    ]
    return Suite("ada (WHATWG)", checks, URLS)


def _cases(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    cases = json.loads(file.read_text("utf-8"))
    return ((number, case) for number, case in enumerate(cases) if isinstance(case, dict))


def _url(case: dict[str, Any], name: str) -> Check:
    base, text, href = case.get("base"), case["input"], case.get("href")
    theirs = href if href and href.startswith(("http://", "https://")) else None
    return Check(name, lambda: _points(theirs, _ours(base, text), f"{text!r} on {base!r}"))


def _host(case: dict[str, Any], name: str) -> Check:
    theirs = f"https://{case['output']}/x" if case["output"] else None
    text = f"https://{case['input']}/x"
    return Check(name, lambda: _points(theirs, _ours(None, text), repr(text)))


def _query(case: dict[str, Any], name: str) -> Check:
    text = f"https://example.com/?{case['input']}"
    return Check(
        name,
        lambda: _points(f"https://example.com/?{case['output']['utf-8']}", _ours(None, text), repr(text)),
    )


def _ours(base: str | None, text: str) -> str | None:
    try:
        return (resolve(base, text) if base else parse_url(text)).url
    except BadUrl:
        return None


def _points(theirs: str | None, ours: str | None, source: str) -> Iterator[Point]:
    yield Point("address", theirs, ours, source)
    if ours:
        yield Point("address again", ours, parse_url(ours).url, source)
