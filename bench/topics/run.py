"""`make bench-topics DATA=folder`: level-1 topics, accuracy and speed, against what a user would train, in
one run.

DATA holds train.jsonl and dev.jsonl: {"title", "text", "topics": [level-1 codes]} a line, as
training/topics/README.md says. All are trained on train.jsonl, Dateline beforehand; figures are of dev.jsonl,
on which Dateline's weights of its two opinions were set. Speed is articles of 400 words, and briefs of 25, a
CPU second, one at a time, made up (bench/pipeline/prose.py); best of three.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.pipeline.prose import article
from bench.topics.systems import SYSTEMS, Tagger

_TIMED, _WORDS, _BRIEF = 500, 400, 25
_PASSES, _MOMENT_S = 10, 1.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", choices=SYSTEMS, action="append", help="only this one; repeatable")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_measured(options.child, options.data)))
        return
    print(
        "| tagger | top-1 | macro F1 | surer half right | silent | articles/CPU-s | briefs/CPU-s | peak MB |"
        "\n|---|---|---|---|---|---|---|---|"
    )
    by_label: dict[str, dict[str, float]] = {}
    curve: list[list[float]] = []
    for name in options.only or SYSTEMS:
        command = [sys.executable, "-m", "bench.topics.run", str(options.data), "--child", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name}: {done.stderr[-400:]}", file=sys.stderr)
            continue
        row = json.loads(done.stdout.splitlines()[-1])
        by_label[name] = row["labels"]
        curve = row["curve"] if name == "dateline" else curve
        print(
            f"| {name} | {row['top1']:.3f} | {row['macro_f1']:.3f} | {row['confident']:.3f} |"
            f" {row['silent']:.3f} | "
            f"{row['speed']:,.0f} | {row['brief_speed']:,.0f} | {row['peak_mb']:.0f} |",
            flush=True,
        )
    _labels(by_label)
    if curve:
        print(
            "\n| dateline's score | "
            + " | ".join(f"{score:.2f}" for score, _, _ in curve)
            + " |\n"
            + "|---" * (len(curve) + 1)
            + "|"
        )
        print("| were right | " + " | ".join(f"{share:.2f}" for _, share, _ in curve) + " |")
        print("| articles | " + " | ".join(f"{count:,.0f}" for _, _, count in curve) + " |")


def _measured(name: str, data: Path) -> dict[str, Any]:
    train, dev = _rows(data / "train.jsonl"), _rows(data / "dev.jsonl")
    tag = SYSTEMS[name](train)
    del train
    found = [tag(r["title"], r["text"]) for r in dev]
    return _figures(dev, found) | {
        "speed": _speed(tag, _WORDS, _PASSES),
        "brief_speed": _speed(tag, _BRIEF, 3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _figures(dev: list[dict[str, Any]], found: list[list[tuple[str, float]]]) -> dict[str, Any]:
    """As the field scores it: a silence is wrong; macro F1 over gold labels; precision of the half with the
    highest scores."""
    best = [tags[0][0] if tags else "" for tags in found]
    right = [b in r["topics"] for b, r in zip(best, dev, strict=True)]
    said, wanted, hit = Counter(best), Counter(r["topics"][0] for r in dev), Counter()
    for b, r in zip(best, dev, strict=True):
        hit[b] += b == r["topics"][0]
    labels = {label: 2 * hit[label] / max(1, said[label] + wanted[label]) for label in sorted(wanted)}
    order = sorted(range(len(dev)), key=lambda n: -(found[n][0][1] if found[n] else float("-inf")))
    half = order[: len(order) // 2]
    return {
        "top1": sum(right) / len(dev), "macro_f1": sum(labels.values()) / len(labels), "labels": labels,
        "curve": _curve([(tags[0][1], ok) for tags, ok in zip(found, right, strict=True) if tags]),
        "confident": sum(right[n] for n in half) / len(half),
        "silent": sum(not tags for tags in found) / len(dev),
    }  # fmt: skip


def _curve(scored: list[tuple[float, bool]]) -> list[list[float]]:
    """By tenths of the score: its mean, the share that was right, and how many there were (thirty at
    least)."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, ok in scored:
        bins.setdefault(min(9, int(score * 10)), []).append((score, ok))
    return [
        [sum(s for s, _ in those) / len(those), sum(ok for _, ok in those) / len(those), len(those)]
        for _, those in sorted(bins.items())
        if len(those) >= 30
    ]


def _speed(tag: Tagger, words: int, passes: int) -> float:
    """Articles of so many words a CPU second, one at a time: the best of some passes, a moment apart.

    A shared machine has slow seconds, in which all is slower by half.
    """
    texts = []
    for number in range(_TIMED):
        parts: list[str] = []
        dice = random.Random(number)
        while sum(map(len, map(str.split, parts))) < words:
            parts += article(dice)[3]
        texts.append((article(random.Random(number))[1], " ".join("\n\n".join(parts).split(" ")[:words])))
    best = float("inf")
    for _ in range(passes):
        time.sleep(_MOMENT_S)
        started = time.process_time()
        for title, text in texts:
            tag(title, text)
        best = min(best, time.process_time() - started)
    return len(texts) / best


def _labels(by_label: dict[str, dict[str, float]]) -> None:
    from services.enrich.topics.taxonomy import Taxonomy

    names, taxonomy = list(by_label), Taxonomy()
    print("\n| F1 by label | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    for label in sorted(set().union(*by_label.values())):
        print(
            f"| {taxonomy.name(label)} | "
            + " | ".join(f"{by_label[name].get(label, 0.0):.2f}" for name in names)
            + " |"
        )


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


if __name__ == "__main__":
    main()
