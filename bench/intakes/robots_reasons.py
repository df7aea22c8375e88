"""Why our verdict on a robots.txt may be another than Protego's on the text as it is."""

from __future__ import annotations

import re

from bench.intakes.outcome import Point, Reason
from services.ingest.fetch.robots import AGENT, MAX_BYTES


def _marked(point: Point) -> bool:
    return point.source.startswith("\ufeff")


def _large(point: Point) -> bool:
    return len(point.source.encode("utf-8", "replace")) > MAX_BYTES


def _page(point: Point) -> bool:
    return (
        point.source.lstrip("\ufeff \t\r\n")[:200]
        .lower()
        .startswith(("<!doctype", "<html", "<?xml", "<head", "<body", "<script"))
    )


def _line_ends(point: Point) -> bool:
    return re.search("\r(?!\n)|[\0\v\f\x1c\x1d\x1e\x85\u2028\u2029]", point.source) is not None


def _names(point: Point) -> bool:
    """A group that Protego takes for ours since its name is part of our name, or not for ours since it has a
    version."""
    names = re.findall(r"^\s*user-?agents?\s*[: ]\s*([^\r\n#]*)", point.source, re.IGNORECASE | re.MULTILINE)
    return any(_partly(name.strip().lower()) for name in names)


def _partly(name: str) -> bool:
    ours = AGENT.lower()
    return name not in (ours, "*") and bool(name) and (name in ours or ours in name or name.startswith("*"))


ROBOTS = (
    Reason("byte order mark", "a byte order mark is no part of the first line", _marked),
    Reason("500 KiB", "of a longer file 500 KiB are read, in whole lines (RFC 9309, 2.5)", _large),
    Reason("page", "an HTML page that is sent as robots.txt says nothing", _page),
    Reason("line ends", "only CR, LF and both end a line (RFC 9309, 2.2)", _line_ends),
    Reason("group name", "a group is ours by our whole name, with or without a version; Protego takes parts "
        "of it", _names),
)  # fmt: skip
