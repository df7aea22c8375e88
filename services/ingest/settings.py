"""Settings of ingest."""

from __future__ import annotations

from dataclasses import dataclass

from services.net.guard import PORTS
from services.net.hosts import HostLimit, host_limit_setting, host_limits_setting
from services.runtime.settings import WorkerSettings, seconds, setting, text, whole, words

MEMORY_GROWTH_MB = 192
"""Default of DATELINE_INGEST_MEMORY_GROWTH_MB. Pages of news take 60 MiB in all."""


def ports(raw: str) -> tuple[int, ...]:
    """Parse a comma-separated list of ports."""
    found = tuple(int(part) for part in words(raw))
    if not all(0 < port < 65536 for port in found):
        raise ValueError("not all between 1 and 65535")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings(WorkerSettings):
    """Settings of the ingest worker."""

    concurrency: int = setting(
        "DATELINE_INGEST_CONCURRENCY", whole(1, 256), "how many pages are fetched at once", 24
    )
    contact: str = setting(
        "DATELINE_CONTACT",
        text,
        "a URL or an e-mail address at which site owners reach you; it stands in the User-Agent",
        "",
    )
    fetch_timeout_s: float = setting(
        "DATELINE_FETCH_TIMEOUT_S",
        seconds(1, 120),
        "the deadline of one whole fetch, in seconds (1 to 120)",
        30.0,
    )
    allow_hosts: tuple[str, ...] = setting(
        "DATELINE_ALLOW_HOSTS",
        words,
        "hosts that may be fetched although their addresses are private, comma-separated (a demo, an "
        "intranet)",
        (),
    )
    allow_ports: tuple[int, ...] = setting(
        "DATELINE_ALLOW_PORTS", ports, "ports on which pages are fetched, comma-separated", PORTS
    )
    host_limit: HostLimit = host_limit_setting()  # noqa: RUF009
    host_limits: dict[str, HostLimit] = host_limits_setting()  # noqa: RUF009
    memory_growth_mb: int = setting(
        "DATELINE_INGEST_MEMORY_GROWTH_MB",
        whole(0, 1_000_000),
        "MiB by which a worker may grow, for a minute on end, until it finishes what it has in hand and is "
        "replaced (0: never)",
        MEMORY_GROWTH_MB,
    )
    warc_dir: str = setting(
        "DATELINE_WARC_DIR",
        text,
        "a folder in which raw answers are kept as WARC files; empty keeps none",
        "",
    )
    extract_rules: str = setting(
        "DATELINE_EXTRACT_RULES", text, "a YAML file with rules for single sites (docs/extraction.md)", ""
    )
    batch_wait_s: float = setting(
        "DATELINE_BATCH_WAIT_S",
        seconds(0, 5),
        "seconds that a result waits for others, to be sent in one message",
        0.2,
    )
