"""`make doors-peers PEERS=folder`: the test suites of other projects through our own readers, in one run.

PEERS holds clones of feedparser, gofeed, v2 (Miniflux), crawler-commons, protego and ada under these names;
docs/fetching.md says where they are. Nothing of theirs is kept here, and none of their code is run.

Each row is a suite: its inputs; how many were read, or refused with an error of ours; how many of the answers
that both give are the same; how many differ for a reason (`--show` says which, with examples), or without
one; what raised; and the input that cost most CPU. It fails where anything raised, took too long, or differs
without a reason.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bench.intakes.commons import commons
from bench.intakes.feedparser import feedparser
from bench.intakes.gofeed import gofeed
from bench.intakes.miniflux import miniflux
from bench.intakes.outcome import Suite, Tally, tally
from bench.intakes.robots import protego
from bench.intakes.whatwg import whatwg

SUITES: dict[str, Callable[[Path], Suite]] = {
    "feedparser": feedparser, "gofeed": gofeed, "v2": miniflux, "crawler-commons": commons,
    "protego": protego, "ada": whatwg,
}  # fmt: skip
_COLUMNS = (
    "suite",
    "inputs",
    "read",
    "refused",
    "same",
    "different, by reason",
    "unexplained",
    "raised",
    "slowest (CPU s)",
)
_EXAMPLES = 3
_MOST_TOLD = 50


def main(arguments: list[str] | None = None) -> int:
    """Run the suites. 0: all is well; 1: something is not; 2: there is no such folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("peers", type=Path)
    parser.add_argument(
        "--only", choices=SUITES, action="append", help="this suite alone; may be given several times"
    )
    parser.add_argument("--show", action="store_true", help="each reason in words, with examples")
    options = parser.parse_args(arguments)
    names = options.only or list(SUITES)
    if missing := [name for name in names if not (options.peers / name).is_dir()]:
        print(
            f"{options.peers} lacks {', '.join(missing)}; docs/fetching.md says what to clone",
            file=sys.stderr,
        )
        return 2
    examples: dict[str, list[str]] = {}
    rows = [tally(SUITES[name](options.peers), examples) for name in names]
    print(table(rows))
    if options.show:
        print(shown(examples | {f"{row.name}: refused": row.refusals for row in rows if row.refusals}))
    for line in faults(rows):
        print(line, file=sys.stderr)
    return 0 if all(row.good for row in rows) else 1


def table(rows: list[Tally]) -> str:
    """The outcome as Markdown."""
    lines = [" | ".join(_COLUMNS), " | ".join("-" * len(name) for name in _COLUMNS)]
    for row in rows:
        different = ", ".join(f"{kind} {number:,}" for kind, number in row.different.most_common()) or "0"
        seconds, name = row.slowest
        cells = (
            row.name,
            row.inputs,
            row.read,
            row.refused,
            row.same,
            different,
            len(row.unexplained),
            len(row.exceptions),
            f"{seconds:.2f} {name}",
        )
        lines.append(" | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in cells))
    return "\n".join(f"| {line} |" for line in lines)


def shown(examples: dict[str, list[str]]) -> str:
    """Each reason with some of what it explains."""
    return "\n".join(
        "\n  ".join((f"\n{reason} ({len(found):,})", *found[:_EXAMPLES]))
        for reason, found in examples.items()
    )


def faults(rows: list[Tally]) -> list[str]:
    """What makes the command fail, one line each."""
    told = []
    for row in rows:
        for what, found in (
            ("unexplained", row.unexplained),
            ("raised", row.exceptions),
            ("too slow", row.slow),
        ):
            told += [f"{row.name}: {what}: {each}" for each in found[:_MOST_TOLD]]
            told += (
                [f"{row.name}: {what}: {len(found) - _MOST_TOLD:,} more"] if len(found) > _MOST_TOLD else []
            )
        told += [] if row.inputs else [f"{row.name}: it holds no input where its tests used to be"]
    return told


if __name__ == "__main__":
    sys.exit(main())
