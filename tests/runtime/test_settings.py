"""Settings are checked as a whole at start-up; an error names each variable and its remedy, and leaks no
password."""

from __future__ import annotations

import subprocess
import sys

import pytest

from services.contract.errors import BadSettings
from services.ingest.settings import IngestSettings
from services.runtime.flower import FlowerSettings
from services.runtime.settings import load
from services.scheduler.settings import SchedulerSettings
from services.store.settings import StoreSettings

GOOD = {
    "DATELINE_REDIS_URL": "redis://:4f0c9a5e7d@127.0.0.1:6379/0",
    "DATELINE_DATABASE_URL": "postgresql://dateline:4f0c9a5e7d@127.0.0.1/dateline",
}


def test_good_settings_load_with_defaults() -> None:
    settings = load(StoreSettings, GOOD)
    assert settings.redis_url == GOOD["DATELINE_REDIS_URL"]
    assert settings.retry_policy.max_attempts == 5


def test_a_former_name_of_a_setting_is_read_where_the_new_one_is_not_set() -> None:
    former = GOOD | {"DATELINE_LEARN_HOMES": "0"}
    assert load(SchedulerSettings, former).learn_priors == 0
    assert load(SchedulerSettings, former | {"DATELINE_LEARN_PRIORS": "1"}).learn_priors == 1


def test_all_problems_are_listed_at_once_with_their_remedies() -> None:
    with pytest.raises(BadSettings) as caught:
        load(StoreSettings, {"DATELINE_REDIS_URL": "http://x", "DATELINE_MAX_ATTEMPTS": "many"})
    said = str(caught.value)
    assert "DATELINE_DATABASE_URL is not set: set it to the Postgres to use" in said
    assert "DATELINE_REDIS_URL='http://x' is not valid" in said
    assert "DATELINE_MAX_ATTEMPTS='many' is not valid" in said
    assert "1 to 50" in said


def test_a_bad_url_is_shown_without_its_password() -> None:
    with pytest.raises(BadSettings) as caught:
        load(IngestSettings, {"DATELINE_REDIS_URL": "amqp://user:hunter2@host/0"})
    assert "hunter2" not in str(caught.value)
    assert "host" in str(caught.value)


OWN = "4f0c9a5e7d"
SPELT = [
    "dateline-dev",
    "Dateline_Dev",
    "dateline%2Ddev",
    "CHANGE-ME",
    "change%20me",
    "postgres",
    "Passw%6frd",
    "secret",
    "",
]


@pytest.mark.parametrize("password", SPELT)
@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("DATELINE_DATABASE_URL", "postgresql://dateline:{}@db/dateline"),
        ("DATELINE_DATABASE_URL", "postgresql://dateline@db/dateline?password={}"),
        ("DATELINE_REDIS_URL", "rediss://:{}@cache:6379/0"),
        ("DATELINE_REDIS_URL", "redis://cache:6379/0?password={}"),
        ("DATELINE_BROKER_URL", "amqps://dateline:{}@rabbit:5671//"),
    ],
)
def test_production_refuses_a_known_or_missing_password_however_it_is_spelt(
    variable: str, url: str, password: str
) -> None:
    environ = GOOD | {"DATELINE_PROFILE": "production", variable: url.format(password)}
    with pytest.raises(BadSettings, match="needs one of your own") as caught:
        load(StoreSettings, environ)
    said = str(caught.value)
    assert said.count("needs one of your own") == 1
    assert variable in said
    assert "openssl rand -hex 24" in said
    assert load(StoreSettings, environ | {"DATELINE_PROFILE": "development"})
    assert load(StoreSettings, environ | {variable: url.format(OWN)})


@pytest.mark.parametrize(
    "auth", ["dateline:dateline-dev", "dateline:CHANGE-ME", "a:4f0c9a5e7d,b:admin", "x:Grafana"]
)
def test_production_refuses_a_known_password_of_flower(auth: str) -> None:
    environ = GOOD | {"DATELINE_PROFILE": "production", "DATELINE_FLOWER_BASIC_AUTH": auth}
    with pytest.raises(BadSettings, match="DATELINE_FLOWER_BASIC_AUTH has no password or a well-known one"):
        load(FlowerSettings, environ)
    assert load(FlowerSettings, environ | {"DATELINE_FLOWER_BASIC_AUTH": f"x:{OWN}"})


def test_production_accepts_a_password_of_ones_own() -> None:
    assert load(StoreSettings, GOOD | {"DATELINE_PROFILE": "production"}).profile == "production"


_long = pytest.mark.long


@pytest.mark.parametrize(
    "service",
    [
        "ingest",
        "runtime.flower",
        *(pytest.param(s, marks=_long) for s in ("enrich", "store", "scheduler", "stories")),
    ],
)
def test_a_service_without_settings_exits_with_one_clear_message(service: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"services.{service}"],
        env={"PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "DATELINE_REDIS_URL is not set" in done.stderr
    assert "Traceback" not in done.stderr
