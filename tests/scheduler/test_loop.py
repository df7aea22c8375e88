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


def test_a_job_that_fails_holds_up_no_other_and_is_tried_again_ever_more_slowly(database_url: str) -> None:
    ticks = iter(range(6))

    def broken() -> None:
        raise ValueError("a line that nobody thought of")

    def well() -> str | None:
        if next(ticks, None) is None:
            loop.stop()
        return "done"

    away = Job("away", 0.01, lambda: _raise(Unavailable("broker_refused", "WRONGTYPE")))
    jobs = [Job("broken", 0.01, broken), away, Job("well", 0.2, well)]
    loop = Loop(database_url, jobs)
    with capture_logs() as said:
        loop.run()
    assert [line["done"] for line in said if line["event"] == "well"] == ["done"] * 7
    failed = [line for line in said if line["event"] == "job_failed"]
    assert [line["pause_s"] for line in failed][:2] == [0.25, 0.5]
    assert "a line that nobody thought of" in failed[0]["error"]
    assert [job.name for job in jobs if job.failures] == ["broken", "away"]


def _raise(error: Exception) -> None:
    raise error
