"""What a run must hold, as findings: a line for each thing that is not as promised."""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psycopg

from chaos import site as chaos_site
from chaos.hostile.honest import Submitted
from chaos.hostile.pages import NAMES
from chaos.hostile.watch import Watch
from services.contract.urls import parse_url
from services.ingest.settings import MEMORY_GROWTH_MB
from services.runtime import quarantine

TIMES = 2.0
"""How many times its usual time an honest URL may take, at the median and at the 95th percentile."""
FLOOR_S = 1.0
"""A usual time below this counts as this: looks and waits of the services, of 0.2 s each, make up
most of it."""
WORST_TIMES, WORST_FLOOR_S = 5.0, 30.0
"""Every single honest URL must be stored within so many times the calm worst, or within the floor where that
is more."""
ENDS_WITHIN_S = 240.0
"""Whatever is hostile has ended with a reason by then: three attempts at a fetch and at a page, and the waits
between them."""
SILENCE_S = 10.0
"""For how long the desk's health may give no answer."""
GROWTH_BYTES = 64 * 1024 * 1024
"""How much a process may grow from the first calm stretch after warm-up to the last, along a line fitted
through them all."""
BYTES_AN_ARTICLE = 16 * 1024
"""What each stored article may add to the desk, which keeps all of them in memory, and to Redis."""
_MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Ended:
    """An honest URL and the seconds until it was stored; None where it is not."""

    submitted: Submitted
    seconds: float | None
    state: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Times of stretches of one kind."""

    count: int = 0
    median_s: float = math.nan
    high_s: float = math.nan
    worst_s: float = math.nan

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Pace:
        """Median, 95th percentile and worst."""
        if not seconds:
            return cls()
        ordered = sorted(seconds)
        high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        return cls(len(ordered), statistics.median(ordered), high, ordered[-1])


@dataclass(slots=True)
class Verdict:
    """What was found, and the figures of the run."""

    findings: list[str] = field(default_factory=list)
    calm: Pace = field(default_factory=Pace)
    hostile: Pace = field(default_factory=Pace)
    ends: list[tuple[str, str, int]] = field(default_factory=list)

    def add(self, found: Iterable[str]) -> None:
        """Keep findings, a bounded number of each kind."""
        self.findings += list(found)[:_MOST_SHOWN]


def honest_ends(connection: psycopg.Connection, submitted: Sequence[Submitted]) -> list[Ended]:
    """How each honest URL ended."""
    by_url = {parse_url(one.url).canonical: one for one in submitted}
    rows = connection.execute(
        "SELECT canonical_url, state, coalesce(reason, ''), extract(epoch FROM updated_at)::float8 FROM "
        "submissions WHERE canonical_url = ANY(%s)",
        (list(by_url),),
    ).fetchall()
    ends = {url: (state, reason, at) for url, state, reason, at in rows}
    found = []
    for url, one in by_url.items():
        state, reason, at = ends.get(url, ("not in the ledger", "", 0.0))
        found.append(Ended(one, at - one.at if state == "stored" else None, f"{state} {reason}".strip()))
    return found


def pace(ends: Sequence[Ended], verdict: Verdict, *, timed: bool) -> list[str]:
    """Honest URLs that are not stored or were stored too late."""
    calm = verdict.calm = Pace.of([e.seconds for e in ends if e.submitted.calm and e.seconds is not None])
    under = verdict.hostile = Pace.of(
        [e.seconds for e in ends if not e.submitted.calm and e.seconds is not None]
    )
    found = [
        f"{e.submitted.url} is {e.state}, and was submitted as an honest one"
        for e in ends
        if e.seconds is None
    ]
    if not timed or not calm.count or not under.count:
        return found
    for what, usual_s, taken_s in (
        ("median", calm.median_s, under.median_s),
        ("95th percentile", calm.high_s, under.high_s),
    ):
        if taken_s > TIMES * max(usual_s, FLOOR_S):
            found.append(
                f"the {what} of honest URLs among hostile ones is {taken_s:.2f} s, and usually {usual_s:.2f} "
                f"s"
            )
    latest_s = max(WORST_FLOOR_S, WORST_TIMES * calm.worst_s)
    found += [
        f"{e.submitted.url} was stored after {e.seconds:.1f} s; at most {latest_s:.1f} s"
        for e in ends
        if e.seconds is not None and e.seconds > latest_s
    ]
    return found


def altered(connection: psycopg.Connection, submitted: Sequence[Submitted]) -> list[str]:
    """Honest articles whose text is not their page's, or which have become another's."""
    numbers = {parse_url(one.url).canonical: one.number for one in submitted}
    rows = connection.execute(
        "SELECT canonical_url, text, version FROM articles WHERE canonical_url = ANY(%s)", (list(numbers),)
    ).fetchall()
    found = [
        f"{url}: the article is not what its page says"
        for url, text, _ in rows
        if text != chaos_site.story_of(numbers[url]).text
    ]
    return found + [
        f"{url}: version {version} of a page that never changed" for url, _, version in rows if version > 1
    ]


def open_too_long(
    connection: psycopg.Connection, within_s: float = ENDS_WITHIN_S, held: Collection[str] = ()
) -> list[str]:
    """What has not ended in time, or ended without a reason; and sources that were never polled.

    URLs of hosts that are `held`, which never answered and are left alone for up to an hour, have as long as
    that.
    """
    late = connection.execute(
        "SELECT url, state, reason, attempts, detail, extract(epoch FROM now() - submitted_at)::float8 FROM "
        "submissions "
        "WHERE state IN ('pending', 'in_flight') AND host <> ALL(%s) AND submitted_at < now() - "
        "make_interval(secs => %s)",
        (list(held), within_s),
    ).fetchall()
    found = [
        f"{_named(url)} is still {state} ({reason}: {str(detail)[:200]}) after {attempts} attempts and "
        f"{age_s:.0f} s"
        for url, state, reason, attempts, detail, age_s in late
    ]
    unsaid = connection.execute(
        "SELECT url, state FROM submissions WHERE state IN ('skipped', 'failed', 'refused') AND "
        "coalesce(reason, '') = ''"
    ).fetchall()
    found += [f"{_named(url)} is {state} and nothing says why" for url, state in unsaid]
    silent = connection.execute(
        "SELECT url FROM sources WHERE last_polled_at IS NULL AND NOT paused AND added_at < now() - "
        "make_interval(secs => %s)",
        (within_s,),
    ).fetchall()
    return found + [f"the source {url} was not polled in {within_s:.0f} s" for (url,) in silent]


def lost_twice(connection: psycopg.Connection, watch: Watch) -> list[str]:
    """Workers that were lost: to one page twice, or to whatever it was more than once."""
    rows = connection.execute(
        "SELECT s.url, count(*) FROM submission_attempts a JOIN submissions s ON s.id = a.submission_id "
        "WHERE a.reason = 'worker_lost' GROUP BY s.id HAVING count(*) > 1"
    ).fetchall()
    found = [f"a worker was lost {times} times to {_named(url)}" for url, times in rows]
    by_service: dict[str, list[str]] = {}
    for lost in watch.lost:
        by_service.setdefault(lost.name, []).append(lost.said)
    return found + [
        f"{name} was lost {len(said)} times; its log ends so:\n{said[-1]}"
        for name, said in by_service.items()
        if len(said) > 1
    ]


def grown(watch: Watch, articles: int) -> list[str]:
    """Processes that grew beyond the bound. The first sample is warm-up; there are no figures of a process
    with under three more.

    An ingest worker replaces itself when it has grown by MEMORY_GROWTH_MB: none may be larger at the end of a
    calm stretch than that and the bound together.
    """
    found = []
    for name, samples in watch.memory.items():
        if name.startswith("ingest"):  # it is replaced when it is larger: what it must keep is that bound
            grew = max(size for _, size in samples) - samples[0][1]
            allowed = GROWTH_BYTES + MEMORY_GROWTH_MB * 2**20
        else:
            grew = fitted_growth(samples[1:])
            allowed = GROWTH_BYTES + (
                BYTES_AN_ARTICLE * articles if name.startswith(("desk", "Redis")) else 0
            )
        if grew > allowed:
            sizes = ", ".join(f"{size / 2**20:.0f}" for _, size in samples)
            found.append(
                f"{name} grew by {grew / 2**20:.0f} MiB (MiB at the end of each calm stretch: {sizes})"
            )
    return found


def fitted_growth(samples: Sequence[tuple[float, int]]) -> float:
    """By how many bytes the line through samples of (time, bytes) rises; 0 for fewer than three."""
    if len(samples) < 3 or samples[-1][0] <= samples[0][0]:
        return 0.0
    times, sizes = [t for t, _ in samples], [float(s) for _, s in samples]
    return statistics.linear_regression(times, sizes).slope * (times[-1] - times[0])


def left_waiting(watch: Watch) -> list[str]:
    """Lists that are not empty after all is done, and a quarantine over its bound."""
    found = [
        f"{count:,} messages are left on {name}"
        for name, count in watch.waiting().items()
        if count and name != quarantine.KEY
    ]
    kept = watch.most_waiting.get(quarantine.KEY, 0)
    return found + (
        [f"the quarantine held {kept:,}, over its {quarantine.MOST:,}"] if kept > quarantine.MOST else []
    )


def desk(watch: Watch, *, timed: bool = True) -> list[str]:
    """The desk's silence, and answers of its health that are none."""
    found = watch.errors[:5]
    if timed and watch.longest_silence_s > SILENCE_S:
        found = [*found, f"the desk's health gave no answer for {watch.longest_silence_s:.1f} s"]
    return found


def ends_by_kind(connection: psycopg.Connection) -> list[tuple[str, str, int]]:
    """How hostile URLs ended: kind, end, how many."""
    counts: dict[tuple[str, str], int] = {}
    for url, state, reason in connection.execute(
        "SELECT url, state, reason FROM submissions WHERE url NOT LIKE '%/chaos/%'"
    ):
        key = (_kind(url), f"{state} {reason or ''}".strip())
        counts[key] = counts.get(key, 0) + 1
    return sorted((kind, end, count) for (kind, end), count in counts.items())


def _kind(url: str) -> str:
    try:
        parts = urlsplit(url).path.strip("/").split("/")
    except ValueError:
        return "lines"
    return (
        parts[1]
        if parts[0] == "h" and len(parts) > 1
        else {"mine": "mine", "none": "items of feeds"}.get(parts[0], "broken answers and lines")
    )


def _named(url: str) -> str:
    """A URL, with what its numbered family is called."""
    parts = url.split("/")
    family = "/".join(parts[4:6])
    return f"{url} ({NAMES[family]})" if family in NAMES else url[:300]
