"""Write lexicon.json.gz: how frequent the names of places are as words of each language, which words are
names of people, and words of Chinese and Japanese that hold a name of a place.

Frequencies are those of wordfreq (Robyn Speer; its data is CC BY-SA 4.0, and so is this table), names of
people those of Faker (MIT), Chinese words and their classes those of jieba (MIT).
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from importlib import import_module
from importlib.resources import files
from math import log10
from statistics import median
from typing import Any

import wordfreq
from faker.config import AVAILABLE_LOCALES

from services.enrich.regions.gazetteer import Gazetteer
from training.regions.build import OUT, write_manifest

LEAST_ZIPF = 2.4  # a word in four million
LATIN = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "cs", "fi", "tr", "id", "ro", "hu")
PIECES = ("zh", "ja")
_CLASSES = {"ns": 1, "nsf": 1, "nt": 2, "nr": 3, "nrt": 3, "nrfg": 3}  # of jieba
LEAST_CHINESE = 15  # times that jieba's corpus has a word
LEAST_JAPANESE = 2.6
_WORD = re.compile(r"[^\W\d_]+(?:['’.-]?[^\W\d_]+)*")


def main() -> None:
    """Write the table."""
    gazetteer = Gazetteer()
    names = {n.lower() for n in gazetteer.names if " " not in n}
    lists = {
        language: _zipf(language)
        for language in wordfreq.available_languages("best")
        if language not in PIECES
    }
    zipf = {
        language: {w: round(z, 1) for w, z in sorted(words.items()) if w in names}
        for language, words in sorted(lists.items())
    }
    given, family = _people()
    table = {
        "zipf": zipf,
        "abroad": _abroad(lists, names),
        "given": given,
        "family": family,
        "chinese": _chinese(gazetteer),
        "japanese": _japanese(gazetteer),
    }
    raw = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    (OUT / "lexicon.json.gz").write_bytes(gzip.compress(raw, 9, mtime=0))
    write_manifest()
    print({k: len(v) for k, v in table.items()}, len(raw), {k: len(v) for k, v in zipf.items()})


def _zipf(language: str) -> dict[str, float]:
    """Words with the logarithm of how often each comes in a thousand million."""
    return {
        w: z
        for w, share in wordfreq.get_frequency_dict(language).items()
        if (z := log10(share) + 9) >= LEAST_ZIPF
    }


def _abroad(lists: dict[str, dict[str, float]], names: set[str]) -> dict[str, float]:
    """How frequent a word is in the middle one of the large languages in Latin letters: names of places are
    known in most of them, common words in one."""
    return {
        w: round(z, 1)
        for w in sorted(names)
        if (z := median(lists[language].get(w, 0.0) for language in LATIN)) > 0
    }


def _people() -> tuple[list[str], list[str]]:
    """First names and family names of all locales of Faker; those with several words by each."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for locale in sorted(AVAILABLE_LOCALES):
        try:
            provider: Any = import_module(f"faker.providers.person.{locale}").Provider
        except ModuleNotFoundError:
            continue
        for attribute in dir(provider):
            kind = (
                "given"
                if attribute.startswith("first_name")
                else "family"
                if attribute.startswith("last_name")
                else ""
            )
            value = getattr(provider, attribute)
            if kind and isinstance(value, dict | tuple | list | set):
                found[kind] |= {w for name in value for w in _words(name)}
    return sorted(found["given"]), sorted(found["family"])


def _words(name: Any) -> Iterable[str]:
    text = name if isinstance(name, str) else name[0] if isinstance(name, tuple) and name else ""
    return [
        w for w in _WORD.findall(str(text)) if len(w) > 1 and w[0] >= "A" and not "\u2e80" <= w[0] <= "\ud7a3"
    ]


def _chinese(gazetteer: Gazetteer) -> dict[str, int]:
    """Words of jieba by class: 1 for a name of a place, 2 of an organisation, 3 of a person, 0 for others; of
    people and others only frequent ones that hold or may cross a name."""
    firsts = {c for n in gazetteer.names if n[0] >= "\u2e80" for c in n}
    out = {}
    for line in (files("jieba") / "dict.txt").read_text("utf-8").splitlines():
        word, times, kind = line.split()
        if len(word) < 2 or len(word) > 6:
            continue
        own = _CLASSES.get(kind, 0)
        if own in (1, 2) or word in gazetteer.names or (int(times) >= LEAST_CHINESE and firsts & set(word)):
            out[word] = own
    return out


def _japanese(gazetteer: Gazetteer) -> list[str]:
    """Frequent words of Japanese that are no names of places."""
    return sorted(
        w
        for w, z in _zipf("ja").items()
        if len(w) > 1 and w[0] >= "\u3041" and z >= LEAST_JAPANESE and not _is_well_known(gazetteer, w)
    )


def _is_well_known(gazetteer: Gazetteer, name: str) -> bool:
    row = gazetteer.names.get(name)
    return row is not None and (gazetteer.first_kind[row] <= 2 or gazetteer.first_log_population[row] > 5.0)


if __name__ == "__main__":
    main()
