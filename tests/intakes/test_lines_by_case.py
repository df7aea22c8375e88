"""Lines as people and programs hand them over: `dateline submit`, the Redis list, `dateline tag`. One bad
line costs itself alone.

Each case: a name, its kind in general words, the line (or lines), what is right.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result
from psycopg_pool import ConnectionPool
from redis import Redis

from tests.intakes.local_site import URL_LIST, Cases, ListIntake, dateline, fell, json_lines, ledger_of

LINES, PAIRS, TAGS = Cases(), Cases(), Cases()
line, pair, tag = LINES.add, PAIRS.add, TAGS.add
REFUSED, TAKEN, EITHER = "refused", "taken", "either"
GOOD = [
    "https://fine.example/a1",
    '{"url": "https://fine.example/a2", "title": "A2"}',
    "https://fine.example/a3",
]
TAKEN_GOOD = {"https://fine.example/a1", "https://fine.example/a2", "https://fine.example/a3"}


def nested(depth: int, opening: str = "[", closing: str = "]") -> str:
    return opening * depth + closing * depth


# --- one line among good ones, through both intakes: `dateline submit --file` and the Redis list

line("percent_colon_port", "a percent-encoded colon in a host", "http://example.com%3A8080/x", REFUSED)
line(
    "percent_colon_no_port", "a percent-encoded colon in a host", "https://gazette.example%3A/news/1", REFUSED
)
line("percent_brackets_host", "a percent-encoded colon in a host", "http://%5B::zz%5D/x", REFUSED)
line("surrogate_in_url", "a lone surrogate in a JSON line", '{"url":"https://x.example/\\ud83d"}', EITHER)
line(
    "surrogate_in_title",
    "a lone surrogate in a JSON line",
    '{"url":"https://x.example/t","title":"Ferry \\ud83d","authors":["A\\udc00"]}',
    TAKEN,
)
line(
    "surrogate_in_origin",
    "a lone surrogate in a JSON line",
    '{"url":"https://x.example/o","origin":"feed \\ud83d"}',
    EITHER,
)
line(
    "deep_json_objects",
    "deeply nested JSON",
    '{"x":'
    + nested(5000, '{"a":', "1").replace("1" * 5000, "1" + "}" * 5000)
    + ',"url":"https://x.example/d"}',
    EITHER,
)
line(
    "huge_number", "odd values in a JSON line", '{"url":"https://x.example/n","x":' + "9" * 5000 + "}", EITHER
)
line("url_list", "odd values in a JSON line", '["https://x.example/l"]', REFUSED)
line(
    "date_year_0",
    "a date of year 0, 1 or 9999",
    '{"url":"https://x.example/y","published_at":"0000-00-00 00:00:00"}',
    EITHER,
)
line(
    "date_year_1",
    "a date of year 0, 1 or 9999",
    '{"url":"https://x.example/y","published_at":"0001-01-01T00:00:00+01:00"}',
    EITHER,
)
line(
    "date_year_9999",
    "a date of year 0, 1 or 9999",
    '{"url":"https://x.example/y","published_at":"9999-12-31T23:59:59-05:00"}',
    EITHER,
)
line("bracket_host", "a URL that is none", "http://[::1", REFUSED)
line("bracket_words", "a URL that is none", "http://[bad]/x", REFUSED)
line("nul_in_url", "control characters", '{"url":"https://x.example/a\\u0000b"}', EITHER)
line("invalid_utf8", "bytes that are no UTF-8", b"https://x.example/caf\xe9", EITHER)
line("half_a_json", "JSON that is none", '{"url": "https://x.example/h"', REFUSED)

# --- two lines: the same page or two pages?

SAME, TWO = 1, 2
pair(
    "cp1251_query_two_pages",
    "escapes that are no UTF-8",
    "https://x.example/news.php?title=%CF%F0%E5",
    "https://x.example/news.php?title=%CE%F2%E2",
    TWO,
)
pair(
    "cp1251_query_same",
    "escapes that are no UTF-8",
    "https://x.example/news.php?title=%CF%F0%E5",
    "https://www.x.example/news.php?title=%cf%f0%e5",
    SAME,
)
pair(
    "cp1251_query_beside_tracking",
    "escapes that are no UTF-8",
    "https://x.example/news.php?title=%CF%F0%E5&utm_source=rss",
    "https://x.example/news.php?title=%CE%F2%E2&utm_source=rss",
    TWO,
)
pair("escapes_of_letters_same", "escapes", "https://x.example/caf%c3%a9", "https://x.example/caf%C3%A9", SAME)
pair("dot_segments_same", "dots in a path", "https://x.example/a/../b", "https://x.example/b", SAME)
pair("dot_segment_same", "dots in a path", "https://x.example/news/./b", "https://x.example/news/b", SAME)

# --- one article among good ones, through `dateline tag`

TEXT = "Heavy rain flooded parts of Bavaria on Monday, officials said."
ERROR = "error"


def obj(**more: Any) -> str:
    return json.dumps({"id": "x", "title": "Floods in Bavaria", "text": TEXT, **more}, ensure_ascii=False)


tag(
    "tag_surrogate_in_evidence",
    "a lone surrogate in an article",
    '{"id":"x","title":"Floods in Bavaria","text":"Heavy rain flooded parts \\ud83d of Bavaria on Monday, '
    'officials said."}',
    EITHER,
)
tag(
    "tag_surrogate_beside_place",
    "a lone surrogate in an article",
    '{"id":"x","title":"a","text":"In Munich \\ud83d rain fell in Bavaria on Monday, police said."}',
    EITHER,
)
tag(
    "tag_surrogate_id",
    "a lone surrogate in an article",
    '{"id":"\\ud800","title":"a","text":"Rain in Munich"}',
    EITHER,
)
tag(
    "tag_deep_domain_of_many",
    "deeply nested JSON",
    '{"id":"x","domain":"fine.example","title":"a","text":"Rain in Munich","x":' + nested(20_000) + "}",
    EITHER,
)
tag(
    "tag_bom_first",
    "a byte order mark on the first line",
    b"\xef\xbb\xbf" + obj().encode(),
    TAKEN,
    first=True,
)
tag("tag_url_bad_port", "a URL that is none, beside an article", obj(url="http://x.example:port/a"), EITHER)
tag("tag_language_list", "odd values beside an article", obj(language=["en"]), EITHER)
tag("tag_language_junk", "odd values beside an article", obj(language="xx-YY"), TAKEN)
tag("tag_dateline_int", "odd values beside an article", obj(dateline=5), EITHER)
tag("tag_title_list", "odd values beside an article", obj(title=["a"]), EITHER)
tag("tag_domain_list", "odd values beside an article", obj(domain=["a"]), EITHER)
tag("tag_id_list", "odd values beside an article", '{"id":[1],"title":"a","text":"Rain in Munich"}', EITHER)
tag("tag_text_missing", "a line that is no article", '{"id":"x","title":"Floods in Bavaria"}', ERROR)
tag("tag_array_line", "a line that is no article", "[1,2]", ERROR)
tag(
    "tag_separators_in_text",
    "odd characters in an article",
    '{"id":"x","title":"a","text":"Rain\u2028in Munich\u2029and\u0085Paris"}',
    TAKEN,
)
tag("tag_form_feed", "odd characters in an article", obj() + "\x0c", EITHER)
tag("tag_crlf", "odd characters in an article", obj() + "\r", TAKEN)
tag(
    "tag_nul",
    "odd characters in an article",
    obj(text="In Munich\0 rain fell in Bavaria\0 on Monday, police said.", title="a\0b"),
    TAKEN,
)
tag(
    "tag_invalid_utf8",
    "bytes that are no UTF-8",
    b'{"id":"x","title":"a","text":"In M\xfcnchen rain fell."}',
    EITHER,
)
tag(
    "tag_rtl_marks",
    "odd characters in an article",
    obj(
        text="In \u200eMunich\u200f rain fell in \u202eBavaria\u202c on Monday, police said. "
        "\u2066Paris\u2069, France"
    ),
    TAKEN,
)
tag(
    "tag_zero_width",
    "odd characters in an article",
    obj(
        text="In Mu\u200bnich and \u200bParis\u200b, \ufeffBerlin rain\u00adfell in Ba\u00advaria on Monday, "
        "police said."
    ),
    TAKEN,
)
tag("tag_huge_word", "a very long article", obj(text="A" * 300_000), TAKEN)


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def check_ledger(database_url: str, right: str, how: Callable[[], str]) -> None:
    """The good lines are in; the odd one is refused, with a reason, or in."""
    rows = ledger_of(database_url)
    taken = {url for url, state, _ in rows if state == "pending"}
    refused = [(url, reason) for url, state, reason in rows if state == "refused"]
    assert taken >= TAKEN_GOOD, f"good lines were lost: {how()}"
    odd = len(taken - TAKEN_GOOD)
    assert (odd, len(refused)) in {REFUSED: [(0, 1)], TAKEN: [(1, 0)], EITHER: [(0, 1), (1, 0)]}[right], (
        taken,
        refused,
    )
    assert all(reason for _, reason in refused)


@LINES.each()
def test_line_of_a_file(name: str, database_url: str, tmp_path: Path) -> None:
    _, (text, right), _ = LINES[name]
    path = tmp_path / "urls.txt"
    path.write_bytes(b"\n".join([*map(as_bytes, GOOD[:2]), as_bytes(text), as_bytes(GOOD[2])]) + b"\n")
    done = dateline("submit", "--file", str(path), env={"DATELINE_DATABASE_URL": database_url})
    check_ledger(database_url, right, lambda: fell(done))


@LINES.each()
def test_line_of_the_redis_list(name: str, database_url: str, pool: ConnectionPool, redis: Redis) -> None:
    """A line that cannot be taken is refused, and the list goes on: it is not tried again for ever."""
    _, (text, right), _ = LINES[name]
    redis.rpush(URL_LIST, *GOOD[:2], as_bytes(text), GOOD[2])
    intake = ListIntake(pool, redis)
    intake.tick()
    intake.tick()
    check_ledger(database_url, right, lambda: "")
    left = [key for key in redis.keys("dateline:urls*") if redis.llen(key)]  # type: ignore[union-attr]
    assert not left


def test_the_redis_list_goes_on_behind_poisoned_lines(
    database_url: str, pool: ConnectionPool, redis: Redis
) -> None:
    """Among 1,200 lines, some of them poison: every good one is in, every other refused."""
    poison = [text for _, (text, right), _ in LINES.values() if right == REFUSED]
    lines = [as_bytes(f"https://fine.example/story/{n}") for n in range(1200)]
    for n, text in enumerate(poison):
        lines.insert(37 * n + 5, as_bytes(text))
    for start in range(0, len(lines), 100):
        redis.rpush(URL_LIST, *lines[start : start + 100])
    intake = ListIntake(pool, redis)
    for _ in range(6):
        intake.tick()
    rows = ledger_of(database_url)
    assert sum(state == "pending" for _, state, _ in rows) == 1200
    assert sum(state == "refused" and bool(reason) for _, state, reason in rows) == len(poison)


@PAIRS.each()
def test_pair(name: str, database_url: str, tmp_path: Path) -> None:
    _, (one, other, right), _ = PAIRS[name]
    path = tmp_path / "urls.txt"
    path.write_text(f"{one}\n{other}\n")
    done = dateline("submit", "--file", str(path), env={"DATELINE_DATABASE_URL": database_url})
    assert len(ledger_of(database_url)) == right, fell(done)


def good(number: int) -> bytes:
    return json.dumps({"id": number, "title": "Floods in Bavaria", "text": TEXT}).encode()


def check_spans(article: dict[str, Any], text: str) -> None:
    """Whatever is quoted stands at its place."""
    for of in ("topics", "countries", "localities"):
        for found in article.get(of, []):
            for quote in found.get("evidence", []):
                assert text[quote["start"] : quote["end"]] == quote["text"]
    for place in article.get("places", []):
        assert text[place["start"] : place["end"]] == place["text"]


def tagged(content: bytes, tmp_path: Path) -> tuple[Result, list[dict[str, Any]]]:
    path = tmp_path / "articles.jsonl"
    path.write_bytes(content)
    done = dateline("tag", "--workers", "1", str(path))
    return done, json_lines(done.stdout)


@TAGS.each()
def test_tag(name: str, tmp_path: Path) -> None:
    _, (text, right), more = TAGS[name]
    lines = (
        [as_bytes(text), good(1), good(2), good(3)]
        if more.get("first")
        else [good(1), good(2), as_bytes(text), good(3), good(4)]
    )
    done, rows = tagged(b"\n".join(lines) + b"\n", tmp_path)
    place = 0 if more.get("first") else 2
    assert len(rows) == len(lines), fell(done)
    odd = rows.pop(place)
    assert [row["id"] for row in rows] == [1, 2, 3, 4][: len(rows)]
    for row in rows:
        assert "error" not in row, row["error"]
        assert row["countries"][0]["code"] == "DE"
        check_spans(row, TEXT)
    assert ("error" in odd) in {TAKEN: [False], ERROR: [True], EITHER: [False, True]}[right], odd
    if "error" not in odd:
        try:
            said = json.loads(as_bytes(text).decode("utf-8-sig", "surrogatepass"))["text"]
        except (ValueError, RecursionError):
            return
        if not any("\ud800" <= c <= "\udfff" for c in said):
            check_spans(odd, said)
