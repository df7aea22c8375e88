"""Settings of enrich."""

from __future__ import annotations

import os
from dataclasses import dataclass

from services.runtime.settings import WorkerSettings, setting, text, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichSettings(WorkerSettings):
    """Settings of the enrich worker."""

    concurrency: int = setting(
        "DATELINE_ENRICH_CONCURRENCY",
        whole(1, 128),
        "how many processes tag at once",
        max(1, (os.cpu_count() or 2) // 2),
    )
    topic_rules: str = setting(
        "DATELINE_TOPIC_RULES", text, "a YAML file, or a folder of them, with topics of your own", ""
    )
