"""robots.txt: fetched once a day for each origin, shared by all workers, and quoted where it forbids.

RFC 9309: a missing file (4xx) allows everything, an unreachable one (5xx) forbids until it can be read,
at most 500 KiB are read. Matching is Protego's.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

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
_LONGEST_DELAY_S = 300.0
_FORBIDS = re.compile(r"^\s*d", re.IGNORECASE | re.MULTILINE)  # Disallow, also as Protego takes it misspelt


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one origin. None: it could not be read, which forbids for now.

    `crawl_delay_s` is how many seconds the site asks to pass between two requests; bounded, since some ask for days.
    """

    text: str | None
    parsed: Protego | None
    crawl_delay_s: float = 0.0
    open: bool = False
    """Whether nothing at all is forbidden, as in most files that are missing or empty."""

    @classmethod
    def of(cls, raw: bytes) -> Rules:
        """Parse what an origin answered."""
        if raw == _UNREADABLE:
            return cls(None, None)
        text = raw[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff")
        if text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<?xml", "<head")):
            text = ""  # an error page that is sent as if it were the file
        parsed = Protego.parse(text)
        return cls(text, parsed, _delay_s(parsed), open=_FORBIDS.search(text) is None)

    def forbidding(self, url: str) -> str | None:
        """The rule that forbids `url`, as it stands in the file; None where it is allowed."""
        if self.open or self.parsed is None or self.text is None or self.parsed.can_fetch(url, AGENT):
            return None
        candidates = []
        for line in self.text.splitlines():
            name, _, value = line.partition("#")[0].partition(":")
            if name.strip().lower() == "disallow" and value.strip():
                alone = Protego.parse(f"User-agent: *\nDisallow: {value.strip()}\n")
                if not alone.can_fetch(url, AGENT):
                    candidates.append(f"Disallow: {value.strip()}")
        return max(candidates, key=len, default="Disallow")


def _delay_s(parsed: Protego) -> float:
    delay = parsed.crawl_delay(AGENT) or 0.0
    if rate := parsed.request_rate(AGENT):
        delay = max(delay, rate.seconds / max(1, rate.requests))
    return float(min(max(delay, 0.0), _LONGEST_DELAY_S))


class Robots:
    """Answers by origin, from memory, from Redis, or from the site. Safe to use from many threads."""

    def __init__(self, client: Redis | None, read: Callable[[str], tuple[int, bytes]]) -> None:
        self._client = client
        self._read = read
        self._known: OrderedDict[str, tuple[Rules, float]] = OrderedDict()
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}

    def rules(self, url: str) -> Rules:
        """The rules for the origin of `url`.

        Raises TransientError when the site cannot say for now or cannot be reached, Deferred when it must not be asked yet.
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
                rules = Rules.of(self._shared(origin))
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
            self._known[origin] = (rules, time.monotonic() + _KEEP_HERE_S)
            while len(self._known) > _MEMORY:
                self._known.popitem(last=False)
        return rules

    def check(self, url: str) -> Rules:
        """Raise Skipped, with the rule, where robots.txt forbids `url`."""
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
            return b""  # a robots.txt that redirects in circles or cannot be decoded says nothing
        if 200 <= status < 300:
            return body[:MAX_BYTES]
        return b"" if 400 <= status < 500 and status != 429 else _UNREADABLE
