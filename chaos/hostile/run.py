"""`make hostile MINUTES=60 SEED=…`: whatever strangers can send, at random, while honest URLs go through.

The embedded stack runs with all its services in processes of their own. Honest URLs are submitted evenly all the while, by the
ledger, the Redis list and the API in turn, from eight hosts of their own and four that serve hostile pages too. Calm stretches, in
which there are only those, and hostile stretches come in turn. In hostile ones a process of its own submits hostile pages and broken
answers, pushes broken lines and messages of any bytes, adds broken sources and receivers that hang, and visits the desk as
clients that drip, never read, ask for anything, or bring the wrong token. After each hostile stretch everything must end.

It ends with 1, and says what, where one of these does not hold:
 - every honest URL is stored, as its page says, once, whatever claims its address;
 - usual times are those of all calm stretches together. Among hostile ones the median and the 95th percentile of the time from
   submission to stored are at most twice the usual ones (a usual time under a second counts as a second), and every single honest
   URL is stored within five times the calm worst, or 30 s where that is more;
 - no worker is lost to the same page twice, and no service is lost more than once;
 - no process of ours grows by more than 64 MiB (and 16 KiB an article for the desk and Redis) from the second calm stretch to the
   last, along a line fitted through the ends of calm stretches; an ingest worker, which replaces itself when it has grown by
   192 MiB, is at the end of no calm stretch more than 256 MiB larger than at the first;
 - every hostile URL ends with a reason, and every source is polled, within 240 s; but for URLs of a host that did not answer, which
   is left alone for a stated time;
 - the desk never answers 500, and its health answers within every 10 s;
 - after each hostile stretch all queues become empty, and the quarantine stays within its bound.
"""  # noqa: E501

from __future__ import annotations

import json
import multiprocessing
import queue
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from chaos.hostile import judge
from chaos.hostile.attack import ORIGIN, Aim, Rates, attack
from chaos.hostile.honest import Honest
from chaos.hostile.report import progress, tables
from chaos.hostile.site import HOSTS, serve
from chaos.hostile.watch import Watch
from services.local.stack import Stack
from services.store import tokens

_SETTINGS = {
    "DATELINE_RETRY_BASE_S": "0.5",
    "DATELINE_RETRY_CAP_S": "2",
    "DATELINE_MAX_ATTEMPTS": "3",
    "DATELINE_VISIBILITY_TIMEOUT_S": "40",
    "DATELINE_RECONCILE_S": "5",
    "DATELINE_FETCH_TIMEOUT_S": "10",
    "DATELINE_HOST_LIMIT": "1000/64",
    "DATELINE_DESK_OPEN_TO": "192.0.2.0/24",
    "DATELINE_WEBHOOK_TIMEOUT_S": "5",
    "DATELINE_LEARN_PRIORS": "0",
}
"""Waits are short, so that everything ends soon; nobody gets into the desk without a token."""
_OPEN = "SELECT count(*) FROM submissions WHERE state IN ('pending', 'in_flight') AND host <> ALL(%s)"
_SAID_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of a calm and of a hostile stretch, and how many of these pairs there are; a last calm one
    follows."""

    calm_s: float
    hostile_s: float
    turns: int

    @classmethod
    def of(cls, minutes: float) -> Plan:
        """Turns of five minutes, a fifth of each calm; shorter ones where there are fewer than three."""
        turn_s = max(20.0, min(300.0, minutes * 60 / 3))
        return cls(turn_s / 5, turn_s * 4 / 5, max(1, round(minutes * 60 / turn_s)))


@dataclass(slots=True)
class Run:
    """One run against a stack of its own, in `folder`."""

    folder: Path
    seed: int
    plan: Plan
    say: Callable[[str], None]
    rates: Rates = field(default_factory=Rates)
    timed: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    verdict: judge.Verdict = field(default_factory=judge.Verdict)
    clients: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    counts: dict[str, int] = field(default_factory=dict)
    attacker: Any = None

    def run(self) -> judge.Verdict:
        """Start, attack and judge; the stack is stopped, its logs stay."""
        context = multiprocessing.get_context("spawn")
        told: Any = context.Queue()
        with Honest() as honest:
            bases = [honest.url_of(n).rpartition("/chaos/")[0] for n in range(len(honest.hosts))]
            server = context.Process(target=serve, args=(told, bases), daemon=True)
            server.start()
            port = told.get(timeout=60)
            stack = Stack(
                self.folder,
                environ={
                    **_SETTINGS,
                    **self.settings,
                    "DATELINE_ALLOW_HOSTS": ",".join(honest.hosts + HOSTS),
                },
                flower=False,
            )
            try:
                stack.start()
                with stack.connect() as connection:
                    _, token = tokens.add(connection, "hostile", ["read", "submit"])
                aim = Aim(
                    self.seed, stack.postgres.url, stack.redis.url, stack.desk_port, token, port,
                    honest.shared, self.rates
                )  # fmt: skip
                loose, over = context.Event(), context.Event()
                self.attacker = context.Process(target=attack, args=(aim, loose, over, told), daemon=True)
                self.attacker.start()
                with Watch(stack) as watch:
                    honest.start(stack.postgres.url, stack.redis.url, stack.desk_port, token)
                    self._turns(stack, honest, watch, loose, told)
                    self._judge(stack, honest, watch)
                over.set()
                self.attacker.join(10)
                self.attacker.kill()
            finally:
                stack.hurry()
                stack.stop()
                server.kill()
        return self.verdict

    def _turns(self, stack: Stack, honest: Honest, watch: Watch, loose: Any, told: Any) -> None:
        for turn in range(self.plan.turns):
            self._stretch(f"calm {turn + 1}", True, self.plan.calm_s, stack, honest, watch, told)
            watch.sample()
            loose.set()
            self._stretch(f"hostile {turn + 1}", False, self.plan.hostile_s, stack, honest, watch, told)
            loose.clear()
            self._drained(stack, honest, watch, told)
        self._stretch("calm, the last", True, self.plan.calm_s, stack, honest, watch, told)
        self._drained(stack, honest, watch, told)
        watch.sample()

    def _stretch(
        self, name: str, calm: bool, seconds: float, stack: Stack, honest: Honest, watch: Watch, told: Any
    ) -> None:
        honest.calm = calm
        ends, says = time.monotonic() + seconds, time.monotonic() + min(_SAID_EVERY_S, seconds)
        while time.monotonic() < ends:
            self._hear(told)
            if time.monotonic() >= says:
                says += _SAID_EVERY_S
                with stack.connect() as connection:
                    self.say(progress(name, connection, watch, honest, len(self.verdict.findings)))
        honest.calm = None

    def _drained(self, stack: Stack, honest: Honest, watch: Watch, told: Any) -> None:
        """Stop what hostile sources and receivers there are, and wait until all has ended."""
        with stack.connect() as connection:
            connection.execute("DELETE FROM webhooks WHERE starts_with(name, %s)", (ORIGIN,))
        began, says = time.monotonic(), time.monotonic() + _SAID_EVERY_S
        while time.monotonic() - began < judge.ENDS_WITHIN_S:
            self._hear(told)
            with stack.connect() as connection:
                self._paused(connection)
                left = connection.execute(_OPEN, (watch.held(),)).fetchone()
                if time.monotonic() >= says:
                    says += _SAID_EVERY_S
                    self.say(
                        progress("until all has ended", connection, watch, honest, len(self.verdict.findings))
                    )
            if left == (0,) and not judge.left_waiting(watch):
                return
        with stack.connect() as connection:
            self.verdict.add(judge.open_too_long(connection, held=watch.held()))
        self.verdict.add(judge.left_waiting(watch))

    @staticmethod
    def _paused(connection: psycopg.Connection[Any]) -> None:
        """Sources that were polled once have had their turn."""
        connection.execute("UPDATE sources SET paused = true WHERE NOT paused AND last_polled_at IS NOT NULL")

    def _hear(self, told: Any) -> None:
        """What the attacking process tells, for half a second. Raises RuntimeError where it has ended: a run
        without an attacker proves nothing."""
        if not self.attacker.is_alive():
            raise RuntimeError(f"the attacker ended with status {self.attacker.exitcode}: see its traceback")
        ends = time.monotonic() + 0.5
        while (left_s := ends - time.monotonic()) > 0:
            try:
                kind, value = told.get(timeout=left_s)
            except queue.Empty:
                return
            if kind == "finding":
                self.say(f"FOUND: {value}")
                self.verdict.add([value])
            elif kind == "counts":
                self.counts = json.loads(value)
            else:
                (self.clients if kind == "client" else self.statuses)[value] += 1

    def _judge(self, stack: Stack, honest: Honest, watch: Watch) -> None:
        verdict = self.verdict
        with stack.connect() as connection:
            articles = connection.execute("SELECT count(*) FROM articles").fetchone()
            verdict.add(honest.errors)
            verdict.add(
                judge.pace(judge.honest_ends(connection, honest.submitted), verdict, timed=self.timed)
            )
            verdict.add(judge.altered(connection, honest.submitted))
            verdict.add(judge.open_too_long(connection, held=watch.held()))
            verdict.add(judge.lost_twice(connection, watch))
            verdict.add(judge.grown(watch, articles[0] if articles else 0))
            verdict.add(judge.desk(watch, timed=self.timed))
            verdict.ends = judge.ends_by_kind(connection)
        self.say(tables(self, watch))
