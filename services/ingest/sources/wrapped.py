"""Redirect links of search engines and networks that carry the target URL in a parameter."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from urllib.parse import unquote

_HOST = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#:@]+)(?::\d+)?(/[^?#]*)?(?:\?([^#]*))?", re.IGNORECASE)
_KNOWN = re.compile(
    r"//[^/]{0,200}(?:google|bing|msn|yahoo|yandex|ya|duckduckgo|facebook|instagram|messenger|vk|ok|youtube|"
    r"reddit|linkedin"
    r"|tumblr|umblr|pinterest|outlook|slack-redir|steamcommunity|skimresources|viglink|linksynergy|awin1)\.",
    re.IGNORECASE,
)
_MOST_LAYERS = 4

# Host, path and the parameters that hold the address.
_WRAPPERS: tuple[tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (
        re.compile(rf"(?:.+\.)?(?:{host})", re.IGNORECASE),
        re.compile(path, re.IGNORECASE),
        tuple(names.split()),
    )
    for host, path, names in (
        (r"google\.(?:com?\.)?[a-z]{2,3}", r"/(?:news/)?(?:url|link|imgres)/?", "url q imgrefurl u"),
        (r"bing\.com", r"/(?:news/apiclick|.*redirect|ck/a).*", "url u"),
        (r"msn\.com", r"/.*(?:redir|click).*", "url u"),
        (
            r"(?:yandex|ya)\.(?:com?\.)?[a-z]{2,3}",
            r"/(?:clck/)?(?:jsredir|redir|safeclick|turbo|.*clck).*",
            "url text l",
        ),
        (r"duckduckgo\.com", r"/l/?", "uddg u"),
        (r"(?:facebook|instagram|messenger)\.com", r"/(?:l\.php|flx/warn)?/?", "u"),
        (r"vk\.(?:com|ru)", r"/away(?:\.php)?", "to"),
        (r"ok\.ru", r"/dk.*", "st.link"),
        (
            r"(?:youtube|linkedin|tumblr|umblr|pinterest)\.com",
            r"/(?:redirect|redir/redirect|safety/go|offsite)/?",
            "url q z",
        ),
        (r"out\.reddit\.com", r"/.*", "url"),
        (r"yahoo\.(?:com?\.)?[a-z]{2,3}", r"/", ""),
        (r"safelinks\.protection\.outlook\.com", r"/.*", "url"),
        (r"slack-redir\.net|steamcommunity\.com", r"/link.*", "url u"),
        (r"skimresources\.com|viglink\.com|linksynergy\.com|awin1\.com", r"/.*", "url u murl ued"),
    )
)
_OWN = frozenset(
    "rct sa ct cd usg ved ei esrc source cad q ust tid aid c mkt ref st lr rid lang event text hl gl authuser".split()  # noqa: E501
)
"""Parameters of the wrapper itself, which end a target URL that was not percent-encoded."""
_IN_PATH = re.compile(r"/(?:[^?#]*[/;])?(?:RU=|\*+)(https?(?::|%3a).*)", re.IGNORECASE)  # Yahoo's
_AMP_VIEWER = re.compile(r"/amp/(s/)?([^/?#]+\.[^/?#]+(?:/.*)?)", re.IGNORECASE)  # Google's


def unwrapped(url: str) -> str:
    """The target URL of a wrapped link, with its whole query; the link itself where it is not wrapped."""
    for _ in range(_MOST_LAYERS):
        inner = _inner(url) if _KNOWN.search(url) else None
        if inner is None:
            break
        url = inner
    return url


def _inner(url: str) -> str | None:
    match = _HOST.match(url)
    if match is None:
        return None
    host, path, query = match[1], match[2] or "/", match[3]
    for of_host, of_path, names in _WRAPPERS:
        if of_host.fullmatch(host):
            if query and of_path.fullmatch(path) and (inner := _of_query(query, names)):
                return inner
            return _of_path(url, host, match)
    return None


def _of_query(query: str, names: tuple[str, ...]) -> str | None:
    pairs = query.split("&")
    for name in names:
        for at, pair in enumerate(pairs):
            key, _, value = pair.partition("=")
            if key.lower() == name and (inner := _plain(unquote(value))).lower().startswith(
                ("http://", "https://")
            ):
                return inner + _rest(pairs[at + 1 :]) if "?" in value else inner
    return None


def _plain(value: str) -> str:
    """The URL in a parameter: as it is or, as Bing writes it, Base64 behind `a1`."""
    if not value.startswith("a1aHR0c"):
        return value
    try:
        return urlsafe_b64decode(value[2:] + "=" * (-(len(value) - 2) % 4)).decode()
    except ValueError:
        return value


def _rest(pairs: list[str]) -> str:
    """The part of the query that belongs to a target URL that was not percent-encoded."""
    own = next((at for at, pair in enumerate(pairs) if pair.partition("=")[0].lower() in _OWN), len(pairs))
    return "".join(f"&{pair}" for pair in pairs[:own])


def _of_path(url: str, host: str, match: re.Match[str]) -> str | None:
    start = match.start(2) if match[2] else match.end()
    if "yahoo." in host.lower() and (inside := _IN_PATH.match(url, start)):
        inner = unquote(re.split(r"/R[KS]=", inside[1])[0]) if "%3a" in inside[1][:8].lower() else inside[1]
        return inner
    if "google." in host.lower() and (amp := _AMP_VIEWER.match(url, start)):
        return f"http{'s' if amp[1] else ''}://{amp[2]}"
    return None
