"""Splits a poll into messages: each can be encoded, none is too large, the newest entries come first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from services.contract.envelopes import encode_item
from services.contract.limits import MAX_DETAIL_CHARS, MAX_MESSAGE_BYTES
from services.contract.messages import FeedEntry, SourcePolled, Validators

MAX_ENTRIES = 1_000
_MAX_BYTES = MAX_MESSAGE_BYTES // 2
_MAX_HEADER_CHARS = 500


def sound(polled: SourcePolled) -> SourcePolled:
    """A poll in which every text can be encoded and stored. An entry that cannot be repaired is left out."""
    polled = msgspec.structs.replace(
        polled,
        title=_clean(polled.title)[:500] or None if polled.title else None,
        reason=_clean(polled.reason)[:100],
        detail=_clean(polled.detail)[:MAX_DETAIL_CHARS],
        moved_to=_clean(polled.moved_to) if polled.moved_to else None,
        validators=sound_validators(polled.validators),
    )
    try:
        if b"\\u0000" not in encode_item(polled):
            return polled
    except (UnicodeError, ValueError, TypeError):
        pass
    entries = [entry for one in polled.entries if (entry := _sound_entry(one))]
    return msgspec.structs.replace(polled, entries=entries)


def sound_validators(validators: Validators | None) -> Validators | None:
    """Validators (ETag, Last-Modified) that a header can carry; a damaged or truncated one is dropped, as
    it would never match."""
    if validators is None:
        return None
    etag, last_modified = (
        value
        if value and len(value) < _MAX_HEADER_CHARS and value.isprintable() and _is_latin(value)
        else None
        for value in (validators.etag, validators.last_modified)
    )
    return Validators(etag=etag, last_modified=last_modified) if etag or last_modified else None


def parts(polled: SourcePolled) -> Iterator[SourcePolled]:
    """The messages of a poll, newest entries first.

    Messages with entries come first, the one that ends the poll last. Validators are in the last one, so they
    count only once everything before them is on the queue: a poll that is cut off is repeated.
    """
    groups = list(_grouped(polled.entries))
    for group in groups[:-1]:
        yield msgspec.structs.replace(polled, entries=group, more=True, validators=None)
    yield msgspec.structs.replace(polled, entries=groups[-1] if groups else [])


def _grouped(entries: list[FeedEntry]) -> Iterator[list[FeedEntry]]:
    group: list[FeedEntry] = []
    size = 0
    for entry in entries:
        length = len(encode_item(entry))
        if group and (len(group) >= MAX_ENTRIES or size + length > _MAX_BYTES):
            yield group
            group, size = [], 0
        group.append(entry)
        size += length
    if group:
        yield group


def _sound_entry(entry: FeedEntry) -> FeedEntry | None:
    try:
        return msgspec.convert(_cleaned(msgspec.to_builtins(entry)), FeedEntry)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return {key: _cleaned(one) for key, one in value.items()} if isinstance(value, dict) else value


def _clean(text: str) -> str:
    """Text without lone surrogates and NUL, which UTF-8 and Postgres do not allow."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _is_latin(value: str) -> bool:
    try:
        return bool(value.encode("latin-1"))
    except UnicodeEncodeError:
        return False
