"""Cookies of one fetch: kept from one of its requests to the next, given back as RFC 6265 says, and gone with it."""

from __future__ import annotations

from functools import lru_cache
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any

import requests
from publicsuffixlist import PublicSuffixList
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header

_MOST = 50
"""Most cookies that are kept of one fetch; browsers keep about as many of a site."""


class _Policy(DefaultCookiePolicy):
    """A cookie goes back to the host that set it, or to the domain that it names; that is never a public suffix."""

    def set_ok_domain(self, cookie: Cookie, request: Any) -> bool:
        """Whether the cookie may be set for its domain."""
        if cookie.domain_specified and _is_public_suffix(cookie.domain.strip(".").lower()):
            return False
        return bool(super().set_ok_domain(cookie, request))  # type: ignore[no-untyped-call]


class Cookies:
    """Those that were set on the way; none as a rule, which costs nothing."""

    def __init__(self) -> None:
        self._jar: RequestsCookieJar | None = None

    def add_to(self, request: requests.PreparedRequest) -> None:
        """Give back what belongs to the request's address."""
        if self._jar is None:
            return
        header = get_cookie_header(self._jar, request)  # type: ignore[no-untyped-call]
        if header:
            request.headers["Cookie"] = header

    def take_from(self, response: requests.Response, request: requests.PreparedRequest) -> None:
        """Keep what an answer sets."""
        if "set-cookie" not in response.headers:
            return
        if self._jar is None:
            policy = _Policy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain)
            self._jar = RequestsCookieJar(policy=policy)  # type: ignore[no-untyped-call]
        if len(self._jar) < _MOST:
            extract_cookies_to_jar(self._jar, request, response.raw)  # type: ignore[no-untyped-call]

    def state(self) -> frozenset[tuple[str, str, str, str | None]]:
        """What is kept now: a redirect to the same address is no circle where this has changed."""
        return frozenset((c.domain, c.path, c.name, c.value) for c in self._jar or ())


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_public_suffix(domain: str) -> bool:
    return bool(_suffixes().is_public(domain))
