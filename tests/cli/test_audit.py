"""Every command that deletes or changes what is kept stands in the audit, with who ran it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from psycopg_pool import ConnectionPool
from redis import Redis

from services.cli import main
from services.local.valkey import EmbeddedRedis

Runner = Callable[..., str]


@pytest.fixture
def run(
    pool: ConnectionPool,
    database_url: str,
    redis_server: EmbeddedRedis,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> Runner:
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    monkeypatch.setenv("DATELINE_REDIS_URL", redis_server.url)
    monkeypatch.setattr("getpass.getuser", lambda: "ann")

    def runner(*arguments: str) -> str:
        done = CliRunner().invoke(main, list(arguments))
        assert done.exit_code == 0, done.output
        return done.output

    return runner


ACTS = {
    "token_created": "tokens add grafana --scope read",
    "token_revoked": "tokens revoke 1",
    "webhook_added": "webhooks add floods https://hooks.example.org/x",
    "webhook_resumed": "webhooks resume 1",
    "webhook_removed": "webhooks remove 1",
    "source_added": "sources add https://example.org/feed",
    "source_paused": "sources pause 1",
    "source_resumed": "sources resume 1",
    "source_removed": "sources remove 1",
    "letters_replayed": "dead replay --reason http_404",
    "letters_dropped": "dead drop --all",
    "messages_replayed": "dead messages replay --all",
    "messages_dropped": "dead messages drop --all",
    "article_deleted": "articles delete https://example.org/x --yes",
    "article_allowed": "articles allow https://example.org/x",
}


def test_each_act_is_written_down_once_with_who_did_it(run: Runner) -> None:
    for command in ACTS.values():
        run(*command.split())
    entries = [json.loads(line) for line in run("audit", "list", "--json").splitlines()]
    assert [entry["action"] for entry in reversed(entries)] == list(ACTS)
    assert {entry["who"].split("@")[0] for entry in entries} == {"cli:ann"}
    assert not any("dl_" in json.dumps(entry) for entry in entries), "no token stands in it"
    assert len(run("audit", "list", "--json", "--limit", "3").splitlines()) == 3
    assert run("audit", "list", "--since", "2100-01-01").strip() == "the audit log is empty"


def test_what_is_only_looked_at_is_no_act(run: Runner) -> None:
    for command in ("tokens list", "webhooks list", "sources list", "dead list", "articles deleted"):
        run(*command.split())
    run("sources", "add", "https://example.org/feed")
    run("sources", "add", "https://example.org/feed")
    assert len(run("audit", "list", "--json").splitlines()) == 1
