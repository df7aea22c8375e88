"""Names of earlier versions that programs outside may still import."""

from __future__ import annotations

from services.local.valkey import EmbeddedRedis
from services.net.guard import Gate
from services.runtime import embedded, guard


def test_the_former_places_of_the_gate_and_the_embedded_redis_can_still_be_imported() -> None:
    assert guard.Gate is Gate
    assert embedded.EmbeddedRedis is EmbeddedRedis
