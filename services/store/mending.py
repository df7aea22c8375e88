"""Sanitises messages that Postgres rejected: an older or foreign producer may send values out of bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.contract.bounds import bounded, bounded_hints, storable, storable_all
from services.contract.limits import MAX_DETAIL_CHARS, MAX_TRACEBACK_CHARS, MAX_VALIDATOR_CHARS
from services.contract.messages import (
    ArticleEnriched,
    FeedEntry,
    SourcePolled,
    Stamp,
    UrlSettled,
    Validators,
)
from services.contract.tag_bounds import bounded_tags, bounded_ticket

_LONGEST_WAIT_S = 30 * 86_400.0
_MOST_STAMPS = 50


def mended_article(message: ArticleEnriched, now: datetime) -> ArticleEnriched:
    """The sanitised article, with a stamp that lists what was cut."""
    article, cut = bounded(message.article, now)
    tags = bounded_tags(message.tags, len(article.text))
    if tags != message.tags:
        cut.append("tags: some out of bounds")
    stamps = _stamps(message.stamps)
    if cut:
        stamps.append(Stamp(stage="store", event="mended", at=now, detail={"cut": cut}))
    return ArticleEnriched(ticket=bounded_ticket(message.ticket), article=article, tags=tags, stamps=stamps)


def mended_settled(message: UrlSettled) -> UrlSettled:
    """The sanitised result of an attempt."""
    return msgspec.structs.replace(
        message,
        ticket=bounded_ticket(message.ticket),
        reason=storable(message.reason[:100]),
        detail=storable(message.detail[:MAX_DETAIL_CHARS]),
        retry_after_s=_wait_s(message.retry_after_s),
        error=storable(message.error[:MAX_DETAIL_CHARS]) if message.error is not None else None,
        traceback=storable(message.traceback[-MAX_TRACEBACK_CHARS:])
        if message.traceback is not None
        else None,
        payload=storable_all(message.payload),
        stamps=_stamps(message.stamps),
    )


def mended_poll(polled: SourcePolled, now: datetime) -> SourcePolled:
    """The sanitised poll."""
    entries = [FeedEntry(url=e.url, hints=bounded_hints(e.hints, now)[0]) for e in polled.entries]
    return msgspec.structs.replace(
        polled,
        reason=storable(polled.reason[:100]),
        detail=storable(polled.detail[:MAX_DETAIL_CHARS]),
        title=storable(polled.title[:MAX_DETAIL_CHARS]) if polled.title is not None else None,
        entries=entries,
        validators=_validators(polled.validators),
        moved_to=polled.moved_to if polled.moved_to is None or polled.moved_to.isprintable() else None,
        retry_after_s=_wait_s(polled.retry_after_s),
        polled_at=min(polled.polled_at, now),
    )


def _stamps(stamps: Sequence[Stamp]) -> list[Stamp]:
    return [
        msgspec.structs.replace(stamp, event=storable(stamp.event[:100]), detail=storable_all(stamp.detail))
        for stamp in stamps[:_MOST_STAMPS]
    ]


def _validators(validators: Validators | None) -> Validators | None:
    """The validators, or None if one is too long or not printable: truncated, they would not match."""
    if validators is None:
        return None
    said = [v for v in (validators.etag, validators.last_modified) if v is not None]
    return validators if all(len(v) <= MAX_VALIDATOR_CHARS and v.isprintable() for v in said) else None


def _wait_s(wait_s: float | None) -> float | None:
    return None if wait_s is None or not math.isfinite(wait_s) else min(max(wait_s, 0.0), _LONGEST_WAIT_S)
