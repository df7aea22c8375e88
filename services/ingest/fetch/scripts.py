"""Batches the Lua script calls of many threads into one round trip to Redis: calls that arrive during a
trip go in the next."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError


class _Call:
    """One call, and the event of the thread that waits for it: set with its result, or to lead the next
    batch."""

    __slots__ = ("answer", "awaited", "command", "done", "woken")

    def __init__(self, command: tuple[Any, ...], *, awaited: bool) -> None:
        self.command = command
        self.awaited = awaited
        self.woken = threading.Lock()
        self.woken.acquire()
        self.answer: Any = None
        self.done = False


class Scripts:
    """Lua scripts on one Redis. A thread that finds no trip under way sends all pending calls, its own
    among them."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._texts: dict[str, str] = {}
        self._lock = threading.Lock()
        self._waiting: list[_Call] = []
        self._led = False

    def register(self, text: str) -> str:
        """The name by which `call` knows a script."""
        name: str = self._client.register_script(text).sha
        self._texts[name] = text
        return name

    def call(self, name: str, keys: Sequence[str], values: Sequence[str | int | float]) -> Any:
        """The script's result. Raises the errors of Redis and of the connection."""
        call = _Call((name, len(keys), *keys, *values), awaited=True)
        if not self._leads(call):
            call.woken.acquire()
        if not call.done:
            self._lead()
        if isinstance(call.answer, Exception):
            raise call.answer
        return call.answer

    def post(self, name: str, keys: Sequence[str], values: Sequence[str | int | float]) -> None:
        """Calls a script without waiting for its result: the call goes with those of others, and alone
        where there are none.

        Errors are ignored.
        """
        call = _Call((name, len(keys), *keys, *values), awaited=False)
        if self._leads(call):
            self._lead()

    def _leads(self, call: _Call) -> bool:
        """Adds a call to the pending ones; returns whether its thread must send them."""
        with self._lock:
            self._waiting.append(call)
            leads, self._led = not self._led, True
        return leads

    def _lead(self) -> None:
        """Sends the pending calls; then the first thread of those that arrived meanwhile leads the next
        batch."""
        while True:
            with self._lock:
                lot, self._waiting = self._waiting, []
            try:
                answers = self._send([call.command for call in lot])
            except Exception as error:  # noqa: BLE001  handed to each that waits
                answers = [error] * len(lot)
            for call, answer in zip(lot, answers, strict=True):
                call.answer, call.done = answer, True
                call.woken.release()
            with self._lock:
                heir = next((call for call in self._waiting if call.awaited), None)
                if heir is None and not self._waiting:
                    self._led = False
                    return
            if heir is not None:
                heir.woken.release()
                return

    def _send(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        answers = self._sent(commands)
        unknown = [n for n, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:  # Redis was restarted, or its scripts were flushed
            for text in self._texts.values():
                self._client.script_load(text)
            for n, answer in zip(unknown, self._sent([commands[n] for n in unknown]), strict=True):
                answers[n] = answer
        return answers

    def _sent(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        """The result of each call; an error of one is its result."""
        with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.evalsha(*command)
            answers: list[Any] = pipeline.execute(raise_on_error=False)
        return answers
