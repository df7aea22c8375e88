"""Registrable domains by the Public Suffix List (publicsuffix.org), private section included: `a.github.io`
and `b.github.io` are two sites.

The list comes with the package publicsuffixlist and is loaded at first use, in about 0.05 s; a worker calls
`load_suffixes` at start-up.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from urllib.parse import unquote

from publicsuffixlist import PublicSuffixList

# Hosting services that give each user a subdomain and are missing from the list.
_HOSTING = frozenset(
    "medium.com substack.com wordpress.com tumblr.com typepad.com livejournal.com blog.jp blog.hu blox.pl "
    "livedoor.blog ghost.io weebly.com wixsite.com squarespace.com webflow.io over-blog.com canalblog.com "
    "hatenablog.com hatenablog.jp hatenadiary.jp beehiiv.com buttondown.email blogs.com altervista.org "
    "jimdo.com jimdofree.com strikingly.com carrd.co notion.site write.as micro.blog bearblog.dev "
    "posthaven.com svbtle.com skyrock.com blogg.se webnode.com translate.goog".split()
)
# One blog has many of these hosts: Blogger redirects a reader to the domain of the reader's country.
_BLOGSPOT = re.compile(r"(?:.*\.)?([^.]+)\.blogspot\.(?:com?\.)?[a-z]{2,3}")
_ADDRESS = re.compile(r"[0-9.]+|.*:.*")
# AMP caches and viewers serve pages of other sites; the path names the publisher: /c/s/host/path, /v/s/….
_AMP_HOST = re.compile(r"(?:.+\.)?(?:cdn\.ampproject\.org|amp\.cloudflare\.com|bing-amp\.com)")
_GOOGLE = re.compile(r"(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}")
_CARRIED = re.compile(r"/(?:[a-z]{1,3}|amp|(?:[a-z]{1,3}/)?wp/[a-z])/(?:s/)?([^/]+\.[^/]+)(?=/|$)")


def load_suffixes() -> None:
    """Loads the public suffix list now, so that the first article does not wait for it."""
    _suffixes()


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True)


@lru_cache(maxsize=8192)
def site_of(host: str) -> str:
    """The registrable domain of a host; an IP address, a single label or a public suffix is returned as it
    is.
    """
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
    """Whether `host` is a public suffix, such as co.uk or github.io: its subdomains have different owners."""
    return "." in host and not _ADDRESS.fullmatch(host) and site_of(f"a.{host}") == f"a.{host}"


def publisher_in(host: str, path: str) -> str | None:
    """The publisher in the path of an AMP cache or viewer, "" if it names none; None for other hosts."""
    if not _AMP_HOST.fullmatch(host) and not (path.startswith("/amp/") and _GOOGLE.fullmatch(host)):
        return None
    carried = _CARRIED.match(path)
    return unquote(carried[1]).lower().partition(":")[0] if carried else ""
