"""Numbers that the modules of the name recogniser share: shapes of words, gaps between them, hashing."""

from __future__ import annotations

BASIS, PRIME, ALL = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF
"""FNV-1a: where a hash begins, by what each character multiplies it, and the bits that are kept."""
LOWER, TITLE, INITIAL, UPPER, MIXED, DOTTED, ALNUM, NUMBER, AMPERSAND, CASELESS = range(10)
"""Shapes: lower case; Xx; one capital; XX; other capitals; U.S. or J.; digits and letters; digits; &; a
script without case."""
(GLUED, SPACE, HYPHEN, APOSTROPHE, OF, STOP, COMMA, OPEN, CLOSE, QUOTE, COLON, DASH, LINE, SLASH, OTHER,
 SENTENCE, PLURAL) = range(17)  # fmt: skip
"""Gaps between two words. OF: a possessive; STOP: of an abbreviation; PLURAL: an apostrophe alone."""
SOFT = sum(1 << gap for gap in (GLUED, SPACE, HYPHEN, APOSTROPHE, OF, STOP, PLURAL))
"""Gaps that a name may span, as bits."""
WIDTH = 54
"""Features of a word, at most: each is one row of the weights."""
BITS = 18
"""The weights have two to this power rows."""
WIDE = 16
"""Numbers in a row of the weights: one a label, and one to spare."""
