"""Decoding of documents that should be XML: character encoding and references, tolerant of damage."""

from __future__ import annotations

import codecs
import html
import re
from html.entities import html5

import chardet

from services.ingest.extract.charset import codec_of

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = (
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16-be"),
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]{2,40})", re.IGNORECASE)
_BY_DEFAULT = frozenset({"cp1252", "iso8859-1", "ascii"})
"""Encoding labels that servers send by default."""
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf-7", "utf-8"}
)
"""Python codecs that no document uses, or that are tried earlier."""
_SAMPLE = 200_000
_SHIFTS = b"\x1b$"
"""ISO 2022 escape sequences, whose bytes are also ASCII."""
_DAMAGE = 500
"""Characters per bad byte above which a document counts as damaged UTF-8 rather than another encoding."""

_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]{1,40})|([0-9]{1,40}))|([A-Za-z][A-Za-z0-9]{0,31}));")
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,60})\s+(?:\"([^\"<]{0,300})\"|'([^'<]{0,300})')\s*>")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MOST_CHARACTER = 0x10FFFF


def decoded(body: bytes, charset: str | None = None) -> str:
    """The text of a document: by byte order mark, as valid UTF-8, by its labels, by detection, in this
    order.

    Labels are often wrong, and other encodings are hardly ever valid UTF-8 by chance. A bad byte becomes one
    replacement character.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return writable(body.decode(codec, "replace"))
    for start, codec in _UNMARKED:
        if start.match(body):
            return writable(body.decode(codec, "replace"))
    if _SHIFTS in body and (text := _labelled(body, (charset, _declared(body)))):
        return writable(text)
    try:
        return writable(body.decode("utf-8"))
    except UnicodeDecodeError:
        labels = (charset, _declared(body))
        return writable(_mostly_utf8(body, labels) or _labelled(body, labels) or _guessed(body))


def _mostly_utf8(body: bytes, labels: tuple[str | None, ...]) -> str | None:
    """The text as damaged UTF-8; half of it must be valid where it declares UTF-8 and nothing else."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    beyond_ascii = sum(1 for character in text if character > "\x7f") - text.count("\ufffd")
    said = {codec_of(label) for label in labels if label} - _BY_DEFAULT
    return text if beyond_ascii > 2 * bad or (beyond_ascii >= bad and said == {"utf-8"}) else None


def _declared(body: bytes) -> str | None:
    return match[1].decode("ascii") if (match := _DECLARED.search(body[:1000])) else None


def _labelled(body: bytes, said: tuple[str | None, ...]) -> str | None:
    """The text by the server's label, then the document's own; a server's default label is tried last."""
    labels = [codec for label in said if label and (codec := codec_of(label)) and codec not in _NO_CHARSETS]
    codecs_of_bytes = [
        c for c in sorted(labels, key=_BY_DEFAULT.__contains__) if not c.startswith(("utf-16", "utf-32"))
    ]
    for codec in codecs_of_bytes:
        try:
            return body.decode(codec)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    for codec in codecs_of_bytes:
        text = _replaced(body, codec)
        if text is not None and text.count("\ufffd") <= 1 + len(text) // _DAMAGE:
            return text
    return None


def _replaced(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec, "replace")
    except (LookupError, ValueError):  # a Python codec that does not decode to text
        return None


def _guessed(body: bytes) -> str:
    guess = chardet.detect(body[:_SAMPLE])["encoding"]
    return (_replaced(body, codec_of(guess) or "utf-8") if guess else None) or body.decode("utf-8", "replace")


def writable(text: str) -> str:
    """Text without NUL, control characters and lone surrogates, which XML and Postgres forbid."""
    text = _UNWRITABLE.sub("", text)
    return text if text.isascii() else _SURROGATES.sub("\ufffd", _HALVES.sub(_joined, text))


def _joined(match: re.Match[str]) -> str:
    return match[0].encode("utf-16", "surrogatepass").decode("utf-16")


def own_entities(doctype: str) -> dict[str, str]:
    """The short entities that a document type declares. Their values are literal: references in them are
    not followed."""
    return {name: unescaped(double or single) for name, double, single in _ENTITY.findall(doctype[:100_000])}


def unescaped(text: str, entities: dict[str, str] | None = None) -> str:
    """Text with its references resolved exactly once; a bare ampersand and unknown names stay as they are."""
    if "&" not in text:
        return text
    return writable(_REFERENCE.sub(lambda match: _character(match, entities or {}), text))


def _character(match: re.Match[str], entities: dict[str, str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return entities.get(name) or html5.get(f"{name};") or match[0]
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if number > _MOST_CHARACTER:
        return "\ufffd"
    # As in browsers, 128 to 159 are Windows-1252. `writable` joins surrogate pairs.
    return html.unescape(match[0]) if 0x80 <= number <= 0x9F else chr(number)
