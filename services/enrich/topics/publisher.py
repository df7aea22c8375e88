"""Topics by the publisher's section, keywords and URL path, mapped to IPTC by a table.

They are evidence beside the text, not above it: sections follow each publisher's habits. Each kind multiplies
the odds of the topics that it names. The factors are judgement, since labels that come from sections cannot
measure them: a section outweighs an undecided text, not a confident one.
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
"""Score of a topic that the publisher names where the text says too little."""


@dataclass(frozen=True, slots=True)
class PublisherLabels:
    """The publisher's information on an article: section, keywords, URL."""

    section: str | None = None
    keywords: Sequence[str] = ()
    url: str | None = None


NOBODY = PublisherLabels()


class Sections:
    """The table, and its reading of a publisher's words."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        for line in _TABLE.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                code, *names = line.split("\t")
                self._codes |= dict.fromkeys(names, code)

    def read(self, said: PublisherLabels) -> dict[str, dict[str, float]]:
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
        """The product of the factors of all kinds on a topic's odds."""
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
    """The folders of a URL, and a subdomain such as sport.example.org; the last part is the article's own
    name."""
    if not url:
        return []
    parts = urlsplit(url)
    labels = (parts.hostname or "").split(".")
    folders = [unquote(folder) for folder in parts.path.split("/")[1:-1][:4]]
    return dict.fromkeys([*labels[:-2], *folders, *(folder.replace("-", " ") for folder in folders)])
