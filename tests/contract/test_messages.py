"""Message contract: golden examples decode, unknown fields are ignored, other versions are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from services.contract.envelopes import decode, encode, encode_item
from services.contract.errors import BadMessage
from services.contract.messages import (
    ArticleEnriched,
    ArticleFetched,
    Name,
    Quotation,
    SourceDue,
    SourcePolled,
    UrlSettled,
    UrlSubmitted,
)
from services.contract.routes import QUEUES, ROUTES, queue_of
from services.contract.tag_bounds import bounded_tags

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.json"))
KINDS = {
    kind.__name__: kind
    for kind in (UrlSubmitted, ArticleFetched, ArticleEnriched, UrlSettled, SourceDue, SourcePolled)
}


def _written(body: dict[str, Any]) -> msgspec.Raw:
    """A body as it comes over the wire."""
    return msgspec.Raw(msgspec.json.encode(body))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_golden_examples_still_decode_and_encode_to_the_same(path: Path) -> None:
    body = json.loads(path.read_text(encoding="utf-8"))
    kind = KINDS[body["type"]]
    items = decode(kind, body)
    assert decode(kind, _written(body)) == items
    assert items
    again = encode(kind, map(encode_item, items))
    assert decode(kind, again) == items
    assert decode(kind, msgspec.json.decode(again)) == items


def test_every_message_has_a_golden_example() -> None:
    assert {path.stem.split(".")[0] for path in EXAMPLES} == set(KINDS)


def _example(name: str) -> dict:
    return json.loads((Path(__file__).parent / "examples" / f"{name}.v1.json").read_text(encoding="utf-8"))


def test_tags_of_a_producer_without_names_are_read() -> None:
    body = _example("ArticleEnriched")
    for field in ("names", "quotes", "names_version"):
        del body["items"][0]["tags"][field]
    (message,) = decode(ArticleEnriched, body)
    assert (message.tags.names, message.tags.quotes, message.tags.names_version) == ([], [], "")


def test_names_out_of_bounds_are_mended_or_dropped() -> None:
    (message,) = decode(ArticleEnriched, _example("ArticleEnriched"))
    text = message.article.text
    name = Name(start=0, end=6, text="LISBON", label="PER", key="k\x00", name="n" * 900, score=7.0)
    kept = bounded_tags(
        replace(
            message.tags,
            names=[name, name, replace(name, start=3, end=10**9), replace(name, start=1, label="X")],
            quotes=[Quotation(start=0, end=6, text="q" * 9_000, cue="said", cue_start=-4, cue_end=3)],
        ),
        len(text),
    )
    (only,) = kept.names
    assert (only.score, len(only.name)) == (1.0, 200)
    assert "\x00" not in only.key
    (quote,) = kept.quotes
    assert (len(quote.text), quote.cue, quote.cue_start) == (3_000, None, None)


def test_unknown_fields_are_ignored() -> None:
    body = _example("UrlSubmitted")
    body["items"][0]["a_field_of_tomorrow"] = {"x": 1}
    assert decode(UrlSubmitted, body)


@pytest.mark.parametrize("received", [dict, _written])
def test_another_version_is_refused_by_name(received: Callable[[dict[str, Any]], Any]) -> None:
    body = _example("UrlSubmitted") | {"v": 2}
    with pytest.raises(BadMessage, match=r"expected UrlSubmitted v1, got UrlSubmitted v2"):
        decode(UrlSubmitted, received(body))


@pytest.mark.parametrize("received", [dict, _written])
def test_another_type_is_refused_though_its_items_would_do(
    received: Callable[[dict[str, Any]], Any],
) -> None:
    body = _example("UrlSubmitted") | {"type": "UrlFound"}
    with pytest.raises(BadMessage, match=r"expected UrlSubmitted v1, got UrlFound v1"):
        decode(UrlSubmitted, received(body))


@pytest.mark.parametrize("received", [dict, _written])
@pytest.mark.parametrize("missing", ["type", "v", "items"])
def test_a_body_without_its_envelope_is_refused(
    missing: str, received: Callable[[dict[str, Any]], Any]
) -> None:
    body = _example("UrlSubmitted")
    del body[missing]
    with pytest.raises(BadMessage):
        decode(UrlSubmitted, received(body))


@pytest.mark.parametrize("received", [dict, _written])
def test_a_wrong_field_is_named(received: Callable[[dict[str, Any]], Any]) -> None:
    body = _example("UrlSubmitted")
    body["items"][0]["attempt"] = "first"
    with pytest.raises(BadMessage, match="attempt"):
        decode(UrlSubmitted, received(body))


@pytest.mark.parametrize("body", [b'{"type": "UrlSubmitted", "v": 1}', b'"UrlSubmitted"', b"[]", b"{"])
def test_what_is_no_message_body_is_refused(body: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(UrlSubmitted, msgspec.Raw(body))


def test_a_time_without_a_zone_is_refused() -> None:
    body = _example("UrlSubmitted")
    body["items"][0]["dispatched_at"] = "2026-03-01T12:00:00"
    with pytest.raises(BadMessage):
        decode(UrlSubmitted, body)


def test_messages_are_frozen() -> None:
    message = decode(UrlSubmitted, _example("UrlSubmitted"))[0]
    with pytest.raises(AttributeError):
        message.url = "https://example.org/other"  # type: ignore[misc]


def test_every_message_has_a_route_and_every_queue_one_consumer() -> None:
    assert set(ROUTES) == set(KINDS.values())
    for queue in QUEUES:
        assert len({route.consumer for route in ROUTES.values() if route.queue == queue}) == 1
    assert queue_of("store") == "dateline.store"
