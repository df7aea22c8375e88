"""Train the level-1 topic models and write the shipped artefact. Deterministic on one kind of processor:
every draw is seeded."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from services.enrich.topics.english import ArticleWords
from services.enrich.topics.multilingual import MultilingualTable
from services.enrich.topics.reader import TransformerClassifier
from services.enrich.topics.taxonomy import DATA as OUT
from training.regions.build import save_arrays
from training.topics import english, foreign, newsroom
from training.topics.english_cues import Cues
from training.topics.taxonomy import build_taxonomy
from training.topics.together import Case, figures, fit, left_out

# What a text of the held-back sources counts for beside an article by hand: much where texts are so short.
_HELD_BACK = {"short": 0.15, "brief": 2.0}
_OPENINGS = 0.05  # what the opening of an article counts for among texts that are shorter still
_BALANCE = {"brief": 0.1}
_EVERY = 2  # so many of them are enough for the few weights of a stack


def main() -> None:
    """Train on DATA and write the artefact, with what it makes of sites that it did not see."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="holds topics/, newsroom/, extraction/ and iptc/")
    parser.add_argument(
        "--encoders", action="store_true",
        help="make vectors, reader and multilingual table anew (an hour); else those shipped are kept",
    )  # fmt: skip
    options = parser.parse_args()
    built = build_taxonomy(options.data / "iptc")
    rows, dev = (_rows(options.data / "topics" / f"{name}.jsonl") for name in ("train", "dev"))
    path = built["taxonomy"]["concepts"]
    concepts = [(text, "", path[code]["path"][0]) for code, texts in built["texts"].items() for text in texts]
    docs = [(r["text"], r["title"], r["topics"][0]) for r in rows]
    labels = sorted({d[2] for d in (*docs, *concepts)})
    if options.encoders:
        from training.topics import encoders

        encoders.build(docs, concepts, dev, labels, OUT)
    manifest = json.loads((OUT / "manifest.json").read_text(encoding="utf-8"))
    articles, contest = newsroom.articles(options.data), newsroom.contest(options.data)
    ours = [article for article in articles if article.language == "en"]
    vectors, cues, reader = english.kept_vectors(), Cues(), TransformerClassifier.shipped()
    unseen = english.out_of_fold(docs, concepts, ours, labels, vectors)
    model = english.English(docs, concepts, ours, labels, vectors)
    brief = [r for r in dev if ArticleWords.of(r["title"], r["text"]).kind == "brief"][::_EVERY]
    held = {"brief": english.short_cases(brief, labels, model, cues, reader, _HELD_BACK["brief"])}
    held["short"] = [replace(case, weight=_HELD_BACK["short"]) for case in held["brief"]]
    by_hand = {
        "long": english.cases(ours, unseen["long"], cues),
        "short": english.cases(ours, unseen["short"], cues, reader),
    }
    stacks: dict[str, np.ndarray] = {}
    report: dict[str, Any] = {}
    by_hand["brief"] = [replace(case, weight=_OPENINGS * case.weight) for case in by_hand["short"]]
    for kind in ("long", "short", "brief"):
        cases = [*by_hand[kind], *held.get(kind, [])]
        report[kind] = _by_source(cases, left_out(cases, _balance(kind)), [a.source for a in ours])
        _keep(stacks, kind, fit(cases, _balance(kind)))
    without = [replace(case, opinions=case.opinions[:2]) for case in held["brief"]]
    report["quick"] = _by_source(without, left_out(without, _balance("brief")), [])
    _keep(stacks, "quick", fit(without, _balance("brief")))
    others = foreign.cases(MultilingualTable(manifest["multilingual"]), [*articles, *contest], docs, labels)
    for kind, pairs in others.items():
        cases = [case for _, case in pairs]
        names = [
            article.source if article.language == "en" else f"{article.source}, other languages"
            for article, _ in pairs
        ]
        report[kind] = _by_source(cases, left_out(cases), names)
        _keep(stacks, kind, fit(cases))
    print(json.dumps(report, indent=1))
    _write(model, cues, stacks, built["taxonomy"], manifest | {"labels": labels, "figures": report})


def _balance(kind: str) -> float:
    return _BALANCE.get(kind, 0.5)


def _keep(stacks: dict[str, np.ndarray], kind: str, arrays: dict[str, np.ndarray]) -> None:
    stacks |= {f"{kind}_{name}": array for name, array in arrays.items()}


def _by_source(cases: Sequence[Case], found: np.ndarray, sources: Sequence[str]) -> dict[str, Any]:
    """Figures by source; cases beyond those named are held-back short texts."""
    names = [*sources, *["held back"] * (len(cases) - len(sources))]
    return {
        name: figures([cases[n] for n in mine], found[mine])
        for name in dict.fromkeys(names)
        for mine in [[n for n, other in enumerate(names) if other == name]]
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _write(
    model: english.English, cues: Cues, stacks: dict[str, np.ndarray], taxonomy: dict[str, Any],
    manifest: dict[str, Any],
) -> None:  # fmt: skip
    words, arrays = model.words.arrays(model.vectors.words)
    pairs = [divmod(int(key), 1 << 20) for key in arrays["pairs"]]
    features = [*words, *(f"{words[first]} {words[second]}" for first, second in pairs)]
    half = {name: a.astype(np.float16) for name, a in model.network.items() if a.dtype.kind == "f"}
    save_arrays(OUT / "english.npz", **arrays, **(model.network | half), **cues.arrays(features))
    save_arrays(OUT / "together.npz", **stacks)
    (OUT / "words.txt.gz").write_bytes(gzip.compress("\n".join(words).encode(), 9, mtime=0))
    (OUT / "taxonomy.json.gz").write_bytes(
        gzip.compress(json.dumps(taxonomy, ensure_ascii=False, sort_keys=True).encode(), 9, mtime=0)
    )
    files = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(OUT.iterdir())
        if p.name != "manifest.json"
    }
    kept = {name: manifest[name] for name in ("labels", "multilingual", "figures")}
    version = hashlib.sha256("".join(files.values()).encode()).hexdigest()[:8]
    manifest = {"version": f"2025-10.{version}"} | kept | {
        "words": {"temperature": english.TEMPERATURE}, "sha256": files,
    }  # fmt: skip
    (OUT / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
