"""Lists of feeds as other readers write them: every feed that can be read, whatever is wrong with another."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cli.sources.opml import read_opml, write_opml
from services.contract.errors import PermanentError
from tests.thinning import examples

A, B = "https://tidings.example/feed", "https://courier.example/feed"


def _outline(url: str = A, text: str = "Tidings", more: str = "") -> str:
    return f'<outline type="rss" text="{text}" xmlUrl="{url}"{more}/>'


def _opml(
    *outlines: str, before: str = '<?xml version="1.0" encoding="UTF-8"?>', root: str = "", after: str = ""
) -> str:
    head = f'<opml version="2.0"{root}><head><title>x</title></head>'
    return f"{before}{head}<body>{''.join(outlines)}</body></opml>{after}"


def _read(tmp_path: Path, content: str | bytes) -> list[tuple[str, str | None]]:
    path = tmp_path / "feeds.opml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_opml(path)


FLAWS = {
    "a raw ampersand": _outline(text="Arts & Books"),
    "a control character": _outline(text="A \x0b\x01 B"),
    "an unquoted sign of less": _outline(text="a < b"),
    "a sign of less before a letter": _outline(text="a <b"),
    "a sign of greater": _outline(text="a > b"),
    "an entity of HTML's": _outline(text="Caf&eacute; &nbsp;"),
    "an entity of nobody's": _outline(text="Caf&bogus;"),
    "no closing slash": _outline().replace("/>", ">"),
    "an end of nothing": "</outline></b>" + _outline(),
    "an end that never comes": '<outline text="Folder">' * 50 + _outline(),
    "a value without quotes": f"<outline type=rss xmlUrl={A} text=Tidings />",
    "single quotes": _outline().replace('"', "'"),
    "blanks around the sign": _outline().replace("=", " = "),
    "line breaks": _outline().replace(" ", "\n\t"),
    "capitals": _outline().replace("outline", "OUTLINE").replace("xmlUrl", "XMLURL"),
    "a name in lower case": _outline().replace("xmlUrl", "xmlurl"),
    "a prefix": _outline().replace("outline", "o:outline"),
    "an attribute twice": _outline(more=f' xmlUrl="{A}"'),
    "quotes within a title": _outline(text='Say "hello" now'),
    "an apostrophe within single quotes": f"<outline type='rss' text='It's time' xmlUrl='{A}'/>",
    "a name without a value": _outline().replace("text=", "isOpen text="),
    "a title without end": _outline(text="x" * 20_000),
    "an address in url": _outline().replace("xmlUrl", "url"),
    "blanks around the address": _outline(f" {A} "),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_in_one_outline_costs_no_other(tmp_path: Path, flaw: str) -> None:
    found = _read(tmp_path, _opml(FLAWS[flaw], _outline(B, "Courier")))
    assert [url for url, _ in found] == [A, B]
    assert found[1][1] == "Courier"


@pytest.mark.parametrize(
    "before",
    [
        "\n",
        "\ufeff\n",
        "  \t",
        "junk\n",
        '<?xml version="1.0"?><!DOCTYPE opml SYSTEM "http://x.example/opml.dtd">',
        "<!-- <outline xmlUrl='https://no.example/'/> -->",
    ],
)
@pytest.mark.parametrize("after", ["", "\nthanks", "<!-- end", "\0\0", "</body></opml>"])
def test_what_stands_around_a_list_is_passed_over(tmp_path: Path, before: str, after: str) -> None:
    assert _read(tmp_path, _opml(_outline(), before=before, after=after)) == [(A, "Tidings")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1", "cp1252"])
def test_a_list_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    label = encoding.replace("-sig", "").replace("-le", "")
    content = _opml(_outline(text="Größe"), before=f'<?xml version="1.0" encoding="{label}"?>').encode(
        encoding
    )
    assert _read(tmp_path, content) == [(A, "Größe")]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("feed://tidings.example/feed", "http://tidings.example/feed"),
        ("feed:tidings.example/feed", "http://tidings.example/feed"),
        ("feed:https://tidings.example/feed", A),
        ("feed://https://tidings.example/feed", A),
        ("FEED:https://tidings.example/feed", A),
        ("tidings.example/feed", "http://tidings.example/feed"),
        ("//tidings.example/feed", "http://tidings.example/feed"),
        (f"{A}?a=1&amp;section=2", f"{A}?a=1&section=2"),
        (f"{A}?a=1&section=2", f"{A}?a=1&section=2"),
        ("ftp://tidings.example/feed", "ftp://tidings.example/feed"),
    ],
)
def test_the_addresses_that_other_readers_write(tmp_path: Path, written: str, wanted: str) -> None:
    assert _read(tmp_path, _opml(_outline(written)))[0][0] == wanted


def test_folders_pages_and_empty_addresses_are_no_feeds(tmp_path: Path) -> None:
    page = '<outline type="link" text="A page" url="https://page.example/"/>'
    other = '<outline type="include" text="Another list" url="https://list.example/x.opml"/>'
    assert _read(
        tmp_path, _opml(f'<outline text="News">{page}{other}{_outline("")}{_outline()}</outline>', _outline())
    ) == [(A, "Tidings")]


@pytest.mark.parametrize(
    "content", ["", "words", "<html><body>x</body></html>", _opml(), _opml('<outline text="x"/>'), "\0"]
)
def test_what_names_no_feed_says_so(tmp_path: Path, content: str) -> None:
    with pytest.raises(PermanentError) as caught:
        _read(tmp_path, content)
    assert caught.value.reason == "bad_opml"


def test_entities_that_multiply_or_load_are_text(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE opml [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(8)
    )
    doctype = laughs + '<!ENTITY own "Tidings"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    found = _read(tmp_path, _opml(_outline(text="&own; &x;"), _outline(B, "&h;"), before=doctype))
    assert found[0] == (A, "Tidings &x;")
    assert len(found[1][1] or "") <= 500


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rows = [{"url": f"{A}?a=1&b=2", "title": 'Fish & <chips> "daily"'}, {"url": B, "title": None}]
    assert _read(tmp_path, write_opml(rows)) == [(f"{A}?a=1&b=2", 'Fish & <chips> "daily"'), (B, B)]


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<opml>",
                "<outline ",
                "xmlUrl=",
                '"',
                "'",
                "https://a.example/f",
                ">",
                "/>",
                "<!--",
                "-->",
                "&amp;",
                "&",
                "\ud83d",
                "\0",
                " ",
                "=",
                "&#xD800;",
            ]
        ),
        max_size=40,
    )
)
def test_any_text_is_a_list_or_refused(tmp_path_factory: pytest.TempPathFactory, pieces: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.opml"
    path.write_bytes("".join(pieces).encode("utf-8", "surrogatepass"))
    try:
        found = read_opml(path)
    except PermanentError:
        return
    assert all(f"{url} {title}".encode() for url, title in found)
