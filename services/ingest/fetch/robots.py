"""robots.txt (RFC 9309): fetched once a day for each origin, shared by all workers, and quoted where it
disallows.

A missing file (4xx) allows everything, an unreachable one (5xx) disallows until it can be read, at most 500
KiB are read. Matching is Protego's.
"""

from __future__ import annotations

import codecs
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from protego import Protego
from redis import Redis
from redis.exceptions import RedisError

from services.contract.errors import Deferred, PermanentError, Skipped, TransientError
from services.runtime import broker

AGENT = "Dateline"
ROBOTS_FORBIDDEN = "robots_forbidden"
MAX_BYTES = 500 * 1024
_KEEP_S = 24 * 3600
_KEEP_UNREADABLE_S = 600
_KEEP_HERE_S = 900
_UNREADABLE = b"\0unreadable"
_MEMORY = 2_000
_MEMORY_CHARS = 2**20
"""Of all files whose rules are kept here. A file of many short rules takes fifty times its size once it is
parsed; others are parsed again from what Redis has."""
_LONGEST_DELAY_S = 300.0
_MOST = 10**9
"""Bound of the numbers of a request rate: larger integers do not fit into a float."""
_PAGE = ("<!doctype", "<html", "<?xml", "<head", "<body", "<script")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_MARK_TWICE_ENCODED = codecs.BOM_UTF8.decode("cp1252")
_NO_LINE_ENDS = {ord(mark): " " for mark in "\0\v\f\x1c\x1d\x1e\x85\u2028\u2029\ufeff"}
_AGENT_LINE = re.compile(r"^([ \t]*user[- \t]?agents?[ \t]*[: \t][ \t]*)(.*)$", re.IGNORECASE | re.MULTILINE)
_DELAY_LINE = re.compile(
    r"^([ \t]*crawl-delay[ \t]*:[ \t]*)([0-9]*)(?:[.,]([0-9]+))?(?![0-9]).*$",
    re.IGNORECASE | re.MULTILINE | re.ASCII,
)
_OURS = re.compile(rf"(?<![\w-]){AGENT}(?![\w-])", re.IGNORECASE)
_BEGINNING = re.compile(r"/(?!/)[A-Za-z0-9_.~/-]*")  # only paths without escapes and wildcards
_FORBIDS = re.compile(
    r"^[^\S\n]*+d", re.IGNORECASE | re.MULTILINE
)  # Disallow, and the misspellings that Protego accepts


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one origin; None: unreadable, which disallows for now.

    `crawl_delay_s`: seconds between two requests that the site asks for; bounded, since some ask for days.
    """

    text: str | None
    parsed: Protego | None
    crawl_delay_s: float = 0.0
    open: bool = False
    """Whether nothing is disallowed, as in most files that are missing or empty."""

    @classmethod
    def of(cls, raw: bytes) -> RobotsRules:
        """Parses the body of an origin's robots.txt."""
        if raw == _UNREADABLE:
            return cls(None, None)
        text = _plain(raw)
        parsed = Protego.parse(text)
        return cls(text, parsed, _delay_s(parsed), open=_FORBIDS.search(text) is None)

    def forbidding(self, url: str) -> str | None:
        """The rule that disallows `url`, as written in the file; None where it is allowed."""
        if self.open or self.parsed is None or self.text is None or self.parsed.can_fetch(url, AGENT):
            return None
        candidates, path = [], unquote(urlsplit(url).path) or "/"
        for line in self.text.splitlines():
            name, _, value = line.partition("#")[0].partition(":")
            if name.strip().lower() == "disallow" and value.strip() and _may_match(value.strip(), path):
                alone = Protego.parse(f"User-agent: *\nDisallow: {value.strip()}\n")
                if not alone.can_fetch(url, AGENT):
                    candidates.append(f"Disallow: {value.strip()}")
        return max(candidates, key=len, default="Disallow")


def _may_match(rule: str, path: str) -> bool:
    """Whether a path begins like a rule, as far as that is literal: a quick filter before matching
    thousands of rules."""
    plain = _BEGINNING.match(rule)
    return plain is None or path.startswith((plain[0], "//"))


def _plain(raw: bytes) -> str:
    """The file normalised for Protego: one line end, and each group under our name, `*` or another."""
    text = _decoded(_beginning(raw)).lstrip("\ufeff \t\r\n").removeprefix(_MARK_TWICE_ENCODED)
    if text[:200].lower().startswith(_PAGE):
        return ""  # an HTML error page instead of the file
    # RFC 9309, 2.2, knows only these line ends; Python splits at others too, which may be part of a path.
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_NO_LINE_ENDS)
    text = _DELAY_LINE.sub(
        lambda line: f"{line[1]}{line[2] or 0}.{line[3] or 0}" if line[2] or line[3] else line[0], text
    )
    return _AGENT_LINE.sub(lambda line: line[1] + _group_of(line[2]), text)


def _beginning(raw: bytes) -> bytes:
    """The bytes that are read: whole lines only, since a truncated path would disallow too much."""
    if len(raw) <= MAX_BYTES:
        return raw
    cut = raw[:MAX_BYTES]
    return cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r")) + 1]


def _decoded(raw: bytes) -> str:
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    if raw[1:2] == b"\0" and raw[:1] != b"\0":  # UTF-16 without a byte order mark
        return raw.decode("utf-16-le", "replace")
    if raw[:1] == b"\0" and raw[1:2] != b"\0":
        return raw.decode("utf-16-be", "replace")
    return raw.decode("utf-8", "replace")


def _group_of(named: str) -> str:
    """For whom a group is: `*`, us, or another agent.

    Protego would match `date` with our name, and not `Dateline/1.0`. RFC 9309, 2.2.1, compares whole product
    tokens.
    """
    name = named.partition("#")[0].strip(" \t\"'")
    if not name:
        return ""
    if _OURS.search(name):
        return AGENT
    return "*" if name.startswith("*") and not name[1:].strip("*/, \t") else "another"


def _delay_s(parsed: Protego) -> float:
    delay = parsed.crawl_delay(AGENT) or 0.0
    if rate := parsed.request_rate(AGENT):
        delay = max(delay, min(rate.seconds, _MOST) / min(max(1, rate.requests), _MOST))
    return float(min(max(delay, 0.0), _LONGEST_DELAY_S))


class Robots:
    """Rules by origin, from memory, Redis or the site. Thread-safe."""

    def __init__(self, client: Redis | None, read: Callable[[str], tuple[int, bytes]]) -> None:
        self._client = client
        self._read = read
        self._known: OrderedDict[str, tuple[RobotsRules, float]] = OrderedDict()
        self._chars = 0
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}

    def rules(self, url: str) -> RobotsRules:
        """The rules for the origin of `url`.

        Raises TransientError when they cannot be read for now, Deferred when the host must not be asked yet.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            kept, until = self._known.get(origin, (None, 0.0))
            if kept is not None and time.monotonic() < until:
                self._known.move_to_end(origin)
                return kept
            asking = self._asking.setdefault(origin, threading.Lock())
        try:
            with asking:
                rules = RobotsRules.of(self._shared(origin))
        finally:
            with self._lock:
                self._asking.pop(origin, None)
        if rules.text is None:
            raise TransientError(
                "robots_unreadable",
                f"{origin}/robots.txt cannot be read for now, which forbids its pages (RFC 9309, 2.3.1.4)",
                retry_after_s=_KEEP_UNREADABLE_S,
            )
        with self._lock:
            self._forget(origin)
            self._known[origin] = (rules, time.monotonic() + _KEEP_HERE_S)
            self._chars += len(rules.text)
            while len(self._known) > _MEMORY or self._chars > _MEMORY_CHARS:
                self._forget(next(iter(self._known)))
        return rules

    def _forget(self, origin: str) -> None:
        kept, _ = self._known.pop(origin, (None, 0.0))
        self._chars -= len(kept.text or "") if kept else 0

    def check(self, url: str) -> RobotsRules:
        """Raises Skipped, quoting the rule, where robots.txt disallows `url`."""
        rules = self.rules(url)
        if rule := rules.forbidding(url):
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
            raise Skipped(ROBOTS_FORBIDDEN, f"{url} is forbidden to {AGENT} by {origin}/robots.txt: {rule}")
        return rules

    def _shared(self, origin: str) -> bytes:
        key = f"dateline:robots:{origin}"
        try:
            if self._client is not None and (kept := self._client.get(key)) is not None:
                return bytes(kept)  # type: ignore[arg-type]
            raw = self._asked(origin)
            if self._client is not None:
                self._client.set(key, raw, ex=_KEEP_UNREADABLE_S if raw == _UNREADABLE else _KEEP_S)
        except RedisError as error:
            known = broker.explain(error)
            raise Deferred(known.reason, str(known), retry_after_s=5.0) from error
        return raw

    def _asked(self, origin: str) -> bytes:
        try:
            status, body = self._read(f"{origin}/robots.txt")
        except PermanentError as error:
            if error.reason in ("address_refused", "port_refused", "no_contact"):
                raise  # the page will be refused for the same reason
            return b""  # a robots.txt with a redirect loop, or that cannot be decoded, allows everything
        if 200 <= status < 300:
            return _beginning(body)
        # 3xx without a target; the others were followed.
        return b"" if 300 <= status < 500 and status != 429 else _UNREADABLE
