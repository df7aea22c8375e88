"""What can be asked of a broker, whichever it is: how many messages wait in each queue, since when, and whether it lost its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

EPOCH = "dateline:epoch"
"""Vanishes with the broker's data; that is how a wiped broker is noticed."""


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """Messages waiting in a queue; those that workers have taken and not yet acknowledged (None where the broker does not
    say); and when the oldest waiting one was dispatched at the earliest (seconds since the epoch)."""

    queue: str
    waiting: int
    unacknowledged: int | None
    oldest: float | None


class Queues(Protocol):
    """What the pipeline asks of a broker beside sending and taking messages. All raise Unavailable while it does not answer."""

    server: str

    def depths(self) -> list[QueueDepth]:
        """The depth of every queue."""

    def backlog(self) -> dict[str, int]:
        """How many messages wait in each queue: what `depths` says, without its looking into any message."""

    def waiting(self, queue: str) -> int:
        """How many messages wait in one queue."""

    def has_epoch(self) -> bool:
        """Whether the broker still has what it was given last by `begin_epoch`."""

    def begin_epoch(self) -> None:
        """Mark the broker, so that a loss of its data is seen."""
