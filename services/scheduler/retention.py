"""Retention that runs by itself: the settings' limits applied in small batches, between the scheduler's other
jobs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg import Connection
from psycopg.errors import DeadlockDetected, LockNotAvailable
from psycopg_pool import ConnectionPool

from services.runtime import logs
from services.store import audit, retention_due
from services.store.retention_rules import RetentionRules

BATCH = 100
"""Articles a transaction: whoever writes articles waits for so many deletions, about a tenth of a second."""
REST_S = 6 * 3600.0
"""Between two runs."""
_AGAIN_S = 60.0  # until a run that failed is begun again
_BUDGET_S = 0.3
_SETTLED = timedelta(days=1)
_SLACK = timedelta(days=3)  # a page may give a time of publication up to two days after it was fetched
_BUSY = "waits"
_COUNTS = ("tags", "text", "nothing", "raw", "files")
log = logs.get(__name__)


class Retention(Collector):
    """A run walks over articles, raw answers without an article, and files of the archive, and then rests.

    Each batch is a transaction that can be repeated: a run that is cut off anywhere is begun again and finds
    what is left.
    """

    def __init__(
        self, pool: ConnectionPool[Any], rules: RetentionRules, folder: Path | None = None, *,
        settled: timedelta = _SETTLED
    ) -> None:  # fmt: skip
        self._pool = pool
        self._rules = rules
        self._folder = folder
        self._settled = settled
        self._steps: Iterator[Counter[str]] | None = None
        self._next_at = 0.0
        self._total: Counter[str] = Counter()
        self._ended_at = 0.0

    def tick(self) -> dict[str, int] | None:
        """Go on with the run for a fraction of a second, if one is due; returns what was let go of, if
        anything."""
        if self._steps is None and time.monotonic() < self._next_at:
            return None
        steps, self._steps = self._steps or self._run(datetime.now(UTC)), None
        self._next_at = time.monotonic() + _AGAIN_S  # should the run end here
        done: Counter[str] = Counter()
        until = time.monotonic() + _BUDGET_S
        for step in steps:
            done += step
            if step[_BUSY] or time.monotonic() > until:
                self._steps = steps
                break
        else:
            self._next_at, self._ended_at = time.monotonic() + REST_S, time.time()
        return self._counted(done)

    def _counted(self, done: Counter[str]) -> dict[str, int] | None:
        del done[_BUSY]
        self._total += done
        return dict(done) or None

    def _run(self, now: datetime) -> Iterator[Counter[str]]:
        counts: Counter[str] = Counter()
        for part in (self._articles(now), self._raw_answers(now), self._files(now)):
            for step in part:
                counts += step
                yield step
        del counts[_BUSY]
        told: dict[str, Any] = {"limits": self._rules.shown(), **counts}
        with self._pool.connection() as connection:
            audit.note(connection, retention_due.WHO, "retention_run", **told)

    def _articles(self, now: datetime) -> Iterator[Counter[str]]:
        mark: retention_due.Mark | None = None
        while True:
            with self._pool.connection() as connection:
                found, mark = retention_due.articles(connection, self._rules, now, mark)
            for start in range(0, len(found), BATCH):
                ids = [due.id for due in found[start : start + BATCH]]
                yield from self._batch(partial(retention_due.let_go, rules=self._rules, now=now, ids=ids))
            yield Counter()
            if mark is None:
                return

    def _raw_answers(self, now: datetime) -> Iterator[Counter[str]]:
        after: int | None = 0
        while after is not None:
            with self._pool.connection() as connection:
                found, after = retention_due.raw_answers(connection, self._rules, now, after)
            for start in range(0, len(found), BATCH):
                yield from self._batch(partial(retention_due.let_go_raw, ids=found[start : start + BATCH]))
            yield Counter()

    def _batch(self, work: Callable[[Connection[Any]], Mapping[str, int]]) -> Iterator[Counter[str]]:
        """One transaction. While others hold what it needs they go first, and it is tried again with the next
        tick."""
        while True:
            try:
                with self._pool.connection() as connection:
                    done = Counter(work(connection))
            except (LockNotAvailable, DeadlockDetected):
                yield Counter({_BUSY: 1})
                continue
            yield done
            return

    def _files(self, now: datetime) -> Iterator[Counter[str]]:
        """Files of the archive that are past every limit, and to which no entry of the ledger points any
        more."""
        old = old_files(self._folder, self._rules, now, self._settled)
        after: int | None = 0 if old else None
        while after is not None and old:
            with self._pool.connection() as connection:
                named, after = retention_due.files_named(connection, list(old), after)
            for file in named:
                del old[file]
            yield Counter()
        for file, path in old.items():
            with (
                self._pool.connection() as connection
            ):  # first: should this end here, the next run does both again
                retention_due.file_dropped(connection, file, path.stat().st_size)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.warning("archive_file_stays", file=file, error=str(error))
                with self._pool.connection() as connection:
                    audit.note(connection, retention_due.WHO, "archive_file_stays", file, error=str(error))
                continue
            yield Counter(files=1)

    def collect(self) -> Iterable[Metric]:
        """Figures since this process began."""
        gone = CounterMetricFamily(
            "dateline_retention", "Let go of by the settings' limits, by what stays or what it was.",
            labels=["kept"]
        )  # fmt: skip
        for name in _COUNTS:
            gone.add_metric([name], self._total[name])
        yield gone
        yield GaugeMetricFamily(
            "dateline_retention_run_at", "When the last run of retention ended; 0: none yet.",
            value=self._ended_at
        )  # fmt: skip

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering needs no figures."""
        return []


def old_files(
    folder: Path | None, rules: RetentionRules, now: datetime, settled: timedelta = _SETTLED
) -> dict[str, Path]:
    """Files of the archive, by their names in the ledger, in which every raw answer is past the longest
    limit.

    None where some are kept for ever; none that came into the folder, or was changed there, within `settled`.
    """
    if folder is None or not folder.is_dir() or (days := rules.longest_raw_days) is None:
        return {}
    written_before = (now - timedelta(days=days) - _SLACK).timestamp()
    changed_before = (now - settled).timestamp()
    found = {}
    for path in sorted(folder.rglob("*.warc*")):
        kept = path.lstat()
        old = kept.st_mtime < written_before and kept.st_ctime <= changed_before
        if old and S_ISREG(kept.st_mode) and not path.name.startswith("."):
            found[str(path.relative_to(folder))] = path
    return found
