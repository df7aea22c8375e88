"""Order of day and month in dates of numbers, by country: `03/04/2025` is in April almost everywhere."""

from __future__ import annotations

_MONTH_FIRST = frozenset("us ph pw fm mh pr gu as mp vi bz".split())
"""Countries, and top-level domains, that write the month first."""
_AMERICAN = frozenset(("gov", "mil", "edu"))
_NO_COUNTRY = frozenset("io tv me co ai fm to ly gg cc am sh so".split())
"""Two-letter domains that sites take for their sound: they tell no country."""


def is_month_first(language: str | None, locale: str | None, host: str | None) -> bool:
    """Whether a site writes the month before the day.

    Its country decides: the host's top-level domain, the region of its language tag, or that of its locale,
    in this order. Plain English without any of these is taken for American, all other languages are not.
    """
    domain = (host or "").lower().rpartition(".")[2]
    if domain in _AMERICAN:
        return True
    if len(domain) == 2 and domain not in _NO_COUNTRY:
        return domain in _MONTH_FIRST
    for tag in (language, locale):
        parts = (tag or "").replace("_", "-").lower().split("-")
        if len(parts) > 1 and len(parts[-1]) == 2:
            region = parts[-1]
            if region != "us" or tag is language:
                return region in _MONTH_FIRST
    spoken = (language or locale or "en").replace("_", "-").lower().split("-")[0]
    return spoken in ("en", "fil", "tl")
