"""What a run prints: a line of progress, and the figures at its end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg

from chaos.hostile.honest import Honest
from chaos.hostile.judge import Pace, fitted_growth
from chaos.hostile.watch import Watch

if TYPE_CHECKING:
    from chaos.hostile.run import Run

_STATES = "SELECT state, count(*) FROM submissions GROUP BY 1 ORDER BY 1"


def progress(name: str, connection: psycopg.Connection, watch: Watch, honest: Honest, findings: int) -> str:
    """One line: the stretch, the ledger, what waits, memory, what was lost."""
    states = ", ".join(f"{count:,} {state}" for state, count in connection.execute(_STATES))
    waiting = ", ".join(
        f"{name.rpartition('.')[2]} {count}" for name, count in watch.waiting().items() if count
    )
    services: dict[str, int] = {}
    for process, size in watch.sizes().items():
        services[process.split()[0]] = services.get(process.split()[0], 0) + size
    memory = " ".join(f"{service} {size / 2**20:.0f}" for service, size in services.items())
    return (
        f"{time.strftime('%H:%M:%S')}  {name}: {len(honest.submitted):,} honest; ledger: {states}; waiting: "
        f"{waiting or 'nothing'}; "
        f"MiB: {memory}; lost {len(watch.lost)}; findings {findings}"
    )


def tables(run: Run, watch: Watch) -> str:
    """The figures: honest times, memory, how hostile input ended, what clients were answered."""
    lines = [
        "",
        "honest URLs, seconds from submission to stored",
        f"{'':10}{'count':>8}{'median':>9}{'p95':>9}{'worst':>9}",
    ]
    lines += [_paced("calm", run.verdict.calm), _paced("hostile", run.verdict.hostile)]
    lines += ["", "memory, MiB at the ends of calm stretches, and the highest seen"]
    for name, samples in sorted(watch.memory.items()):
        if len(samples) < 2:
            continue
        sizes = " ".join(f"{size / 2**20:.0f}" for _, size in samples)
        lines.append(
            f"{name:20} {sizes}  grew {fitted_growth(samples[1:]) / 2**20:+.0f}, peak "
            f"{watch.peaks.get(name, 0) / 2**20:.0f}"
        )
    lines += [
        "",
        "hostile input: " + ", ".join(f"{count:,} {name}" for name, count in sorted(run.counts.items())),
    ]
    lines += [f"{kind:26} {end:40} {count:>7,}" for kind, end, count in run.verdict.ends]
    lines += [
        "",
        "clients of the desk: "
        + ", ".join(f"{count:,} {name}" for name, count in sorted(run.clients.items())),
    ]
    lines += [
        "answers: " + ", ".join(f"{count:,} × {status}" for status, count in sorted(run.statuses.items()))
    ]
    slowest = max(watch.health_s, default=0.0)
    lines += [
        f"health: {len(watch.health_s):,} answers, the slowest {slowest:.2f} s, the longest silence "
        f"{watch.longest_silence_s:.1f} s"
    ]
    lines += ["most waiting: " + ", ".join(f"{name} {count:,}" for name, count in watch.most_waiting.items())]
    lines += [
        f"lost: {lost.name} at {time.strftime('%H:%M:%S', time.localtime(lost.at))}" for lost in watch.lost
    ]
    return "\n".join(lines)


def _paced(name: str, pace: Pace) -> str:
    return f"{name:10}{pace.count:>8,}{pace.median_s:>9.2f}{pace.high_s:>9.2f}{pace.worst_s:>9.2f}"
