"""What a URL is: checked, canonical, and an identity under which variants of one page meet."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

import idna

from services.contract.errors import BadUrl
from services.contract.limits import MAX_URL_CHARS
from services.contract.sites import is_shared, publisher_in, site_of

# Parameters that only say where a reader came from. Names are facts, gathered from the
# documentation of the analytics and advertising products that set them.
_TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mc_cid mc_eid _ga _gl "
    "cmp cmpid ns_campaign ns_mchannel ns_source ns_linkname ocid smid smtyp guccounter guce_referrer "
    "guce_referrer_sig ref ref_src ref_url xtor ito s_cid ftag soc_src soc_trk tsrc __twitter_impression "
    "amp_js_v usqp outputtype icid ncid sr_share share_id vero_id oly_enc_id oly_anon_id _hsenc _hsmi mkt_tok".split()
)
_TRACKING_PREFIXES = ("utm_", "at_", "wt_mc", "pk_", "mtm_", "hsa_", "piwik_")
_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.\-]*):")
_USUAL_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>\"{}|\\^`]")
_SAFE_PATH = "/%:@!$&'()*+,;=-._~"
# Most URLs: nothing in them to drop, fold or quote. Groups: host and port, host, path.
_PLAIN = re.compile(
    r"https?://(([a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)(?::(?!443/)(?:[1-9]\d{2,3}|[1-5]\d{4}))?)(/[A-Za-z0-9/._~-]*)"
)
_SERVER = re.compile(r"(https?)://([a-z0-9.-]+)(?::(\d{1,5}))?(?=[/?#]|\Z)")  # as nearly all are written
_FRONT_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"^/amp(?=/.)|(?:/amp|\.amp)(?=$|\.html?$)", re.IGNORECASE)
_AMP_PARAMS = frozenset({"amp", "amp_gsa"})
_FRONT_PAGE = re.compile(r"[a-z]+://[^/?#]*/(?:\?|\Z)")
_INDEX = re.compile(r"/(?:index\.(?:html?|php))?$")


@dataclass(frozen=True, slots=True)
class Url:
    """A URL as submitted, its canonical form, and the 16-byte hash of its identity."""

    url: str
    canonical: str
    host: str

    @property
    def hash(self) -> bytes:
        """See `identity_hash`."""
        return identity_hash(self.canonical)


@lru_cache(maxsize=2048)  # a page's own address is asked for several times on its way
def parse_url(raw: str) -> Url:
    """Check and canonicalise one submitted URL.

    Credentials are dropped from both forms, so that they are neither stored nor logged.
    Raises BadUrl, whose message names what is wrong and what would be right.
    """
    text = raw.strip()
    if len(text) <= MAX_URL_CHARS and (plain := _PLAIN.fullmatch(text)):
        return Url(url=text, canonical=text, host=plain[2])
    if not text:
        raise BadUrl("empty_url", "an empty line is not a URL")
    if len(text) > MAX_URL_CHARS:
        raise BadUrl(
            "url_too_long", f"URL of {len(text):,} characters; at most {MAX_URL_CHARS:,} are accepted: {text[:80]}…"
        )
    scheme = _SCHEME.match(text)
    if not scheme or (scheme.group(1).lower() not in ("http", "https") and not text[scheme.end() :].startswith("/")):
        raise BadUrl("malformed_url", f"{text[:120]!r} is not an absolute URL; write it as https://host/path")
    if scheme.group(1).lower() not in ("http", "https"):
        raise BadUrl(
            "scheme_refused", f"scheme {scheme.group(1)}: is not fetched ({text[:120]}); submit an http or https URL"
        )
    try:
        parts = urlsplit(text)
        host, port = _host(parts.hostname), parts.port
    except ValueError as error:
        raise BadUrl(
            "malformed_url", f"{text[:120]!r} is not a valid URL ({error}); write it as https://host/path"
        ) from error
    netloc = f"[{host}]" if ":" in host else host
    if port and port != _USUAL_PORTS[parts.scheme.lower()]:
        netloc = f"{netloc}:{port}"
    path = _UNSAFE.sub(lambda m: quote(m.group()), quote(parts.path, safe=_SAFE_PATH)) or "/"
    query = quote(parts.query, safe=_SAFE_PATH + "?")
    url = urlunsplit((parts.scheme.lower(), netloc, path, query, ""))
    canonical = urlunsplit((parts.scheme.lower(), netloc, path, _without_tracking(query), ""))
    return Url(url=url, canonical=canonical, host=host)


def _host(hostname: str | None) -> str:
    if not hostname:
        raise ValueError("it has no host")
    host = unquote(hostname).rstrip(".").lower()
    if ":" in host:
        return host
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode()
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9_\-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_\-]*[a-z0-9_])?)*", host):
        raise ValueError(f"host {hostname!r} is not a host name")
    return host


def _without_tracking(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if k.lower() not in _TRACKING and not k.lower().startswith(_TRACKING_PREFIXES)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def identity_hash(canonical: str) -> bytes:
    """Hash under which the variants of one page are equal: http and https, `www.`, `m.` and AMP
    hosts and paths, a trailing slash, an index file, the order of parameters."""
    if plain := _PLAIN.fullmatch(canonical):
        netloc, path, query = plain[1], plain[3], ""
    else:
        parts = urlsplit(canonical)
        netloc, path = parts.netloc.lower(), unquote(parts.path)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode(sorted((k, v) for k, v in pairs if k.lower() not in _AMP_PARAMS))
    path = _INDEX.sub("", _AMP_PATH.sub("", path))
    return hashlib.sha256("\n".join([front_stripped(netloc), path, query]).encode()).digest()[:16]


def domain_of(url: str) -> str:
    """The host of a URL without `www.`, `m.` or `amp.`: what `articles.source_domain` holds."""
    plain = _SERVER.match(url)
    return front_stripped(plain[2] if plain else (urlsplit(url).hostname or "").lower())


def server_of(url: str) -> str:
    """The same with the port, where it is not the scheme's own: what answers there is another server."""
    if plain := _SERVER.match(url):
        scheme, port = plain[1], int(plain[3]) if plain[3] else None
    else:
        parts = urlsplit(url)
        scheme, port = parts.scheme, parts.port
    return domain_of(url) if port in (None, _USUAL_PORTS.get(scheme)) else f"{domain_of(url)}:{port}"


def front_stripped(host: str) -> str:
    """A host without `www.`, `m.` or `amp.`. Below a suffix such as github.io, m.github.io is somebody's own."""
    bare = _FRONT_HOST.sub("", host)
    return host if len(bare) < len(host) and host[:3] != "www" and is_shared(bare.partition(":")[0]) else bare


def page_identity(fetched_url: str, declared: str | None) -> str:
    """The canonical URL of a fetched page: the one it declares, where that can be believed.

    A link within the same site (the same registrable domain by the public suffix list, on the same port) is. A link to
    another site, or to the front page from an inner page, is a common template mistake or a theft, and would merge
    unrelated articles; the fetched URL is used then. An AMP cache is believed for the publisher whose page its path names.
    """
    own = parse_url(fetched_url)
    if not declared:
        return own.canonical
    try:
        declared = declared.strip()
        other = parse_url(declared if _PLAIN.fullmatch(declared) else urljoin(fetched_url, declared))
    except (BadUrl, ValueError):
        return own.canonical
    if not _same_site(own, other):
        return own.canonical
    front_page = bool(_FRONT_PAGE.match(other.canonical)) and not _FRONT_PAGE.match(own.canonical)
    return own.canonical if front_page else other.canonical


def _same_site(own: Url, other: Url) -> bool:
    """Whether a page at `own` may say that it lives at `other`."""
    server, path = _parted(own.canonical)
    said, _ = _parted(other.canonical)
    if server == said:
        return True
    if carried := publisher_in(own.host, path):
        return said == other.host and _site(carried) == _site(other.host)
    # What follows the host is the port: another one is another server.
    return server[len(own.host) :] == said[len(other.host) :] and _site(own.host) == _site(other.host)


def _parted(canonical: str) -> tuple[str, str]:
    """Host and port, and path, of a canonical URL."""
    server, slash, rest = canonical.partition("://")[2].partition("/")
    return server, slash + rest


def _site(host: str) -> str:
    try:
        return site_of(host if host.isascii() else idna.encode(host, uts46=True).decode())
    except idna.IDNAError:
        return host
