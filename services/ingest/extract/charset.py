"""From bytes to text: byte order mark, what the page says, what the server says, what the bytes look like."""

from __future__ import annotations

import codecs
import re

import chardet

from services.runtime.compiled import compiled

_META = re.compile(rb"<meta\b[^>]{0,1000}", re.IGNORECASE)
_OF_META = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]{2,40})", re.IGNORECASE)
_OTHER_META = re.compile(rb"\s(?:name|property|itemprop)\s*=", re.IGNORECASE)
_EQUIV = re.compile(rb"http-equiv\s*=\s*[\"']?\s*content-type", re.IGNORECASE)
_NO_MARKUP = re.compile(
    rb"<!--(?:.*?-->|.*\Z)|<(script|style|title|textarea)\b(?:.*?</\1\s*>|.*\Z)", re.IGNORECASE | re.DOTALL
)
_FOREIGN = re.compile("[\x80-\ufffc\ufffe-\U0010ffff]")
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:\-]{2,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MARKS = tuple(mark for mark, _ in _BOMS)
_LOOKED_AT = 16 * 1024
"""Bytes in which a page may say its charset, comments and scripts before it included."""
# Labels that browsers read otherwise than Python's codecs (WHATWG Encoding Standard), by the codec.
_BROWSERS = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 utf8 unicode",
    "iso8859-2": "iso88592", "iso8859-3": "iso88593", "iso8859-4": "iso88594", "iso8859-5": "iso88595",
    "iso8859-6": "csiso88596e csiso88596i iso-8859-6-e iso-8859-6-i iso88596",
    "iso8859-7": "iso88597 sun_eu_greek",
    "iso8859-8": "csiso88598e iso-8859-8-e iso88598 visual csiso88598i iso-8859-8-i logical",
    "iso8859-10": "iso885910",
    "iso8859-13": "iso885913", "iso8859-14": "iso885914", "iso8859-15": "csisolatin9 iso885915",
    "koi8-r": "koi koi8",
    "koi8-u": "koi8-ru", "mac-roman": "csmacintosh mac x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874", "cp1250": "x-cp1250",
    "cp1251": "x-cp1251",
    "cp1252": "ansi_x3.4-1968 ascii cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 "
        "iso_8859-1 iso_8859-1:1987 l1 "
    "latin1 latin-1 us-ascii x-cp1252 x-user-defined",
    "cp1253": "x-cp1253",
    "cp1254": "csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
        "x-cp1254",
    "cp1255": "x-cp1255", "cp1256": "x-cp1256", "cp1257": "x-cp1257", "cp1258": "x-cp1258",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5", "euc_jp": "cseucpkdfmtjapanese x-euc-jp",
    "cp932": "csshiftjis ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 "
        "windows-949",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicodefeff",
}  # fmt: skip
_LABELS = {label: codec for codec, labels in _BROWSERS.items() for label in labels.split()}
_SERVERS_DEFAULT = "cp1252"
"""What a server names that knows nothing of its pages."""


_compiled = compiled("services.ingest.extract", "_bytes")


def is_utf8(body: bytes) -> bool:
    """Whether a page is UTF-8 throughout."""
    return bool(_compiled.is_utf8(body)) if _compiled else plain_is_utf8(body)


def plain_is_utf8(body: bytes) -> bool:
    """`is_utf8` in plain Python, to the same answers."""
    try:
        return body.isascii() or bool(body.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def holds(body: bytes, mark: bytes) -> bool:
    """Whether a mark stands anywhere in a page."""
    return bool(_compiled.holds(body, mark)) if _compiled else mark in body


def as_utf8(body: bytes, header_charset: str | None = None) -> bytes:
    """The page as UTF-8, which most are already: those are checked, and handed back as they came."""
    if not body.startswith(_MARKS) and b"\0" not in body[:2] and is_utf8(body):
        return body
    return decode_page(body, header_charset).encode("utf-8", "replace")


def decode_page(body: bytes, header_charset: str | None = None) -> str:
    """The page's text. Valid UTF-8 beats every label, since labels lie and UTF-8 does not happen by
    chance."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body.decode(name, "replace")
    if name := _of_two_bytes(body):
        return body.decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    codecs_named = _named(body, header_charset)
    if (text := _damaged_utf8(body, start, said="utf-8" in codecs_named[:1])) is not None:
        return text
    for codec in codecs_named:
        if codec != "utf-8":
            try:
                return body.decode(codec)
            except UnicodeDecodeError:
                text = body.decode(codec, "replace")
                if text.count("\ufffd") < len(text) / 500:
                    return text
    guessed = chardet.detect(body[:200_000])["encoding"]
    return body.decode((guessed and codec_of(guessed)) or "utf-8", "replace")


def _of_two_bytes(body: bytes) -> str:
    """Which UTF-16 a page without a mark is in: each other of its first bytes, which are markup, is zero."""
    if body[1:2] == b"\0" != body[:1] and body[3:4] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if body[:1] == b"\0" != body[1:2] and body[2:3] == b"\0" != body[3:4] else ""


def _damaged_utf8(body: bytes, start: int, *, said: bool) -> str | None:
    """The text of a page that is UTF-8 but for stray bytes here and there, which is damage and not another
    encoding.

    Texts in other encodings hardly ever make whole characters of UTF-8: many of these for each bad byte tell
    it, and far fewer do where the page says that it is UTF-8. Marks of replacement that the page itself holds
    are no damage.
    """
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    if bad <= _FEW and start > 2000 and _FOREIGN.search(text, 0, start):
        return text
    good = len(_FOREIGN.findall(text))
    return text if good >= (0.5 if said else 20) * bad else None


_FEW = 20  # bad bytes


def _named(body: bytes, header_charset: str | None) -> list[str]:
    """The codecs that are named for a page, first the one that counts most: browsers believe the server
    before the page.

    A server's default does not tell of its pages: what the page names goes before that.
    """
    of_header = codec_of(header_charset) if header_charset else None
    of_page = _declared(body)
    order = [of_page, of_header] if of_header == _SERVERS_DEFAULT else [of_header, of_page]
    return [codec for codec in order if codec]


def _declared(body: bytes) -> str | None:
    """The codec that the page itself names. A page whose name for it can be read is in no UTF-16."""
    head = _NO_MARKUP.sub(b"", body[:_LOOKED_AT])[:4096]
    for meta in _META.finditer(head):
        if _OTHER_META.search(meta[0]) and not _EQUIV.search(meta[0]):
            continue
        found = _OF_META.search(meta[0])
        if found and (codec := codec_of(found[1].decode())):
            return "utf-8" if codec.startswith("utf-16") else codec
    in_xml = _XML.search(body[:200])
    return codec_of(in_xml[1].decode()) if in_xml else None


def codec_of(label: str) -> str | None:
    """Python's codec for a label as browsers read it; None for what is no encoding of pages, such as hex or
    punycode."""
    label = label.strip().lower()
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
        b" ".decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return None if name in _NO_PAGES else name


_NO_PAGES = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
