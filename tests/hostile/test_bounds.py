"""Bounds at every boundary: whatever a page, a feed, a submitter or a message holds can be stored and read
again."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract import limits
from services.contract.bounds import at_word, bounded, bounded_hints, hints_from, storable, storable_all
from services.contract.envelopes import decode, encode, encode_item
from services.contract.messages import (
    Archived,
    Article,
    ArticleFetched,
    Hints,
    Link,
    Ticket,
    UrlSettled,
    UrlSubmitted,
    Validators,
)
from services.contract.moments import asked_moment
from services.ingest.extract import Extraction, extract
from services.ingest.extract.charset import as_utf8
from services.ingest.extract.dates import parse_moment
from services.ingest.extract.head import clean, names_of, url_of
from services.ingest.extract.headlines import cuts_of
from services.ingest.extract.rules import SiteRules
from services.ingest.fetch import Fetched
from services.ingest.handler import Page, extract_here, ingest
from tests.articles import enriched
from tests.thinning import examples

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
PLAIN = enriched().article
YEAR_ONE = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
_ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=300)  # lone surrogates and NUL among them


def _with(**fields: Any) -> Article:
    return msgspec.structs.replace(PLAIN, fetched_at=NOW, **fields)


def test_an_ordinary_article_passes_untouched() -> None:
    article = _with()
    assert bounded(article, NOW) == (article, [])
    assert bounded(article, NOW)[0] is article


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "word " * 84_000}, "title: 420,000 characters to 1,000"),
        ({"title": "a\ud800b"}, "title: characters that cannot be stored, replaced"),
        ({"text": "a\x00b\x1bc " * 40}, "text: characters that cannot be stored, replaced"),
        ({"text": "word " * 100_000}, "text: 500,000 characters to 400,000"),
        ({"authors": [f"Ann Lee {n}" for n in range(3_000)]}, "authors: 3,000 to 50"),
        ({"authors": ["x" * 10_000]}, "authors: some of more than 200 characters cut"),
        ({"keywords": [f"word {n}" for n in range(3_000)]}, "keywords: 3,000 to 50"),
        ({"keywords": ["y" * 5_000]}, "keywords: some of more than 100 characters cut"),
        ({"section": "s" * 5_000}, "section: 5,000 characters to 200"),
        ({"site_name": "s" * 5_000}, "site_name: 5,000 characters to 200"),
        ({"provider": "s" * 5_000}, "provider: 5,000 characters to 200"),
        ({"agency": "s" * 5_000}, "agency: 5,000 characters to 200"),
        ({"dateline": "s" * 5_000}, "dateline: 5,000 characters to 200"),
        ({"image_url": "https://x.org/" + "i" * 5_000}, "image_url: 5,014 characters, dropped"),
        ({"published_at": YEAR_ONE}, "published_at: 0001-01-01T00:00:00+05:00 is out of range, dropped"),
        ({"published_at": datetime(1, 1, 1, tzinfo=UTC)},
        "published_at: 0001-01-01T00:00:00+00:00 is out of range, dropped"),
        ({"modified_at": NOW + timedelta(days=3)},
        "modified_at: 2026-09-04T12:00:00+00:00 is out of range, dropped"),
        ({"language": "klingon"}, "language: 'klingon' is not a language code, dropped"),
        ({"links": [Link(url=f"https://x.org/{n}", title="t", kind="body") for n in range(9_000)]},
        "links: 9,000 to 300"),
        ({"links": [Link(url="https://x.org/" + "l" * 9_000, title="t", kind="body")]}, "links: 1 to 0"),
        ({"signals": {f"s{n}": "x" for n in range(500)}}, "signals: 500 to 20 of 500 characters"),
        ({"validators": Validators(etag='"' + "e" * 9_000 + '"')}, "validators: 9,"),
        ({"archived": Archived(file="a.warc.gz", offset=-1, length=2**80)},
        "archived: 9 characters, dropped"),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_cut_or_dropped_and_told(fields: dict[str, Any], said: str) -> None:
    article, cut = bounded(_with(**fields), NOW)
    assert any(line.startswith(said) for line in cut), cut
    assert bounded(article, NOW)[0] == article
    encode_item(article)


def test_numbers_and_languages_are_brought_to_what_they_can_be() -> None:
    assert bounded(_with(word_count=-5), NOW)[0].word_count == 0
    assert bounded(_with(word_count=2**70), NOW)[0].word_count == limits.MAX_COUNT
    assert bounded(_with(language="pt_BR"), NOW) == (_with(language="pt"), [])
    assert bounded(_with(language="EN-us"), NOW)[0].language == "en"


def test_prose_is_cut_where_a_word_ends() -> None:
    assert at_word("one two three", 9) == "one two"
    assert at_word("one two three", 7) == "one two"
    assert at_word("x" * 50, 9) == "x" * 9
    assert at_word("short", 9) == "short"


def test_a_character_that_cannot_be_stored_is_replaced_by_one() -> None:
    assert storable("a\x00b\ud800c\x07d\x7fe\r\nf\tg") == "a\ufffdb\ufffdc d e \nf\tg"
    assert storable_all({"a\x00": ["\udfff", 1, None, float("nan")]}) == {
        "a\ufffd": ["\ufffd", 1, None, None]
    }


def test_deep_values_end_somewhere() -> None:
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    json.dumps(storable_all(deep))


@given(st.builds(
    _with,
    title=_ANY_TEXT, text=_ANY_TEXT, section=st.none() | _ANY_TEXT, authors=st.lists(_ANY_TEXT, max_size=80),
    keywords=st.lists(_ANY_TEXT, max_size=80),
    published_at=st.none() | st.datetimes(timezones=st.just(UTC) | st.just(YEAR_ONE.tzinfo)),
    image_url=st.none() | _ANY_TEXT,
    links=st.lists(st.builds(Link, url=_ANY_TEXT, title=_ANY_TEXT, kind=st.just("body")), max_size=5),
    language=st.none() | _ANY_TEXT,
    signals=st.dictionaries(_ANY_TEXT, _ANY_TEXT, max_size=30), word_count=st.integers(), url=_ANY_TEXT,
    validators=st.none() | st.builds(Validators, etag=_ANY_TEXT),
))  # fmt: skip
@settings(max_examples=examples(150), deadline=None)
def test_whatever_an_article_holds_it_leaves_within_bounds(article: Article) -> None:
    found, _ = bounded(article, NOW)
    assert bounded(found, NOW) == (found, [])
    assert msgspec.json.decode(encode_item(found), type=Article) == found
    assert len(found.title) <= limits.MAX_TITLE_CHARS
    assert len(found.authors) <= limits.MAX_AUTHORS
    assert "\0" not in encode_item(found).decode()


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | _ANY_TEXT,
lambda v: st.lists(v) | st.dictionaries(
    st.sampled_from([*Hints.__struct_fields__, "other"]), v), max_leaves=12))  # fmt: skip
@settings(max_examples=examples(150), deadline=None)
def test_hints_are_read_from_anything(value: Any) -> None:
    found = hints_from(value, NOW)
    assert bounded_hints(found, NOW)[0] == found
    encode_item(found)


def test_one_bad_hint_costs_that_hint() -> None:
    stored = {
        "title": "A title",
        "published_at": "0001-01-01T00:00:00+05:00",
        "authors": [7],
        "language": "de-AT",
    }
    assert hints_from(stored, NOW) == Hints(title="A title", language="de")


# Extraction


_PAGE = """<html lang="en"><head><title>{title}</title><meta property="og:type" content="article">
<meta property="article:published_time" content="{date}">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{title}", "datePublished": "{date}", "author": {author}}}</script>
</head><body><article><h1>{title}</h1><time datetime="{date}">{date}</time>{body}</article></body></html>"""  # noqa: E501
_BODY = (
    "<p>The council met on Tuesday and agreed to repair the old bridge over the river before winter "
    "comes.</p>" * 6
)


def _page(**parts: str) -> bytes:
    return _PAGE.format(
        **(
            {"title": "The old bridge", "date": "2026-08-01T10:00:00Z", "author": '"Ann Lee"', "body": _BODY}
            | parts
        )
    ).encode()


@pytest.mark.parametrize("date", [
    "0001-01-01T00:00:00", "0001-01-01T00:00:00+05:00", "0001-01-01", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00", "1399-12-31",
    "0000-00-00", "²⁰²⁶-01-01", "99999999999999", "²²²²²²²²²²", "9999999999", "0000000000",
    "Mon, 01 Jan 2026 00:00:00 +99999999999999999",
    "2026-01-01T00:00:00+99:99", "2026-02-30", "31.02.2026", "\x00", "-1", "1e400", "NaN",
])  # fmt: skip
def test_a_date_that_nobody_can_mean_is_none_however_often_it_is_said(date: str) -> None:
    result = extract(_page(date=date), "https://example.org/a", now=NOW)
    assert result.reason is None
    assert result.published_at is None or limits.EARLIEST <= result.published_at <= NOW + limits.FUTURE


def test_digits_of_any_script_are_read() -> None:
    for written in ("٢٠٢٦-٠٣-٠١", "२०२६-०३-०१", "２０２６-０３-０１"):
        dated = parse_moment(written)
        assert dated is not None and (dated.moment.year, dated.moment.month, dated.moment.day) == (2026, 3, 1)


@given(
    st.text(alphabet=st.characters(codec=None) | st.sampled_from("0123456789²٣-:/.,TZ+ am年月"), max_size=60)
)
@settings(max_examples=examples(400), deadline=None)
def test_any_text_is_a_date_or_none(written: str) -> None:
    parse_moment(written)
    parse_moment(written, month_first=True)
    with contextlib.suppress(ValueError):
        asked_moment(written)


@given(
    st.sampled_from(["Mon, {}", "{}T{}", "2026-{}-{}", "{}/{}/2026", "Mon, 01 Jan 2026 {}:00:00 {}"]),
    st.text("0123456789²+-٣", max_size=12),
)
@settings(max_examples=examples(300), deadline=None)
def test_almost_dates_are_dates_or_none(form: str, part: str) -> None:
    parse_moment(form.format(part, part))


@pytest.mark.parametrize("author", [
    "[" * 3_000 + "]" * 3_000, '{"name": ' * 900 + '"Ann Lee"' + "}" * 900, "9" * 10_000, "-1e999", "NaN",
    "Infinity", '"\\ud800 \\u0000 Lee"',
    '{"name": {"name": ["Ann Lee"]}}', '{"@id": {}, "name": null}', '{"@id": []}',
    '[null, 1, true, {"@type": 7}]', '{"givenName": 1, "familyName": []}',
    '"' + "x" * 500_000 + '"', "[" + '"a",' * 50_000 + '"b"]', "{" * 100_000,
])  # fmt: skip
def test_metadata_of_any_shape_cost_no_page(author: str) -> None:
    result = extract(_page(author=author), "https://example.org/a", now=NOW)
    assert result.reason is None
    encode_item(result)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | _ANY_TEXT,
        lambda v: (
            st.lists(v)
            | st.dictionaries(
                st.sampled_from(["name", "url", "@id", "@type", "givenName", "familyName", "contentUrl"]), v
            )
        ),
        max_leaves=15,
    )
)
@settings(max_examples=examples(200), deadline=None)
def test_names_and_addresses_are_read_from_anything(value: Any) -> None:
    assert all(isinstance(name, str) for name in names_of(value))
    found = url_of(value)
    assert found is None or clean(found) == found or isinstance(found, str)


_HOSTILE = st.sampled_from([
    b"<p>", b"</p>", b"<script type='application/ld+json'>", b"</script>",
    b"{\"@type\":\"NewsArticle\",\"headline\":\"", b"\\ud800", b"\\u0000", b"\"}",
    b"<meta property='article:published_time' content='", b"0001-01-01T00:00:00+14:00", b"'>", b"<title>",
    b"</title>", b"&#0;", b"&#xD800;",
    b"&#x110000;", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<h1>", b"<time datetime='\xc2\xb2'>",
    b"<a href='http://[", b"<link rel=canonical href='//[x'>",
    b"<article>", b"<base href='http://[bad'>", b"<meta charset='utf-7'>", b"<meta charset='",
    b"The council met and agreed to repair the bridge. " * 8,
    b"<html lang='\xed\xa0\x80'>", b"By \xd9\xa3", b"<table>", b"<!--", b"]]>", b"<svg>", b"<template>",
    b"<meta name='keywords' content='a,\x01b'>",
])  # fmt: skip


@pytest.mark.parametrize(
    "label",
    [
        "hex",
        "rot13",
        "base64",
        "zlib",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "utf-7",
        "\x00",
        "\ud800",
        "²",
        "",
        "x" * 5_000,
        "utf-16",
        "utf-32",
        "cp65001",
        "mbcs",
        "latin-1\n",
        "windows-1251",
        "utf_8_sig",
    ],
)
def test_any_label_of_an_encoding_gives_text(label: str) -> None:
    for body in (
        b"\xe4\xf6\xfc abc",
        b"<meta charset='" + label.encode("utf-8", "replace") + b"'>\xe4\xf6\xfc",
        b"\xff\xfe\x00\xd8",
        b"\x00\xd8\xff",
    ):
        as_utf8(body, label).decode("utf-8")


@given(st.lists(_HOSTILE | st.binary(max_size=40), max_size=40).map(b"".join),
st.none() | st.text(max_size=20), st.sampled_from(
    [None, "https://example.org/a", "https://example.org/", "http://[::1]/x"]))  # fmt: skip
@settings(max_examples=examples(200), deadline=None)
def test_any_bytes_are_an_article_or_a_reason(body: bytes, charset: str | None, url: str | None) -> None:
    as_utf8(body, charset)
    result = extract(body, url, now=NOW, charset=charset)
    assert bool(result.reason) == (not result.text)
    assert msgspec.json.decode(encode_item(result), type=Extraction) == result
    message = ingest(_submitted(), lambda _: _answer(body, charset), extract_here(SiteRules()))
    kind: type[Any] = type(message)
    assert kind in (ArticleFetched, UrlSettled)
    assert not isinstance(message, UrlSettled) or message.reason != "extractor_error", message.traceback
    assert decode(kind, encode(kind, [encode_item(message)])) == [message]


def _submitted(**more: Any) -> UrlSubmitted:
    where = "https://example.org/a"
    return UrlSubmitted(submission_id=1, url=where, canonical_url=where, attempt=1, dispatched_at=NOW, **more)


def _answer(body: bytes, charset: str | None = None) -> Page:
    where = "https://example.org/a"
    fetched = Fetched(url=where, status=200, body=body, charset=charset, fetched_at=NOW, elapsed_ms=1.0)
    return Page(fetched)


def test_what_was_cut_is_told_in_the_receipt() -> None:
    hints = Hints(keywords=["k" * 3_000], published_at=YEAR_ONE)
    message = ingest(
        _submitted(hints=hints),
        lambda _: _answer(_page(title="word " * 84_000, date="")),
        extract_here(SiteRules()),
    )
    assert isinstance(message, ArticleFetched)
    told = message.stamps[-1].detail["cut"]
    assert "title: 419,999 characters to 1,000" in told
    assert "published_at: 0001-01-01T00:00:00+05:00 is out of range, dropped" in told
    assert "keywords: some of more than 100 characters cut" in told
    assert len(message.article.title) <= limits.MAX_TITLE_CHARS
    plain = ingest(_submitted(), lambda _: _answer(_page()), extract_here(SiteRules()))
    assert isinstance(plain, ArticleFetched) and "cut" not in plain.stamps[-1].detail


def test_an_error_that_holds_half_a_character_can_be_sent() -> None:
    def broken(_: UrlSubmitted) -> Page:
        raise ValueError("\ud800\x00" * 5_000)

    message = ingest(_submitted(), broken, extract_here(SiteRules()))
    assert isinstance(message, UrlSettled)
    assert len(message.detail) <= limits.MAX_DETAIL_CHARS
    encode_item(message)
    assert Ticket(submission_id=1, url=message.ticket.url, attempt=1, dispatched_at=NOW) == message.ticket


def test_a_title_of_thousands_of_parts_is_left_as_it_is() -> None:
    """It was taken apart one by one, each within the one before."""
    title = "Ferry strike" + " | The Harbour Courier" * 3_000
    assert list(cuts_of(title)) == []
    assert "Ferry strike | Sea" in [text for text, _ in cuts_of("Ferry strike | Sea | The Harbour Courier")]
