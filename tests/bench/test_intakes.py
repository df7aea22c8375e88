"""The comparison with other projects' test suites, on made-up data: what must be noticed is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.intakes import peers
from bench.intakes.expectations import Expectation, expectations, headers
from bench.intakes.feedparser import feedparser
from bench.intakes.gofeed import gofeed
from bench.intakes.miniflux import miniflux
from bench.intakes.outcome import Check, Point, Reason, Suite, tally
from bench.intakes.reading import said, with_links
from bench.intakes.robots import verdicts
from bench.intakes.whatwg import whatwg
from services.contract.errors import PermanentError
from services.contract.messages import FeedEntry, Hints

FEED = """<!--
Description: a feed
Expect:      not bozo and entries[0]['title'] == {title!r}
-->
<rss version="2.0"><channel><item><title>Ferry &lt;b&gt;strike&lt;/b&gt;</title></item></channel></rss>
"""


def _suite(*checks: Check, reasons: tuple[Reason, ...] = (), limit_s: float = 5.0) -> Suite:
    return Suite("made up", checks, reasons, limit_s)


def _raising(error: Exception) -> Check:
    def run() -> Iterator[Point]:
        raise error
        yield

    return Check("it", run, expected=True)


def test_a_difference_without_a_reason_is_noticed() -> None:
    points = [Point("title", "a", "a"), Point("title", "a", "b"), Point("title", "c", "d")]
    row = tally(
        _suite(
            Check("it", lambda: points), reasons=(Reason("b", "it is b", lambda point: point.ours == "b"),)
        )
    )
    assert (row.same, dict(row.different), len(row.unexplained), row.good) == (1, {"b": 1}, 1, False)
    assert "theirs 'c', ours 'd'" in row.unexplained[0]


def test_an_exception_is_noticed_and_the_rest_goes_on() -> None:
    row = tally(_suite(_raising(ValueError("oh")), Check("next", lambda: [Point("title", 1, 1)])))
    assert (row.exceptions, row.read, row.same, row.good) == (["it: ValueError: oh"], 1, 1, False)


def test_an_error_of_ours_is_a_refusal_and_a_difference_where_something_is_expected() -> None:
    row = tally(_suite(_raising(PermanentError("bad_feed", "it is none"))))
    assert (row.refused, len(row.unexplained), row.exceptions) == (1, 1, [])


def test_an_input_that_costs_too_much_is_noticed() -> None:
    row = tally(_suite(Check("it", lambda: [Point("title", 1, 1)]), limit_s=-1.0))
    assert (row.slow[0].startswith("it: "), row.good) == (True, False)


def test_a_suite_without_inputs_is_no_success() -> None:
    assert not tally(_suite()).good
    assert "no input" in peers.faults([tally(_suite())])[0]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("not bozo and entries[0]['link'] == 'http://a.example/'", [(0, "link", "http://a.example/")]),
        ("entries[1].title == 'a' + 'b'", [(1, "title", "ab")]),
        ("entries[0]['authors'][1]['name'] == 'Ann'", [(0, "author", "Ann")]),
        (
            "not bozo and (entries[0]['tags'][0]['term'] == 'x') and entries[0].tags[1].label == 'y'",
            [(0, "tag", "x"), (0, "tag", "y")],
        ),
        ("feed['title'] == 'T' and len(entries) == 2", [(None, "feed title", "T"), (None, "count", 2)]),
        ("entries[0]['updated_parsed'] == (2003, 12, 31, 10, 14, 55, 2, 365, 0)",
        [(0, "date", (2003, 12, 31, 10, 14, 55, 2, 365, 0))]),
        ("entries[0]['link'] == entries[1]['link'] == 'u'", [(0, "link", "u"), (1, "link", "u")]),
        ("entries[0]['title'] == __import__('os').getcwd()", []),
        ("entries[0]['summary'] == 'a' or entries[0]['title'] == 'b'", []),
        ("bozo", []),
        ("this is no expression", []),
    ],
)  # fmt: skip
def test_an_expectation_is_parsed_and_never_run(line: str, wanted: list[tuple[object, ...]]) -> None:
    found = expectations(f"<!--\nDescription: x\nExpect:      {line}\n-->\n<rss/>".encode())
    assert [(each.entry, each.field, each.value) for each in found] == wanted


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32-be"])
def test_an_expectation_is_found_in_any_encoding(codec: str) -> None:
    body = "<!--\nHeader: Content-type: text/xml; charset=x\nExpect: entries[0].title == 'T'\n-->".encode(
        codec
    )
    assert expectations(body) == [Expectation(0, "title", "T", "title")]
    assert headers(body) == {"content-type": "text/xml; charset=x"}


@pytest.mark.parametrize(
    ("title", "good"), [("Ferry <b>strike</b>", True), ("Ferry strike", True), ("Bridge strike", False)]
)
def test_the_feeds_of_a_suite_are_compared(tmp_path: Path, title: str, good: bool) -> None:
    folder = tmp_path / "feedparser" / "tests" / "wellformed"
    folder.mkdir(parents=True)
    (folder / "a.xml").write_text(FEED.format(title=title))
    row = tally(feedparser(tmp_path))
    assert (row.inputs, row.read, row.good) == (1, 1, good)


def test_a_feed_is_compared_with_the_json_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "gofeed" / "testdata" / "parser"
    folder.mkdir(parents=True)
    (folder / "a.xml").write_text(
        "<rss><channel><item><link>https://a.example/1</link><title>T</title><category>x</category>"
        "<pubDate>Sun, 06 Jul 2014 12:56:00 GMT</pubDate></item></channel></rss>"
    )
    item = {
        "link": "https://a.example/1",
        "title": "T",
        "pubDateParsed": "2014-07-06T12:56:00Z",
        "categories": [{"value": "x"}],
    }
    (folder / "a.json").write_text(json.dumps({"items": [item]}))
    row = tally(gofeed(tmp_path))
    assert (row.same, row.good) == (4, True)


def test_the_documents_of_go_tests_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "v2" / "internal" / "reader" / "rss"
    folder.mkdir(parents=True)
    (folder / "parser_test.go").write_text(
        "func TestOne(t *testing.T) {\n\tdata := "
        "`<rss><channel><item><link>/1</link></item></channel></rss>`\n"
        '\tfeed, err := Parse("https://a.example/feed", data)\n\tif len(feed.Entries) != 1 {\n\t}\n'
        '\tif feed.Entries[0].URL != "https://a.example/1" {\n\t}\n}\n'
    )
    row = tally(miniflux(tmp_path))
    assert (row.inputs, row.same, row.good) == (1, 2, True)


def test_addresses_are_compared_with_the_standards(tmp_path: Path) -> None:
    folder = tmp_path / "ada" / "tests" / "wpt"
    folder.mkdir(parents=True)
    for name in (
        "ada_extra_urltestdata",
        "ada_long_urltestdata",
        "toascii",
        "IdnaTestV2",
        "percent-encoding",
    ):
        (folder / f"{name}.json").write_text("[]")
    cases = [
        "a comment",
        {"input": "//u:p@a.example/x#y", "base": "https://b.example/", "href": "https://u:p@a.example/x#y"},
        {"input": "mailto:a@a.example", "base": None, "href": "mailto:a@a.example"},
        {"input": "https://a b/", "base": None, "failure": True},
        {"input": "https://a.example/x", "base": None, "href": "https://a.example/another"},
    ]
    (folder / "urltestdata.json").write_text(json.dumps(cases))
    row = tally(whatwg(tmp_path))
    assert (row.inputs, dict(row.different), len(row.unexplained)) == (4, {"credentials": 1}, 1)


def test_a_group_for_another_robot_is_read_as_if_it_were_for_us() -> None:
    raw = b"User-agent: otherbot\nDisallow: /private/\n\nUser-agent: *\nDisallow:\n"
    everybody = {point.field: point.ours for point in verdicts(raw)}
    renamed = {point.field: point.ours for point in verdicts(raw, "otherbot")}
    assert everybody["may fetch /private/"] is True
    assert renamed["may fetch /private/"] is False


def test_items_without_a_link_are_given_one_to_compare_the_rest() -> None:
    assert with_links(b"<a:entry x='1'><a:title/></a:entry>").startswith(
        b"<a:entry x='1'><a:link href=\"http://example.com/given/0\"/>"
    )
    assert b"<link>http://example.com/given/1</link>" in with_links(b"<item></item><ITEM></ITEM>")
    assert json.loads(with_links(b'{"items": [{"title": "T"}]}'))["items"][0]["url"]


def test_of_several_names_theirs_counts_where_it_is_among_ours() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    entry = FeedEntry(
        url="https://a.example/1",
        hints=Hints(title="T", authors=["Ann", "Bo"], published_at=moment, keywords=["x"]),
    )
    assert said(entry, "author", "Bo") == "Bo"
    assert said(entry, "tag", "y") == ["x"]
    assert (said(entry, "link", ""), said(entry, "title", ""), said(entry, "date", "")) == (
        entry.url,
        "T",
        moment,
    )
    assert said(None, "title", "T") is None


def test_the_command_says_what_is_missing_and_fails_on_what_is_not_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert peers.main([str(tmp_path)]) == 2
    assert "lacks feedparser, gofeed, v2" in capsys.readouterr().err
    folder = tmp_path / "feedparser" / "tests"
    folder.mkdir(parents=True)
    (folder / "a.xml").write_text(FEED.format(title="Ferry strike"))
    assert peers.main([str(tmp_path), "--only", "feedparser", "--show"]) == 0
    assert "| feedparser | 1 | 1 | 0 | 1 | 0 | 0 | 0 |" in capsys.readouterr().out
    (folder / "b.xml").write_text(FEED.format(title="Bridge strike"))
    assert peers.main([str(tmp_path), "--only", "feedparser"]) == 1
    assert "feedparser: unexplained: tests/b.xml: title" in capsys.readouterr().err
