"""Count, over running news, how words behave beside places and how names behave in text: aggregates only, no
text is kept.

A word's lean is the log-odds that the capitalised word next to it is a well-known place rather than an
unknown word; a name's lean is the mean of the leans around it. Both are shrunk towards nothing where little
was seen.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from math import log
from pathlib import Path
from typing import Any

from services.enrich.regions.gazetteer import NAME, Gazetteer
from services.enrich.regions.spans import Tokens, find_spans
from services.enrich.regions.vocabulary import PERSONAL
from training.regions.build import OUT

FAMOUS_LOG = 5.9  # a place of a million people is taken for itself
LEAST_SEEN = 6
LEAST_NAME = 4


def main() -> None:
    """Write words.json.gz from the texts under DATA."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder that holds regions/ and topics/")
    parser.add_argument("--out", type=Path, default=OUT / "words.json.gz")
    args = parser.parse_args()
    table = count(texts(args.data))
    raw = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    args.out.write_bytes(gzip.compress(raw, 9, mtime=0))
    print({k: len(v) for k, v in table.items()})


def texts(data: Path) -> Iterator[str]:
    """Running text of the tuning data; headlines in title case are left out."""
    for path in (data / "topics" / "train.jsonl", data / "regions" / "reuters_places_train.jsonl"):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"].replace("\n", " ")


def count(sources: Iterator[str]) -> dict[str, dict[str, Any]]:
    """Tables: `before` and `after` (word to lean), `lower` (word to share in lower case), `name` (name to
    lean)."""
    gazetteer = Gazetteer()
    before: Counter[tuple[str, bool]] = Counter()
    after: Counter[tuple[str, bool]] = Counter()
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    seen: list[tuple[str, str, str]] = []
    for text in sources:
        tokens = Tokens(text)
        words = tokens.words
        small = sum(not c for c in tokens.capital)
        if small < 0.55 * len(words) or len(words) < 6:
            continue
        spans = {s.first: s for s in find_spans(tokens, gazetteer)}
        n = 0
        while n < len(words):
            word = words[n]
            if not tokens.capital[n]:
                lower[word] += 1
                n += 1
                continue
            span = spans.get(n)
            last = span.last if span else n
            opening = n == 0 or tokens.gap(n - 1).strip() in (".", '."', "?", "!", '"')
            if not opening:
                if last == n:
                    capital[word.lower()] += 1
                left = context(tokens, n - 1, n - 1)
                right = context(tokens, last + 1, last)
                place = _famous(span.row, gazetteer) and span.name not in PERSONAL if span else False
                if place or span is None:
                    before[left, place] += 1
                    after[right, place] += 1
                if span and not place:
                    seen.append((span.name, left, right))
            n = last + 1
    leans = {"before": _leans(before), "after": _leans(after)}
    total: Counter[str] = Counter()
    often: Counter[str] = Counter()
    for name, left, right in seen:
        total[name] += leans["before"].get(left, 0.0) + leans["after"].get(right, 0.0)
        often[name] += 1
    named = {w.lower() for w in gazetteer.names if " " not in w}
    return {
        **leans,
        "lower": {
            w: [round(lower[w] / (lower[w] + capital[w] + 2), 3), round(log(1 + lower[w] + capital[w]), 1)]
            for w in sorted(named)
            if lower[w] + capital[w] >= 3
        },
        "name": {
            n: [round(total[n] / (often[n] + 3), 2), round(log(often[n]), 1)]
            for n in sorted(often)
            if often[n] >= LEAST_NAME
        },
    }


def context(tokens: Tokens, n: int, gap: int) -> str:
    """How word `n` is counted beside a name, with the mark between: ", said", "in", "" at an end."""
    from services.enrich.regions.detection import beside

    return beside(tokens, n, gap)


def _famous(row: int, gazetteer: Gazetteer) -> bool:
    return (
        gazetteer.first_how[row] == NAME
        and gazetteer.kinds[gazetteer.first_kind[row]] in ("country", "admin1", "city")
        and gazetteer.first_log_population[row] > FAMOUS_LOG
    )


def _leans(counts: Counter[tuple[str, bool]]) -> dict[str, float]:
    places, others = (
        sum(n for (_, p), n in counts.items() if p),
        sum(n for (_, p), n in counts.items() if not p),
    )
    prior = places / (places + others)
    out = {}
    for word in {w for w, _ in counts}:
        yes, no = counts[word, True], counts[word, False]
        if yes + no >= LEAST_SEEN:
            share = (yes + 4 * prior) / (yes + no + 4)
            out[word] = round(log(share / (1 - share)) - log(prior / (1 - prior)), 2)
    return out


if __name__ == "__main__":
    main()
