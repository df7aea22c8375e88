"""A text by itself: how many words it has, and the hash under which texts are equal."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from unicodedata import normalize

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]")

_WORDS = re.compile(r"\w+")


@lru_cache(maxsize=512)  # a page's headline is compared with everything that may be it
def fold(text: str) -> str:
    """Words in lower case, without punctuation."""
    return " ".join(_WORDS.findall(text.lower()))


_UNSEEN = "\u00ad\u200b\u2060\ufeff"
_TWICE_ESCAPED = re.compile("&(?:amp;)?nbsp;|&#160;")


def as_read(text: str) -> str:
    """A text as a reader sees it: composed characters (NFC), no soft hyphens and blanks of no width, no blank
    that was escaped twice.

    Joiners of no width stay: Persian and the scripts of India need them.
    """
    if "&" in text:
        text = _TWICE_ESCAPED.sub(" ", text)
    if text.isascii():
        return text
    for character in _UNSEEN:
        text = text.replace(character, "")
    return normalize("NFC", text)


def count_words(text: str) -> int:
    """Words of a text whose blanks are single and whose paragraphs stand apart, as extraction makes it.

    In scripts that write no blanks, two characters count as one word.
    """
    if not text:
        return 0
    spaced = text.count(" ") + text.count("\n\n") + 1
    if text.isascii() or not _CJK.search(text[::20]):
        return spaced
    return len(_CJK.findall(text)) // 2 + len(_CJK.sub(" ", text).split())


def content_hash(title: str, text: str) -> str:
    """Equal for texts that differ in white space only."""
    return hashlib.sha256(" ".join(f"{title}\n{text}".split()).encode()).hexdigest()[:32]
