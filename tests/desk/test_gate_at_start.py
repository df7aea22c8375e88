"""The desk does not start if its webhooks' client bypasses the SSRF check."""

from __future__ import annotations

from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from services.contract.errors import BadSettings
from services.desk import delivery
from services.desk.settings import DeskSettings
from services.runtime.settings import load
from tests.ingest.conftest import no_egress  # noqa: F401  the fixture

_SETTINGS = {
    "DATELINE_REDIS_URL": "redis://:4f0c9a5e7d@127.0.0.1:1/0",
    "DATELINE_DATABASE_URL": "postgresql://dateline:4f0c9a5e7d@127.0.0.1:1/dateline",
}
_NO_POOL: Any = None  # nothing is asked of the database before the check


@pytest.mark.parametrize("allowed", ["", "127.0.0.1", "receiver"])
def test_webhooks_without_the_check_of_addresses_do_not_start(
    allowed: str,
    monkeypatch: pytest.MonkeyPatch,
    no_egress: list[Any],  # noqa: F811
) -> None:
    settings = load(DeskSettings, _SETTINGS | {"DATELINE_ALLOW_HOSTS": allowed})
    delivery.Deliverer(_NO_POOL, settings)
    assert no_egress == []
    monkeypatch.setattr(delivery, "guarded_adapter", lambda *_, **__: HTTPAdapter())
    with pytest.raises(BadSettings, match="address check is not in place"):
        delivery.Deliverer(_NO_POOL, settings)
    no_egress.clear()
