"""Every password that stands in a file of the project is refused in production, by the services and by
Grafana's start."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import main
from services.contract.errors import BadSettings
from services.ingest.settings import IngestSettings
from services.runtime.passwords import KNOWN, is_known
from services.runtime.settings import load
from tests.conftest import repository

START = repository() / "deploy" / "observability" / "grafana" / "start"
OWN = "4f0c9a5e7d"

# Tests have passwords of their own to be accepted; the others hold no files that anybody deploys.
_PASSED_OVER = re.compile(r"^(\.git|\.venv.*|\..*_cache|__pycache__|build|tests|node_modules|.*\.egg-info)$")
_NAMES = r"[A-Z_]*(?:PASSWORD|PASSWD|SECRET|API_KEY|SECRET_KEY|REDISCLI_AUTH)[A-Z_]*"
_PLACES = [
    re.compile(
        r"\b(?:redis|rediss|postgres|postgresql|amqp|amqps)://[^\s:/@\"'`]*:([^\s@\"'`]+)@"
    ),  # within a URL
    re.compile(rf"^[#\s-]*(?:export )?{_NAMES}\s*[=:][ ]*(\S+)\s*$", re.MULTILINE),  # NAME=value, NAME: value
    re.compile(r"BASIC_AUTH\s*[=:][ ]*[^\s:]+:(\S+)"),
    re.compile(rf"(\$\{{{_NAMES}:-[^}}]+\}})"),
]
_DEFAULT = re.compile(r"^\"?\$\{[A-Z_]+:-([^}]*)\}\"?$")


def _files() -> list[Path]:
    found = []
    for folder, folders, names in os.walk(repository()):
        folders[:] = [f for f in folders if not _PASSED_OVER.match(f)]
        found += [Path(folder, n) for n in names if Path(folder, n).stat().st_size < 1_000_000]
    return found


def _passwords(text: str) -> set[str]:
    raw = {m[1] for place in _PLACES for m in place.finditer(text)}
    values = {(d[1] if (d := _DEFAULT.match(value)) else value).strip("\"'") for value in raw}
    return {v for v in values if v and "{" not in v and "$" not in v}  # the rest is put in when it runs


def _found() -> dict[str, set[str]]:
    """Where each password stands."""
    found: dict[str, set[str]] = {}
    for path in _files():
        for password in _passwords(path.read_text(encoding="utf-8", errors="replace")):
            found.setdefault(password, set()).add(str(path.relative_to(repository())))
    return found


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("  DATELINE_REDIS_URL: rediss://:Very-Own@redis:6379/0", "Very-Own"),
        ("  A: redis://:${REDIS_PASSWORD:-by-default}@redis:6379/0", "by-default"),
        ("# GRAFANA_PASSWORD=commented", "commented"),
        ("      GF_SECURITY_ADMIN_PASSWORD: ${GRAFANA_PASSWORD:-for-grafana}", "for-grafana"),
        ("  DATELINE_FLOWER_BASIC_AUTH: dateline:for-flower", "for-flower"),
        ('    environment: {REDISCLI_AUTH: "${REDIS_PASSWORD:-within}"}', "within"),
    ],
)
def test_a_password_in_a_file_is_found(text: str, password: str) -> None:
    assert password in _passwords(text)


def test_every_password_in_a_file_of_the_project_is_refused_in_production() -> None:
    found = _found()
    where = set().union(*found.values())
    assert {
        "docker-compose.yml",
        ".env.example",
        "deploy/kubernetes/secret.example.yaml",
        "README.md",
    } <= where
    for password, places in found.items():
        environ = {"DATELINE_PROFILE": "production", "DATELINE_REDIS_URL": f"redis://:{password}@redis/0"}
        try:
            load(IngestSettings, environ)
        except BadSettings as error:
            assert "DATELINE_REDIS_URL" in str(error)
        else:
            pytest.fail(f"{password!r} of {', '.join(sorted(places))} is accepted: add it to {KNOWN=}")


@pytest.mark.parametrize(
    "command", [["migrate"], ["tokens", "list"], ["status"], ["submit", "https://example.org/"]]
)
def test_a_command_in_production_refuses_a_known_password_before_it_connects(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_PROFILE", "production")
    monkeypatch.setenv("DATELINE_DATABASE_URL", "postgresql://dateline:dateline-dev@192.0.2.1/dateline")
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2, done.output
    assert "DATELINE_DATABASE_URL has no password or a well-known one" in done.output
    assert "dateline-dev" not in done.output


def _grafana(tmp_path: Path, password: str, profile: str = "production") -> subprocess.CompletedProcess[str]:
    grafana = tmp_path / "run.sh"
    grafana.write_text("#!/bin/sh\necho started $1\n")
    grafana.chmod(0o755)
    environ = {
        "PATH": os.environ["PATH"],
        "DATELINE_PROFILE": profile,
        "GF_SECURITY_ADMIN_PASSWORD": password,
        "GRAFANA_RUN": str(grafana),
    }
    return subprocess.run(
        [START, "web"], env=environ, capture_output=True, text=True, check=False, timeout=20
    )


@pytest.mark.parametrize("password", ["", "dateline-dev", "Change_Me", *sorted(KNOWN)])
def test_grafana_does_not_start_in_production_with_a_known_password(tmp_path: Path, password: str) -> None:
    assert is_known(password)
    done = _grafana(tmp_path, password)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "GRAFANA_PASSWORD" in done.stderr
    assert "needs one of your own" in done.stderr
    assert password == "" or len(password) < 3 or f"={password} " not in done.stderr


def test_grafana_starts_with_a_password_of_ones_own_and_in_development_with_any(tmp_path: Path) -> None:
    for password, profile in ((OWN, "production"), ("dateline-dev", "development"), ("dateline-dev", "")):
        done = _grafana(tmp_path, password, profile)
        assert (done.returncode, done.stdout) == (0, "started web\n"), done.stderr
