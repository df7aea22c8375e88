"""What the publisher says of an article's subject: its section, keywords and folder, mapped to IPTC by a
table of ours.

A publisher's word is evidence beside the text's, not above it: sections follow habits of the house. Each kind
multiplies the odds of the topics that it names. How far each is trusted was set by judgement, since labels
that stem from sections themselves cannot measure it: a section outweighs a text that is undecided, not one
that is sure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

_TABLE = Path(__file__).parent / "sections.tsv"
_FACTORS = {"section": 6.0, "path": 4.0, "keywords": 2.5}
_MOST = 20.0
_MOST_KEYWORDS = 12
ALONE = 0.7
"""Score of a topic that the publisher names and of which the text says too little to speak for itself."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """What is known from the publisher: its section, its keywords, the address."""

    section: str | None = None
    keywords: Sequence[str] = ()
    url: str | None = None


NOBODY = Publisher()


class Sections:
    """The table, and what it makes of a publisher's words."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        for line in _TABLE.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                code, *names = line.split("\t")
                self._codes |= dict.fromkeys(names, code)

    def read(self, said: Publisher) -> dict[str, dict[str, float]]:
        """Topics that the publisher names: {code: {section, path or keywords: factor on its odds}}."""
        found: dict[str, dict[str, float]] = {}
        for kind, words in (
            ("section", _parts(said.section)),
            ("path", _folders(said.url)),
            ("keywords", said.keywords[:_MOST_KEYWORDS]),
        ):
            counts = Counter(code for word in words if (code := self._codes.get(_folded(word))))
            for code, times in counts.items():
                # Keywords that name several topics say less of each.
                share = times / counts.total() if kind == "keywords" else 1.0
                found.setdefault(code, {})[kind] = 1 + (_FACTORS[kind] - 1) * share
        return found

    @staticmethod
    def factor(kinds: dict[str, float]) -> float:
        """What all kinds together multiply a topic's odds by."""
        product = 1.0
        for factor in kinds.values():
            product *= factor
        return min(_MOST, product)


def _folded(word: str) -> str:
    return " ".join(word.replace("_", " ").lower().split())


def _parts(section: str | None) -> Iterable[str]:
    """A section and, of one such as "News / Sport > Football", its parts."""
    if not section:
        return []
    parts = section.replace(">", "/").replace("|", "/").replace("»", "/").replace(":", "/").split("/")
    return dict.fromkeys([section, *parts])


def _folders(url: str | None) -> Iterable[str]:
    """The folders of an address, and a subdomain such as sport.example.org; the last part is the article's
    own name."""
    if not url:
        return []
    parts = urlsplit(url)
    labels = (parts.hostname or "").split(".")
    folders = [unquote(folder) for folder in parts.path.split("/")[1:-1][:4]]
    return dict.fromkeys([*labels[:-2], *folders, *(folder.replace("-", " ") for folder in folders)])
