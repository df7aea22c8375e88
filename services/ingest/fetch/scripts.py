"""Script calls of many threads, sent to Redis in company: what gathers while one lot is on its way goes in the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError, ResponseError

_MOST = 64  # calls of one lot
_FRESH_S = 1.0
"""A connection that answered this lately is taken as it is; the pool looks at each first, which costs as much as a call."""


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
        self._connection: Any = None
        self._answered_at = 0.0

    def register(self, text: str) -> str:
        """The name under which `call` knows a script."""
        name: str = self._client.register_script(text).sha
        self._texts[name] = text
        return name

    def call(self, name: str, keys: Sequence[str], values: Sequence[str | int | float]) -> Any:
        """What the script answers. Raises what Redis or the way to it raises."""
        call = _Call(("EVALSHA", name, len(keys), *keys, *values))
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
        """Over one connection, which whoever leads has for themselves."""
        pool = self._client.connection_pool
        if self._connection is not None and time.monotonic() - self._answered_at > _FRESH_S:
            pool.release(self._connection)
            self._connection = None
        if self._connection is None:
            self._connection = pool.get_connection()
        try:
            self._connection.send_packed_command([b"".join(map(_packed, commands))])
            answers = [self._answer() for _ in commands]
        except BaseException:
            self._connection.disconnect()
            pool.release(self._connection)
            self._connection = None
            raise
        self._answered_at = time.monotonic()
        return answers

    def _answer(self) -> Any:
        try:
            return self._connection.read_response()
        except ResponseError as error:
            return error


def _packed(command: tuple[Any, ...]) -> bytes:
    """A command as Redis reads it (RESP): redis-py's own packing looks at each part in several ways, for types that we do not send."""
    parts = [str(part).encode() for part in command]
    return b"*%d\r\n%b" % (len(parts), b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts]))
