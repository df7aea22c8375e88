"""Diffs two versions of a text: by words where that is bounded, else by lines, else as a whole."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Literal

Kind = Literal["same", "removed", "added"]
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n+|[^\n]+")
_MOST_PAIRS = 250_000
"""The most words or lines in one comparison, which takes quadratic time; a usual edit has a tenth of it."""


def compared(old: str, new: str) -> list[tuple[Kind, str]]:
    """The equal, removed and added parts in order. Time is linear in the lengths of the texts."""
    pieces: list[tuple[Kind, str]] = []
    for kind, text in _lines(old, new):
        if not text:
            continue
        if pieces and pieces[-1][0] == kind:
            pieces[-1] = (kind, pieces[-1][1] + text)
        else:
            pieces.append((kind, text))
    return pieces


def _lines(old: str, new: str) -> Iterator[tuple[Kind, str]]:
    """Diffs by words if there are few; else by lines, and changed lines by words."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    if _few(*_middle(a, b)):
        yield from _matched(a, b)
        return
    for before, after in _changes(_LINES.findall(old), _LINES.findall(new)):
        if before == after:
            yield "same", before
            continue
        a, b = _WORDS.findall(before), _WORDS.findall(after)
        if before and after and _few(*_middle(a, b)):
            yield from _matched(a, b)
        else:
            yield "removed", before
            yield "added", after


def _changes(a: list[str], b: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of line ranges before and after: equal ones, and replaced ones."""
    first, last = _ends(a, b)
    yield "".join(a[:first]), "".join(a[:first])
    left, right = _middle(a, b)
    if _few(left, right):
        for _, a1, a2, b1, b2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            yield "".join(left[a1:a2]), "".join(right[b1:b2])
    else:
        yield "".join(left), "".join(right)
    yield "".join(a[len(a) - last :]), "".join(a[len(a) - last :])


def _matched(a: list[str], b: list[str]) -> Iterator[tuple[Kind, str]]:
    first, last = (0, 0) if _few(a, b) else _ends(a, b)
    yield "same", "".join(a[:first])
    left, right = a[first : len(a) - last], b[first : len(b) - last]
    for what, a1, a2, b1, b2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if what == "equal":
            yield "same", "".join(left[a1:a2])
        else:
            yield "removed", "".join(left[a1:a2])
            yield "added", "".join(right[b1:b2])
    yield "same", "".join(a[len(a) - last :])


def _few(a: Sequence[str], b: Sequence[str]) -> bool:
    return len(a) * len(b) <= _MOST_PAIRS


def _middle(a: list[str], b: list[str]) -> tuple[list[str], list[str]]:
    """Both sequences without their common prefix and suffix."""
    first, last = _ends(a, b)
    return a[first : len(a) - last], b[first : len(b) - last]


def _ends(a: Sequence[str], b: Sequence[str]) -> tuple[int, int]:
    """The lengths of the common prefix, and of the common suffix of the rest."""
    least = min(len(a), len(b))
    first = next((n for n in range(least) if a[n] != b[n]), least)
    last = next((n for n in range(least - first) if a[-1 - n] != b[-1 - n]), least - first)
    return first, last
