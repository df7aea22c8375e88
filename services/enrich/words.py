"""Words of a text with their offsets, the same way in training and at run time, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterator

_UNSEGMENTED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"[{_UNSEGMENTED}]+|[^\W\d_{_UNSEGMENTED}](?:[\w{_UNSEGMENTED}]*[^\W_])?(?:['’][^\W\d_]+)?", re.UNICODE
)
_IDEOGRAPH = re.compile(rf"[{_UNSEGMENTED}]")
_ARABIC = re.compile(r"^[\u0600-\u06ff]")
_ARABIC_PREFIX = re.compile(r"^(?:[وف]?(?:ال|بال|كال|لل)|[وفبل](?=ال))")


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """(folded word, start, end): lower case, possessive `'s` off; scripts that write no spaces as pairs of characters."""
    for match in _TOKEN.finditer(text):
        token = match.group()
        start, end = match.span()
        if _IDEOGRAPH.match(token):
            for at in range(start, max(start + 1, end - 1)):
                yield text[at : at + 2], at, min(at + 2, end)
            continue
        folded = token.lower()
        if folded.endswith(("'s", "’s")):
            folded, end = folded[:-2], end - 2
        if _ARABIC.match(folded) and len(folded) > 4:
            folded = _ARABIC_PREFIX.sub("", folded)
        yield folded, start, end
