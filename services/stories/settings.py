"""The stories service's settings."""

from __future__ import annotations

from dataclasses import dataclass

from services.runtime.settings import ServiceSettings, database_url, days, seconds, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class StoriesSettings(ServiceSettings):
    """Settings of the stories service."""

    database_url: str = database_url()
    slice_s: float = setting(
        "DATELINE_STORIES_SLICE_S",
        seconds(1, 600),
        "seconds of arrival whose articles are taken in together, in the order in which they appeared; an "
        "article waits for so long at most",
        60.0,
    )
    window_days: float = setting(
        "DATELINE_STORIES_WINDOW_DAYS", days, "days for which articles are compared with later ones", 14.0
    )
    keep_events_days: float = setting(
        "DATELINE_STORIES_KEEP_EVENTS_DAYS",
        days,
        "days for which the change feed keeps events of stories",
        90.0,
    )
