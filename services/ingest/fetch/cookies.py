"""Cookies of one fetch (RFC 6265): kept between its requests, dropped with it.

The standard library's jar follows older rules: it drops a cookie for an attribute that it cannot parse, where
browsers drop the attribute.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

import requests
from publicsuffixlist import PublicSuffixList

_MOST = 50
"""Most cookies of one fetch; browsers keep about as many for a site."""
_LONGEST = 4_096
"""Most characters of a cookie's name and value together; browsers allow a quarter of that for an
attribute."""
_LONGEST_ATTRIBUTE = 1_024
_BLANKS = " \t"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ADDRESS = re.compile(r"[0-9.]+|.*:.*")
_MAX_AGE = re.compile(r"-?[0-9]+", re.ASCII)
_DELIMITER = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])", re.ASCII)
_DAY, _YEAR = re.compile(r"[0-9]{1,2}(?![0-9])", re.ASCII), re.compile(r"[0-9]{2,4}(?![0-9])", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Cookie:
    value: str
    host_only: bool
    secure: bool


class Cookies:
    """The cookies set so far, by domain, path and name. Usually none, which costs nothing."""

    def __init__(self) -> None:
        self._kept: dict[Key, _Cookie] = {}

    def add_to(self, request: requests.PreparedRequest) -> None:
        """Adds the cookies that match the request's URL; those of longer paths first."""
        if not self._kept:
            return
        scheme, host, path = _address(request)
        found = [
            (key, cookie)
            for key, cookie in self._kept.items()
            if (host == key[0] or (not cookie.host_only and _within(host, key[0])))
            and _is_under(path, key[1])
            and (scheme == "https" or not cookie.secure)
        ]
        found.sort(key=lambda one: -len(one[0][1]))
        if found:
            request.headers["Cookie"] = "; ".join(
                f"{name}={cookie.value}" if name else cookie.value for (_, _, name), cookie in found
            )

    def take_from(self, response: requests.Response, request: requests.PreparedRequest) -> None:
        """Stores the cookies that a response sets, and removes those that it expires."""
        if "set-cookie" not in response.headers:
            return
        scheme, host, path = _address(request)
        for field in response.raw.headers.getlist("set-cookie"):
            self._take(field, scheme, host, path)

    def state(self) -> frozenset[tuple[str, str, str, str | None]]:
        """The stored cookies, for comparison: a redirect to the same URL is no loop where they have
        changed."""
        return frozenset((*key, cookie.value) for key, cookie in self._kept.items())

    def _take(self, field: str, scheme: str, host: str, path: str) -> None:
        """RFC 6265, 5.2 and 5.3. The last of a repeated attribute counts; an invalid one is ignored."""
        pair, *rest = field.split(";")
        name, value = _parted(pair)
        if not (name or value) or len(name) + len(value) > _LONGEST or _CONTROL.search(pair):
            return
        said = dict(_attribute(one) for one in rest if len(one) <= _LONGEST_ATTRIBUTE)
        domain = said.get("domain", "").removeprefix(".").lower()
        if domain and domain != host and (not _within(host, domain) or _is_public_suffix(domain)):
            return
        secure = "secure" in said
        if secure and scheme != "https":
            return
        host_only = not domain or (
            domain == host and bool(_ADDRESS.fullmatch(host) or _is_public_suffix(host))
        )
        under = said.get("path", "")
        key = domain or host, under if under.startswith("/") else _folder(path), name
        if _has_passed(said):
            self._kept.pop(key, None)
        elif key in self._kept or len(self._kept) < _MOST:
            self._kept[key] = _Cookie(value, host_only, secure)


def _address(request: requests.PreparedRequest) -> tuple[str, str, str]:
    parts = urlsplit(str(request.url))
    return parts.scheme, (parts.hostname or "").lower(), parts.path or "/"


def _parted(pair: str) -> tuple[str, str]:
    """Name and value; without `=` it is a value without a name, as in browsers."""
    name, equals, value = pair.partition("=")
    return (name.strip(_BLANKS), value.strip(_BLANKS)) if equals else ("", name.strip(_BLANKS))


def _attribute(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    name, value = name.strip(_BLANKS).lower(), value.strip(_BLANKS)
    # An invalid attribute gets a name of its own, so that it does not replace a valid one.
    readable = (
        _MAX_AGE.fullmatch(value) if name == "max-age" else value if name in ("domain", "expires") else True
    )
    return (name if readable else ""), value


def _has_passed(said: dict[str, str]) -> bool:
    """Whether a cookie has expired; Max-Age takes precedence over Expires."""
    if (age := said.get("max-age")) is not None:
        return age.startswith("-") or not age.strip("0")
    until = _date(said.get("expires", ""))
    return until is not None and until.timestamp() <= time.time()


def _date(text: str) -> datetime | None:
    """RFC 6265, 5.1.1: the first time, day, month and year, in any order."""
    clock = day = month = year = None
    for token in _DELIMITER.split(text[:_LONGEST_ATTRIBUTE]):
        if clock is None and (found := _TIME.match(token)):
            clock = int(found[1]), int(found[2]), int(found[3])
        elif day is None and (found := _DAY.match(token)):
            day = int(found[0])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (found := _YEAR.match(token)):
            year = int(found[0])
    if clock is None or day is None or month is None or year is None:
        return None
    year += 1900 if 70 <= year <= 99 else 2000 if year < 70 else 0
    try:
        return datetime(year, month, day, *clock, tzinfo=UTC) if year > 1600 else None
    except ValueError:
        return None


def _folder(path: str) -> str:
    """The default path (RFC 6265, 5.1.4): the request's path up to its last slash."""
    return path[: path.rindex("/")] or "/" if path.startswith("/") else "/"


def _is_under(path: str, folder: str) -> bool:
    return path == folder or (path.startswith(folder) and (folder.endswith("/") or path[len(folder)] == "/"))


def _within(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}") and not _ADDRESS.fullmatch(host)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_public_suffix(domain: str) -> bool:
    return bool(_suffixes().is_public(domain))
