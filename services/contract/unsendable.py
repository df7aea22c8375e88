"""Replaces a message that cannot be encoded or stored by a failure of its URL or source, with the reason."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from services.contract.limits import MAX_DETAIL_CHARS
from services.contract.messages import (
    ArticleEnriched,
    ArticleFetched,
    Message,
    SourceDue,
    SourcePolled,
    Stage,
    Ticket,
    UrlSettled,
    UrlSubmitted,
    ticket_of,
)

UNSENDABLE = "unsendable"
NOT_STORABLE = "not_storable"
_STAGES: dict[type[Struct], Stage] = {
    UrlSubmitted: "dispatch",
    ArticleFetched: "ingest",
    ArticleEnriched: "enrich",
}


def printable(raw: str) -> str:
    """Escapes what UTF-8 or Postgres `text` cannot hold (lone surrogates, NUL), so that it stays readable."""
    return raw.replace("\x00", "\N{SYMBOL FOR NULL}").encode("utf-8", "backslashreplace").decode()


def stand_in(item: Message, error: Exception) -> UrlSettled | SourcePolled:
    """The message to send instead of `item`, which could not be encoded: its URL or poll fails, with the
    reason.
    """
    if isinstance(item, SourceDue | SourcePolled):
        return unsendable_poll(item, UNSENDABLE, error)
    ticket = ticket_of(item) if isinstance(item, UrlSubmitted) else item.ticket
    stage = item.stage if isinstance(item, UrlSettled) else _STAGES[type(item)]
    return unsendable_url(ticket, stage, UNSENDABLE, error)


def unsendable_url(ticket: Ticket, stage: Stage, reason: str, error: Exception) -> UrlSettled:
    """A permanent failure of a URL whose result cannot be encoded or stored."""
    said = printable(f"{type(error).__name__}: {error}")[:MAX_DETAIL_CHARS]
    return UrlSettled(
        ticket=replace(ticket, url=printable(ticket.url)),
        stage=stage,
        outcome="failed",
        reason=reason,
        detail=f"the result of {stage} cannot be encoded or stored ({said})",
        error=said,
        payload={"url": printable(ticket.url)},
    )


def unsendable_poll(item: SourceDue | SourcePolled, reason: str, error: Exception) -> SourcePolled:
    """A failed poll: its result cannot be encoded or stored."""
    said = printable(f"{type(error).__name__}: {error}")[:MAX_DETAIL_CHARS]
    return SourcePolled(
        source_id=item.source_id,
        url=printable(item.url),
        kind=item.kind,
        dispatched_at=item.dispatched_at,
        polled_at=item.polled_at if isinstance(item, SourcePolled) else datetime.now(UTC),
        reason=reason,
        detail=f"the source's entries cannot be encoded or stored ({said})",
    )
