"""Invalid lines by HTTP: each is refused in its receipt, or the request is, and the others are recorded."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

_LINES = [
    (r'"http://example.org%3A8080/x"', "malformed_url"),
    (r'"http://[::1"', "malformed_url"),
    (r'"https://example.org/a\nhttps://example.org/b"', "several_lines"),
    (r'"\ud83d\u0000"', "malformed_url"),
    (r'{"url": 5}', "no_url"),
    (r'{"url": "https://example.org/a", "authors": [1]}', "bad_field"),
    (r'{"url": "https://example.org/a", "title": ' + "[" * 200 + "]" * 200 + "}", "bad_field"),
    (r'"' + "x" * 70_000 + '"', "line_too_long"),
]
_TAKEN = [
    (r'"https://example.org/\ud83d"', "https://example.org/%EF%BF%BD"),
    (r'"\ufeffhttps://example.org/b\u2028"', "https://example.org/b"),
    (
        r'{"url": "https://example.org/c", "title": "\ud83d\u0000", "x": NaN, "y": 1e999}',
        "https://example.org/c",
    ),
    (
        r'{"url": "https://example.org/d", "published_at": "0001-01-01T00:00:00+23:00"}',
        "https://example.org/d",
    ),
]


def test_each_odd_line_has_its_receipt(client: TestClient) -> None:
    body = '{"urls": [' + ",".join(line for line, _ in [*_LINES, *_TAKEN]) + "]}"
    done = client.post("/submissions", content=body, headers={"content-type": "application/json"})
    assert done.status_code == 202, done.text
    receipts = done.json()["receipts"]
    assert [receipt["reason"] for receipt in receipts[: len(_LINES)]] == [reason for _, reason in _LINES]
    assert [receipt["url"] for receipt in receipts[len(_LINES) :]] == [url for _, url in _TAKEN]
    assert (done.json()["new"], done.json()["refused"]) == (len(_TAKEN), len(_LINES))


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"urls": [{"url": "x", "x": ' + "[" * 100_000 + "]" * 100_000 + "}]}"]
)
def test_a_body_that_cannot_be_read_is_refused_whole(client: TestClient, body: str) -> None:
    done = client.post("/submissions", content=body, headers={"content-type": "application/json"})
    assert 400 <= done.status_code < 500
    json.loads(done.text)
