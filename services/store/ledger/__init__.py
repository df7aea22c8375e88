"""The ledger: one row for each submitted URL, with its state, its attempts and its dead letters.

All functions run in the caller's transaction, so that the caller commits their changes together with its own.
"""

from services.store.ledger.claims import claim, unclaim, waiting_hosts
from services.store.ledger.entries import Entry, Recorded, Refusal, record
from services.store.ledger.requeueing import archive_again, replay, requeue_all, requeue_stuck
from services.store.ledger.settling import RetryPolicy, settle

__all__ = [
    "Entry",
    "Recorded",
    "Refusal",
    "RetryPolicy",
    "archive_again",
    "claim",
    "record",
    "replay",
    "requeue_all",
    "requeue_stuck",
    "settle",
    "unclaim",
    "waiting_hosts",
]
