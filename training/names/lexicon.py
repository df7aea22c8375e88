"""The lexicon of the name recogniser, built from free lists (their licences: README.md).

    python -m training.names.lexicon

Given and family names: `names` (US census of 1990, public domain; MIT), Faker and Mimesis (MIT). Brown
clusters: `spacy-lookups-data` (MIT). Places: the regions tagger's gazetteer. Roles of words: roles.tsv and
speech.tsv.
"""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
from collections import defaultdict
from importlib.util import find_spec
from math import log10
from pathlib import Path
from typing import Any

import numpy as np

from services.enrich.names import clauses, lexicon
from services.enrich.names.alphabet import ALL, PRIME
from services.enrich.names.hashing import hash_of, mixed
from services.enrich.regions.gazetteer import PEOPLE, SHORT, Gazetteer

FILE = Path("services/enrich/names/data/lexicon.npz")
CLUSTERED_WORDS = {"en": 60_000, "de": 120_000, "es": 50_000}
_LEAST_PEOPLE = 4.3  # log10 of the inhabitants of the smallest town
_MOST_CENSUS = 50_000  # names of a list of the census
_WORD = str.isalpha


def folder_of(package: str) -> Path:
    """Where a package's data is."""
    spec = find_spec(package)
    assert spec is not None and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def census() -> tuple[dict[str, int], dict[str, int]]:
    """Given and family names of the census, each with a level from 1 (rare) to 3."""
    given: dict[str, int] = {}
    family: dict[str, int] = {}
    root = folder_of("names")
    for file, out, steps in (
        ("dist.female.first", given, (300, 1500)),
        ("dist.male.first", given, (300, 1000)),
        ("dist.all.last", family, (2000, 12000)),
    ):
        for n, line in enumerate((root / file).read_text().split("\n")):
            if line.strip() and n < _MOST_CENSUS:
                name = line.split()[0].lower()
                out[name] = max(out.get(name, 0), 3 if n < steps[0] else 2 if n < steps[1] else 1)
    return given, family


def invented() -> tuple[set[str], set[str]]:
    """Given and family names of Faker's and Mimesis's countries, in small letters."""
    given: set[str] = set()
    family: set[str] = set()

    def take(values: Any, out: set[str]) -> None:
        names = values if isinstance(values, (list, tuple, set, dict)) else ()
        for name in names:
            if isinstance(name, str):
                out.update(
                    part for part in name.lower().replace("-", " ").split() if len(part) > 1 and _WORD(part)
                )

    import faker.providers.person as person

    for found in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{found.name}").Provider
        for attribute in dir(provider):
            if attribute.startswith(("first_names", "first_name")) and "romanized" not in attribute:
                take(getattr(provider, attribute), given)
            if attribute.startswith(("first_romanized", "first_male_romanized", "first_female_romanized")):
                take(getattr(provider, attribute), given)
            if attribute.startswith(("last_name", "last_romanized")):
                take(getattr(provider, attribute), family)
    for file in folder_of("mimesis").glob("datasets/*/person.json"):
        known = json.loads(file.read_text())
        for values in (known.get("names") or {}).values():
            take(values, given)
        surnames = known.get("surnames") or []
        for values in surnames.values() if isinstance(surnames, dict) else [surnames]:
            take(values, family)
    return given, family


def names() -> dict[str, int]:
    """Value by name: level as a given name, and four times the level as a family name."""
    given, family = census()
    more_given, more_family = invented()
    for name in more_given:
        given[name] = max(given.get(name, 0), 2)
    for name in more_family:
        family[name] = max(family.get(name, 0), 2)
    return {n: given.get(n, 0) + 4 * family.get(n, 0) for n in given.keys() | family.keys()}


def clusters(language: str) -> dict[str, int]:
    """Brown clusters of the most frequent words, 16 bits; spaCy keeps a path from the last bit on."""
    root = folder_of("spacy_lookups_data") / "data"
    known: dict[str, int] = json.loads(
        gzip.decompress((root / f"{language}_lexeme_cluster.json.gz").read_bytes())
    )
    words = [w for w in known if _WORD(w.replace("-", "").replace(".", "").replace("'", ""))]
    return {w: known[w] & 0xFFFF for w in words[: CLUSTERED_WORDS[language]] if known[w] & 0xFFFF}


def places(gazetteer: Gazetteer) -> dict[str, int]:
    """The kind of each name's first meaning."""
    out = {}
    kinds = gazetteer.kinds
    for name, row in gazetteer.names.items():
        kind, how = kinds[gazetteer.first_kind[row]], gazetteer.first_how[row]
        size = gazetteer.first_log_population[row]
        if how == SHORT:
            continue
        if how == PEOPLE:
            out[name] = 15
        elif kind == "city":
            if size >= _LEAST_PEOPLE:
                out[name] = 11 if size >= 6 else 12 if size >= 5.3 else 13 if size >= 4.6 else 14
        else:
            out[name] = 1 + gazetteer.first_kind[row]
    return out


def phrase(name: str) -> int | None:
    """The hash of a name's words, as candidates look it up; None for one that is no run of words."""
    from services.enrich.names.tokens import Tokens

    tokens = Tokens(name, False)
    key = 0
    for n in range(tokens.count):
        key = ((key ^ tokens.exact[n]) * PRIME) & ALL
    return key if 0 < tokens.count <= 5 else None


def words_of(file: str, numbers: Any) -> dict[str, int]:
    """The words of a table by role, as the sum of what the roles are in `numbers`."""
    roles: dict[str, int] = defaultdict(int)
    for line in Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines():
        role, _, words = line.partition("\t")
        for word in words.split():
            roles[word] |= getattr(numbers, role)
    return roles


def listed() -> list[str]:
    """The names of organisations.txt, as written there and in capitals."""
    lines = Path(__file__).with_name("organisations.txt").read_text(encoding="utf-8").splitlines()
    names = [name.strip() for line in lines if line[:1] != "#" for name in line.split(";")]
    return [form for name in names if name for form in {name, name.upper()}]


def main() -> None:
    entries: dict[int, int] = {}
    for name, value in names().items():
        entries[mixed(lexicon.NAMES, hash_of(name))] = value
    for word, value in words_of("roles.tsv", lexicon).items():
        entries[mixed(lexicon.ROLES, hash_of(word))] = value
    for word, value in words_of("speech.tsv", clauses).items():
        entries[mixed(lexicon.SPEAKING, hash_of(word))] = value
    for n, language in enumerate(lexicon.CLUSTERED):
        for word, value in clusters(language).items():
            entries[mixed(lexicon.FIRST_CLUSTERS + n, hash_of(word))] = value
    for name, value in places(Gazetteer()).items():
        key = phrase(name)
        if key is not None:
            entries[mixed(lexicon.PLACES, key)] = value
    for name in listed():
        key = phrase(name)
        if key is not None:
            entries[mixed(lexicon.ORGANISATIONS, key)] = 1
    hashes = np.array(sorted(entries), np.uint64)
    np.savez_compressed(FILE, hashes=hashes, values=np.array([entries[int(h)] for h in hashes], np.uint16))
    print(len(hashes), "entries,", FILE.stat().st_size, "bytes,", log10(len(hashes)))


if __name__ == "__main__":
    main()
