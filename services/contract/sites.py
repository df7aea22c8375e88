"""Which hosts are one site: those under one registrable domain, by the public suffix list.

The list is on disk (package publicsuffixlist) and is read when it is first asked for, in about 0.05 s; a worker that
will need it calls `load_suffixes` as it starts. Its private part counts: two users of one hosting service are two sites.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from urllib.parse import unquote

from publicsuffixlist import PublicSuffixList

# Services that give their users hosts of their own, and that the list does not name.
_HOSTING = frozenset(
    "medium.com substack.com wordpress.com tumblr.com typepad.com livejournal.com blog.jp blog.hu blox.pl livedoor.blog "
    "ghost.io weebly.com wixsite.com squarespace.com webflow.io over-blog.com canalblog.com hatenablog.com hatenablog.jp "
    "hatenadiary.jp beehiiv.com buttondown.email blogs.com altervista.org jimdo.com "
    "jimdofree.com strikingly.com carrd.co notion.site write.as micro.blog bearblog.dev posthaven.com svbtle.com "
    "skyrock.com blogg.se webnode.com translate.goog".split()
)
_BLOGSPOT = re.compile(
    r"(?:.*\.)?([^.]+)\.blogspot\.(?:com?\.)?[a-z]{2,3}"
)  # one blog, whatever country its reader is in
_ADDRESS = re.compile(r"[0-9.]+|.*:.*")
# Servers that hand out other sites' pages, and where the path says whose: /c/s/host/path, /v/s/…, /amp/s/….
_AMP_HOST = re.compile(r"(?:.+\.)?(?:cdn\.ampproject\.org|amp\.cloudflare\.com|bing-amp\.com)")
_GOOGLE = re.compile(r"(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}")
_CARRIED = re.compile(r"/(?:[a-z]{1,3}|amp|(?:[a-z]{1,3}/)?wp/[a-z])/(?:s/)?([^/]+\.[^/]+)(?=/|$)")


def load_suffixes() -> None:
    """Read the public suffix list now, not with the first article that needs it."""
    _suffixes()


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True)


@lru_cache(maxsize=8192)
def site_of(host: str) -> str:
    """The registrable domain of a host; an address, a bare name and a public suffix stand for themselves."""
    host = host.rstrip(".").lower()
    if _ADDRESS.fullmatch(host):
        return host
    if blog := _BLOGSPOT.fullmatch(host):
        return f"{blog[1]}.blogspot.com"
    labels = host.split(".")
    for n in range(len(labels) - 1, 0, -1):
        if ".".join(labels[n:]) in _HOSTING:
            return ".".join(labels[n - 1 :])
    return str(_suffixes().privatesuffix(host) or host)


@lru_cache(maxsize=2048)
def is_shared(host: str) -> bool:
    """Whether hosts below this one belong to different owners, as below co.uk, github.io and medium.com."""
    return "." in host and not _ADDRESS.fullmatch(host) and site_of(f"a.{host}") == f"a.{host}"


def publisher_in(host: str, path: str) -> str | None:
    """The host whose page an AMP cache or viewer hands out at that path; None for any other server."""
    if not _AMP_HOST.fullmatch(host) and not (path.startswith("/amp/") and _GOOGLE.fullmatch(host)):
        return None
    carried = _CARRIED.match(path)
    return unquote(carried[1]).lower().partition(":")[0] if carried else ""
