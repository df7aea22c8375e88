"""The columns of a row of evidence: their names, and their numbers in the row."""

from __future__ import annotations

_OWN = (
    "length density links ends stops commas digits capitals start words lexicon lexicon_mean kind heading "
    "junk_line byline more_heading opens_with_link address question like_title is_title like_description "
    "likeness repeated verdict worst box_share good siblings container_links container_length "
    "signature_share tag inside up down controls hidden group units figure item parent_links parent_prose"
).split()
_PLACE = (
    "place prose_before prose_after since_prose next_prose last_prose since_more more_around headlines side "
    "pairs page_prose page_blocks pair_share"
).split()
_NEAR = "length density ends heading lexicon_mean worst words since junk_line".split()
_BESIDE = ("before", "after")
_FARTHER = "length density ends heading".split()
_SCORES = (
    "score score_before score_after score_second_before score_second_after share_before share_after "
    "page_before page_after"
).split()
NAMES: tuple[str, ...] = (
    *_OWN,
    *_PLACE,
    *(f"{side}_{name}" for side in _BESIDE for name in _NEAR),
    *(f"{side}_same_container" for side in _BESIDE),
    *(f"{side}_same_signature" for side in _BESIDE),
    *(f"second_{side}_{name}" for side in _BESIDE for name in _FARTHER),
    *_SCORES,
)
WIDTH = len(NAMES)
LEXICON = 4096
"""Classes of words in the lexicon: a word falls into one by a hash of its first six letters."""
MOST_WORDS = 48  # of a block that are remembered
FAR = 30.0  # blocks; what is farther off counts as so far

(
    LENGTH, DENSITY, LINKS, ENDS, STOPS, COMMAS, DIGITS, CAPITALS, START, WORDS, LEXICON_SUM, LEXICON_MEAN,
    KIND, HEADING, JUNK, BYLINE, MORE, OPENS_WITH_LINK, ADDRESS, QUESTION, LIKE_TITLE, IS_TITLE,
    LIKE_DESCRIPTION, LIKENESS, REPEATED, VERDICT, WORST, BOX_SHARE, GOOD, SIBLINGS, CONTAINER_LINKS,
    CONTAINER_LENGTH, SIGNATURE_SHARE, TAG, INSIDE, UP, DOWN, CONTROLS, HIDDEN, GROUP, UNITS, FIGURE, ITEM,
    PARENT_LINKS, PARENT_PROSE,
) = range(len(_OWN))  # fmt: skip
(
    PLACE, PROSE_BEFORE, PROSE_AFTER, SINCE_PROSE, NEXT_PROSE, LAST_PROSE, SINCE_MORE, MORE_AROUND,
    HEADLINES, SIDE, PAIRS, PAGE_PROSE, PAGE_BLOCKS, PAIR_SHARE,
) = range(len(_OWN), len(_OWN) + len(_PLACE))  # fmt: skip
NEAR = len(_OWN) + len(_PLACE)
SAME_CONTAINER = NEAR + 2 * len(_NEAR)
SAME_SIGNATURE = SAME_CONTAINER + 2
SECOND = SAME_SIGNATURE + 2
SCORES = SECOND + 2 * len(_FARTHER)
NEAR_COUNT = len(_NEAR)
FARTHER_COUNT = len(_FARTHER)
