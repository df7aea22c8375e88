"""Train the two small models of places and write them beside the gazetteer. Deterministic.

  python -m training.regions.train DATA                     detector and ranker, fitted on everything
  python -m training.regions.train DATA --held-out FOLDER   also tag each article with models that never saw
  its
                                                            source, as JSON lines for the scorers

The detector learns which spans are places, the ranker which candidate a name means, both from three corpora
of marked articles; a source prior is learned from its own other articles, without their marks. The countries
that an article is about are learned afterwards, with these models: `python -m training.regions.about DATA`.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sklearn.isotonic import IsotonicRegression

from services.contract.source_prior import Sighting, SourcePrior, learn
from services.enrich.regions.parts import RegionRequest
from services.enrich.regions.reading import PlaceReading
from services.enrich.regions.tagger import _KNOTS, RegionTagger
from training.regions.boosting import fit, load, save
from training.regions.build import OUT, write_manifest
from training.regions.made import documents

CORPORA = ("lgl_tune", "trnews", "gwn")
FOLDS = 5
# what the field calls the right place (Gritta et al., A Pragmatic Guide to Geoparsing Evaluation, 2020)
NEAR_KM = 161.0
SEEN = ("spans", "is_place", "span_weight", "candidates", "is_meant", "candidate_weight")
MADE_WEIGHT, MADE_RANK_WEIGHT = (
    0.5,
    0.15,
)  # of a span, and of a candidate, in a sentence of our own beside one in news


@dataclass
class Doc:
    """A marked article with what the models see of it."""

    corpus: str
    row: dict[str, Any]
    fold: int
    prior: SourcePrior | None = None
    reading: PlaceReading | None = None
    spans: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    is_place: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    span_weight: np.ndarray = field(default_factory=lambda: np.zeros(0))
    candidates: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    is_meant: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    candidate_weight: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def source(self) -> str | None:
        return f"{self.corpus}:{self.row['domain']}" if self.row.get("domain") else None


def main() -> None:
    """Train, and write the artefact."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder that holds regions/")
    parser.add_argument(
        "--held-out", type=Path, help="write what models say of articles of sources that they never saw"
    )
    args = parser.parse_args()
    for name in ("detector", "ranker"):  # the tagger asks for its models when it starts
        if not (OUT / f"{name}.npz").exists():
            save(fit(np.eye(64, dtype=np.float32), np.arange(64) % 2 == 0), OUT / f"{name}.npz")
    if not (OUT / "calibration.npz").exists():
        save({"right": _KNOTS.astype(np.float32)}, OUT / "calibration.npz")
    tagger = RegionTagger()
    docs = list(_docs(args.data / "regions"))
    detector, ranker = _train(tagger, docs, args.held_out)
    tagger._detector, tagger._ranker = load(detector), load(ranker)
    for name, model in (("detector", detector), ("ranker", ranker)):
        save(model, OUT / f"{name}.npz")
    write_manifest()


def _docs(folder: Path) -> Iterator[Doc]:
    """All marked articles; a source's articles share a fold."""
    rows = [(c, json.loads(line)) for c in CORPORA for line in (folder / f"{c}.jsonl").open(encoding="utf-8")]
    sources = sorted({(c, r["domain"] or r["id"]) for c, r in rows})
    order = np.random.RandomState(0).permutation(len(sources))
    fold = {s: int(n) % FOLDS for s, n in zip(sources, order, strict=True)}
    for corpus, row in rows:
        yield Doc(corpus, row, fold[corpus, row["domain"] or row["id"]])


def _train(
    tagger: RegionTagger, docs: list[Doc], held_out: Path | None
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Two rounds: without priors, whose held-out answers give each source its prior; then with them."""
    rounds = []
    made = [Doc("made", row, -1) for row in documents(tagger.gazetteer)]
    for doc in made:
        _see_spans(tagger, doc)
        _see_candidates(tagger, doc, doc.is_place.astype(np.float32))
    ours = tuple(np.concatenate([getattr(d, k) for d in made if len(getattr(d, k))]) for k in SEEN)
    ours = (*ours[:2], ours[2] * MADE_WEIGHT, *ours[3:5], ours[5] * MADE_RANK_WEIGHT)
    for round_ in (1, 2):
        for doc in docs:
            _see_spans(tagger, doc)
        believed = _held_out(docs, lambda d: (d.spans, d.is_place, d.span_weight), ours)
        for doc, answer in zip(docs, believed, strict=True):
            _see_candidates(tagger, doc, answer)
        rounds.append([tuple(getattr(d, k) for k in SEEN) for d in docs])
        every = _all(rounds)
        folds = [
            _fit([r for r, d in zip(every, docs * len(rounds), strict=True) if d.fold != k], ours)
            for k in range(FOLDS)
        ]
        if round_ == 1:
            for doc, prior in zip(docs, _priors(tagger, docs, folds), strict=True):
                doc.prior = prior
    _calibrate(tagger, docs, folds)
    if held_out:
        _write_held_out(tagger, docs, folds, held_out)
    return _fit(_all(rounds), ours)


def _all(rounds: list[list[Any]]) -> list[Any]:
    return [row for round_ in rounds for row in round_]


def _fit(
    rows: list[Any], ours: tuple[np.ndarray, ...]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Detector and ranker of rows as `_train` keeps them, and of our own sentences."""
    spans, is_place, span_weight, candidates, is_meant, candidate_weight = (
        np.concatenate([*(r[k] for r in rows if len(r[k])), ours[k]]) for k in range(6)
    )
    return fit(spans, is_place, span_weight), fit(
        candidates, is_meant, candidate_weight, trees=260, rate=0.05, features=0.6
    )


def _held_out(docs: list[Doc], rows: Callable[[Doc], Any], ours: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """For each article, the answers of a model that saw no article of its source."""
    out: list[np.ndarray] = [np.zeros(0, np.float32)] * len(docs)
    for k in range(FOLDS):
        seen = [rows(d) for d in docs if d.fold != k and len(rows(d)[0])]
        model = load(fit(*(np.concatenate([*(s[i] for s in seen), ours[i]]) for i in range(3))))
        for n, doc in enumerate(docs):
            if doc.fold == k and len(rows(doc)[0]):
                out[n] = 1 / (1 + np.exp(-model.log_odds(rows(doc)[0])))
    return out


def _see_spans(tagger: RegionTagger, doc: Doc) -> None:
    """Read the text; a span is a place where a marked one overlaps it, and nothing where only an unscored one
    does."""
    doc.reading = tagger.reader.open(doc.row["text"], doc.prior)
    doc.spans = tagger.reader.detector_rows(doc.reading)
    marks = [_overlapping(doc, s.start, s.end) for s in doc.reading.spans]
    doc.is_place = np.array([any(m["scored"] for m in ms) for ms in marks], bool)
    doc.span_weight = np.array(
        [1.0 if not ms or yes else 0.0 for ms, yes in zip(marks, doc.is_place, strict=True)]
    )


def _overlapping(doc: Doc, start: int, end: int) -> list[Any]:
    return [m for m in doc.row["mentions"] if m["start"] < end and m["end"] > start]


def _see_candidates(tagger: RegionTagger, doc: Doc, believed: np.ndarray) -> None:
    """A candidate is meant where it is the marked place, or near it where that has no number; names without a
    mark teach nothing."""
    assert doc.reading is not None
    tagger.reader.believe(doc.reading, believed)
    guess = doc.reading.guess
    if guess is None:
        return
    doc.candidates = tagger.reader.resolver_rows(doc.reading, doc.prior, doc.row["domain"])
    doc.is_meant = np.zeros(len(guess.entities), bool)
    doc.candidate_weight = np.zeros(len(guess.entities))
    for n, group in enumerate(guess.groups):
        stands = [(doc.reading.spans[s].start, doc.reading.spans[s].end) for s in group.spans]
        marks = [
            m for a, b in stands for m in _overlapping(doc, a, b) if m["scored"] and m["lat"] is not None
        ]
        rows = slice(guess.first[n], guess.first[n] + guess.size[n])
        if marks:
            near = np.array([_is_near(tagger, int(e), marks[0]) for e in guess.entities[rows]])
            itself = tagger.gazetteer.geonameid[guess.entities[rows]] == (marks[0]["geonameid"] or -1)
            doc.is_meant[rows] = itself if itself.any() else near
            # Where the marked place itself is a candidate, its neighbours are neither right nor wrong.
            doc.candidate_weight[rows] = (itself | ~near) if itself.any() else float(near.any())


def _is_near(tagger: RegionTagger, entity: int, mark: Any) -> bool:
    found = tagger.gazetteer.describe(entity)
    return (
        found.lat is not None
        and found.lon is not None
        and _km(found.lat, found.lon, mark["lat"], mark["lon"]) <= NEAR_KM
    )


def _km(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    a, b, c, d = map(radians, (lat, lon, to_lat, to_lon))
    return 12742 * asin(min(1.0, sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2)))


def _priors(tagger: RegionTagger, docs: list[Doc], folds: list[Any]) -> list[SourcePrior | None]:
    """The source prior of each article, as its other articles show it to models that never saw the source."""
    seen: list[Sighting] = []
    for doc in docs:
        tagger._detector, tagger._ranker = (load(m) for m in folds[doc.fold])
        seen.append(tagger.sightings([RegionRequest("", doc.row["text"], None, doc.row["domain"], "en")])[0])
    by_source: defaultdict[str, list[int]] = defaultdict(list)
    for n, doc in enumerate(docs):
        if doc.source:
            by_source[doc.source].append(n)
    return [
        learn(seen[m] for m in by_source[d.source] if m != n) if d.source else None
        for n, d in enumerate(docs)
    ]


def _calibrate(tagger: RegionTagger, docs: list[Doc], folds: list[Any]) -> None:
    """How often a place of a raw score is found and right, on articles of sources that the models never saw
    (isotonic)."""
    raw, right, folds_of = [], [], []
    tagger._right = _KNOTS.tolist()
    for doc in docs:
        tagger._detector, tagger._ranker = (load(m) for m in folds[doc.fold])
        for place in tagger.tag(
            "", doc.row["text"], domain=doc.row["domain"], language="en", prior=doc.prior
        ).places:
            marks = _overlapping(doc, place.start, place.end)
            if place.kind == "landmark" or (marks and not any(m["scored"] for m in marks)):
                continue
            mark = next((m for m in marks if m["scored"]), None)
            near = (
                place.lat is not None
                and place.lon is not None
                and mark
                and _km(place.lat, place.lon, mark["lat"], mark["lon"]) <= NEAR_KM
            )
            raw.append(place.score)
            folds_of.append(doc.fold)
            right.append(bool(mark and (near or mark["geonameid"] == place.geonameid)))
    fold = np.array(folds_of)
    scores, truth = np.array(raw), np.array(right, float)
    told = np.zeros(len(scores))
    for k in range(FOLDS):
        told[fold == k] = _isotonic(scores[fold != k], truth[fold != k]).predict(scores[fold == k])
    print(json.dumps({"reliability": [
        {"score": round(float(told[m].mean()), 3), "right": round(float(truth[m].mean()), 3),
        "places": int(m.sum())}
        for low in range(10) if (m := (told >= low / 10) & (told < (low + 1) / 10 + (low == 9))).sum() >= 30
    ]}))  # fmt: skip
    known = _isotonic(scores, truth).predict(_KNOTS)
    save({"right": known.astype(np.float32)}, OUT / "calibration.npz")
    tagger._right = known.tolist()


def _isotonic(scores: np.ndarray, truth: np.ndarray) -> IsotonicRegression:
    return IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(scores, truth)


def _write_held_out(tagger: RegionTagger, docs: list[Doc], folds: list[Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for corpus in CORPORA:
        with (folder / f"{corpus}.jsonl").open("w", encoding="utf-8") as out:
            for doc in (d for d in docs if d.corpus == corpus):
                tagger._detector, tagger._ranker = (load(m) for m in folds[doc.fold])
                found = tagger.tag(
                    "", doc.row["text"], domain=doc.row["domain"], language="en", prior=doc.prior
                )
                row = {
                    "id": doc.row["id"],
                    "countries": msgspec.to_builtins(found.countries),
                    "places": msgspec.to_builtins(found.places),
                }
                out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
