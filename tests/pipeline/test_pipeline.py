"""The whole pipeline, running: real workers, real queues, a real site; then things are broken on purpose."""

from __future__ import annotations

import os
import signal
import threading

import psycopg
import pytest
from redis import Redis

from services.contract.routes import URL_LIST
from services.contract.urls import parse_url
from services.demo.pages import faults, no_articles, stories, teasers
from services.demo.site import Site
from services.local.stack import Stack
from services.store.status import pipeline_state
from services.store.trace import trace_refused, trace_url
from tests.conftest import eventually
from tests.pipeline.lives import rows, settle, submit

pytestmark = pytest.mark.pipeline


def test_the_site_becomes_clean_tagged_articles(stack: Stack, site: Site) -> None:
    urls = [site.url + path for path in stories()]
    half = len(urls) // 2
    submit(stack, *urls[:half])
    with Redis.from_url(stack.redis.url) as client:
        client.rpush(URL_LIST, *urls[half:])
    assert set(settle(stack, urls).values()) == {("stored", None)}
    for path, story in stories().items():
        ((text, title, language),) = rows(
            stack,
            "SELECT a.text, a.title, a.language FROM articles a JOIN submissions s ON s.article_id = a.id "
            "WHERE s.url = %s",
            site.url + path,
        )
        assert (text, title, language) == (story.text, story.title, story.language)
    for quote, text in rows(
        stack,
        'SELECT p.quote, substring(a.text FROM p.start + 1 FOR p."end" - p.start) FROM article_places p JOIN '
        "articles a ON a.id = p.article_id",
    ):
        assert quote == text
    assert rows(
        stack, "SELECT count(*) FROM article_topics WHERE code !~ '^medtop:[0-9]{8}$' OR path[1] !~ '000000$'"
    ) == [(0,)]


def test_the_scheduler_learns_the_source_prior_of_the_site(stack: Stack, site: Site) -> None:
    urls = [site.url + path for path in stories()]
    submit(stack, *urls)
    settle(stack, urls)
    found = "SELECT prior->'countries' FROM source_priors WHERE prior IS NOT NULL AND articles >= %s"
    eventually(
        "the site's source prior is learned", lambda: rows(stack, found, len(stories())), between=stack.watch
    )
    ((countries,),) = rows(stack, found, len(stories()))
    assert len(countries) >= 5  # its stories are of all the world


def test_syndicated_pages_keep_their_teasers_apart(stack: Stack, site: Site) -> None:
    syndicated = [s for s in stories().values() if s.syndicated]
    urls = [site.url + s.path for s in syndicated]
    submit(stack, *urls)
    settle(stack, urls)
    for story in syndicated:
        ((article_id, text, provider),) = rows(
            stack,
            "SELECT a.id, a.text, a.provider FROM articles a JOIN submissions s ON s.article_id = a.id WHERE "
            "s.url = %s",
            site.url + story.path,
        )
        assert text.split("\n\n") == story.body
        assert provider == story.provider
        related = {
            r[0]
            for r in rows(
                stack,
                "SELECT title FROM article_links WHERE article_id = %s AND kind = 'related'",
                article_id,
            )
        }
        assert related >= {t["title"] for t in teasers()[story.language]["stories"]}
        countries = {
            r[0] for r in rows(stack, "SELECT code FROM article_countries WHERE article_id = %s", article_id)
        }
        assert countries <= {"PT", "KE", "DE"}


def test_every_fault_ends_with_its_reason_and_stops_nothing_else(stack: Stack, site: Site) -> None:
    wanted = {site.url + path: reason for path, reason in (faults() | no_articles()).items()}
    wanted |= {"http://nowhere.invalid/x": "dns_failure", "http://127.0.0.1:1/x": "connection_refused"}
    refused = {"file:///etc/passwd": "scheme_refused", "::malformed::": "malformed_url"}
    good = site.url + next(iter(stories())) + "?page=2"
    submit(stack, *wanted, *refused, good)
    ends = settle(stack, [*wanted, *refused, good])
    assert {url: ends[url][1] for url in wanted} == wanted
    assert {url: ends[url] for url in refused} == {
        url: ("refused", reason) for url, reason in refused.items()
    }
    assert ends[good] == ("stored", None)
    with psycopg.connect(stack.postgres.url) as connection:
        shown = {(r["state"], r["reason"]) for r in pipeline_state(connection)["reasons"]}
        life = trace_url(connection, parse_url("http://127.0.0.1:1/x"))
        refusal = trace_refused(connection, "file:///etc/passwd")
    assert {
        ("failed", "http_404"),
        ("failed", "too_large"),
        ("skipped", "not_html"),
        ("refused", "scheme_refused"),
    } <= shown
    assert life is not None
    assert [a["outcome"] for a in life["history"]] == ["retry", "retry", "retry", "failed"]
    assert life["dead_letters"][0]["reason"] == "connection_refused"
    assert refusal is not None


def test_a_url_traces_through_every_stage(stack: Stack, site: Site) -> None:
    url = site.url + "/sport/winnipeg-wins-womens-cup"
    submit(stack, url)
    settle(stack, [url])
    with psycopg.connect(stack.postgres.url) as connection:
        life = trace_url(connection, parse_url(url))
        steps = [row["event"] for row in pipeline_state(connection)["stages"]]
    assert steps == ["fetched", "extracted", "tagged", "stored"]
    assert life is not None
    assert [s["event"] for s in life["history"][-1]["stamps"]] == ["fetched", "extracted", "tagged"]
    assert life["article"]["title"].startswith("Winnipeg")


def _burst(site: Site, name: str, count: int) -> list[str]:
    paths = list(stories())
    return [f"{site.url}{paths[n % len(paths)]}?{name}={n}" for n in range(count)]


@pytest.mark.parametrize("service", ["ingest", "enrich", "store", "scheduler"])
def test_a_killed_service_loses_and_doubles_nothing(stack: Stack, site: Site, service: str) -> None:
    urls = _burst(site, f"kill-{service}", 80)
    submit(stack, *urls[:40])
    done = "SELECT count(*) FROM submissions WHERE url = ANY(%s) AND state = 'stored'"
    eventually("the first are stored", lambda: rows(stack, done, urls)[0][0] > 5, between=stack.watch)
    stack.kill(service)
    submit(stack, *urls[40:])
    assert set(settle(stack, urls, within_s=120).values()) == {("stored", None)}
    assert rows(stack, "SELECT count(*) - count(DISTINCT url_hash) FROM articles") == [(0,)]
    assert stack.pid(service) is not None


def test_sigterm_drains_a_worker(stack: Stack, site: Site) -> None:
    urls = _burst(site, "drain", 60)
    submit(stack, *urls)
    stack.kill("ingest", signal.SIGTERM)
    assert set(settle(stack, urls, within_s=120).values()) == {("stored", None)}


def test_a_second_sigterm_ends_a_draining_worker_at_once(stack: Stack) -> None:
    asked, answer = threading.Event(), threading.Event()

    def slow(target: str) -> int | None:
        if "once" in target and not asked.is_set():
            asked.set()
            answer.wait(60)
        return None

    with Site(fault=slow) as site:
        url = site.url + next(iter(stories())) + "?once"
        submit(stack, url)
        eventually("the page is being fetched", asked.is_set)
        process = stack.pid("ingest")
        stack.kill("ingest", signal.SIGTERM)
        assert stack.pid("ingest") == process  # it drains: the fetch is not done
        log = stack.folder / "logs" / "ingest.log"
        eventually("it drains", lambda: "worker_drains" in log.read_text()[-4000:])
        stack.kill("ingest", signal.SIGTERM)
        eventually("it has ended", lambda: stack.pid("ingest") != process)
        answer.set()
        assert settle(stack, [url]) == {url: ("stored", None)}


def test_a_wiped_broker_is_rebuilt_from_the_ledger(stack: Stack, site: Site) -> None:
    urls = _burst(site, "wipe", 120)
    submit(stack, *urls)
    done = "SELECT count(*) FROM submissions WHERE url = ANY(%s) AND state = 'stored'"
    eventually("some are stored", lambda: rows(stack, done, urls)[0][0] > 5, between=stack.watch)
    port = stack.redis.port
    workers = {service: stack.pid(service) for service in ("ingest", "enrich", "store")}
    stack.redis.stop(signum=signal.SIGKILL)
    stack.redis.wipe()
    stack.redis.start(port=port)
    assert stack.redis.port == port
    assert set(settle(stack, urls, within_s=120).values()) == {("stored", None)}
    assert {service: stack.pid(service) for service in workers} == workers, (
        "what a worker had in hand was lost with it"
    )


def test_postgres_away_for_a_while_loses_nothing(stack: Stack, site: Site) -> None:
    urls = _burst(site, "outage", 80)
    submit(stack, *urls)
    port = stack.postgres.port
    stack.postgres.stop()
    stack.postgres.start(port=port)
    assert stack.postgres.port == port
    assert set(settle(stack, urls, within_s=120).values()) == {("stored", None)}


def test_a_server_that_dies_is_started_again_where_it_was(stack: Stack, site: Site) -> None:
    ports = stack.postgres.port, stack.redis.port
    for pid in (stack.postgres.pid, stack.redis.pid):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    restarted: set[str] = set()
    eventually(
        "both were started again",
        lambda: restarted >= {"PostgreSQL", "Valkey"},
        between=lambda: restarted.update(stack.watch()),
    )
    assert (stack.postgres.port, stack.redis.port) == ports
    url = site.url + next(iter(stories())) + "?after-a-crash"
    submit(stack, url)
    assert settle(stack, [url], within_s=120) == {url: ("stored", None)}
