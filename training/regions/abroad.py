"""Train the judge of mentions for languages other than English: is a span that could name a
place used as one?

python -m training.regions.abroad DATA              fits on everything and writes abroad.npz
python -m training.regions.abroad DATA --check      prints recall and precision with documents, and then whole
                                                    languages, left out

It learns from the marked places of DATA/places: German, Portuguese and English; of English only what is not
particular to English. A document comes a second time as in a language whose words are not listed. Spans that
a corpus marks as no mistake (people, organisations, buildings) teach nothing.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

import numpy as np

from services.enrich.regions import detection
from services.enrich.regions.gazetteer import Gazetteer
from services.enrich.regions.reading import PlaceReader
from services.enrich.regions.traits import TRAITS
from training.regions.boosting import fit, load, save
from training.regions.build import OUT, write_manifest
from training.regions.made_abroad import documents

CORPORA = {"germeval_de": 1.0, "harem_pt": 1.0, "worldwide_en": 0.35, "conll_en": 0.35}
"""Marked corpora, and what a span of each weighs."""
MADE_WEIGHT = 0.5
UNLISTED_WEIGHT = 0.35
FOLDS = 5
_ZIPF = [len(detection.FEATURES) + TRAITS.index(name) for name in ("zipf", "has_list", "abroad", "own")]
TREES = {"trees": 260, "rate": 0.06, "features": 0.5}


@dataclass
class Doc:
    """A marked document with what the judge sees of it."""

    corpus: str
    row: dict[str, Any]
    fold: int
    at: list[tuple[int, int]]
    rows: np.ndarray
    is_place: np.ndarray
    weight: np.ndarray


def main() -> None:
    """Train, or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder that holds places/")
    parser.add_argument("--check", action="store_true", help="leave documents and languages out")
    args = parser.parse_args()
    reader = PlaceReader(Gazetteer())
    docs = [
        _doc(reader, corpus, json.loads(line))
        for corpus in CORPORA
        for line in (args.data / "places" / f"{corpus}.jsonl").open(encoding="utf-8")
    ]
    docs += [_doc(reader, "made", row) for row in documents(reader.gazetteer)]
    if args.check:
        check(docs)
        return
    save(fit(*_table(docs), **TREES), OUT / "abroad.npz")
    write_manifest()


def _doc(reader: PlaceReader, corpus: str, row: dict[str, Any]) -> Doc:
    language = row["lang"]
    reading = reader.open(row["text"], None, language=language if language != "en" else "any")
    numbers, rows = reader.abroad_rows(reading, language)
    spans = [reading.spans[n] for n in numbers]
    marked, ignored = _spans(row["spans"]), _spans(row.get("ignore", ()))
    is_place = np.array([_touches(s.start, s.end, marked) for s in spans], bool)
    doubtful = np.array([_touches(s.start, s.end, ignored) for s in spans], bool)
    weight = np.where(~is_place & doubtful, 0.0, CORPORA.get(corpus, MADE_WEIGHT))
    fold = int(sha1(str(row["id"]).encode()).hexdigest(), 16) % FOLDS
    return Doc(corpus, row, fold, [(s.start, s.end) for s in spans], rows, is_place, weight)


def _spans(marks: Any) -> list[tuple[int, int]]:
    return [(m["start"], m["end"]) for m in marks]


def _touches(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(a < end and b > start for a, b in spans)


def _table(docs: list[Doc]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    docs = [d for d in docs if len(d.rows)]
    rows = np.concatenate([d.rows for d in docs])
    unlisted = rows.copy()
    unlisted[:, _ZIPF] = 0.0
    is_place = np.concatenate([d.is_place for d in docs])
    weight = np.concatenate([d.weight for d in docs])
    return (
        np.concatenate([rows, unlisted]),
        np.concatenate([is_place, is_place]),
        np.concatenate([weight, weight * UNLISTED_WEIGHT]),
    )


def check(docs: list[Doc]) -> None:
    """Recall (of marked places that a span touches), precision, and the most that recall could be."""
    said: dict[int, np.ndarray] = {}
    for fold in range(FOLDS):
        model = load(fit(*_table([d for d in docs if d.fold != fold]), **TREES))
        said |= {id(d): model.log_odds(d.rows) for d in docs if d.fold == fold and len(d.rows)}
    _print("documents left out", docs, said)
    for corpus in ("germeval_de", "harem_pt"):
        model = load(fit(*_table([d for d in docs if d.corpus != corpus]), **TREES))
        mine = [d for d in docs if d.corpus == corpus]
        _print("language left out", mine, {id(d): model.log_odds(d.rows) for d in mine if len(d.rows)})


def _print(how: str, docs: list[Doc], said: dict[int, np.ndarray]) -> None:
    by_corpus: defaultdict[str, list[Doc]] = defaultdict(list)
    for doc in docs:
        by_corpus[doc.corpus].append(doc)
    for corpus, mine in by_corpus.items():
        for bound in (0.3, 0.4, 0.5, 0.6):
            gold = found = right = wrong = reachable = 0
            for doc in mine:
                odds = said.get(id(doc), np.zeros(0))
                kept = [s for s, o in zip(doc.at, odds, strict=True) if o > np.log(bound / (1 - bound))]
                marked, ignored = _spans(doc.row["spans"]), _spans(doc.row.get("ignore", ()))
                gold += len(marked)
                found += sum(_touches(a, b, kept) for a, b in marked)
                reachable += sum(_touches(a, b, doc.at) for a, b in marked)
                right += sum(_touches(a, b, marked) for a, b in kept)
                wrong += sum(not _touches(a, b, marked) and not _touches(a, b, ignored) for a, b in kept)
            print(
                f"{how}: {corpus} at {bound}: recall {found / max(gold, 1):.3f}"
                f" of {reachable / max(gold, 1):.3f}"
                f" precision {right / max(right + wrong, 1):.3f}"
            )


if __name__ == "__main__":
    main()
