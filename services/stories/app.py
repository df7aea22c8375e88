"""The stories service's composition root."""

from __future__ import annotations

import signal
import sys

from services.contract.errors import DatelineError
from services.runtime import broker, logs
from services.runtime import settings as env
from services.runtime.start_checks import check_parent
from services.store.migrate import require_current
from services.stories import matching
from services.stories.follower import Follower
from services.stories.pulse import StoriesPulse
from services.stories.settings import StoriesSettings


def build(settings: StoriesSettings) -> Follower:
    """Builds the loop. Raises DatelineError: a server is unavailable, or the schema too old."""
    check_parent("DATELINE_HEARTBEAT_FILE", settings.heartbeat_file)
    require_current(settings.database_url)
    pulse = StoriesPulse(broker.connect(settings.redis_url), settings.heartbeat_file)
    return Follower(settings, beat=pulse.beat)


def main() -> None:
    """Runs the service until SIGTERM or SIGINT; exits with status 2 if it cannot start."""
    try:
        settings = env.load(StoriesSettings)
        follower = build(settings)
    except DatelineError as error:
        print(f"dateline stories: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    logs.configure("stories", settings.log_level, settings.log_format)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: follower.stop())
    logs.get(__name__).info(
        "stories_starts",
        slice_s=settings.slice_s,
        window_days=settings.window_days,
        compiled=not str(matching.__file__).endswith(".py"),
    )
    follower.run()
