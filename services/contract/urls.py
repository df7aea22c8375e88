"""What a URL is: checked, canonical, and an identity under which variants of one page meet."""

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

# Parameters that only say where a reader came from. Names are facts, gathered from the
# documentation of the analytics and advertising products that set them.
_TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mc_cid mc_eid _ga _gl "
    "cmp cmpid ns_campaign ns_mchannel ns_source ns_linkname ocid smid smtyp guccounter guce_referrer "
    "guce_referrer_sig ref ref_src ref_url xtor ito s_cid ftag soc_src soc_trk tsrc __twitter_impression "
    "amp_js_v usqp outputtype icid ncid sr_share share_id vero_id oly_enc_id oly_anon_id _hsenc _hsmi mkt_tok".split()
)
_TRACKING_PREFIXES = ("utm_", "at_", "wt_mc", "pk_", "mtm_", "hsa_", "piwik_")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_USUAL_PORTS = {"http": "80", "https": "443"}
_SERVER = re.compile(r"(https?)://([a-z0-9.-]+)(?::(\d{1,5}))?(?=[/?#]|\Z)")  # as nearly all are written
# What the URL parser writes. Groups: scheme, host, port, path, query.
_WRITTEN = re.compile(
    r"(https?)://(?:[^/@]*@)?(\[[0-9a-f:]+\]|[^/:?#@\[\]]+)(?::([0-9]+))?(/[^?#]*)(?:\?([^#]*))?(?:#.*)?",
    re.DOTALL,
)
_LABELS = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_MAX_HOST_CHARS = 253
_MAX_RAW_CHARS = 16 * MAX_URL_CHARS  # nothing longer can be short once its fragment and credentials are gone
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
    """Check and canonicalise one submitted URL, read as browsers read it (the URL standard).

    Credentials are dropped from both forms, so that they are neither stored nor logged; so are the fragment,
    an empty query and a host's last dot. Raises BadUrl, whose message names what is wrong and what would be
    right, and nothing else, whatever the text holds.
    """
    text = raw.strip()
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
    """A link as a browser resolves it against the URL of its page (or the page's `<base>`).

    Raises BadUrl, and nothing else, for what leads to no http or https URL.
    """
    if len(reference) > _MAX_RAW_CHARS or len(base) > _MAX_RAW_CHARS:
        raise _too_long(reference)
    try:
        href = ada_url.join_url(_encodable(base), _encodable(reference))
    except ValueError:
        raise BadUrl(
            "malformed_url", f"{reference[:120]!r} on {base[:120]!r} leads to no valid URL"
        ) from None
    return parse_url(href)


def _read(text: str) -> Url:
    """An http or https URL as the URL parser writes it, without what is dropped."""
    written = _parsed(text)
    if written and written[2].endswith("."):  # 127.1. is an address as well, once the dot is gone
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
    """Text without lone surrogates. Those that stand for bytes that were no UTF-8 become these bytes, escaped."""
    return text if text.isascii() else _SURROGATE.sub(_unsurrogated, text)


def _unsurrogated(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else "\ufffd"


def _is_host(host: str) -> bool:
    return host[0] == "[" or (len(host) <= _MAX_HOST_CHARS and _LABELS.fullmatch(host) is not None)


def _fault(text: str) -> str:
    """What is wrong with a URL that the parser refuses, for a person."""
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
    """A query without tracking parameters; the others stay as they are written, whatever their encoding."""
    fields = query.split("&")
    kept = [field for field in fields if field and not _is_tracking(field)]
    return query if len(kept) == len(fields) - fields.count("") else "&".join(kept)


def _is_tracking(field: str) -> bool:
    name = field.partition("=")[0].lower()
    if "%" in name or "+" in name:
        name = unquote_plus(name).lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def identity_hash(canonical: str) -> bytes:
    """Hash under which the variants of one page are equal: http and https, `www.`, `m.` and AMP
    hosts and paths, a trailing slash, an index file, the order of parameters.

    Escapes count by the bytes that they stand for: those of a legacy encoding tell two pages apart as well.
    """
    netloc, path, query = _identity_parts(canonical)
    path = _INDEX.sub("", _AMP_PATH.sub("", path))
    parts = "\n".join([front_stripped(netloc), path, query])
    return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).digest()[:16]


def _identity_parts(canonical: str) -> tuple[str, str, str]:
    written = _WRITTEN.fullmatch(canonical) if canonical.isascii() else None
    if not written:  # of an older version, or of another hand
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
    """A path by what its escapes stand for. An escaped slash is no slash: it divides no path (RFC 3986, 2.2)."""
    parts = [unquote(part, errors="surrogateescape") for part in _ESCAPED_SLASH.split(path)]
    return parts[0] if len(parts) == 1 else "%" + "%2F".join(part.replace("%", "%25") for part in parts)


def domain_of(url: str) -> str:
    """The host of a URL without `www.`, `m.` or `amp.`: what `articles.source_domain` holds. Empty where it has none."""
    if plain := _SERVER.match(url):
        return front_stripped(plain[2])
    try:
        return front_stripped(parse_url(url).host)
    except BadUrl:
        return ""


def server_of(url: str) -> str:
    """The same with the port, where it is not the scheme's own: what answers there is another server."""
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
        return site_of(host if host.isascii() else parse_url(f"https://{host}/").host)
    except BadUrl:
        return host
