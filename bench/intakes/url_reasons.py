"""Why our address may be another than the URL standard's."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bench.intakes.outcome import Point, Reason
from services.contract.limits import MAX_URL_CHARS

_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]+\]")


def _written(point: Point) -> tuple[str, str] | None:
    """Their address without what we drop, and what that was."""
    if not isinstance(point.theirs, str) or point.field != "address":
        return None
    parts, dropped = urlsplit(point.theirs), []
    netloc, path, query = parts.netloc.rpartition("@")[2], parts.path, parts.query
    dropped += ["credentials"] if "@" in parts.netloc else []
    dropped += ["fragment"] if "#" in point.theirs else []
    dropped += ["empty query"] if "?" in point.theirs.partition("#")[0] and not query else []
    host = re.sub(r"\.+(?=:\d+$|$)", "", netloc)
    dropped += ["trailing dot"] if host != netloc else []
    return f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else ""), (dropped or [""])[0]


def _dropped(what: str, point: Point) -> bool:
    written = _written(point)
    return written is not None and written[1] == what and written[0] == point.ours


def _refused_host(point: Point) -> bool:
    """The host of their address is none that can be looked up: empty labels, long ones, signs."""
    if point.ours is not None or not isinstance(point.theirs, str):
        return False
    written = re.sub(r":\d+$", "", urlsplit(point.theirs).netloc.rpartition("@")[2])
    host = written.rstrip(".")
    number = host != written and re.search(
        r"(?:\A|\.)\d+\Z", host
    )  # an IPv4 address that is none, once the dot is gone
    return len(host) > 253 or not _HOST.fullmatch(host) or bool(number)


URLS = (
    *(
        Reason(what, why, lambda point, what=what: _dropped(what, point))  # type: ignore[misc]
        for what, why in (
            ("credentials", "user and password are dropped, so that they are neither stored nor logged"),
            ("fragment", "a fragment is a place within a page, and never sent"),
            ("empty query", "a question mark with nothing behind it is dropped"),
            ("trailing dot", "the last dot of a host is dropped: it is the same host"),
        )
    ),
    Reason("host", "a host that no name server can know is refused: empty or long labels, other signs than "
        "letters", _refused_host),
    Reason("length", f"an address of more than {MAX_URL_CHARS:,} characters is refused",
    lambda p: p.ours is None and len(str(p.theirs)) > MAX_URL_CHARS),
)  # fmt: skip
