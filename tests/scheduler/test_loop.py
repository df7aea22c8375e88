"""The scheduler's loop, over outages."""

from __future__ import annotations

from structlog.testing import capture_logs

from services.contract.errors import Unavailable
from services.scheduler.loop import Job, Loop


def test_a_new_outage_begins_with_a_short_pause_again(database_url: str) -> None:
    answers = iter(["away", "away", "well", "away", "well"])

    def work() -> None:
        answer = next(answers, None)
        if answer is None:
            loop.stop()
        elif answer == "away":
            raise Unavailable("broker_away", "Redis does not answer")

    loop = Loop(database_url, [Job("work", 0.01, work)])
    with capture_logs() as said:
        loop.run()
    assert [line["pause_s"] for line in said if line["event"] == "job_waits"] == [0.25, 0.5, 0.25]
