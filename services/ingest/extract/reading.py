# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""What the text of a block looks like, and the classes of its words."""

from __future__ import annotations

from array import array

from services.ingest.extract.blocks import SENTENCE_ENDS, Block
from services.ingest.extract.columns import (
    ADDRESS,
    BYLINE,
    CAPITALS,
    COMMAS,
    DENSITY,
    DIGITS,
    ENDS,
    HEADING,
    JUNK,
    KIND,
    LENGTH,
    LEXICON,
    LEXICON_MEAN,
    LEXICON_SUM,
    LINKS,
    MORE,
    MOST_WORDS,
    OPENS_WITH_LINK,
    QUESTION,
    START,
    STOPS,
    WIDTH,
    WORDS,
)
from services.ingest.extract.lines import is_byline_or_date
from services.ingest.extract.vocabulary import is_junk_line, is_more_heading

_SENTENCE = 60  # characters of a line without a stop that is no title
_LOOKED_AT = 240  # characters of a block that are read
_KINDS = {
    kind: float(n)
    for n, kind in enumerate("p div h1 h2 h3 h4 h5 h6 li td th dd dt blockquote pre caption summary".split())
}


def read_texts(
    blocks: list[Block], rows: array[float], hashes: array[int], counts: array[int], lexicon: array[float]
) -> None:
    """What the text of each block looks like, and the classes of its words."""
    at = n = 0
    for block in blocks:
        text = block.text
        if not text:  # of a piece that was passed by and shows nothing: `explain` tells of it
            at += WIDTH
            n += 1
            continue
        counts[n] = read_text(text, rows, at, hashes, n * MOST_WORDS, lexicon)
        length = len(text)
        rows[at + LENGTH] = min(length * (2 if text[length // 2] > "\u2e80" else 1), 1500)
        rows[at + DENSITY] = block.density
        rows[at + LINKS] = min(len(block.hrefs), 12)
        rows[at + KIND] = _KINDS.get(block.kind, 1.0)
        rows[at + HEADING] = block.heading
        if length < 160:
            rows[at + JUNK] = is_junk_line(text)
            rows[at + BYLINE] = length < 110 and is_byline_or_date(text)
            rows[at + MORE] = length <= 80 and is_more_heading(text)
        rows[at + OPENS_WITH_LINK] = opens_with_link(block)
        rows[at + ADDRESS] = "@" in text or "http" in text or "\u00a9" in text
        at += WIDTH
        n += 1


def opens_with_link(block: Block) -> bool:
    """Whether a short text begins with a link as long as a headline."""
    if not block.hrefs or not 0.15 < block.density <= 0.75 or len(block.text) > 420:
        return False
    title = block.hrefs[0][1]
    return len(title) >= 20 and block.text.startswith(title)


def read_text(  # noqa: PLR0915  one pass over the characters
    text: str, rows: array[float], at: int, hashes: array[int], room: int, lexicon: array[float]
) -> int:
    """Look at a text's characters; returns how many classes of words were put into `hashes` from `room`
    on."""
    words = capitals = digits = commas = stops = found = seen = 0
    letters = 0  # of the word that is being read
    value = 0
    total = 0.0
    last = 32
    for character in text:
        code = ord(character)
        seen += 1
        if seen > _LOOKED_AT:
            break
        if code < 128:
            if 97 <= code <= 122:
                lower = code
            elif 65 <= code <= 90:
                lower = code + 32
                capitals += letters == 0
            else:
                lower = 0
                digits += 48 <= code <= 57
                commas += code == 44
                stops += code == 32 and (last == 46 or last == 33 or last == 63)
        elif code < 0x2E80:
            lower = code
            if 0x410 <= code <= 0x42F or 0x391 <= code <= 0x3A9 or 0xC0 <= code <= 0xDE:
                lower = code + 32
                capitals += letters == 0
            elif 0x2000 <= code <= 0x206F or code == 0xA0 or code == 0xAB or code == 0xBB:
                lower = 0
            elif code == 0x60C:
                lower, commas = 0, commas + 1
            elif code == 0x6D4 or code == 0x61F or code == 0x964 or code == 0x1362:
                lower, stops = 0, stops + 1
        elif 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFF0F:
            lower = 0
            stops += code == 0x3002
            commas += code == 0x3001 or code == 0xFF0C
        else:  # a script without blanks: each two characters are a word
            lower = code
            value = last * 31 + code
            letters = 6
        if lower:
            if letters < 6:
                value = (value * 31 + lower) & 0xFFFFFF
            letters += 1
        if letters and (not lower or code >= 0x2E80):
            value = (value ^ (value >> 12)) & 4095
            total += lexicon[value]
            words += 1
            if found < MOST_WORDS:
                hashes[room + found] = value if letters >= 5 else value + LEXICON
                found += 1
            letters = value = 0
        last = code
    if letters:
        value = (value ^ (value >> 12)) & 4095
        total += lexicon[value]
        words += 1
        if found < MOST_WORDS:
            hashes[room + found] = value if letters >= 5 else value + LEXICON
            found += 1
    length = max(1, min(len(text), _LOOKED_AT))
    rows[at + STOPS] = 100.0 * stops / length
    rows[at + COMMAS] = 100.0 * commas / length
    rows[at + DIGITS] = digits / length
    rows[at + CAPITALS] = capitals / max(1, words)
    rows[at + WORDS] = words
    rows[at + LEXICON_SUM] = total
    rows[at + LEXICON_MEAN] = total / max(1, words)
    rows[at + START] = start_of(text)
    rows[at + ENDS] = end_of(text)
    rows[at + QUESTION] = "?" in text or "!" in text
    return found


def classes_of(text: str) -> list[int]:
    """The classes of a text's words, as the lexicon has them."""
    found = array("i", bytes(4 * MOST_WORDS))
    none = array("d", bytes(8 * LEXICON))
    count = read_text(text, array("d", bytes(8 * WIDTH)), 0, found, 0, none)
    return [value % LEXICON for value in found[:count]]


def start_of(text: str) -> float:
    """What a text begins with: 1 a capital, 2 a small letter, 3 a digit, 4 a quote, 5 a letter without
    case, 0 anything else."""
    first = text[0]
    if first.isupper():
        return 1.0
    if first.islower():
        return 2.0
    if first.isdigit():
        return 3.0
    if first.isalpha():
        return 5.0
    return 4.0 if first in "\"'“„«»‘’「『" else 0.0


def end_of(text: str) -> float:
    """What a text ends with: 1 as a sentence does, .8 with a quote or bracket, .5 with a colon or the like,
    .3 with dots."""
    last = text[len(text) - 1]
    if last == "…":
        return 0.3
    if last in SENTENCE_ENDS:
        return 0.3 if text.endswith("...") else 1.0
    if last in ":;：；":
        return 0.5
    if "\u0e00" <= last < "\u0f00" and len(text) >= _SENTENCE:
        return 1.0  # Thai and Lao have no stops
    return 0.8 if last in "\"'”’“‘„»«›‹」』》〉）】)]" else 0.0
