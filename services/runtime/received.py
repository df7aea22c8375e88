"""Decodes a message on arrival: valid items are returned, invalid ones go to quarantine."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Raw, Struct

from services.contract.envelopes import decode_each
from services.contract.errors import BadMessage
from services.contract.routes import ROUTES
from services.runtime import quarantine

M = TypeVar("M", bound=Struct)


def received(kind: type[M], body: Raw) -> list[M]:
    """The valid items of a message. An invalid item costs only itself: the ledger sends its URL again.
    Never raises."""
    route = ROUTES[kind]
    try:
        items, refused = decode_each(kind, body)
    except BadMessage as error:
        quarantine.keep(body, queue=route.queue, task=route.task, reason=error.reason, error=error)
        return []
    for raw, why in refused:
        quarantine.keep(raw, queue=route.queue, task=route.task, reason="bad_item", error=why)
    return items
