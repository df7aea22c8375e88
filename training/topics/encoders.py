"""What needs sentence encoders: the vectors of words, the reader of short texts, and the multilingual
table."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from training.regions.build import save_arrays
from training.topics import multilingual, reader
from training.topics.vectors import Vectors
from training.topics.words import Doc, features


def build(
    docs: list[Doc], concepts: list[Doc], dev: list[dict[str, Any]], labels: list[str], out: Path
) -> None:
    """Write them into the artefact, for the rest of the training to take."""
    many, small = multilingual.Encoder(), reader.Encoder()
    bags = [features(title, text) for text, title, _ in docs]
    vectors = Vectors(bags, [small.words, many.words])
    save_arrays(out / "english.npz", share=vectors.share, vector_scale=vectors.scale, vectors=vectors.kept)
    _lines(out / "words.txt.gz", vectors.words)
    number = {label: n for n, label in enumerate(labels)}
    read = [(title, text) for text, title, _ in docs]
    target = np.array([number[doc[2]] for doc in docs])
    # Not compressed: eight bits deflate little, and that would cost each start.
    tuned = reader.build(small, read, target, len(labels), reader.ROUNDS)
    save_arrays(out / "reader.npz", compressed=False, **tuned)
    _lines(out / "wordpieces.txt.gz", small.vocabulary)
    table = multilingual.build(many, [*docs, *concepts], dev, labels)
    scale = np.abs(table["scores"]).max() / 127
    np.save(out / "piece_scores.npy", np.clip(np.round(table["scores"] / scale), -127, 127).astype(np.int8))
    np.save(out / "piece_weights.npy", table["weights"].astype(np.float16))
    _lines(out / "pieces.txt.gz", table["pieces"])
    bias = [round(float(b), 6) for b in table["bias"]]
    described = {"multilingual": {"bias": bias, "scale": float(scale), "temperature": table["temperature"]}}
    (out / "manifest.json").write_text(json.dumps(described), encoding="utf-8")


def _lines(path: Path, lines: list[str]) -> None:
    path.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
