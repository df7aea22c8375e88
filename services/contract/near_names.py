"""The known names that are most like a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_NEAR = 0.6


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """` Did you mean A or B?` with the most similar of `known`, or an empty string."""
    by_folded: dict[str, str] = {}
    for name in known:
        by_folded.setdefault(name.casefold(), name)
    near = get_close_matches(written.casefold(), by_folded, n=3, cutoff=_NEAR)
    return f" Did you mean {' or '.join(by_folded[name] for name in near)}?" if near else ""
