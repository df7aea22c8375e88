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

from services.enrich.topics.dense import combine
from services.enrich.topics.features import features
from training.regions.build import save_arrays
from training.topics import dense, multilingual
from training.topics.taxonomy import build_taxonomy

OUT = Path(__file__).parents[2] / "services" / "enrich" / "topics" / "data"
ROWS = 230_000
C = 0.7
_USUAL_TEMPERATURE = 2.5


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
    table = multilingual.build(docs, dev, labels)
    target = np.array([labels.index(d[2]) for d in docs])
    figures: dict[str, Any] = {"held_out": _leave_one_source_out(train, taxonomy_docs, labels, table, target)}
    model = Model.fit(docs, labels)
    model.temperature = _temperature(model.scores(dev), _gold(dev, labels))
    arrays = dense.build(table["matrix"], table["vectors"], target)
    together = _together(model, arrays, table["dev_matrix"], dev, labels)
    logs = np.log(combine(*together, 1.0) + 1e-9)
    temperature = _temperature(logs, _gold(dev, labels))
    figures["dev"] = _figures(combine(*together, temperature), labels, dev)
    figures["words_alone"] = _figures(together[0], labels, dev)
    figures["multilingual"] = {"dev_top1": table["dev_top1"]}
    print(json.dumps(figures, indent=1))
    dense_part = {"networks": dense.NETWORKS, "vocabulary": len(table["pieces"]), "temperature": temperature}
    OUT.mkdir(parents=True, exist_ok=True)
    save_arrays(OUT / "dense.npz", **arrays)
    table = {k: v for k, v in table.items() if k not in ("matrix", "dev_matrix", "vectors")} | {"dense": dense_part}
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
        vocabulary = sorted(w for w, n in df.items() if n >= 2)
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
    return {label: (len(target) / len(counts) / n) ** 0.2 for label, n in counts.items()}


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


def _gold(rows: list[dict[str, Any]], labels: list[str]) -> np.ndarray:
    return np.array([labels.index(r["topics"][0]) for r in rows])


def _temperature(scores: np.ndarray, gold: np.ndarray) -> float:
    """The scale that makes softmax of scores a probability: the smallest log loss on rows not trained on."""
    grid = np.arange(0.3, 8.0, 0.05)
    losses = [-np.log(_probabilities(scores, t)[np.arange(len(gold)), gold] + 1e-9).mean() for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 2)


def _together(
    model: Model, arrays: dict[str, np.ndarray], matrix: Any, rows: list[dict[str, Any]], labels: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """What words and what networks say of rows: probabilities, (rows, labels) each."""
    words_say = _probabilities(model.scores(rows), model.temperature)
    chosen = matrix[:, arrays["pieces"]]
    mass = np.maximum(np.asarray(chosen.sum(1)), 1e-9)
    means = (chosen @ (arrays["vectors"].astype(np.float32) * arrays["scale"])) / mass
    said = []
    for n in range(dense.NETWORKS):
        hidden, out, hidden_bias, out_bias = (
            arrays[f"{part}{n}"].astype(np.float32) for part in ("hidden", "out", "hidden_bias", "out_bias")
        )
        said.append(_probabilities(np.maximum(means @ hidden + hidden_bias, 0) @ out + out_bias, 1.0))
    return words_say, np.mean(said, axis=0)


def _figures(p: np.ndarray, labels: list[str], rows: list[dict[str, Any]]) -> dict[str, float]:
    best = p.argmax(1)
    ok = np.array([labels[b] in r["topics"] for b, r in zip(best, rows, strict=True)])
    gold = _gold(rows, labels).tolist()
    macro = []
    for label in sorted(set(gold)):
        tp = sum(1 for b, g in zip(best, gold, strict=True) if b == g == label)
        macro.append(2 * tp / max(1, sum(best == label) + sum(g == label for g in gold)))
    half = np.argsort(-p.max(1), kind="stable")[: len(rows) // 2]
    return {
        "top1": round(float(ok.mean()), 4),
        "macro_f1": round(float(np.mean(macro)), 4),
        "confident": round(float(ok[half].mean()), 4),
    }


def _leave_one_source_out(
    train: list[dict[str, Any]], taxonomy_docs: list[Any], labels: list[str], table: dict[str, Any], target: np.ndarray
) -> dict[str, Any]:
    """Accuracy on each source by models that saw none of it; the temperature of words alone is a usual one, for no text is left to set it on."""
    out = {}
    for source in ("bbc", "ag", "huffv3", "tagmynews"):
        mine = np.array([r["id"].startswith(source + ":") for r in train])
        others = np.concatenate([~mine, np.ones(len(taxonomy_docs), bool)])
        rest = [r for r, m in zip(train, mine, strict=True) if not m]
        held = [r for r, m in zip(train, mine, strict=True) if m]
        model = Model.fit([(r["text"], r["title"], r["topics"][0]) for r in rest] + taxonomy_docs, labels)
        model.temperature = _USUAL_TEMPERATURE
        arrays = dense.build(table["matrix"][np.flatnonzero(others)], table["vectors"], target[others])
        matrix = table["matrix"][: len(train)][np.flatnonzero(mine)]
        out[source] = _figures(combine(*_together(model, arrays, matrix, held, labels), 1.0), labels, held)["top1"]
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
        "dense": table["dense"],
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
