"""From bytes to text: byte order mark, what the page says, what the server says, what the bytes look like."""

from __future__ import annotations

import codecs
import re

import chardet

from services.runtime.compiled import compiled

_compiled = compiled("services.ingest.extract")

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]{2,40})", re.IGNORECASE)
_NO_MARKUP = re.compile(
    rb"<!--(?:.*?-->|.*\Z)|<(script|style|title|textarea)\b(?:.*?</\1\s*>|.*\Z)", re.IGNORECASE | re.DOTALL
)
_FOREIGN = re.compile("[\x80-\ufffc\ufffe-\U0010ffff]")
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:\-]{2,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MARKS = tuple(mark for mark, _ in _BOMS)
_LOOKED_AT = 16 * 1024
"""Bytes in which a page may say its charset, comments and scripts before it included."""
# What browsers read these labels as (WHATWG Encoding Standard).
_LABELS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
           "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
           "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "big5": "big5hkscs", "iso-8859-9": "cp1254", "tis-620": "cp874",
           "windows-874": "cp874", "utf8": "utf-8", "unicode": "utf-8"}  # fmt: skip


def _is_utf8(body: bytes) -> bool:
    if _compiled:
        return _compiled.is_utf8(body)  # type: ignore[no-any-return]
    try:
        return body.isascii() or bool(body.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def as_utf8(body: bytes, header_charset: str | None = None) -> bytes:
    """The page as UTF-8, which most are already: those are checked, and handed back as they came."""
    if not body.startswith(_MARKS) and _is_utf8(body):
        return body
    return decode_page(body, header_charset).encode("utf-8", "replace")


def decode_page(body: bytes, header_charset: str | None = None) -> str:
    """The page's text. Valid UTF-8 beats every label, since labels lie and UTF-8 does not happen by chance."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body.decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        # One stray byte in a page that is UTF-8 otherwise is damage, not another encoding.
        if error.start > 2000 and body.count(b"\xef\xbf\xbd") == 0:
            text = body.decode("utf-8", "replace")
            if text.count("\ufffd") <= 20 and _FOREIGN.search(text, 0, error.start):
                return text
    match = _META.search(_NO_MARKUP.sub(b"", body[:_LOOKED_AT])[:4096]) or _XML.search(body[:200])
    declared = match.group(1).decode("ascii", "ignore") if match else None
    for label in (declared, header_charset):
        if label and (codec := codec_of(label)) and codec != "utf-8":
            try:
                return body.decode(codec)
            except UnicodeDecodeError:
                text = body.decode(codec, "replace")
                if text.count("\ufffd") < len(text) / 500:
                    return text
    guessed = chardet.detect(body[:200_000])["encoding"]
    return body.decode((guessed and codec_of(guessed)) or "utf-8", "replace")


def codec_of(label: str) -> str | None:
    """Python's codec for a label as browsers read it; None for what is no encoding of pages, such as hex or punycode."""
    label = label.strip().lower()
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
        b" ".decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return None if name in _NO_PAGES else name


_NO_PAGES = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
