"""The embedded Postgres' own arrangements."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from services.contract.errors import Unavailable
from services.local import postgres
from services.local.postgres import EmbeddedPostgres
from tests.conftest import eventually


@pytest.mark.parametrize("ends", [True, False], ids=["ends", "stays"])
def test_a_server_that_shuts_down_still_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    former, later = EmbeddedPostgres(tmp_path), EmbeddedPostgres(tmp_path)
    former.start()
    if not ends:
        monkeypatch.setattr(postgres, "START_S", 1.0)
    errors: list[Exception] = []

    def start() -> None:
        try:
            later.start()
        except Unavailable as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    try:
        log = tmp_path / "logs" / "postgres.log"
        eventually("it was refused once", lambda: "already exists" in log.read_text())
        if ends:
            former.stop()
        thread.join(60)
        assert (errors == []) == ends
        assert (later.pid is not None) == ends
        assert not errors or str(log) in str(errors[0])
    finally:
        later.stop()
        former.stop()
        later.wipe()
