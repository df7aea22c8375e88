"""The compose stack as it would be deployed: built, brought up, fed from the host and by RPUSH, read by SQL,
looked at in Flower."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services.demo.pages import render, stories
from services.local.server import free_port
from tests.conftest import eventually, repository

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]

PROJECT = "dateline-test"
WORKERS = ("ingest", "enrich", "store", "scheduler", "stories", "desk", "flower")


def _engine() -> bool:
    probes = (["docker", "info"], ["docker", "compose", "version"])
    try:
        return all(
            subprocess.run(p, capture_output=True, timeout=30, check=False).returncode == 0 for p in probes
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


class Compose:
    """The stack under a project name and ports of its own."""

    def __init__(self) -> None:
        ports = {
            name: str(free_port())
            for name in ("POSTGRES_PORT", "REDIS_PORT", "FLOWER_PORT", "METRICS_PORT", "DESK_PORT")
        }
        self.flower = f"http://127.0.0.1:{ports['FLOWER_PORT']}"
        self.desk = f"http://127.0.0.1:{ports['DESK_PORT']}"
        self.metrics = f"http://127.0.0.1:{ports['METRICS_PORT']}/metrics"
        self.database_url = f"postgresql://dateline:dateline-dev@127.0.0.1:{ports['POSTGRES_PORT']}/dateline"
        self.redis_url = f"redis://:dateline-dev@127.0.0.1:{ports['REDIS_PORT']}/0"
        quick = {
            "DATELINE_RETRY_BASE_S": "0.5",
            "DATELINE_RETRY_CAP_S": "1",
            "DATELINE_VISIBILITY_TIMEOUT_S": "15",
            "DATELINE_HOST_LIMIT": "100/16",
        }
        # The classic builder works where the engine has no buildx, and reads the same file.
        builder = {} if _has_buildx() else {"DOCKER_BUILDKIT": "0"}
        self.environ = os.environ | ports | quick | builder

    def __call__(self, *arguments: str, check: bool = True, timeout: float = 600) -> str:
        files = ("-f", "docker-compose.yml", "-f", "tests/containers/compose.test.yml")
        done = subprocess.run(
            ["docker", "compose", "-p", PROJECT, *files, *arguments],
            cwd=repository(), env=self.environ, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, (
            f"docker compose {' '.join(arguments)}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
        return done.stdout

    def containers(self) -> dict[str, dict[str, Any]]:
        rows = [
            json.loads(line) for line in self("ps", "--all", "--format", "json").splitlines() if line.strip()
        ]
        flat = [item for row in rows for item in (row if isinstance(row, list) else [row])]
        return {row["Name"]: row for row in flat}

    def inspect(self, service: str) -> dict[str, Any]:
        name = next(n for n, row in self.containers().items() if row["Service"] == service)
        out = subprocess.run(["docker", "inspect", name], capture_output=True, text=True, check=True).stdout
        found: dict[str, Any] = json.loads(out)[0]
        return found

    def dateline(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line on the host, against the published ports."""
        environ = os.environ | {
            "DATELINE_DATABASE_URL": self.database_url,
            "DATELINE_REDIS_URL": self.redis_url,
        }
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            env=environ,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def cli(
        self, *arguments: str, mount: Path | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        """The command line in a container of its own, which has the archive and everything else."""
        files = ("-f", "docker-compose.yml", "-f", "tests/containers/compose.test.yml")
        done = subprocess.run(
            ["docker", "compose", "-p", PROJECT, *files, "run", "--rm", "-T", "cli", *arguments],
            cwd=repository(),
            env=self.environ | {"DATELINE_HERE": str(mount or repository() / "docs")}, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, done.stderr.decode()[-3000:]
        return done

    def sql(self, statement: str, *values: Any) -> list[tuple]:
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(statement, values).fetchall()


def _has_buildx() -> bool:
    return subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def compose() -> Iterator[Compose]:
    if not _engine():
        if os.environ.get("REQUIRE_ENGINE") == "1":
            pytest.fail("no Docker engine with Compose v2 answers, and REQUIRE_ENGINE=1")
        pytest.skip("no Docker engine with Compose v2 answers here")
    stack = Compose()
    stack("down", "--volumes", "--remove-orphans", check=False)
    stack("--profile", "cli", "build")
    stack("up", "--detach", "--no-build")
    eventually(
        "every service is healthy",
        lambda: all(
            row.get("Health") == "healthy"
            for row in stack.containers().values()
            if row["Service"] in (*WORKERS, "postgres", "redis")
        ),
        within_s=180,
    )
    yield stack
    stack("down", "--volumes", "--remove-orphans", check=False)


def _stored(compose: Compose, url: str) -> bool:
    return compose.sql("SELECT state FROM submissions WHERE url = %s", url) == [("stored",)]


def test_pages_submitted_from_the_host_and_by_rpush_end_in_rows(compose: Compose) -> None:
    paths = list(stories())
    by_cli, by_list = f"http://site:8000{paths[0]}", f"http://site:8000{paths[1]}"
    done = compose.dateline("submit", by_cli, "http://site:8000/gone", "file:///etc/passwd")
    assert done.stdout.strip() == "2 new, 0 known, 1 refused", done.stderr
    pushed = compose(
        "exec",
        "-T",
        "redis",
        "redis-cli",
        "RPUSH",
        "dateline:urls",
        by_list,
        json.dumps({"url": f"http://site:8000{paths[2]}", "origin": "wire"}),
    )
    assert pushed.strip() == "2"
    for url in (by_cli, by_list, f"http://site:8000{paths[2]}"):
        eventually(f"{url} is stored", lambda url=url: _stored(compose, url), within_s=90)  # type: ignore[misc]
    ((text, topics, countries),) = compose.sql(
        "SELECT a.text, (SELECT count(*) FROM article_topics t WHERE t.article_id = a.id), "
        "(SELECT count(*) FROM article_countries c WHERE c.article_id = a.id) "
        "FROM articles a JOIN submissions s ON s.article_id = a.id WHERE s.url = %s",
        by_cli,
    )
    assert text == stories()[paths[0]].text
    assert topics >= 1
    assert countries >= 1
    eventually(
        "the missing page has failed",
        lambda: (
            compose.sql("SELECT reason FROM submissions WHERE url = %s", "http://site:8000/gone")
            == [("http_404",)]
        ),
    )
    status = compose.dateline("status")
    assert "http_404" in status.stdout, status.stderr


def test_metrics_tell_of_every_worker_queue_and_outcome(compose: Compose) -> None:
    def said() -> str:
        with urllib.request.urlopen(compose.metrics, timeout=10) as answer:
            return answer.read().decode()

    eventually("every worker is told of", lambda: said().count("dateline_worker_healthy{") >= 4)
    text = said()
    assert 'dateline_server_up{server="postgres"} 1.0' in text
    assert 'dateline_queue_messages{queue="dateline.ingest"}' in text
    assert 'dateline_attempts_total{outcome="stored",reason="",stage="store"}' in text


def test_images_run_unprivileged_and_read_only(compose: Compose) -> None:
    for service in WORKERS:
        found = compose.inspect(service)
        assert found["HostConfig"]["ReadonlyRootfs"] is True
        assert found["HostConfig"]["CapDrop"] == ["ALL"]
        assert found["HostConfig"]["Memory"] > 0
        assert found["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
        assert compose("exec", "-T", service, "id", "-u").strip() == "10001"


def test_each_image_carries_only_its_service(compose: Compose) -> None:
    for service, foreign in (
        ("ingest", "psycopg"),
        ("enrich", "requests"),
        ("store", "selectolax"),
        ("desk", "selectolax"),
        ("flower", "psycopg"),
    ):
        said = compose(
            "exec",
            "-T",
            service,
            "python",
            "-c",
            f"import importlib.util as u; print(u.find_spec({foreign!r}))",
        )
        assert said.strip() == "None", service


def test_flower_asks_for_a_password_and_shows_the_workers(compose: Compose) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(compose.flower + "/workers", timeout=10)
    assert refused.value.code == 401
    token = base64.b64encode(b"dateline:dateline-dev").decode()
    request = urllib.request.Request(compose.flower + "/workers", headers={"Authorization": f"Basic {token}"})

    def shown() -> bool:
        with urllib.request.urlopen(request, timeout=10) as response:
            page = response.read().decode()
        return all(f"{service}@" in page for service in ("ingest", "enrich", "store"))

    eventually("Flower shows the workers", shown)


def test_the_desk_serves_its_page_and_api_on_the_published_port(compose: Compose) -> None:
    def get(path: str, **headers: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(
                urllib.request.Request(compose.desk + path, headers=headers), timeout=20
            ) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    assert b"<title>Dateline</title>" in get("/")[1]
    url = f"http://site:8000{list(stories())[9]}"
    body = json.dumps({"urls": [url]}).encode()
    request = urllib.request.Request(
        compose.desk + "/submissions", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 202
    eventually(f"{url} is stored", lambda: _stored(compose, url), within_s=90)
    eventually("the list has it", lambda: json.loads(get("/articles")[1])["total"] >= 1)
    # Under another name than the machine's own a token is asked for, and one that was made in the container
    # holds.
    assert get("/articles", Host="desk.example")[0] == 401
    token = compose("exec", "-T", "desk", "dateline", "tokens", "add", "test").splitlines()[0]
    assert get("/articles", Host="desk.example", Authorization=f"Bearer {token}")[0] == 200
    status, exported = get("/export?format=parquet")
    assert status == 200
    assert exported[:4] == exported[-4:] == b"PAR1"


def test_every_command_works_in_the_cli_container(compose: Compose, tmp_path: Path) -> None:
    """Another crawl's pages out of a mounted folder, all the way into rows; then what reads and
    writes them."""
    url = "https://crawl.example/amber"
    story = next(iter(stories()))
    tmp_path.chmod(0o755)
    with (tmp_path / "crawl.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        page = BytesIO((render(story, "https://crawl.example") or "").encode())
        writer.write_record(writer.create_warc_record(url, "response", payload=page, http_headers=http))
    assert b"1 new" in compose.cli("submit", "--warc", "crawl.warc.gz", mount=tmp_path).stdout
    eventually(f"{url} is stored", lambda: _stored(compose, url), within_s=90)
    replayed = compose.cli("replay", "--dry-run").stdout.decode()
    assert "nothing: the same as stored" in replayed
    assert "not readable" not in replayed
    assert "the same tags" in compose.cli("retag", "--all", "--dry-run").stdout.decode()
    exported = compose.cli("export", "--format", "parquet").stdout
    assert exported[:4] == exported[-4:] == b"PAR1"
    (tmp_path / "articles.jsonl").write_text(
        json.dumps({"id": 1, "title": "Floods", "text": "Floods in Bavaria."}) + "\n"
    )
    (row,) = map(json.loads, compose.cli("tag", "articles.jsonl", mount=tmp_path).stdout.splitlines())
    assert row["countries"][0]["code"] == "DE"
    said = compose.cli("--version").stdout.decode()
    assert "compiled: " in said
    assert "not compiled" not in said


def test_from_the_host_commands_work_or_say_where_they_do(compose: Compose, tmp_path: Path) -> None:
    exported = tmp_path / "all.parquet"
    done = compose.dateline("export", "--format", "parquet", "-o", str(exported))
    assert done.returncode == 0, done.stderr
    assert exported.read_bytes()[:4] == b"PAR1"
    done = compose.dateline("retag", "--all", "--dry-run")
    assert "the same tags" in done.stdout, done.stderr
    for arguments in (("replay",), ("submit", "--warc", str(exported))):
        done = compose.dateline(*arguments)
        assert done.returncode != 0
        assert "docker compose run --rm cli" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("service", ["store", "desk"])
def test_in_a_services_own_container_what_it_lacks_is_one_line(compose: Compose, service: str) -> None:
    assert "articles: " in compose("exec", "-T", service, "dateline", "status")
    for command in ("tag /dev/null", "replay", "demo"):
        done = compose("exec", "-T", service, "sh", "-c", f"dateline {command} 2>&1", check=False)
        assert "docker compose run --rm cli" in done, (command, done)
        assert "Traceback" not in done


def test_enrich_scales_and_a_killed_container_comes_back(compose: Compose) -> None:
    compose("up", "--detach", "--no-build", "--scale", "enrich=3")
    eventually(
        "three enrich containers are healthy",
        lambda: (
            sum(
                r["Service"] == "enrich" and r.get("Health") == "healthy"
                for r in compose.containers().values()
            )
            == 3
        ),
        within_s=120,
    )
    compose(
        "exec", "-T", "ingest", "python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)", check=False
    )
    urls = [f"http://site:8000{path}?again={n}" for n, path in enumerate(list(stories())[:8])]
    assert compose.dateline("submit", *urls).stdout.startswith("8 new")
    for url in urls:
        eventually(f"{url} is stored", lambda url=url: _stored(compose, url), within_s=120)  # type: ignore[misc]


def test_migrating_again_changes_nothing(compose: Compose) -> None:
    assert "already at" in compose("run", "--rm", "migrate")


def test_production_refuses_the_passwords_of_the_development_profile(compose: Compose) -> None:
    done = subprocess.run(
        ["docker", "run", "--rm", "-e", "DATELINE_PROFILE=production", "-e",
        "DATELINE_REDIS_URL=redis://:dateline-dev@redis/0", "dateline-ingest"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "needs one of your own" in done.stderr
