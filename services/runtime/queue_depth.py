"""What the pipeline asks of either broker: messages waiting in each queue, since when, and whether the
broker lost its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

EPOCH = "dateline:epoch"
"""A marker key in the broker: if it is gone, the broker has lost its data."""


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """Depth of a queue.

    `waiting`: messages not yet taken; `unacknowledged`: taken and not acknowledged, None where the broker
    does not say; `oldest`: the earliest time at which the oldest waiting message can have been dispatched, in
    seconds since the epoch.
    """

    queue: str
    waiting: int
    unacknowledged: int | None
    oldest: float | None


class Queues(Protocol):
    """The queues of a broker. All methods raise Unavailable while it does not answer."""

    server: str

    def depths(self) -> list[QueueDepth]:
        """The depth of every queue."""

    def backlog(self) -> dict[str, int]:
        """Messages waiting in each queue: cheaper than `depths`, since no message is read."""

    def waiting(self, queue: str) -> int:
        """Messages waiting in one queue."""

    def has_epoch(self) -> bool:
        """Whether the marker set by `begin_epoch` still exists."""

    def begin_epoch(self) -> None:
        """Sets the marker whose loss tells that the broker lost its data."""
