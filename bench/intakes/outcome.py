"""What came of a suite: each input checked and timed, each difference counted under its reason, or as
unexplained."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from services.contract.errors import DatelineError


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that both say of an input: what it is, their answer, ours, and the input itself for the
    reasons to look at."""

    field: str
    theirs: object
    ours: object
    source: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """An input by name, and what is compared of it. `expected`: the other project lists something of it."""

    name: str
    run: Callable[[], Iterable[Point]]
    expected: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind of difference that is meant to be, and why."""

    kind: str
    why: str
    matches: Callable[[Point], bool]


@dataclass(frozen=True, slots=True)
class Suite:
    """Another project's inputs, the reasons for which ours may differ, and the CPU seconds that one input may
    cost."""

    name: str
    checks: Iterable[Check]
    reasons: tuple[Reason, ...] = ()
    limit_s: float = 5.0


@dataclass(slots=True)
class Tally:
    """The row of a suite. It is good where nothing raised, took too long, or differs without a reason."""

    name: str
    inputs: int = 0
    read: int = 0
    refused: int = 0
    same: int = 0
    different: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    @property
    def good(self) -> bool:
        """Whether the command may succeed."""
        return self.inputs > 0 and not (self.unexplained or self.exceptions or self.slow)


def tally(suite: Suite, examples: dict[str, list[str]] | None = None) -> Tally:
    """Run a suite. `examples` collects what each kind of difference looks like."""
    row = Tally(suite.name)
    for check in suite.checks:
        row.inputs += 1
        started = time.process_time()
        points = list(_points(check, row))
        spent = time.process_time() - started
        row.slowest = max(row.slowest, (spent, check.name))
        if spent > suite.limit_s:
            row.slow.append(f"{check.name}: {spent:.1f} CPU s")
        for point in points:
            _count(point, check, suite, row, examples)
    return row


def _points(check: Check, row: Tally) -> Iterator[Point]:
    try:
        points = list(check.run())
    except DatelineError as error:
        row.refused += 1
        row.refusals.append(f"{check.name}: {error.reason}: {error}"[:300])
        if check.expected:
            yield Point("refused", "is read", error.reason, check.source)
    except Exception as error:  # noqa: BLE001  what this is here to find
        row.exceptions.append(f"{check.name}: {type(error).__name__}: {error}")
    else:
        row.read += 1
        yield from points


def _count(
    point: Point, check: Check, suite: Suite, row: Tally, examples: dict[str, list[str]] | None
) -> None:
    if point.theirs == point.ours:
        row.same += 1
        return
    told = f"{check.name}: {point.field}: theirs {point.theirs!r}, ours {point.ours!r}"[:600]
    reason = next((reason for reason in suite.reasons if reason.matches(point)), None)
    if reason is None:
        row.unexplained.append(told)
        return
    row.different[reason.kind] += 1
    if examples is not None:
        examples.setdefault(f"{suite.name}: {reason.kind}: {reason.why}", []).append(told)
