"""The faults of a run and their order, drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

SERVICES = ("ingest", "enrich", "store", "scheduler", "stories")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks: when (seconds after the start), what, and for how long."""

    at_s: float
    kind: str
    service: str = ""
    outage_s: float = 0.0

    @property
    def name(self) -> str:
        """As the table calls it."""
        return f"{self.kind} {self.service}".strip()


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of each kind of fault a run has."""

    kills: int = 5
    terminations: int = 2
    restarts: int = 2
    crashes: int = 1
    wipes: int = 1
    database_stops: int = 1
    poisonings: int = 2
    database_outage_s: float = 20.0
    mean_gap_s: float = 4.0


def draw(seed: int, shape: Shape) -> list[Fault]:
    """The faults of `seed`, in order. The gaps between them are random too, so that faults meet and
    overlap."""
    dice = random.Random(seed)
    kinds: list[tuple[str, str, float]] = []
    for service in SERVICES:
        kinds += [("kill -9", service, 0.0)] * shape.kills
        kinds += [("SIGTERM", service, 0.0)] * shape.terminations
    kinds += [("Redis restarted", "", 0.0)] * shape.restarts
    kinds += [("Redis kill -9", "", 0.0)] * shape.crashes
    kinds += [("Redis wiped", "", 0.0)] * shape.wipes
    kinds += [("Postgres stopped", "", shape.database_outage_s)] * shape.database_stops
    kinds += [("Postgres kill -9", "", 0.0)] * shape.crashes
    kinds += [("poison", "", 0.0)] * shape.poisonings
    dice.shuffle(kinds)
    faults, at_s = [], 2.0
    for kind, service, outage_s in kinds:
        faults.append(Fault(round(at_s, 2), kind, service, outage_s))
        at_s += outage_s + dice.uniform(0.2, 2 * shape.mean_gap_s)
    return faults
