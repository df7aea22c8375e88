"""The Harbour Courier, a made-up newspaper: its stories and teasers, read from TOML; and stories of other
houses that printed one of them too."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

NAME = "The Harbour Courier"
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class DemoStory:
    """A story, as written. In `body`, headings begin with `## ` and list items with `- `."""

    path: str
    layout: str
    language: str
    title: str
    authors: list[str]
    published: str
    section: str
    body: list[str]
    provider: str | None = None
    canonical: str | None = None
    house: str = NAME
    times: list[str] = field(default_factory=list)
    table: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The expected result of extraction: paragraphs separated by blank lines."""
        return "\n\n".join(p.removeprefix("## ") for p in self.body)

    @property
    def syndicated(self) -> bool:
        """Whether the layout puts teasers of other stories around the body."""
        return self.layout in ("portal", "cards", "flat")


@cache
def stories() -> dict[str, DemoStory]:
    """All stories of the Courier by path."""
    return _read("stories")


@cache
def elsewhere() -> dict[str, DemoStory]:
    """By path, how other houses printed the dockers' strike: two with the agency's text, one with its own."""
    return _read("houses")


def _read(folder: str) -> dict[str, DemoStory]:
    found = [
        DemoStory(**tomllib.loads(p.read_text(encoding="utf-8")))
        for p in sorted((_HERE / folder).glob("*.toml"))
    ]
    return {story.path: story for story in found}


@cache
def teasers() -> dict[str, Any]:
    """Teasers by language: heading, comments notice, stories."""
    return tomllib.loads((_HERE / "teasers.toml").read_text(encoding="utf-8"))
