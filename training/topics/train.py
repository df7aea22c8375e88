"""Train the level-1 topic models and write the shipped artefact. Deterministic on one kind of processor:
every draw is seeded."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from services.enrich.topics import reader as reading_short
from services.enrich.topics.english import Reading, combine
from training.regions.build import save_arrays
from training.topics import multilingual, reader
from training.topics.taxonomy import build_taxonomy
from training.topics.vectors import Vectors, network, says
from training.topics.words import Doc, Words, features

OUT = Path(__file__).parents[2] / "services" / "enrich" / "topics" / "data"
SOURCES = ("bbc", "ag", "huffv3", "tagmynews")
_USUAL_TEMPERATURE = 2.5
# Exponents of the words' opinion and of the other: chosen on held-back texts of known sources, among 0.5, 1
# and 2.
LONG, SHORT_TEXT = {"words": 1.0, "other": 1.0}, {"words": 1.0, "other": 2.0}


def main() -> None:
    """Train on DATA and write the artefact, or say what models make of sources that they never saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder that holds topics/ and iptc/")
    parser.add_argument(
        "--left-out", nargs="*", choices=SOURCES, metavar="SOURCE",
        help="write nothing; leave out one source after the other (all four, or those named) and score it",
    )  # fmt: skip
    parser.add_argument(
        "--reader", type=Path, metavar="FILE", help="a reader.npz of an earlier run, instead of tuning one"
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=reader.ROUNDS,
        help="how often the reader sees each text (default: %(default)s)",
    )
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    built = build_taxonomy(options.data / "iptc")
    rows, dev = (_rows(options.data / "topics" / f"{name}.jsonl") for name in ("train", "dev"))
    path = built["taxonomy"]["concepts"]
    concepts = [(text, "", path[code]["path"][0]) for code, texts in built["texts"].items() for text in texts]
    english = [(texts[0], "", path[code]["path"][0]) for code, texts in built["texts"].items()]
    docs = [(r["text"], r["title"], r["topics"][0]) for r in rows]
    labels = sorted({d[2] for d in (*docs, *concepts)})
    many = multilingual.Encoder()
    if options.left_out is not None:
        for source in options.left_out or SOURCES:
            mine = np.array([r["id"].startswith(f"{source}:") for r in rows])
            rest = [d for d, m in zip(docs, mine, strict=True) if not m]
            held = [r for r, m in zip(rows, mine, strict=True) if m]
            model = English(rest, concepts, english, labels, many, source, rounds=options.rounds)
            print(json.dumps({source: _figures(model.together(held), labels, held)}), flush=True)
        return
    model = English(docs, concepts, english, labels, many, tuned=options.reader, rounds=options.rounds)
    # Not compressed: eight bits deflate little, and that would cost each start.
    save_arrays(OUT / "reader.npz", compressed=False, **model.reader)
    figures = {
        "dev": _figures(model.calibrated(dev), labels, dev),
        "words_alone": _figures(model.words_say(dev), labels, dev),
    }
    table = multilingual.build(many, [*docs, *concepts], dev, labels)
    figures["multilingual"] = {"dev_top1": table["dev_top1"]}
    print(json.dumps(figures, indent=1))
    _write(model, table, built["taxonomy"], labels, figures)


class English:
    """The three parts of the English model, and how their opinions are made one."""

    def __init__(
        self, docs: list[Doc], concepts: list[Doc], english: list[Doc], labels: list[str],
        many: multilingual.Encoder,
        note: str = "", tuned: Path | None = None, rounds: int = reader.ROUNDS,
    ) -> None:  # fmt: skip
        self.labels = labels
        self.temperatures = {"words": _USUAL_TEMPERATURE, "long": 1.0, "short": 1.0}
        self.encoder = reader.Encoder()
        number = {label: n for n, label in enumerate(labels)}
        bags = [features(title, text) for text, title, _ in (*docs, *concepts)]
        target = np.array([number[d[2]] for d in (*docs, *concepts)])
        self.words = Words.fit(bags, target, len(labels))
        news = bags[: len(docs)] + [features(title, text) for text, title, _ in english]
        news_target = np.array([number[d[2]] for d in (*docs, *english)])
        self.vectors = Vectors(news, [self.encoder.words, many.words])
        self.network = network(self.vectors, self.vectors.means(news), news_target, len(labels))
        if tuned:
            with np.load(tuned) as kept:
                self.reader = dict(kept)
            return
        read = [(title, text) for text, title, _ in (*docs, *english)]
        self.reader = reader.build(self.encoder, read, news_target, len(labels), rounds, note)

    def words_say(self, rows: list[dict[str, Any]]) -> np.ndarray:
        """Probabilities (rows, labels), as all below."""
        return _probabilities(self.words.scores(_bags(rows)), self.temperatures["words"])

    def network_says(self, rows: list[dict[str, Any]]) -> np.ndarray:
        return says(self.network, self.vectors.means(_bags(rows)))

    def reader_says(self, rows: list[dict[str, Any]]) -> np.ndarray:
        run = reading_short.Reader(self.encoder.vocabulary, self.reader)
        return (
            np.stack([run.read(r["title"], r["text"]) for r in rows])
            if rows
            else np.zeros((0, len(self.labels)))
        )

    def together(self, rows: list[dict[str, Any]]) -> np.ndarray:
        """What the tagger would say."""
        readings = [Reading.of(r["title"], r["text"]) for r in rows]
        short = np.array([reading.is_short for reading in readings], bool)
        words = self.words_say(rows)
        out = combine(words, self.network_says(rows), **LONG, temperature=self.temperatures["long"])
        brief = [r for r, s in zip(rows, short, strict=True) if s]
        if brief:
            out[short] = combine(
                words[short], self.reader_says(brief), **SHORT_TEXT, temperature=self.temperatures["short"]
            )
        return out

    def calibrated(self, dev: list[dict[str, Any]]) -> np.ndarray:
        """Set the temperatures on texts held back, and say what the tagger would of them."""
        gold = _gold(dev, self.labels)
        self.temperatures["words"] = _temperature(self.words.scores(_bags(dev)), gold)
        words = self.words_say(dev)
        for kind, other, weights in (
            ("long", self.network_says(dev), LONG),
            ("short", self.reader_says(dev), SHORT_TEXT),
        ):
            logs = np.log(combine(words, other, **weights, temperature=1.0) + 1e-9)
            self.temperatures[kind] = _temperature(logs, gold)
        return self.together(dev)


def _bags(rows: list[dict[str, Any]]) -> list[dict[str, float]]:
    return [features(r["title"], r["text"]) for r in rows]


def _probabilities(scores: np.ndarray, temperature: float) -> np.ndarray:
    z = scores * temperature
    z = np.exp(z - z.max(1, keepdims=True))
    return np.asarray(z / z.sum(1, keepdims=True))


def _gold(rows: list[dict[str, Any]], labels: list[str]) -> np.ndarray:
    return np.array([labels.index(r["topics"][0]) for r in rows])


def _temperature(scores: np.ndarray, gold: np.ndarray) -> float:
    """The scale that makes softmax of scores a probability: the smallest log loss on rows not trained on."""
    grid = np.arange(0.3, 8.0, 0.05)
    losses = [-np.log(_probabilities(scores, t)[np.arange(len(gold)), gold] + 1e-9).mean() for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 2)


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


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _write(
    model: English,
    table: dict[str, Any],
    taxonomy: dict[str, Any],
    labels: list[str],
    figures: dict[str, Any],
) -> None:
    words, arrays = model.words.arrays(model.vectors.words)
    half = {name: a.astype(np.float16) for name, a in model.network.items() if a.dtype.kind == "f"}
    save_arrays(OUT / "english.npz", **arrays, **(model.network | half))
    table_scale = np.abs(table["scores"]).max() / 127
    np.save(
        OUT / "piece_scores.npy", np.clip(np.round(table["scores"] / table_scale), -127, 127).astype(np.int8)
    )
    np.save(OUT / "piece_weights.npy", table["weights"].astype(np.float16))
    for name, lines in (
        ("words", words),
        ("pieces", table["pieces"]),
        ("wordpieces", model.encoder.vocabulary),
    ):
        (OUT / f"{name}.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    (OUT / "taxonomy.json.gz").write_bytes(
        gzip.compress(json.dumps(taxonomy, ensure_ascii=False, sort_keys=True).encode(), 9, mtime=0)
    )
    files = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(OUT.iterdir())
        if p.name != "manifest.json"
    }
    manifest = {
        "version": f"2025-10.{hashlib.sha256(''.join(files.values()).encode()).hexdigest()[:8]}",
        "labels": labels,
        "words": {"temperature": model.temperatures["words"]},
        "long": LONG | {"temperature": model.temperatures["long"]},
        "short": SHORT_TEXT | {"temperature": model.temperatures["short"]},
        "multilingual": {
            "bias": [round(float(b), 6) for b in table["bias"]],
            "scale": float(table_scale),
            "temperature": table["temperature"],
        },
        "figures": figures,
        "sha256": files,
    }
    (OUT / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
