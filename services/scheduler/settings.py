"""The scheduler's settings."""

from __future__ import annotations

from dataclasses import dataclass

from services.net.hosts import HostLimit, host_limit_setting, host_limits_setting
from services.runtime.settings import days, seconds, setting, text, whole
from services.store.retention_rules import (
    Limits,
    RetentionRules,
    retention_setting,
    retention_sources_setting,
)
from services.store.settings import StoreSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerSettings(StoreSettings):
    """Settings of the scheduler."""

    high_water: int = setting(
        "DATELINE_HIGH_WATER", whole(10, 100_000), "most URLs in the ingest queue (high-water mark)", 500
    )
    suspects_at_once: int = setting(
        "DATELINE_SUSPECTS_AT_ONCE",
        whole(1, 1000),
        "most suspects (URLs whose last worker was lost) in flight; less than ingest's concurrency",
        16,
    )
    tick_s: float = setting(
        "DATELINE_TICK_S", seconds(0.02, 10), "seconds between two checks for due URLs", 0.2
    )
    reconcile_s: float = setting(
        "DATELINE_RECONCILE_S", seconds(0.5, 600), "seconds between two checks for lost URLs", 10.0
    )
    keep_success_days: float = setting(
        "DATELINE_KEEP_SUCCESS_DAYS", days, "days for which attempts of URLs that did not fail are kept", 30.0
    )
    keep_failure_days: float = setting(
        "DATELINE_KEEP_FAILURE_DAYS",
        days,
        "days for which attempts of failed URLs, and replayed dead letters, are kept",
        180.0,
    )
    warc_dir: str = setting(
        "DATELINE_WARC_DIR",
        text,
        "folder of the WARC archive with raw responses; empty: none is kept",
        "",
    )
    learn_priors: int = setting(
        "DATELINE_LEARN_PRIORS",
        whole(0, 1),
        "1: learn source priors from stored articles, and use them for later articles; 0: do not",
        1,
        former="DATELINE_LEARN_HOMES",
    )
    metrics_address: str = setting(
        "DATELINE_METRICS_ADDRESS", text, "the address that /metrics listens on", "127.0.0.1"
    )
    metrics_port: int = setting(
        "DATELINE_METRICS_PORT", whole(0, 65535), "the port of /metrics for Prometheus; 0 serves none", 0
    )
    retention: Limits = retention_setting()  # noqa: RUF009
    retention_sources: dict[str, Limits] = retention_sources_setting()  # noqa: RUF009
    host_limit: HostLimit = host_limit_setting()  # noqa: RUF009
    host_limits: dict[str, HostLimit] = host_limits_setting()  # noqa: RUF009

    @property
    def retention_rules(self) -> RetentionRules:
        """Both settings of retention as one value."""
        return RetentionRules(self.retention, self.retention_sources)
