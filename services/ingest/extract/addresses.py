"""Absolute addresses of a page's links."""

from __future__ import annotations

import re
from urllib.parse import urljoin

# Whole addresses and paths of the site, without the dots, blanks and empty ends that joining would mend.
_PLAIN_LINK = re.compile(
    r"(?:https?://[\w.:@-]+)?/(?!/)(?:[^\s./;?#\\]++|\.(?![./;?#]|\Z)|"
    r"/(?!/))*+(?:\?[^\s#\\]++)?(?:#[^\s\\]++)?\Z",
    re.ASCII,
)
_ORIGIN = re.compile(r"https?://[^/?#\s\\]+", re.ASCII)


class Addresses:
    """The links of one page, made absolute by its URL, or by the base that it declares (`<base href>`)."""

    def __init__(self, url: str | None, base: str | None = None) -> None:
        self._base = url or ""
        if base:
            self._base = self._joined(base.strip()) or self._base
        origin = _ORIGIN.match(self._base)
        self._origin = origin[0] if origin else ""

    def of(self, link: str | None) -> str | None:
        """A link as an address; None where it leads to no page. Most are of two plain kinds, which need no
        parsing."""
        if not link:
            return None
        if _PLAIN_LINK.match(link):
            if link[0] != "/":
                return link
            if self._origin:
                return self._origin + link
        absolute = self._joined(link)
        return absolute if absolute and absolute.startswith(("http://", "https://")) else None

    def _joined(self, link: str) -> str | None:
        try:
            return urljoin(self._base, link)
        except ValueError:
            return None
