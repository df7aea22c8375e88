"""The URLs of a message are worked on side by side, each to an end of its own, whatever becomes of the
others."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from services.ingest.url_pool import UrlPool


def _done() -> Future[None]:
    future: Future[None] = Future()
    future.set_result(None)
    return future


def test_items_of_a_message_are_worked_on_at_the_same_time() -> None:
    meeting = threading.Barrier(4, timeout=10)

    def meet(_: int) -> Future[None]:
        meeting.wait()  # none gets past it until all four are here
        return _done()

    UrlPool(4, starts_within_s=10).work(range(4), meet, meet)


def test_messages_share_the_threads() -> None:
    pool, at_once, most = UrlPool(3, starts_within_s=30), [0], [0]
    changed = threading.Condition()

    def work(_: int) -> Future[None]:
        with changed:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            changed.notify_all()
            changed.wait_for(lambda: most[0] == 3, timeout=10)
            at_once[0] -= 1
        return _done()

    messages = [threading.Thread(target=pool.work, args=(range(6), work, work)) for _ in range(3)]
    for message in messages:
        message.start()
    for message in messages:
        message.join(20)
    assert most[0] == 3


def test_what_no_thread_was_free_for_in_time_is_given_up() -> None:
    pool, free = UrlPool(1, starts_within_s=0.2), threading.Event()
    done: list[str] = []
    late: list[str] = []

    def work(item: str) -> Future[None]:
        free.wait(10)
        done.append(item)
        return _done()

    def give_up(item: str) -> Future[None]:
        late.append(item)
        return _done()

    timer = threading.Timer(
        0.5, free.set
    )  # the first item holds the only thread for longer than the others may wait
    timer.start()
    pool.work(["slow", "second", "third"], work, give_up)
    assert (done, late) == (["slow"], ["second", "third"])


def test_a_message_ends_with_its_last_sending_and_raises_what_one_raised() -> None:
    ended: list[int] = []
    sendings: list[Future[None]] = [Future() for _ in range(3)]

    def work(item: int) -> Future[None]:
        ended.append(item)
        return sendings[item]

    def send() -> None:
        for n, future in enumerate(sendings):
            if n == 1:
                future.set_exception(OSError("the broker is away"))
            else:
                future.set_result(None)

    timer = threading.Timer(0.3, send)
    timer.start()
    with pytest.raises(OSError, match="away"):
        UrlPool(2, starts_within_s=10).work(range(3), work, work)
    assert sorted(ended) == [0, 1, 2]
    assert all(future.done() for future in sendings)
