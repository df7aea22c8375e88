"""Retention rules: for how many days raw answers, texts and whole articles are kept, by default and for
single sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from services.runtime.settings import setting

Keep = Literal["tags", "text", "nothing"]
FOREVER = "forever"
_MOST_DAYS = 36_500
_KINDS = ("raw", "text", "articles")


@dataclass(frozen=True, slots=True)
class Limits:
    """Days of age after which something is let go of; None: never. With its text an article's raw answer goes
    too."""

    raw: int | None = None
    text: int | None = None
    articles: int | None = None

    @property
    def raw_days(self) -> int | None:
        """Days after which a raw answer goes, whichever limit takes it."""
        return min((d for d in (self.raw, self.text, self.articles) if d is not None), default=None)

    def keep(self, age: timedelta, *, has_text: bool, has_raw: bool) -> Keep | None:
        """What may stay of an article of that age; None where nothing of it is due."""
        if self.articles is not None and age > timedelta(days=self.articles):
            return "nothing"
        if self.text is not None and age > timedelta(days=self.text) and (has_text or has_raw):
            return "tags"
        return "text" if self.raw is not None and age > timedelta(days=self.raw) and has_raw else None

    def __str__(self) -> str:
        return ",".join(f"{k}={d}d" for k in _KINDS if (d := getattr(self, k)) is not None) or FOREVER


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """The limits of each source; those of a domain hold for its subdomains too, the longest name wins."""

    default: Limits = Limits()
    sources: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, source: str) -> Limits:
        """The limits of a source's domain, or of a host with its port."""
        labels = source.partition(":")[0].lower().split(".")
        names = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self.sources[name] for name in names if name in self.sources), self.default)

    @property
    def youngest_days(self) -> int | None:
        """No limit takes anything younger; None where nothing goes at all."""
        return min((days for days in self._raw_days() if days is not None), default=None)

    @property
    def longest_raw_days(self) -> int | None:
        """No raw answer is kept longer; None where some are kept for ever."""
        days = list(self._raw_days())
        return None if None in days else max(d for d in days if d is not None)

    def _raw_days(self) -> Iterator[int | None]:
        return (limits.raw_days for limits in (self.default, *self.sources.values()))

    def shown(self) -> dict[str, str]:
        """The limits by source, as the settings would name them; `*`: of every other source."""
        return {"*": str(self.default)} | {name: str(limits) for name, limits in self.sources.items()}


def parse_limits(raw: str) -> Limits:
    """Read `raw=30d,text=90d,articles=365d`; `forever`, alone or for one of them, keeps."""
    if raw.strip() == FOREVER:
        return Limits()
    found: dict[str, int | None] = {}
    for part in filter(None, (p.strip() for p in raw.split(","))):
        kind, equals, days = (p.strip() for p in part.partition("="))
        if not equals or kind not in _KINDS or kind in found:
            raise ValueError(f"{part!r} is not one of raw=DAYS, text=DAYS, articles=DAYS, each once")
        found[kind] = None if days == FOREVER else _days(days)
    return Limits(**found)


def _days(raw: str) -> int:
    digits = raw.removesuffix("d")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 8):
        raise ValueError(f"{raw!r} is no number of days such as 90d, and not {FOREVER!r}")
    if not 1 <= (days := int(digits)) <= _MOST_DAYS:
        raise ValueError(f"{raw!r} is not between 1 and {_MOST_DAYS} days")
    return days


def parse_sources(raw: str) -> dict[str, Limits]:
    """Read `site.example raw=7d,articles=30d; other.example forever`."""
    found: dict[str, Limits] = {}
    for part in filter(None, (p.strip() for p in raw.split(";"))):
        source, _, limits = part.partition(" ")
        if not limits.strip() or "=" in source:
            raise ValueError(f"{part!r} is not a domain, a blank, and limits such as raw=7d,articles=30d")
        if (name := source.lower()) in found:
            raise ValueError(f"{name} is named twice")
        found[name] = parse_limits(limits)
    return found


def retention_setting() -> Any:
    """The setting for every source."""
    return setting(
        "DATELINE_RETENTION",
        parse_limits,
        "for how long what is stored is kept, as raw=30d,text=90d,articles=365d; empty keeps everything",
        Limits(),
    )


def retention_sources_setting() -> Any:
    """The setting for single sources, in the place of the other."""
    return setting(
        "DATELINE_RETENTION_SOURCES",
        parse_sources,
        "limits of single sources and their subdomains, as site.example raw=7d,articles=30d; other.example "
        "forever",
        {},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """The two settings by themselves, for whoever only looks."""

    retention: Limits = retention_setting()  # noqa: RUF009
    retention_sources: dict[str, Limits] = retention_sources_setting()  # noqa: RUF009

    @property
    def rules(self) -> RetentionRules:
        """Both settings as one value."""
        return RetentionRules(self.retention, self.retention_sources)
