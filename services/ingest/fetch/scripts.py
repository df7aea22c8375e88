"""Script calls of many threads, sent to Redis in company: what gathers while one lot is on its way goes in the next."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError

_MOST = 64  # calls of one lot


class _Call:
    """One call, and the thread that waits for it: woken with its answer, or to lead the next lot."""

    __slots__ = ("answer", "command", "done", "woken")

    def __init__(self, command: tuple[Any, ...]) -> None:
        self.command = command
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
        call = _Call((name, len(keys), *keys, *values))
        with self._lock:
            self._waiting.append(call)
            leads, self._led = not self._led, True
        if not leads:
            call.woken.acquire()
        if not call.done:
            self._lead()
        if isinstance(call.answer, Exception):
            raise call.answer
        return call.answer

    def _lead(self) -> None:
        """Send one lot; then the first of those that came meanwhile leads the next."""
        with self._lock:
            lot, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        try:
            answers = self._send([call.command for call in lot])
        except Exception as error:  # noqa: BLE001  handed to each that waits
            answers = [error] * len(lot)
        for call, answer in zip(lot, answers, strict=True):
            call.answer, call.done = answer, True
            call.woken.release()
        with self._lock:
            if self._waiting:
                self._waiting[0].woken.release()
            else:
                self._led = False

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
