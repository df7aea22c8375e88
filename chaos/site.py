"""The pages of a chaos run: thousands of addresses, each of which has one right end.

`python -m chaos.site --host 0.0.0.0 --port 8000` serves them.
"""

from __future__ import annotations

import argparse
import threading
from collections import Counter
from dataclasses import replace
from functools import cache

from chaos import poison
from services.demo.pages import DemoStory, render, render_story, stories
from services.demo.site import Site

_MISSING_EVERY, _EMPTY_EVERY, _FAILING_EVERY = 50, 50, 10
_FAILURES = 2


HOSTS = 8
"""The pages stand on so many hosts, as those of a real run do: one host's troubles are its own."""


def host_of(number: int) -> int:
    """Which of the hosts has page `number`, counted from 0."""
    return number % HOSTS


def path_of(number: int) -> str:
    """The address of page `number`."""
    return f"/chaos/{number}"


def expected(number: int) -> tuple[str, str | None]:
    """The state and reason in which page `number` must end."""
    if number % _MISSING_EVERY == 7:
        return "failed", "http_404"
    if number % _EMPTY_EVERY == 13:
        return "skipped", "no_article"
    return "stored", None


def story_of(number: int) -> DemoStory:
    """The story on page `number`."""
    return _stories()[number % len(_stories())]


@cache
def _stories() -> list[DemoStory]:
    return list(stories().values())


def page(target: str, base: str) -> str | None:
    """The page at a path, or None for a 404."""
    path = target.partition("?")[0]
    if path == poison.FEED_PATH:
        return poison.feed().decode()
    if not path.startswith("/chaos/"):
        return render(path, base)
    number = int(path.rsplit("/", 1)[1])
    state, _ = expected(number)
    if state == "failed":
        return None
    if state == "skipped":
        return render("/video/harbour-at-dawn", base)
    return render_story(replace(story_of(number), path=path, canonical=None), base)


class Unsteady:
    """Answers 503 to the first two requests of every tenth page."""

    def __init__(self) -> None:
        self._asked: Counter[int] = Counter()
        self._lock = threading.Lock()
        self.injected = 0

    def __call__(self, target: str) -> int | None:
        path = target.partition("?")[0]
        if not path.startswith("/chaos/"):
            return None
        number = int(path.rsplit("/", 1)[1])
        with self._lock:
            self._asked[number] += 1
            if number % _FAILING_EVERY == 3 and self._asked[number] <= _FAILURES:
                self.injected += 1
                return 503
        return None


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    with Site(arguments.host, arguments.port, render=page, fault=Unsteady()):
        threading.Event().wait()


if __name__ == "__main__":
    main()
