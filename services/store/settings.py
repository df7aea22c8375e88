"""Settings of the store, shared with the scheduler."""

from __future__ import annotations

from dataclasses import dataclass

from services.runtime.settings import WorkerSettings, database_url, seconds, setting, whole
from services.store.ledger import RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings(WorkerSettings):
    """Settings of the store and of the scheduler."""

    database_url: str = database_url()
    concurrency: int = setting(
        "DATELINE_STORE_CONCURRENCY", whole(1, 64), "batches written at the same time", 2
    )
    max_attempts: int = setting(
        "DATELINE_MAX_ATTEMPTS", whole(1, 50), "attempts before a URL becomes a dead letter (1 to 50)", 5
    )
    retry_base_s: float = setting(
        "DATELINE_RETRY_BASE_S", seconds(0.1, 3600), "the wait after a first failed attempt, in seconds", 30.0
    )
    retry_cap_s: float = setting(
        "DATELINE_RETRY_CAP_S", seconds(0.1, 86_400), "the longest wait between attempts, in seconds", 3600.0
    )

    @property
    def retry_policy(self) -> RetryPolicy:
        """The retry settings as one value."""
        return RetryPolicy(self.max_attempts, self.retry_base_s, self.retry_cap_s)
