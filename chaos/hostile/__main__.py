"""`python -m chaos.hostile`: one run from the command line."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from chaos.hostile import run as runs
from chaos.hostile.attack import Rates


def _seed(said: str) -> int:
    return random.SystemRandom().randrange(10**6) if said == "random" else int(said)


def main() -> None:
    """Run, print what was found, and end with 1 where anything was."""
    parser = argparse.ArgumentParser(
        description=runs.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="of stretches; waits for all to end come on top"
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        default="random",
        help="a number, or random (as it is without): one that is drawn, and printed",
    )
    parser.add_argument(
        "--folder", type=Path, help="where the stack and its logs are (default: a temporary folder)"
    )
    parser.add_argument(
        "--rate", type=float, default=1.0, help="how much of everything hostile there is, times the usual"
    )
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="dateline-hostile-"))
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"seed {arguments.seed}, {arguments.minutes:g} minutes; logs: {folder / 'logs'}")
    rates = Rates(**{name: getattr(Rates(), name) * arguments.rate for name in Rates.__dataclass_fields__})
    run = runs.Run(
        folder,
        arguments.seed,
        runs.Plan.of(arguments.minutes),
        lambda said: console.print(said, markup=False),
        rates,
    )
    verdict = run.run()
    for said in verdict.findings:
        console.print(f"FOUND: {said}", markup=False)
    console.print(f"seed {arguments.seed}: {len(verdict.findings)} findings")
    sys.exit(1 if verdict.findings else 0)


if __name__ == "__main__":
    main()
