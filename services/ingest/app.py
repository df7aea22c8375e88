"""Composition root of ingest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.contract.limits import MAX_BATCH
from services.contract.sites import load_suffixes
from services.ingest.archive import Archive
from services.ingest.batcher import Batcher
from services.ingest.extract.rules import SiteRules, load_rules
from services.ingest.extract.walk import COMPILED
from services.ingest.fetch import Fetcher, FetchPolicy
from services.ingest.fetch.politeness import RedisPoliteness
from services.ingest.fetch.robots import Robots
from services.ingest.handler import extract_here
from services.ingest.isolation import PAGE_DEADLINE_S, SECOND_DEADLINE_S, Isolation
from services.ingest.reader import Reader
from services.ingest.settings import IngestSettings
from services.ingest.sources.poll import Poller
from services.ingest.tasks import Work, register
from services.ingest.url_pool import UrlPool
from services.net.guard import Gate
from services.net.hosts import HostLimits
from services.runtime import broker
from services.runtime import settings as env
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.settings import setting, text, words
from services.runtime.start_checks import check_folder
from services.runtime.worker import Worker


def build() -> Worker:
    """The ingest worker, ready to run. It uses threads: most of its work is waiting for sites."""
    settings = env.load(IngestSettings)
    load_suffixes()
    app = make_app(
        "ingest",
        settings.broker_url,
        visibility_timeout_s=settings.visibility_timeout_s,
        concurrency=settings.concurrency,
    )
    fetcher = build_fetcher(settings)
    fetcher.check_gate()
    if settings.warc_dir:
        check_folder("DATELINE_WARC_DIR", Path(settings.warc_dir))
    archive = Archive(Path(settings.warc_dir)) if settings.warc_dir else None
    rules = load_rules(Path(settings.extract_rules)) if settings.extract_rules else SiteRules()
    # A page must be extracted before its message's visibility timeout ends.
    deadline_s = min(SECOND_DEADLINE_S, settings.visibility_timeout_s / 2)
    apart = Isolation(
        rules_path=settings.extract_rules,
        deadline_s=min(PAGE_DEADLINE_S, deadline_s),
        second_deadline_s=deadline_s,
    )
    work = Work(
        read=Reader(fetcher, archive).read,
        here=extract_here(rules, apart.extract),
        apart=apart.again,
        poll=Poller(fetcher).poll,
    )
    # A message must end before it counts as lost; what begins in time has a deadline for its fetch and one
    # for its page.
    left_s = settings.visibility_timeout_s - settings.fetch_timeout_s - deadline_s
    pool = UrlPool(settings.concurrency, starts_within_s=max(settings.visibility_timeout_s / 4, left_s))
    batcher = Batcher(Publisher(app), wait_s=settings.batch_wait_s, limit=MAX_BATCH)
    register(app, work, pool, batcher)
    return Worker(
        "ingest",
        app,
        settings,
        pool="threads",
        # Messages in hand. Fewer than the pool has threads, since a message may hold several URLs; and what a
        # lost worker had in hand comes back a few at a time.
        concurrency=max(2, settings.concurrency // 2),
        task_floor_s=settings.fetch_timeout_s + 30,
        growth_bytes=settings.memory_growth_mb * 2**20,
        about={"compiled": COMPILED},
    )


def build_fetcher(settings: IngestSettings) -> Fetcher:
    """A fetcher with the politeness limits that all workers share, and robots.txt."""
    client = broker.connect(settings.redis_url)
    gate = Gate(settings.allow_hosts, settings.allow_ports, public=bool(settings.contact))
    fetcher = Fetcher(
        FetchPolicy(timeout_s=settings.fetch_timeout_s, gate=gate, contact=settings.contact),
        connections=settings.concurrency,
        politeness=RedisPoliteness(
            client,
            HostLimits(settings.host_limit, settings.host_limits),
            lease_s=settings.fetch_timeout_s + 10,
        ),
    )
    fetcher.obey(Robots(client, fetcher.read_robots))
    return fetcher


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneSettings:
    """The settings of a single fetch from the command line."""

    contact: str = setting(
        "DATELINE_CONTACT", text, "a URL or an e-mail address at which site owners reach you", ""
    )
    allow_hosts: tuple[str, ...] = setting("DATELINE_ALLOW_HOSTS", words, "hosts with private addresses", ())


def lone_fetcher() -> Fetcher:
    """A fetcher for one request without a pipeline."""
    settings = env.load(LoneSettings)
    gate = Gate(settings.allow_hosts, public=bool(settings.contact))
    return Fetcher(FetchPolicy(gate=gate, contact=settings.contact), connections=1)
