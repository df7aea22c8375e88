"""What Flower is told: every task's life."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

import pytest
from celery import Celery

from services.contract.routes import ROUTES
from services.demo.pages import stories
from services.demo.site import Site
from services.local.stack import Stack
from tests.conftest import eventually
from tests.pipeline.lives import settle, submit

pytestmark = pytest.mark.pipeline
_KINDS = {"task-received", "task-started", "task-succeeded"}


def test_every_tasks_events_come(stack: Stack, site: Site) -> None:
    lives: dict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    heard = threading.Event()

    def take(event: dict[str, Any]) -> None:
        heard.set()
        if event["type"] not in _KINDS:
            return
        lives[event["uuid"]].add(event["type"])
        names[event["uuid"]] = event.get("name", names.get(event["uuid"], ""))

    with Celery(broker=stack.redis.url, set_as_current=False).connection() as connection:
        receiver = Celery(broker=stack.redis.url, set_as_current=False).events.Receiver(
            connection, handlers={"*": take}
        )

        def listen() -> None:
            with receiver.consumer_context():
                for _ in receiver.consume(limit=None, timeout=None, wakeup=False):
                    if receiver.should_stop:
                        return

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        assert heard.wait(20)  # a worker's own event, every two seconds
        # None that another test had stored.
        urls = [f"{site.url}{path}?told={n}" for path in stories() for n in range(3)]
        submit(stack, *urls)
        settle(stack, urls)
        wanted = {route.task for route in ROUTES.values()}
        eventually(
            "each stage's tasks are told from beginning to end",
            lambda: len({names[u] for u, kinds in lives.items() if kinds == _KINDS} & wanted) >= 3,
        )
        eventually(
            "no task's end is missing",
            lambda: all(kinds == _KINDS for kinds in lives.values() if "task-received" in kinds),
        )
        receiver.should_stop = True
