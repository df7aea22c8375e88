"""Validates and canonicalises URLs, and hashes their identity: variants of one page have one hash."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode

import ada_url

from services.contract.errors import BadUrl
from services.contract.limits import MAX_URL_CHARS
from services.contract.sites import is_shared, publisher_in, site_of

# Tracking parameters, from the documentation of the analytics and advertising products that set them.
_TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mc_cid mc_eid _ga _gl "
    "cmp cmpid ns_campaign ns_mchannel ns_source ns_linkname ocid smid smtyp guccounter guce_referrer "
    "guce_referrer_sig ref ref_src ref_url xtor ito s_cid ftag soc_src soc_trk tsrc __twitter_impression "
    "amp_js_v usqp outputtype icid ncid sr_share share_id vero_id oly_enc_id oly_anon_id _hsenc _hsmi "
    "mkt_tok".split()
)
_TRACKING_PREFIXES = ("utm_", "at_", "wt_mc", "pk_", "mtm_", "hsa_", "piwik_")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_USUAL_PORTS = {"http": "80", "https": "443"}
_SERVER = re.compile(r"(https?)://([a-z0-9.-]+)(?::(\d{1,5}))?(?=[/?#]|\Z)")  # as nearly all are written
# A URL as the parser serialises it. Groups: scheme, host, port, path, query.
_WRITTEN = re.compile(
    r"(https?)://(?:[^/@]*@)?(\[[0-9a-f:]+\]|[^/:?#@\[\]]+)(?::([0-9]+))?(/[^?#]*)(?:\?([^#]*))?(?:#.*)?",
    re.DOTALL,
)
_LABELS = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_MAX_HOST_CHARS = 253
# Before parsing: fragment and credentials are dropped later, so an acceptable URL may be longer than
# MAX_URL_CHARS.
_MAX_RAW_CHARS = 16 * MAX_URL_CHARS
_CONTROLS = "".join(map(chr, range(33)))
_IGNORED = re.compile(r"[\t\n\r]")
_AUTHORITY = re.compile(r"[^:]*:[/\\]*([^/\\?#]*)")
_PORT = re.compile(r":([^:\]]*)\Z")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FRONT_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"^/amp(?=/.)|(?:/amp|\.amp)(?=$|\.html?$)", re.IGNORECASE)
_AMP_PARAMS = frozenset({"amp", "amp_gsa"})
_ESCAPED_SLASH = re.compile("%2f", re.IGNORECASE)
_FRONT_PAGE = re.compile(r"[a-z]+://[^/?#]*/(?:\?|\Z)")
_INDEX = re.compile(r"/(?:index\.(?:html?|php))?$")


@dataclass(frozen=True, slots=True)
class Url:
    """A URL as it is fetched, its canonical form, and its host (lower case, IDN as ACE)."""

    url: str
    canonical: str
    host: str

    @property
    def hash(self) -> bytes:
        """16 bytes; see `identity_hash`."""
        return identity_hash(self.canonical)


def parse_url(raw: str) -> Url:
    """Validates and canonicalises a URL by the WHATWG URL Standard (url.spec.whatwg.org), as browsers do.

    Drops credentials (they must be neither stored nor logged), the fragment, an empty query and the final dot
    of a host; the canonical form also has no tracking parameters. Raises only BadUrl, for any input; its
    message names the fault and the remedy.
    """
    return _stripped(raw.strip())


# A page's own address is asked for several times on its way. What is too long is raised, and so not kept.
@lru_cache(maxsize=2048)
def _stripped(text: str) -> Url:
    if not text:
        raise BadUrl("empty_url", "an empty line is not a URL")
    if len(text) > _MAX_RAW_CHARS:
        raise _too_long(text)
    text = _IGNORED.sub("", text.strip(_CONTROLS))
    scheme = _SCHEME.match(text)
    if not scheme or (scheme[1].lower() not in _USUAL_PORTS and not text.startswith("/", scheme.end())):
        raise BadUrl("malformed_url", f"{text[:120]!r} is not an absolute URL; write it as https://host/path")
    if scheme[1].lower() not in _USUAL_PORTS:
        raise BadUrl(
            "scheme_refused",
            f"scheme {scheme[1]}: is not fetched ({text[:120]!r}); submit an http or https URL",
        )
    return _read(text)


def resolve(base: str, reference: str) -> Url:
    """Resolves a link against the URL of its page (or its `<base>`), by the URL Standard.

    Raises only BadUrl: the result is not a valid http or https URL.
    """
    if len(reference) > _MAX_RAW_CHARS or len(base) > _MAX_RAW_CHARS:
        raise _too_long(reference)
    try:
        href = ada_url.join_url(_encodable(base), _encodable(reference))
    except ValueError:
        raise BadUrl(
            "malformed_url", f"{reference[:120]!r} on {base[:120]!r} does not resolve to a valid URL"
        ) from None
    return parse_url(href)


def _read(text: str) -> Url:
    """Parses an http or https URL, and drops credentials, fragment, empty query and tracking parameters."""
    written = _parsed(text)
    if written and written[2].endswith("."):  # parsed again: without its dot, 127.1. is an IP address
        scheme, host, port, path, query = written.groups()
        host = host.rstrip(".")
        rest = f"{f':{port}' if port else ''}{path}{'' if query is None else f'?{query}'}"
        written = _parsed(f"{scheme}://{host}{rest}") if host else None
    if not written or not _is_host(written[2]):
        raise BadUrl(
            "malformed_url",
            f"{text[:120]!r} is not a valid URL: {_fault(text)}; write it as https://host/path",
        )
    scheme, host, port, path, query = written.groups()
    page = f"{scheme}://{host}:{port}{path}" if port else f"{scheme}://{host}{path}"
    url = f"{page}?{query}" if query else page
    if len(url) > MAX_URL_CHARS:
        raise _too_long(url)
    kept = _without_tracking(query) if query else ""
    return Url(url=url, canonical=f"{page}?{kept}" if kept else page, host=host.strip("[]"))


def _parsed(text: str) -> re.Match[str] | None:
    try:
        return _WRITTEN.fullmatch(ada_url.URL(_encodable(text)).href)
    except ValueError:
        return None


def _encodable(text: str) -> str:
    """Replaces lone surrogates: those of `surrogateescape` by the percent-encoded byte, others by U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub(_unsurrogated, text)


def _unsurrogated(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else "\ufffd"


def _is_host(host: str) -> bool:
    return host[0] == "[" or (len(host) <= _MAX_HOST_CHARS and _LABELS.fullmatch(host) is not None)


def _fault(text: str) -> str:
    """Why the parser refuses a URL, for an error message."""
    found = _AUTHORITY.match(text)
    authority = found[1].rpartition("@")[2] if found else ""
    port = _PORT.search(authority)
    if not authority or authority.startswith(":"):
        return "it has no host"
    if (
        port
        and port[1]
        and not (port[1].isascii() and port[1].isdigit() and len(port[1]) < 9 and int(port[1]) < 65536)
    ):
        return f"its port {port[1][:20]!r} is not a number up to 65535"
    return f"its host {authority[:80]!r} is not a host name"


def _too_long(text: str) -> BadUrl:
    return BadUrl(
        "url_too_long",
        f"URL of {len(text):,} characters; at most {MAX_URL_CHARS:,} are accepted: {text[:80]!r}…",
    )


def _without_tracking(query: str) -> str:
    """A query without tracking parameters; the others are not re-encoded."""
    fields = query.split("&")
    kept = [field for field in fields if field and not _is_tracking(field)]
    return query if len(kept) == len(fields) - fields.count("") else "&".join(kept)


def _is_tracking(field: str) -> bool:
    name = field.partition("=")[0].lower()
    if "%" in name or "+" in name:
        name = unquote_plus(name).lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def identity_hash(canonical: str) -> bytes:
    """The first 16 bytes of SHA-256 over the identity of a canonical URL.

    Variants of one page have the same hash: http and https; `www.`, `m.` and AMP hosts and paths; a trailing
    slash; an index file; the order of parameters. Percent-encoded bytes are decoded, so bytes of legacy
    encodings count.
    """
    netloc, path, query = _identity_parts(canonical)
    path = _INDEX.sub("", _AMP_PATH.sub("", path))
    parts = "\n".join([front_stripped(netloc), path, query])
    return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).digest()[:16]


def _identity_parts(canonical: str) -> tuple[str, str, str]:
    written = _WRITTEN.fullmatch(canonical) if canonical.isascii() else None
    if not written:  # not canonical: written by an older version or another program
        try:
            written = _WRITTEN.fullmatch(parse_url(canonical).canonical)
        except BadUrl:
            written = None
    if not written:
        return "", quote(canonical, errors="surrogatepass"), ""
    _, host, port, path, query = written.groups()
    pairs = parse_qsl(query or "", keep_blank_values=True, errors="surrogateescape")
    kept = sorted((k, v) for k, v in pairs if k.lower() not in _AMP_PARAMS)
    netloc = f"{host}:{port}".lower() if port else host.lower()
    return netloc, _identity_path(path), urlencode(kept, errors="surrogateescape")


def _identity_path(path: str) -> str:
    """A percent-decoded path. An encoded slash stays so: it does not separate segments (RFC 3986, 2.2)."""
    parts = [unquote(part, errors="surrogateescape") for part in _ESCAPED_SLASH.split(path)]
    return parts[0] if len(parts) == 1 else "%" + "%2F".join(part.replace("%", "%25") for part in parts)


def domain_of(url: str) -> str:
    """The host of a URL without `www.`, `m.` or `amp.`, as in `articles.source_domain`; "" without a host."""
    if plain := _SERVER.match(url):
        return front_stripped(plain[2])
    try:
        return front_stripped(parse_url(url).host)
    except BadUrl:
        return ""


def server_of(url: str) -> str:
    """The same with the port, unless it is the scheme's default: another port is another server."""
    if plain := _SERVER.match(url):
        scheme, host, port = plain.groups()
        port = port and str(int(port))
    else:
        try:
            written = _WRITTEN.fullmatch(parse_url(url).url)
        except BadUrl:
            written = None
        if not written:
            return ""
        scheme, host, port = written.group(1, 2, 3)
    domain = front_stripped(host.strip("[]"))
    return domain if port in (None, _USUAL_PORTS[scheme]) else f"{domain}:{port}"


def front_stripped(host: str) -> str:
    """A host without `www.`, `m.` or `amp.`, unless the rest is a public suffix: m.github.io is a user's
    site.
    """
    bare = _FRONT_HOST.sub("", host)
    return host if len(bare) < len(host) and host[:3] != "www" and is_shared(bare.partition(":")[0]) else bare


def page_identity(fetched_url: str, declared: str | None) -> str:
    """The canonical URL of a fetched page: the one that it declares (`rel=canonical`), if it may be trusted.

    Trusted: a URL on the same site (same registrable domain by the public suffix list, same port), and for an
    AMP cache the publisher that its path names. Not trusted: another site, or the front page from an inner
    page; these are template mistakes or theft, and would merge unrelated articles. Then the fetched URL is
    used.
    """
    own = parse_url(fetched_url)
    if not declared or declared == own.canonical:
        return own.canonical
    try:
        other = resolve(fetched_url, declared.strip())
    except BadUrl:
        return own.canonical
    if not _same_site(own, other):
        return own.canonical
    front_page = bool(_FRONT_PAGE.match(other.canonical)) and not _FRONT_PAGE.match(own.canonical)
    return own.canonical if front_page else other.canonical


def _same_site(own: Url, other: Url) -> bool:
    """Whether a page at `own` may declare `other` as its canonical URL."""
    server, path = _parted(own.canonical)
    said, _ = _parted(other.canonical)
    if server == said:
        return True
    if carried := publisher_in(own.host, path):
        return said == other.host and _site(carried) == _site(other.host)
    # The rest after the host is the port: another port is another server.
    return server[len(own.host) :] == said[len(other.host) :] and _site(own.host) == _site(other.host)


def _parted(canonical: str) -> tuple[str, str]:
    """Host and port, and path, of a canonical URL."""
    server, slash, rest = canonical.partition("://")[2].partition("/")
    return server, slash + rest


def _site(host: str) -> str:
    try:
        return site_of(host if host.isascii() else parse_url(f"https://{host}/").host)
    except BadUrl:
        return host
