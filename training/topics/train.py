"""Train the level-1 topic model and write the shipped artefact. Deterministic: no step draws at random unseeded."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from services.enrich.topics.features import features
from training.topics import multilingual
from training.topics.taxonomy import build_taxonomy

OUT = Path(__file__).parents[2] / "services" / "enrich" / "topics" / "data"
ROWS = 110_000
C = 0.15


def main() -> None:
    """Train on DATA and write the artefact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder that holds topics/ and iptc/")
    data = parser.parse_args().data
    built = build_taxonomy(data / "iptc")
    train, dev = _rows(data / "topics" / "train.jsonl"), _rows(data / "topics" / "dev.jsonl")
    taxonomy_docs = [
        (text, "", built["taxonomy"]["concepts"][code]["path"][0])
        for code, texts in built["texts"].items()
        for text in texts
    ]
    docs = [(r["text"], r["title"], r["topics"][0]) for r in train] + taxonomy_docs
    labels = sorted({d[2] for d in docs})
    figures = {"held_out": _leave_one_source_out(train, taxonomy_docs, labels)}
    model = Model.fit(docs, labels)
    model.temperature = _temperature(model, dev)
    figures["dev"] = _figures(model, dev)
    table = multilingual.build(docs, dev, labels)
    figures["multilingual"] = {"dev_top1": table["dev_top1"]}
    print(json.dumps(figures, indent=1))
    _write(model, table, built["taxonomy"], figures)


class Model:
    """A linear model over a chosen vocabulary; `weights` are (rows, labels)."""

    def __init__(
        self, vocabulary: list[str], idf: np.ndarray, weights: np.ndarray, bias: np.ndarray, labels: list[str]
    ) -> None:
        self.vocabulary, self.idf, self.weights, self.bias, self.labels = vocabulary, idf, weights, bias, labels
        self.index = {word: n for n, word in enumerate(vocabulary)}
        self.temperature = 1.0

    @classmethod
    def fit(cls, docs: list[tuple[str, str, str]], labels: list[str]) -> Model:
        counted = [features(title, text) for text, title, _ in docs]
        df: Counter[str] = Counter(word for bag in counted for word in bag)
        vocabulary = sorted(w for w, n in df.items() if n >= (4 if " " in w else 2))
        index = {w: i for i, w in enumerate(vocabulary)}
        idf = np.log((1 + len(docs)) / (1 + np.array([df[w] for w in vocabulary]))) + 1
        matrix = _matrix(counted, index, idf)
        target = np.array([labels.index(label) for _, _, label in docs])
        first = LinearSVC(C=C, class_weight=_class_weights(target), random_state=0).fit(matrix, target)
        keep = np.sort(np.argsort(-np.abs(first.coef_).max(0), kind="stable")[:ROWS])
        vocabulary = [vocabulary[i] for i in keep]
        idf = idf[keep]
        matrix = _matrix(counted, {w: i for i, w in enumerate(vocabulary)}, idf)
        second = LinearSVC(C=C, class_weight=_class_weights(target), random_state=0).fit(matrix, target)
        weights = np.zeros((len(vocabulary), len(labels)), np.float32)
        bias = np.zeros(len(labels), np.float32)
        weights[:, second.classes_] = second.coef_.T
        bias[second.classes_] = second.intercept_
        return cls(vocabulary, idf.astype(np.float32), weights, bias, labels)

    def scores(self, rows: list[dict[str, Any]]) -> np.ndarray:
        return _matrix([features(r["title"], r["text"]) for r in rows], self.index, self.idf) @ self.weights + self.bias


def _class_weights(target: np.ndarray) -> dict[int, float]:
    counts = Counter(target.tolist())
    return {label: (len(target) / len(counts) / n) ** 0.4 for label, n in counts.items()}


def _matrix(counted: Iterable[dict[str, float]], index: dict[str, int], idf: np.ndarray) -> csr_matrix:
    indptr, indices, values = [0], [], []
    for bag in counted:
        row = [(index[w], tf) for w, tf in bag.items() if w in index]
        weighted = np.array([tf * idf[i] for i, tf in row]) if row else np.zeros(0)
        norm = np.sqrt((weighted**2).sum()) or 1.0
        indices.extend(i for i, _ in row)
        values.extend((weighted / norm).tolist())
        indptr.append(len(indices))
    return csr_matrix((values, indices, indptr), shape=(len(indptr) - 1, len(index)), dtype=np.float32)


def _probabilities(scores: np.ndarray, temperature: float) -> np.ndarray:
    z = scores * temperature
    z = np.exp(z - z.max(1, keepdims=True))
    return z / z.sum(1, keepdims=True)


def _temperature(model: Model, rows: list[dict[str, Any]]) -> float:
    """The scale that makes softmax of the margins a probability: the smallest log loss on rows not trained on."""
    scores = model.scores(rows)
    gold = np.array([model.labels.index(r["topics"][0]) for r in rows])
    grid = np.arange(0.5, 8.0, 0.05)
    losses = [-np.log(_probabilities(scores, t)[np.arange(len(rows)), gold] + 1e-9).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])


def _figures(model: Model, rows: list[dict[str, Any]]) -> dict[str, float]:
    p = _probabilities(model.scores(rows), model.temperature)
    best = p.argmax(1)
    ok = np.array([model.labels[b] in r["topics"] for b, r in zip(best, rows, strict=True)])
    gold = [model.labels.index(r["topics"][0]) for r in rows]
    macro = []
    for label in sorted(set(gold)):
        tp = sum(1 for b, g in zip(best, gold, strict=True) if b == g == label)
        macro.append(2 * tp / max(1, sum(b == label for b in best) + sum(g == label for g in gold)))
    half = np.argsort(-p.max(1), kind="stable")[: len(rows) // 2]
    return {
        "top1": round(float(ok.mean()), 4),
        "macro_f1": round(float(np.mean(macro)), 4),
        "confident": round(float(ok[half].mean()), 4),
    }


def _leave_one_source_out(train: list[dict[str, Any]], taxonomy_docs: list[Any], labels: list[str]) -> dict[str, Any]:
    out = {}
    for source in ("bbc", "ag", "huffv3", "tagmynews"):
        rest = [r for r in train if not r["id"].startswith(source + ":")]
        held = [r for r in train if r["id"].startswith(source + ":")]
        model = Model.fit([(r["text"], r["title"], r["topics"][0]) for r in rest] + taxonomy_docs, labels)
        out[source] = _figures(model, held)["top1"]
    out["mean"] = round(float(np.mean(list(out.values()))), 4)
    return out


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _write(model: Model, table: dict[str, Any], taxonomy: dict[str, Any], figures: dict[str, Any]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    scale = np.abs(model.weights).max() / 127
    parts = {
        "weights.npy": np.clip(np.round(model.weights / scale), -127, 127).astype(np.int8),
        "idf.npy": model.idf.astype(np.float16),
    }
    table_scale = np.abs(table["scores"]).max() / 127
    parts["piece_scores.npy"] = np.clip(np.round(table["scores"] / table_scale), -127, 127).astype(np.int8)
    parts["piece_weights.npy"] = table["weights"].astype(np.float16)
    for name, array in parts.items():
        np.save(OUT / name, array)
    (OUT / "vocabulary.txt.gz").write_bytes(gzip.compress("\n".join(model.vocabulary).encode(), 9, mtime=0))
    (OUT / "pieces.txt.gz").write_bytes(gzip.compress("\n".join(table["pieces"]).encode(), 9, mtime=0))
    (OUT / "taxonomy.json.gz").write_bytes(
        gzip.compress(json.dumps(taxonomy, ensure_ascii=False, sort_keys=True).encode(), 9, mtime=0)
    )
    manifest = {
        "version": f"2025-10.{hashlib.sha256((OUT / 'weights.npy').read_bytes()).hexdigest()[:8]}",
        "labels": model.labels,
        "bias": [round(float(b), 6) for b in model.bias],
        "scale": float(scale),
        "temperature": model.temperature,
        "multilingual": {
            "bias": [round(float(b), 6) for b in table["bias"]],
            "scale": float(table_scale),
            "temperature": table["temperature"],
        },
        "figures": figures,
        "sha256": {
            p.name: hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(OUT.iterdir())
            if p.name != "manifest.json"
        },
    }
    (OUT / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
