"""The task that polls: what a source lists goes on in messages that fit, the newest first, and ends with one
that says so."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from celery import Celery

from services.contract.envelopes import encode, encode_item
from services.contract.messages import FeedEntry, SourceDue, SourcePolled
from services.contract.routes import ROUTES
from services.ingest.tasks import Work, register
from tests.ingest.test_sitemaps import NOW, G


class _Sent(list[SourcePolled]):
    def send(self, result: Any) -> Future[None]:
        self.append(result)
        done: Future[None] = Future()
        done.set_result(None)
        return done


def _unused(*_: Any) -> Any:
    raise AssertionError("no page is read for a poll")


def test_a_poll_of_many_entries_goes_on_in_parts() -> None:
    def poll(due: SourceDue) -> SourcePolled:
        entries = [FeedEntry(url=f"{G}/{n}") for n in range(2001)]
        return SourcePolled(
            source_id=due.source_id,
            url=due.url,
            kind="rss",
            dispatched_at=NOW,
            polled_at=NOW,
            entries=entries,
        )

    app, sent = Celery("test"), _Sent()
    work = Work(read=_unused, here=_unused, apart=_unused, poll=poll)
    register(app, work, None, sent)  # type: ignore[arg-type]
    due = SourceDue(source_id=7, url=f"{G}/feed", kind="auto", dispatched_at=NOW)
    app.tasks[ROUTES[SourceDue].task](encode(SourceDue, [encode_item(due)]))
    assert [(len(part.entries), part.more) for part in sent] == [(1000, True), (1000, True), (1, False)]
