"""Alert rules fire when they must and not before; dashboards and alerts ask only for figures that
are told."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from prometheus_client.core import Metric
from psycopg_pool import ConnectionPool
from redis import Redis

from services.desk.metrics import REGISTRY
from services.runtime.queues import RedisQueues
from services.runtime.worker_states import WorkerState, report
from services.scheduler.metrics import PipelineCollector
from services.store import ledger
from services.store.intake import parse_line
from tests.conftest import repository

FOLDER = repository() / "deploy" / "observability"
RULE_TESTS = [Path(__file__).with_name(name) for name in ("alerts_test.yml", "alerts_of_weeks_test.yml")]


def _promtool(*arguments: str, folder: Path | None = None) -> str:
    if shutil.which("promtool") is None:
        why = "no promtool here: install it (Debian: apt install prometheus)"
        pytest.fail(why) if os.environ.get("REQUIRE_TOOLS") else pytest.skip(why)
    done = subprocess.run(
        ["promtool", *arguments], cwd=folder or repository(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _dashboards() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dashboards", FOLDER / "dashboards.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
    return rules


def test_alerts_fire_when_they_must_and_not_before() -> None:
    assert "SUCCESS" in _promtool("test", "rules", *map(str, RULE_TESTS))


def test_every_alert_is_tested_and_says_what_to_do() -> None:
    tested = [part for file in RULE_TESTS for part in yaml.safe_load(file.read_text())["tests"]]
    fired = {case["alertname"] for part in tested for case in part["alert_rule_test"] if case["exp_alerts"]}
    alerts = [rule for rule in _rules() if "alert" in rule]
    assert {rule["alert"] for rule in alerts} == fired
    assert all(rule["annotations"]["summary"] and rule["annotations"]["remedy"] for rule in alerts)


def test_the_configuration_is_one_that_prometheus_takes(tmp_path: Path) -> None:
    for name in ("prometheus.yml", "alerts.yml"):
        (tmp_path / name).write_text((FOLDER / name).read_text().replace("/etc/prometheus/", f"{tmp_path}/"))
    assert "SUCCESS" in _promtool("check", "config", "prometheus.yml", folder=tmp_path)


def test_the_dashboards_are_what_their_table_makes() -> None:
    module = _dashboards()
    for name in module.DASHBOARDS:
        kept = json.loads((FOLDER / "grafana" / "dashboards" / f"{name}.json").read_text())
        assert kept == module.dashboard(name), "run python deploy/observability/dashboards.py"


def test_dashboards_and_alerts_ask_only_for_what_is_told(pool: ConnectionPool, redis: Redis) -> None:
    report(
        redis,
        WorkerState(service="store", state="idle", at=time.time(), since=time.time(), disk_free_bytes=1),
    )
    with pool.connection() as connection:
        connection.execute(
            "INSERT INTO sources (url, kind, items_a_day, last_new_at) VALUES ('https://a.example/', 'rss', "
            "7, now())"
        )
        ledger.record(connection, [parse_line("https://a.example/x", "test")])  # type: ignore[list-item]
    told: set[str] = {"up", "dateline_desk_requests_total"}
    families: list[Metric] = [
        *PipelineCollector(pool, redis, RedisQueues(redis)).collect(),
        *REGISTRY.collect(),
    ]
    for family in families:
        told |= {family.name, f"{family.name}_total", f"{family.name}_bucket"}
    told |= {rule["record"] for rule in _rules() if "record" in rule}
    asked = [rule["expr"] for rule in _rules()]
    module = _dashboards()
    asked += [
        t["expr"]
        for name in module.DASHBOARDS
        for p in module.dashboard(name)["panels"]
        for t in p["targets"]
    ]
    for expression in asked:
        names = set(re.findall(r"\bdateline[a-z_:]*", expression)) - {"dateline"}
        assert names <= told, (expression, names - told)


def test_compose_mounts_what_is_there() -> None:
    services = yaml.safe_load((repository() / "docker-compose.yml").read_text())["services"]
    for name in ("prometheus", "grafana"):
        assert services[name]["profiles"] == ["observability"]
        for volume in services[name]["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith(".") or (repository() / source).exists(), source
