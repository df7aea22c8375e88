"""Full disks, full memory, wrong passwords, migrations at work: a clear line each, nothing lost, no person
needed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from services.contract.errors import DatelineError, Unavailable
from services.contract.messages import Ticket, UrlSettled
from services.contract.urls import parse_url
from services.demo.pages import stories
from services.demo.site import Site
from services.local.postgres import EmbeddedPostgres
from services.local.stack import Stack
from services.local.valkey import EmbeddedRedis
from services.runtime import broker
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.queues import RedisQueues, open_queues
from services.store import migrate as migrations
from services.store.database import explain_connection_error
from services.store.ledger import Entry, record
from tests.conftest import eventually
from tests.pipeline.lives import rows, settle, submit

pytestmark = pytest.mark.pipeline


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 192 MB that a test can fill."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a small disk needs the right to mount one: run the tests as root")
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:3]:
        if parent.stat().st_uid == os.getuid() and parent != Path("/tmp"):
            parent.chmod(0o755)
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill(disk: Path, *, leave: int) -> Path:
    filler = disk / "filler"
    with filler.open("wb") as file:
        for _ in range((shutil.disk_usage(disk).free - leave) // 2**20):
            file.write(bytes(2**20))
    return filler


def test_a_full_disk_under_postgres_has_a_name_and_costs_no_row(small_disk: Path) -> None:
    server = EmbeddedPostgres(small_disk)
    server.start()
    migrations.migrate(server.url)
    filler = _fill(small_disk, leave=8 * 2**20)
    committed, refused = 0, ""
    while not refused:
        try:
            with psycopg.connect(server.url) as connection:
                entries = [
                    Entry(parse_url(f"https://example.org/{committed}/{n}/{'x' * 900}"), "test")
                    for n in range(500)
                ]
                record(connection, entries)
            committed += 1
        except psycopg.OperationalError as error:
            refused = explain_connection_error(error).reason
        assert committed < 1000
    filler.unlink()
    if (
        refused != "database_disk_full"
    ):  # the log had no room either: the server ended rather than lose a commit
        assert refused == "database_away"
        assert "No space left on device" in (small_disk / "logs" / "postgres.log").read_text()

    def answers() -> bool:
        if server.died:
            server.start(port=server.port)
        try:
            with psycopg.connect(server.url):
                return True
        except psycopg.OperationalError:
            return False  # it recovers

    eventually("it answers again", answers)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT count(*) FROM submissions").fetchone() == (committed * 500,)
        assert connection.execute(
            "SELECT count(*) FROM submissions WHERE url_hash IS NOT NULL AND host = 'example.org'"
        ).fetchone() == (committed * 500,)
        record(connection, [Entry(parse_url("https://example.org/after"), "test")])
    server.stop()


def _message(detail: str = "") -> UrlSettled:
    ticket = Ticket(submission_id=1, url="https://example.org/", attempt=1, dispatched_at=datetime.now(UTC))
    return UrlSettled(ticket=ticket, stage="ingest", outcome="failed", reason="http_404", detail=detail)


def test_a_full_disk_under_redis_has_a_name_and_mends_itself(small_disk: Path) -> None:
    server = EmbeddedRedis(small_disk)
    server.start()
    publisher = Publisher(make_app("test", server.url))
    filler = _fill(small_disk, leave=2**20)
    sent, refused = 0, None
    while refused is None:
        try:
            sent += publisher.send([_message(os.urandom(60_000).hex())], batch=1)
        except Unavailable as error:
            refused = error
        assert sent < 1000
    assert refused.reason == "broker_disk_full"
    assert "free some space" in str(refused)
    filler.unlink()
    publisher.send([_message()], patience_s=20)
    with broker.connect(server.url) as client:
        (depth,) = [d for d in RedisQueues(client).depths() if d.queue == "dateline.store"]
    assert depth.waiting == sent + 1
    server.stop()


def test_a_redis_at_its_maxmemory_pauses_the_pipeline_and_says_so(stack: Stack, site: Site) -> None:
    urls = [f"{site.url}{path}?memory={n}" for n in range(5) for path in stories()]
    with Redis.from_url(stack.redis.url) as client:
        client.config_set("maxmemory", "1mb")
        try:
            submit(stack, *urls)
            log = stack.folder / "logs" / "scheduler.log"
            eventually(
                "the scheduler says so",
                lambda: "Redis is at its maxmemory" in log.read_text(),
                between=stack.watch,
            )
            assert {
                state for (state,) in rows(stack, "SELECT state FROM submissions WHERE url = ANY(%s)", urls)
            } <= {
                "pending",
                "in_flight",
            }
        finally:
            client.config_set("maxmemory", "0")
    assert set(settle(stack, urls, within_s=120).values()) == {("stored", None)}


@pytest.mark.parametrize("service", ["ingest", "enrich", "store"])
def test_a_wrong_password_for_redis_is_one_line_that_says_what_to_do(stack: Stack, service: str) -> None:
    done = _started(stack, service, DATELINE_REDIS_URL=stack.redis.url.replace(stack.redis.password, "wrong"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Redis refused the password in DATELINE_REDIS_URL" in done.stderr


@pytest.mark.parametrize("service", ["store", "scheduler"])
def test_a_wrong_password_and_an_older_schema_are_one_line_that_says_what_to_do(
    stack: Stack, service: str
) -> None:
    done = _started(
        stack, service, DATELINE_DATABASE_URL=stack.postgres.url.replace(stack.postgres.password, "wrong")
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "Postgres refused the password in DATELINE_DATABASE_URL" in done.stderr
    old = stack.postgres.url.rsplit("/", 1)[0] + "/old"
    with psycopg.connect(stack.postgres.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS old")
        connection.execute("CREATE DATABASE old")
    migrations.migrate(old, revision="0001")
    done = _started(stack, service, DATELINE_DATABASE_URL=old)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert (
        f"the schema is at 0001, this version needs {migrations.head()}: run `dateline migrate`"
        in done.stderr
    )


def _started(stack: Stack, service: str, **changed: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"services.{service}"]
    return subprocess.run(
        command, env=stack.environ | changed, capture_output=True, text=True, timeout=60, check=False
    )


_NEXT = '''
"""A revision such as the next version may bring."""
from alembic import op

revision = "9999"
down_revision = "{head}"

def upgrade():
    op.execute("ALTER TABLE articles ADD COLUMN reading_time_s integer")
    op.execute("ALTER TABLE submissions ADD COLUMN priority smallint NOT NULL DEFAULT 0")
    op.execute("CREATE TABLE desks (id bigint PRIMARY KEY)")

def downgrade():
    op.execute("DROP TABLE desks")
    op.execute("ALTER TABLE submissions DROP COLUMN priority")
    op.execute("ALTER TABLE articles DROP COLUMN reading_time_s")
'''


def test_a_migration_runs_while_the_version_before_it_works(
    stack: Stack, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent / "migrations", folder)
    head = migrations.head()
    (folder / "versions" / "9999_next.py").write_text(_NEXT.format(head=head))
    urls = [f"{site.url}{path}?migration={n}" for n in range(8) for path in stories()]
    submit(stack, *urls[:64])
    eventually(
        "work is under way",
        lambda: (
            rows(stack, "SELECT count(*) FROM submissions WHERE url = ANY(%s) AND state = 'stored'", urls)[0][
                0
            ]
            > 5
        ),
        between=stack.watch,
    )
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_FOLDER", folder)
        worker = threading.Thread(target=migrations.migrate, args=(stack.postgres.url,))
        worker.start()
        submit(stack, *urls[64:])
        worker.join()
        assert migrations.current(stack.postgres.url) == "9999"
        assert set(settle(stack, urls).values()) == {("stored", None)}
        stack.kill("store", signal.SIGTERM)  # and a worker of the old version starts on the new schema
        more = [url + "&more" for url in urls[:10]]
        submit(stack, *more)
        assert set(settle(stack, more).values()) == {("stored", None)}
        migrations.migrate(stack.postgres.url, revision=head)


def test_errors_of_servers_are_told_apart() -> None:
    with pytest.raises(DatelineError, match="is it running, and is DATELINE_REDIS_URL right"):
        open_queues("redis://127.0.0.1:1/0").depths()
