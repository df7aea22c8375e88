"""Names of earlier versions that programs outside may still import."""

from __future__ import annotations

from services.contract import envelopes, messages
from services.local.valkey import EmbeddedRedis
from services.net.guard import Gate
from services.runtime import embedded, guard


def test_the_former_places_of_the_gate_and_the_embedded_redis_can_still_be_imported() -> None:
    assert guard.Gate is Gate
    assert embedded.EmbeddedRedis is EmbeddedRedis


def test_messages_can_still_be_encoded_from_where_they_are_defined() -> None:
    from services.contract.messages import decode, encode, encode_item

    assert (decode, encode, encode_item) == (envelopes.decode, envelopes.encode, envelopes.encode_item)
    assert not hasattr(messages, "nothing")
