"""Training of the name recogniser: a conditional random field, learned by CRFsuite (Okazaki, 2007).

    python -m training.names.train DATA --calibrate OUT # writes services/enrich/names/data/model.npz
    python -m training.names.train DATA --held-out OUT # predictions of models that saw no text of a source

What is learned from all languages and what each adds of its own are features side by side (Daumé,
"Frustratingly easy domain adaptation", ACL 2007); for tagging both are summed, a table a language.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite

from services.enrich.names.alphabet import BITS
from services.enrich.names.decoder import LABELS
from services.enrich.names.hashing import mixed
from services.enrich.names.lexicon import Lexicon
from services.enrich.names.recogniser import DATA, decoder_of, spans_of
from training.names.corpus import CORPORA, LANGUAGES, Marked, candidates_of, load, marked

FOLDS = 5
STEPS = 64
SPARSE, RIDGE, ITERATIONS = 0.02, 0.3, 60
MAIN = "en"
TIMES = {"germeval_de": 2}
"""How often a corpus counts, where it is small beside the others."""
LEAN = {"en": {"PER": -8, "ORG": 6}, "de": {"PER": 8, "ORG": 16}}
"""What is added to the labels of each word in the end, in the weights' whole numbers, so that precision and
recall come nearer to each other; chosen on held-out texts of fold 0."""
_MOST = 127


def fold_of(group: str) -> int:
    """The fold of a source, or of a text where its source is not told."""
    return int(hashlib.md5(group.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def features(text: Marked, begin: int, end: int) -> list[list[str]]:
    """Names of features by word: each once for all languages, and once more for those that have few texts."""
    if text.language == MAIN:
        return [[str(row) for row in rows] for rows in text.rows[begin:end]]
    return [[n for row in rows for n in (str(row), f"{row}{text.language}")] for rows in text.rows[begin:end]]


class Weights:
    """What CRFsuite learned, as tables of whole numbers."""

    def __init__(self, texts: Iterable[Marked]) -> None:
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.select("lbfgs")
        trainer.set_params({"c1": SPARSE, "c2": RIDGE, "max_iterations": ITERATIONS})
        for text in texts:
            for begin, end in text.sequences():
                for _ in range(TIMES.get(text.corpus, 1)):
                    trainer.append(features(text, begin, end), text.labels[begin:end])
        with tempfile.NamedTemporaryFile(suffix=".crf") as file:
            trainer.train(file.name)
            tagger = pycrfsuite.Tagger()
            tagger.open(file.name)
            known = tagger.info()
        number = {label: n for n, label in enumerate(LABELS)}
        tables: dict[str, np.ndarray] = {}
        for (name, label), weight in known.state_features.items():
            language = name.lstrip("0123456789")
            table = tables.setdefault(language, np.zeros((1 << BITS, len(LABELS)), np.float32))
            table[int(name.removesuffix(language)), number[label]] += weight
        steps = np.zeros((len(LABELS), len(LABELS)), np.float32)
        for (before, label), weight in known.transitions.items():
            steps[number[before], number[label]] = weight
        self.by_language = {MAIN: tables.pop("")}
        self.by_language |= {language: self.by_language[MAIN] + table for language, table in tables.items()}
        self.steps = steps
        self.scale = _MOST / max(float(np.abs(t).max()) for t in self.by_language.values())

    def kept(self) -> dict[str, Any]:
        """As arrays of a file."""
        out: dict[str, Any] = {"languages": np.array(sorted(self.by_language))}
        for language, table in self.by_language.items():
            whole = leant(np.round(table * self.scale).astype(np.int16), language)
            rows = np.flatnonzero(whole.any(1)).astype(np.int32)
            out[f"{language}_rows"], out[f"{language}_weights"] = rows, whole[rows]
            out[f"{language}_steps"] = np.round(self.steps * self.scale).astype(np.int32)
        return out


def leant(whole: np.ndarray, language: str) -> np.ndarray:
    """Weights with LEAN in the row of the feature that all words have."""
    for kind, more in LEAN.get(language, {}).items():
        of_kind = [n for n, label in enumerate(LABELS) if label.endswith(kind)]
        whole[mixed(0, 0) >> (64 - BITS), of_kind] += more
    return np.clip(whole, -_MOST, _MOST).astype(np.int8)


def predicted(kept: dict[str, Any], rows: Sequence[dict[str, Any]], lexicon: Lexicon) -> list[dict[str, Any]]:
    """Predictions as `spans.py names` reads them."""
    decoders = {language: decoder_of(kept, language) for language in LANGUAGES if f"{language}_rows" in kept}
    out = []
    for row in rows:
        found = candidates_of(row, lexicon)
        spans = spans_of(found, *decoders[row["lang"]].decode(found), range(STEPS))
        names = [{"start": s.start, "end": s.end, "label": s.label, "step": s.score} for s in spans]
        out.append({"id": row["id"], "names": names})
    return out


def calibrated(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> np.ndarray:
    """The share of names that were right, by steps of their margins, in held-out predictions: isotonic."""
    right, seen = np.full(STEPS, 0.5), np.ones(STEPS)
    for corpus in CORPORA:
        gold = {row["id"]: {(s["start"], s["end"], s["label"]) for s in row["spans"]} for row in rows[corpus]}
        for file in folder.glob(f"{corpus}.*.jsonl"):
            for line in file.read_text().splitlines():
                told = json.loads(line)
                for name in told["names"]:
                    if name["label"] in ("PER", "ORG"):
                        seen[name["step"]] += 1
                        right[name["step"]] += (name["start"], name["end"], name["label"]) in gold[told["id"]]
    blocks: list[list[float]] = []  # pool adjacent violators: right, seen, steps
    for n in range(STEPS):
        blocks.append([right[n], seen[n], 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    return np.concatenate([np.full(int(steps), round(r / n, 3)) for r, n, steps in blocks])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--held-out", type=Path, help="predictions of held-out texts are written here")
    parser.add_argument(
        "--calibrate", type=Path, help="the folder of held-out predictions that scores are read off"
    )
    parser.add_argument("--folds", default="01234", help="which folds are held out, each in turn")
    asked = parser.parse_args()
    lexicon = Lexicon.load(DATA / "lexicon.npz")
    rows = {corpus: load(asked.data, corpus) for corpus in CORPORA}
    texts = {corpus: [marked(row, corpus, lexicon) for row in rows[corpus]] for corpus in CORPORA}
    everything = [text for corpus in CORPORA for text in texts[corpus]]
    if not asked.held_out:
        kept = Weights(everything).kept()
        kept["scores"] = (
            calibrated(asked.calibrate, rows) if asked.calibrate else np.linspace(0.4, 0.99, STEPS)
        )
        digest = hashlib.sha256(
            b"".join(np.ascontiguousarray(v).tobytes() for v in kept.values())
        ).hexdigest()
        np.savez_compressed(DATA / "model.npz", version=np.array(digest[:8]), **kept)
        print((DATA / "model.npz").stat().st_size, "bytes")
        return
    asked.held_out.mkdir(parents=True, exist_ok=True)
    for fold in map(int, asked.folds):
        kept = Weights(text for text in everything if fold_of(text.group) != fold).kept()
        np.savez_compressed(asked.held_out / f"model.{fold}.npz", **kept)
        for corpus in CORPORA:
            held = [
                row
                for row, text in zip(rows[corpus], texts[corpus], strict=True)
                if fold_of(text.group) == fold
            ]
            with (asked.held_out / f"{corpus}.{fold}.jsonl").open("w") as file:
                file.writelines(json.dumps(line) + "\n" for line in predicted(kept, held, lexicon))


if __name__ == "__main__":
    main()
