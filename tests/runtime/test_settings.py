"""Settings are checked as a whole at start-up; an error names each variable and its remedy, and leaks no password."""

from __future__ import annotations

import subprocess
import sys

import pytest

from services.contract.errors import BadSettings
from services.ingest.settings import IngestSettings
from services.runtime.settings import load
from services.store.settings import StoreSettings

GOOD = {
    "DATELINE_REDIS_URL": "redis://:secret@127.0.0.1:6379/0",
    "DATELINE_DATABASE_URL": "postgresql://dateline:secret@127.0.0.1/dateline",
}


def test_good_settings_load_with_defaults() -> None:
    settings = load(StoreSettings, GOOD)
    assert settings.redis_url == GOOD["DATELINE_REDIS_URL"]
    assert settings.retry_policy.max_attempts == 5


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


@pytest.mark.parametrize("password", ["dateline-dev", "", "postgres"])
def test_production_refuses_a_known_or_missing_password(password: str) -> None:
    environ = GOOD | {
        "DATELINE_PROFILE": "production",
        "DATELINE_DATABASE_URL": f"postgresql://dateline:{password}@db/dateline",
    }
    with pytest.raises(BadSettings, match="needs one of your own"):
        load(StoreSettings, environ)


def test_production_accepts_a_password_of_ones_own() -> None:
    assert load(StoreSettings, GOOD | {"DATELINE_PROFILE": "production"}).profile == "production"


@pytest.mark.parametrize("service", ["ingest", "enrich", "store", "scheduler", "runtime.flower"])
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
