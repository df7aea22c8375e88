"""`make chaos SEED=…`: thousands of URLs through the pipeline while everything under it is broken, then the
count.

Every URL has one right end (`chaos.site`). The run ends with status 0 only when each URL reached it
once. Recovery of a fault is the time until every URL that was in flight when it struck has ended,
counted from the fault, or from the end of an outage; faults overlap, so that a URL may be hit by several.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from chaos import stories
from chaos.plan import Fault, Shape, draw
from chaos.targets import QUICK, ComposeTarget, EmbeddedTarget, Target
from chaos.verdict import Verdict, judge
from services.store.intake import parse_line
from services.store.ledger import Entry, record

_OPEN = "SELECT count(*) FROM submissions WHERE state IN ('pending', 'in_flight')"


@dataclass(slots=True)
class Struck:
    """A fault that has struck, the submissions that it met in flight, and when the last of them had ended."""

    fault: Fault
    met: list[int]
    counts_from: float = 0.0
    recovered_s: float | None = None
    numbers: set[int] = field(default_factory=set)


class Run:
    """One run: a feeder, the faults, and a watch over recovery."""

    def __init__(
        self, target: Target, seed: int, shape: Shape, count: int, say: Callable[[str], None]
    ) -> None:
        self.target = target
        self.faults = draw(seed, shape)
        self._dice = random.Random(seed)
        self.count = count
        self.struck: list[Struck] = []
        self.fed = 0
        self._say = say
        self._errors: list[BaseException] = []

    def run(self, *, patience_s: float = 300.0) -> Verdict:
        """Feed, break, wait until everything has ended (or `patience_s` without a change), and judge."""
        started = time.monotonic()
        feeder = threading.Thread(
            target=self._guarded, args=(self._feed, started), name="feeder", daemon=True
        )
        feeder.start()
        for fault in self.faults:
            while time.monotonic() - started < fault.at_s:
                self._look()
            self._strike(fault, started)
        self._wait(feeder, patience_s)
        with psycopg.connect(self.target.database_url) as connection:
            verdict = judge(connection, self.count, self.target.url_of)
        self._judge_stories(verdict)
        if self._errors:
            raise self._errors[0]
        return verdict

    def _judge_stories(self, verdict: Verdict) -> None:
        if not stories.caught_up(self.target.database_url, pump=self.target.pump):
            verdict.stories.append("stories do not catch up with what is stored")
        slice_s = float(QUICK["DATELINE_STORIES_SLICE_S"])
        verdict.stories += stories.differing(self.target.database_url, slice_s)

    def _guarded(self, work: Callable[[float], None], started: float) -> None:
        try:
            work(started)
        except BaseException as error:  # noqa: BLE001  told at the end of the run
            self._errors.append(error)

    def _feed(self, started: float) -> None:
        """A burst shortly before each fault, so that it strikes in the middle of work; the rest at
        the end."""
        moments = [fault.at_s - self._dice.uniform(0.1, 1.2) for fault in self.faults]
        share = self.count // (len(moments) + 1)
        for moment in moments:
            while time.monotonic() - started < moment:
                time.sleep(0.02)
            self._submit(share)
        self._submit(self.count - self.fed)

    def _submit(self, count: int) -> None:
        """The next `count` pages, some twice; an intake that fails is asked again, as a person would."""
        numbers = range(self.fed, self.fed + count)
        lines = [self.target.url_of(n) for n in numbers]
        lines += [f"{self.target.url_of(n)}?utm_source=again" for n in numbers if n % 25 == 0]
        entries = [e for e in (parse_line(line, "chaos") for line in lines) if isinstance(e, Entry)]
        while True:
            try:
                with psycopg.connect(self.target.database_url, connect_timeout=3) as connection:
                    record(connection, entries)
                break
            except psycopg.OperationalError:
                time.sleep(0.25)
        self.fed += count

    def _strike(self, fault: Fault, started: float) -> None:
        met = self._ids("SELECT id FROM submissions WHERE state = 'in_flight'")
        self._say(
            f"{time.monotonic() - started:6.1f} s  {fault.name:22} {len(met):4} in flight, {self.fed:,} "
            f"submitted"
        )
        struck = Struck(fault, met or [])
        struck.counts_from = self.target.strike(fault)
        self.struck.append(struck)

    def _look(self) -> None:
        """The supervisor's look, and the recovery of what has struck."""
        self.target.pump()
        for struck in self.struck:
            if struck.recovered_s is None:
                left = self._ids(
                    "SELECT id FROM submissions WHERE id = ANY(%s) AND state IN ('pending', 'in_flight')",
                    struck.met,
                )
                if left is not None and not left:
                    struck.recovered_s = time.monotonic() - struck.counts_from
        time.sleep(0.1)

    def _ids(self, statement: str, *values: object) -> list[int] | None:
        """None while Postgres is away."""
        try:
            with psycopg.connect(self.target.database_url, connect_timeout=2) as connection:
                return [row[0] for row in connection.execute(statement, values).fetchall()]
        except psycopg.OperationalError:
            return None

    def _wait(self, feeder: threading.Thread, patience_s: float) -> None:
        left_before, changed = -1, time.monotonic()
        while True:
            self._look()
            left = (self._ids(_OPEN) or [-1])[0]
            if left == 0 and not feeder.is_alive():
                self._look()
                return
            if left != left_before:
                left_before, changed = left, time.monotonic()
            if time.monotonic() - changed > patience_s:
                self._say(f"nothing has moved for {patience_s:.0f} s, with {left} URLs open")
                return


def summary(run: Run, verdict: Verdict) -> list[dict[str, object]]:
    """A row for each kind of fault."""
    ids = _numbers(run)
    groups: dict[str, list[Struck]] = defaultdict(list)
    for struck in run.struck:
        struck.numbers = {ids[i] for i in struck.met if i in ids}
        groups[struck.fault.name].append(struck)
    rows = []
    for name, hits in sorted(groups.items()):
        times = [s.recovered_s for s in hits if s.recovered_s is not None]
        met = set().union(*(s.numbers for s in hits))
        rows.append(
            {
                "fault": name,
                "times": len(hits),
                "in flight": sum(len(s.met) for s in hits),
                "lost": len(met & verdict.lost.keys()),
                "doubled": len(met & verdict.doubled.keys()),
                "recovery": [round(t, 2) for t in times],
                "unrecovered": len(hits) - len(times),
            }
        )
    return rows


def _numbers(run: Run) -> dict[int, int]:
    with psycopg.connect(run.target.database_url) as connection:
        rows = connection.execute(
            "SELECT id, canonical_url FROM submissions WHERE state <> 'refused'"
        ).fetchall()
    return {i: int(url.rsplit("/", 1)[1]) for i, url in rows}


def table(rows: list[dict[str, object]], title: str) -> Table:
    """Rows as people read them. Recovery is in seconds."""
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in ("fault", "times", "in flight", "lost", "doubled", "recovery p50", "max"):
        shown.add_column(column, justify="left" if column == "fault" else "right")
    for row in rows:
        times: list[float] = row["recovery"]  # type: ignore[assignment]
        p50, most = (f"{statistics.median(times):.1f} s", f"{max(times):.1f} s") if times else ("–", "–")
        shown.add_row(*(str(row[c]) for c in ("fault", "times", "in flight", "lost", "doubled")), p50, most)
    return shown


def main() -> None:
    """Run, print the table, and end with 1 where anything was lost or doubled."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="the order and the times of the faults follow from it"
    )
    parser.add_argument("--urls", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=5, help="kill -9 of each of the five services")
    parser.add_argument("--wipes", type=int, default=1, help="times that Redis comes back empty")
    parser.add_argument("--containers", action="store_true", help="break the stack of docker compose")
    parser.add_argument("--json", type=Path, help="append the rows to this file, a JSON object a run")
    arguments = parser.parse_args()
    console = Console()
    shape = Shape(kills=arguments.kills, wipes=arguments.wipes)
    target: Target = (
        ComposeTarget()
        if arguments.containers
        else EmbeddedTarget(Path(tempfile.mkdtemp(prefix="dateline-chaos-")))
    )
    try:
        target.start()
        run = Run(target, arguments.seed, shape, arguments.urls, console.print)
        verdict = run.run()
        rows = summary(run, verdict)
    finally:
        target.stop()
    console.print(
        table(rows, f"seed {arguments.seed}: {len(run.faults)} faults over {arguments.urls:,} URLs"), ""
    )
    for line in [*verdict.lost.values(), *verdict.doubled.values(), *verdict.wrong, *verdict.stories][:40]:
        console.print(line, soft_wrap=True, markup=False)
    console.print(
        f"submitted {verdict.submitted:,} = stored {verdict.stored:,} + ended with a reason "
        f"{verdict.ended:,}; "
        f"lost {len(verdict.lost)}, doubled {len(verdict.doubled)}, otherwise wrong {len(verdict.wrong)}, "
        f"copies and stories that differ from a quiet run {len(verdict.stories)}"
    )
    if arguments.json:
        with arguments.json.open("a") as out:
            out.write(
                json.dumps(
                    {
                        "seed": arguments.seed,
                        "rows": rows,
                        "lost": len(verdict.lost),
                        "doubled": len(verdict.doubled),
                        "wrong": len(verdict.wrong),
                        "stories": len(verdict.stories),
                        "urls": verdict.submitted,
                    }
                )
                + "\n"
            )
    if not verdict.clean:
        console.print(f"logs: {target.logs}" if isinstance(target, EmbeddedTarget) else "")
        sys.exit(1)


if __name__ == "__main__":
    main()
