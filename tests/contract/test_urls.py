"""What a URL is: accepted forms, refused ones, and variants that are one page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contract.errors import BadUrl
from services.contract.urls import domain_of, identity_hash, page_identity, parse_url, server_of


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("HTTPS://Example.ORG/A?b=1#part", "https://example.org/A?b=1"),
        ("https://example.org", "https://example.org/"),
        ("http://example.org:80/x", "http://example.org/x"),
        ("http://example.org:8080/x", "http://example.org:8080/x"),
        ("https://user:secret@example.org/x", "https://example.org/x"),
        ("https://example.org/a?utm_source=x&id=7&fbclid=y", "https://example.org/a?id=7"),
        ("https://example.org/a?at_medium=RSS&ref=rss", "https://example.org/a"),
        ("https://müller.example/straße", "https://xn--mller-kva.example/stra%C3%9Fe"),
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("  https://example.org/x \n", "https://example.org/x"),
    ],
)
def test_accepted_urls_have_one_canonical_form(raw: str, canonical: str) -> None:
    assert parse_url(raw).canonical == canonical


@pytest.mark.parametrize(
    ("raw", "reason", "said"),
    [
        ("", "empty_url", "not a URL"),
        ("example.org/x", "malformed_url", "https://host/path"),
        ("not a url", "malformed_url", "https://host/path"),
        ("file:///etc/passwd", "scheme_refused", "http or https"),
        ("ftp://example.org/x", "scheme_refused", "http or https"),
        ("javascript:alert(1)", "malformed_url", "absolute URL"),
        ("http://", "malformed_url", "no host"),
        ("http://exa mple.org/", "malformed_url", "host"),
        ("http://example.org:99999/", "malformed_url", "valid URL"),
        ("https://example.org/" + "x" * 3000, "url_too_long", "2,048"),
    ],
)
def test_refused_urls_say_what_is_wrong_and_what_would_be_right(raw: str, reason: str, said: str) -> None:
    with pytest.raises(BadUrl) as caught:
        parse_url(raw)
    assert caught.value.reason == reason
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "variant",
    [
        "http://example.org/news/1",
        "https://www.example.org/news/1/",
        "https://m.example.org/news/1?utm_campaign=x",
        "https://amp.example.org/news/1",
        "https://example.org/amp/news/1",
        "https://example.org/news/1/amp",
        "https://example.org/news/1?amp=1",
        "https://example.org/news/1#comments",
    ],
)
def test_variants_of_one_page_have_one_hash(variant: str) -> None:
    assert parse_url(variant).hash == parse_url("https://example.org/news/1").hash


@pytest.mark.parametrize(
    "other", ["https://example.org/news/2", "https://example.net/news/1", "https://example.org/news/1?page=2"]
)
def test_other_pages_have_other_hashes(other: str) -> None:
    assert parse_url(other).hash != parse_url("https://example.org/news/1").hash


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused(raw: str) -> None:
    try:
        url = parse_url(raw)
    except BadUrl as error:
        assert error.reason
        return
    assert parse_url(url.canonical).canonical == url.canonical


@pytest.mark.parametrize(
    ("declared", "identity"),
    [
        (None, "https://a.example.org/x/1"),
        ("https://www.example.org/x/1", "https://www.example.org/x/1"),
        ("/y", "https://a.example.org/y"),
        ("https://elsewhere.net/x/1", "https://a.example.org/x/1"),  # another site: not believed
        ("https://example.org/", "https://a.example.org/x/1"),  # the front page: a template's mistake
        ("nonsense:", "https://a.example.org/x/1"),
    ],
)
def test_a_declared_canonical_link_is_believed_within_its_site(declared: str | None, identity: str) -> None:
    assert page_identity("https://a.example.org/x/1", declared) == identity


def test_domain_leaves_out_what_only_names_a_front() -> None:
    assert domain_of("https://www.example.org/x") == "example.org"
    assert domain_of("https://news.example.org/x") == "news.example.org"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://www.example.org/a", "example.org"),
        ("https://example.org:443/a", "example.org"),
        ("http://example.org:8080/a", "example.org:8080"),
        ("http://[::1]:8080/", "::1:8080"),
    ],
)
def test_another_port_is_another_server(url: str, server: str) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("http://news.example:8080/a/b.html", "http://news.example:8080/a/b.html"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("http://news.example:80/a", "http://news.example/a"),
        ("http://news.example:0081/a", "http://news.example:81/a"),
        ("http://news.example:59999/a", "http://news.example:59999/a"),
        ("http://news.example:65535/a", "http://news.example:65535/a"),
    ],
)
def test_a_port_stays_unless_it_is_the_schemes_own(raw: str, canonical: str) -> None:
    assert parse_url(raw).canonical == canonical
    assert parse_url(raw).host == "news.example"


def test_a_port_beyond_all_ports_is_refused() -> None:
    with pytest.raises(BadUrl, match="not a valid URL"):
        parse_url("http://news.example:70000/a")


@pytest.mark.parametrize(
    "host", ["www.example.org", "m.example.org:8080", "a.b.example.co.uk", "127.0.0.1:80", "amp.x.org:443"]
)
@pytest.mark.parametrize(
    "path", ["/", "/news/1", "/amp/news/index.html", "/news/1.amp.html", "/a/../b/index.php", "/~x/_y-z/"]
)
def test_plain_urls_are_read_by_a_short_cut_that_leads_to_the_same_place(host: str, path: str) -> None:
    """An empty query, or a scheme in capitals, takes the long way."""
    url = f"http://{host}{path}"
    assert identity_hash(url) == identity_hash(url + "?")
    assert domain_of(url) == domain_of(url.replace("http:", "HTTP:"))
    assert server_of(url) == server_of(url.replace("http:", "HTTP:"))
    fetched = f"http://{host}/somewhere"
    assert page_identity(fetched, parse_url(url).url) == page_identity(fetched, parse_url(url).url + "#top")
