"""Batches script calls of many threads into one trip to Redis: what gathers while one lot is on its way goes in the next."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError


class _Call:
    """One call, and the thread that waits for it, if one does: woken with its answer, or to lead the next lot."""

    __slots__ = ("answer", "awaited", "command", "done", "woken")

    def __init__(self, command: tuple[Any, ...], *, awaited: bool) -> None:
        self.command = command
        self.awaited = awaited
        self.woken = threading.Lock()
        self.woken.acquire()
        self.answer: Any = None
        self.done = False


class Scripts:
    """Lua scripts on one Redis. A thread that finds none under way sends what waits, its own call among them, in one trip."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._texts: dict[str, str] = {}
        self._lock = threading.Lock()
        self._waiting: list[_Call] = []
        self._led = False

    def register(self, text: str) -> str:
        """The name under which `call` knows a script."""
        name: str = self._client.register_script(text).sha
        self._texts[name] = text
        return name

    def call(self, name: str, keys: Sequence[str], values: Sequence[str | int | float]) -> Any:
        """What the script answers. Raises what Redis or the way to it raises."""
        call = _Call((name, len(keys), *keys, *values), awaited=True)
        if not self._leads(call):
            call.woken.acquire()
        if not call.done:
            self._lead()
        if isinstance(call.answer, Exception):
            raise call.answer
        return call.answer

    def post(self, name: str, keys: Sequence[str], values: Sequence[str | int | float]) -> None:
        """The same, where nobody needs the answer: a call goes with those of others, and waits only where there are none.

        What fails is not told.
        """
        call = _Call((name, len(keys), *keys, *values), awaited=False)
        if self._leads(call):
            self._lead()

    def _leads(self, call: _Call) -> bool:
        """Put a call with those that wait; whether its thread is to send them."""
        with self._lock:
            self._waiting.append(call)
            leads, self._led = not self._led, True
        return leads

    def _lead(self) -> None:
        """Send what waits; then the first thread of those that came meanwhile leads the next lot."""
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
        if unknown:  # a new Redis, or one whose scripts were flushed
            for text in self._texts.values():
                self._client.script_load(text)
            for n, answer in zip(unknown, self._sent([commands[n] for n in unknown]), strict=True):
                answers[n] = answer
        return answers

    def _sent(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        """The answer to each; an error of one is its answer."""
        with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.evalsha(*command)
            answers: list[Any] = pipeline.execute(raise_on_error=False)
        return answers
