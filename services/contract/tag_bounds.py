"""Sanitises tags: a producer of another version, or a foreign one, may send values that are out of bounds."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec import Struct

from services.contract.bounds import at_word, language_code, storable
from services.contract.limits import MAX_COUNT, MAX_NAME_CHARS
from services.contract.messages import Quote, Tags, Ticket
from services.contract.name_bounds import bounded_names, bounded_quotes

S = TypeVar("S", bound=Struct)
_KEYS = {"topics": "code", "countries": "code", "places": "start"}
_MOST = {"topics": 200, "countries": 300, "places": 2_000, "localities": 200}
_ROLES = ("about", "mentioned", "dateline", "publisher")
_MOST_PARTS = 50
_WHOLE = (1 << 63) - 1


def bounded_tags(tags: Tags, text_chars: int) -> Tags:
    """Tags that can be stored: no duplicates, scores from 0 to 1, evidence within the `text_chars` of the
    text.
    """
    found: dict[str, Any] = {}
    for name, most in _MOST.items():
        items = [_within(item, text_chars) for item in getattr(tags, name)[: 10 * most]]
        if key := _KEYS.get(name):
            items = list({getattr(item, key): item for item in reversed(items)}.values())[::-1]
        found[name] = [item for item in items if _is_told(item, text_chars)][:most]
    return Tags(
        language=_value("language", tags.language, text_chars),
        topics_version=storable(tags.topics_version[:MAX_NAME_CHARS]),
        regions_version=storable(tags.regions_version[:MAX_NAME_CHARS]),
        names=bounded_names(tags.names, text_chars),
        quotes=bounded_quotes(tags.quotes, text_chars),
        names_version=storable(tags.names_version[:MAX_NAME_CHARS]),
        **found,
    )


def bounded_ticket(ticket: Ticket) -> Ticket:
    """A ticket whose numbers fit the ledger's columns; an impossible submission id becomes 0, which matches
    none.
    """
    known = 0 <= ticket.submission_id <= _WHOLE
    return Ticket(
        submission_id=ticket.submission_id if known else 0,
        url=storable(ticket.url),
        attempt=min(max(ticket.attempt, 0), 30_000),
        dispatched_at=ticket.dispatched_at,
        suspect=ticket.suspect,
        replay=ticket.replay,
    )


def _within(item: S, text_chars: int) -> S:
    fields = {name: _value(name, getattr(item, name), text_chars) for name in item.__struct_fields__}
    if "lat" in fields and (fields["lat"] is None or fields["lon"] is None):
        fields["lat"] = fields["lon"] = None
    return type(item)(**fields)


def _is_told(item: Any, text_chars: int) -> bool:
    """Whether a tag has a name or code, and its offsets lie within the text."""
    if hasattr(item, "start"):
        return bool(0 <= item.start <= item.end <= text_chars)
    return bool(
        item.name.strip() and getattr(item, "code", None) != "" and getattr(item, "country", None) != ""
    )


def _value(name: str, value: Any, text_chars: int) -> Any:
    if name == "language":
        return language_code(value)
    if isinstance(value, str):
        return at_word(storable(value), MAX_NAME_CHARS)
    if name == "roles":
        return [role for role in value if role in _ROLES]
    if isinstance(value, list):
        return [
            _value(name, part, text_chars) for part in value[:_MOST_PARTS] if _is_within(part, text_chars)
        ]
    if isinstance(value, Quote):
        return Quote(text=storable(value.text)[:1_000], start=value.start, end=value.end)
    if name == "score":
        return min(max(value, 0.0), 1.0)
    if name in ("lat", "lon"):
        return value if value is not None and abs(value) <= (90 if name == "lat" else 180) else None
    if name == "geonameid":
        return value if value is not None and 0 < value <= _WHOLE else None
    least = -1 if name in ("start", "end") else 0  # a negative offset stays so: `_is_told` drops the tag
    return (
        min(max(value, least), MAX_COUNT) if isinstance(value, int) and not isinstance(value, bool) else value
    )


def _is_within(part: object, text_chars: int) -> bool:
    return not isinstance(part, Quote) or 0 <= part.start <= part.end <= text_chars
