"""How often each host may be asked: the default, overrides, and what cannot be understood."""

from __future__ import annotations

import pytest

from services.contract.errors import BadSettings
from services.ingest.settings import IngestSettings
from services.net.hosts import HostLimit, HostLimits
from services.runtime.settings import load

BASE = {"DATELINE_REDIS_URL": "redis://:x@localhost/0"}


def test_limits_are_read_and_the_longest_override_wins() -> None:
    raw = "example.org=5/4, news.example.org=0.5,slow.example=0.2"
    settings = load(IngestSettings, BASE | {"DATELINE_HOST_LIMIT": "2/3", "DATELINE_HOST_LIMITS": raw})
    limits = HostLimits(settings.host_limit, settings.host_limits)
    assert limits.of("other.example") == HostLimit(2, 3)
    assert limits.of("example.org") == limits.of("sport.example.org:8080") == HostLimit(5, 4)
    assert limits.of("a.news.example.org") == HostLimit(0.5, 2)
    assert limits.of("notexample.org") == HostLimit(2, 3)


def test_unset_means_one_a_second_and_two_at_once() -> None:
    assert load(IngestSettings, BASE).host_limit == HostLimit(1, 2)


@pytest.mark.parametrize("raw", ["0/1", "1/0", "fast", "1/2/3", "-1"])
def test_a_limit_that_cannot_be_names_its_variable(raw: str) -> None:
    with pytest.raises(BadSettings, match="DATELINE_HOST_LIMIT="):
        load(IngestSettings, BASE | {"DATELINE_HOST_LIMIT": raw})


@pytest.mark.parametrize("raw", ["example.org", "=5", "example.org=x"])
def test_an_override_that_cannot_be_names_its_variable(raw: str) -> None:
    with pytest.raises(BadSettings, match="DATELINE_HOST_LIMITS="):
        load(IngestSettings, BASE | {"DATELINE_HOST_LIMITS": raw})
