"""What a URL is: accepted forms, refused ones, and variants that are one page."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.contract.errors import BadUrl
from services.contract.urls import domain_of, identity_hash, page_identity, parse_url, resolve, server_of


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


_HOSTS = [
    "example.org",
    "a-b.example.org.",
    "0x7f.1",
    "[::1]",
    "[1::2::3]",
    "%61.example",
    "müller.example",
    "xn--a",
    "１.２",
    "..",
    "",
]
_PARTS = [
    ":80", ":8080", ":٨٠", "@", "/", "//", "/../", "/./", "/%2e%2E/", "?", "&", "=", "#", "%", "%zz",
    "%C0", "\\", "|",
    "\t", "\n", "\0", "\ud83d", "\udce9", "é", "a", "utm_x=1", "amp", "+", "[", "]", ";",
]  # fmt: skip
_URLS = st.builds(
    lambda scheme, host, parts: scheme + host + "".join(parts),
    st.sampled_from(["http://", "https://", "HTTP:", "https:/", "http:\\\\", "https:///", "http://u:p@"]),
    st.sampled_from(_HOSTS),
    st.lists(st.sampled_from(_PARTS), max_size=12),
)
_ANY = st.one_of(st.text(st.characters(exclude_categories=()), max_size=200), _URLS)


@given(_ANY)
def test_any_text_is_parsed_or_refused_and_what_is_parsed_stays_as_it_is(raw: str) -> None:
    try:
        url = parse_url(raw)
    except BadUrl as error:
        assert error.reason
        str(error).encode()
        return
    url.url.encode("ascii")
    assert parse_url(url.url) == url
    assert parse_url(url.canonical).canonical == url.canonical
    assert parse_url(url.url).hash == parse_url(url.canonical).hash == url.hash


@given(_ANY, _ANY)
def test_any_link_on_any_page_is_resolved_or_refused(base: str, reference: str) -> None:
    try:
        url = resolve(base, reference)
    except BadUrl:
        return
    assert parse_url(url.url) == url


@example("https://e.org/\ud83d")
@example("https://e.org/é")
@given(_ANY)
def test_domain_server_and_identity_can_be_asked_of_any_text(raw: str) -> None:
    assert len(identity_hash(raw)) == 16
    assert isinstance(domain_of(raw), str)
    assert isinstance(server_of(raw), str)


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
def test_an_empty_query_or_a_scheme_in_capitals_changes_nothing(host: str, path: str) -> None:
    url = f"http://{host}{path}"
    assert identity_hash(url) == identity_hash(url + "?")
    assert domain_of(url) == domain_of(url.replace("http:", "HTTP:"))
    assert server_of(url) == server_of(url.replace("http:", "HTTP:"))
    fetched = f"http://{host}/somewhere"
    assert page_identity(fetched, parse_url(url).url) == page_identity(fetched, parse_url(url).url + "#top")


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("https://www.example.org/", "9ceb455907bfdf55f963042fcdc3ef40"),
        ("https://example.org/news/2026/03/01/ferry-strike", "c6c0b38e02548f7ca27af1acc728eb4b"),
        ("http://m.example.org/news/1/", "1573f794b6835bce02eda973dce31417"),
        ("https://example.org:8443/news/1", "5915eff335d2e4d9cd3f04cad151ef65"),
        ("https://example.org/index.html", "9ceb455907bfdf55f963042fcdc3ef40"),
        ("https://example.org/news/index.php?id=7", "665bcc4918aa87950c4efbc8450ca218"),
        ("https://example.org/story.php?id=7&page=2&utm_source=rss", "acf7aa76988cb8ad62d360ab511930bc"),
        ("https://example.org/story.php?page=2&id=7", "acf7aa76988cb8ad62d360ab511930bc"),
        ("https://example.org/search?q=a+b&tags[]=x&tags[]=y", "a0dbd74a7e10888a9a7891161c101bbc"),
        ("https://example.org/search?q=a%20b&tags%5B%5D=x&tags%5B%5D=y", "a0dbd74a7e10888a9a7891161c101bbc"),
        ("https://example.org/stra%C3%9Fe/caf%c3%a9?ort=M%C3%BCnchen", "cc47b2988e5b6b15ed16b7e6b222c08b"),
        ("https://müller.example/straße", "29d1ff73cf3a9882b1fbdafe5325fcf7"),
        ("https://example.org/news/1;jsessionid=2?a;b", "cb7c1d506a0c4ffc490c2eb7baa66e5e"),
        (
            "https://example.org/a,b/(c)/it's@home!$&'*+=:~_-.html?x=a,b;c:d@e/f?g'h",
            "44aca8cdf37219fb35e5e610a7650c72",
        ),
        ("https://example.org/100%25/x?y=50%25", "71aacc7ff2ec98761e71792283cf69a7"),
        ("https://example.org/news/1?amp=1&fbclid=abc", "1573f794b6835bce02eda973dce31417"),
        ("https://example.org/amp/news/1.amp.html", "6ed50d45504c05a5e0d417366cced84d"),
        ("https://example.org/news//double", "06ac147f6a6f31e23b0b9f65b4760615"),
        ("https://example.org/a|b/{c}?d=[e]|{f}^g", "25581318a4da1660a2f3a1316a72445a"),
        ("https://example.org/a?b&c=&d=1", "dfbcec54998e23b648afc59c6d16f555"),
        (
            "https://example.org/a?redirect=https%3A%2F%2Fother.example%2F%3Fx%3D1%26y%3D2&utm_medium=feed",
            "45c2076c9edf7e9a77f19bc83fd939e5",
        ),
        ("http://127.0.0.1:8080/x", "0a911666893c348904cfad5c1dcc7a01"),
        ("https://[2001:db8::1]/x?y=1", "7cc6f7de3984388d57188c730f8cbb42"),
        ("https://xn--mller-kva.example/x", "d75188d6e07e1885edc97e7654198834"),
        ("https://user:secret@example.org/x", "793088a78da71ab003d0fb7834588850"),
        ("https://example.org/новости/1?страница=2", "df441612aefe09ef3d53dd803e59de2e"),
        ("https://example.org/a b?c d", "dbc0e4ec29fd96ad5205238a9f10dde5"),
        ("https://example.org./trailing", "1aaafb92606cf0d0b5efc63500ad421a"),
        ("https://example.org/%D0%BD/?q=%D0%BD&utm_source=x", "1db8c4fb9d585e4f29f6484d18639381"),
    ],
)
def test_the_identity_of_ordinary_urls_is_that_of_all_versions(url: str, identity: str) -> None:
    """Ledgers hold these hashes: another one would make a second page of each."""
    assert parse_url(url).hash.hex() == identity


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("https://example.org/a/../b", "https://example.org/b"),
        ("https://example.org/news/./b/", "https://example.org/news/b/"),
        ("https://example.org/../../b", "https://example.org/b"),
        ("https://example.org/a/%2e%2E/b", "https://example.org/b"),
        ("https://example.org/.well-known/x", "https://example.org/.well-known/x"),
        ("https://example.org/a//b", "https://example.org/a//b"),
        ("https:\\\\example.org\\a\\b?c\\d", "https://example.org/a/b?c\\d"),
        ("ht\ntps://exam\tple.org/a\r\nb", "https://example.org/ab"),
        ("https:/example.org/a", "https://example.org/a"),
        ("https:///example.org/a", "https://example.org/a"),
        ("https://example.org/100%", "https://example.org/100%"),
        ("https://example.org/a%zz?b=5%", "https://example.org/a%zz?b=5%"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org:/a", "https://example.org/a"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://EXAMPLE.org:443", "https://example.org/"),
        ("https://%65xample.org/a", "https://example.org/a"),
        ("https://ｅｘａｍｐｌｅ。ｏｒｇ/a", "https://example.org/a"),
        ("https://🍕.example/a", "https://xn--vi8h.example/a"),
        ("https://foo-.example.org/a_b", "https://foo-.example.org/a_b"),
        ("https://a_b.example.org/", "https://a_b.example.org/"),
        ("https://example.org/a\ud83d", "https://example.org/a%EF%BF%BD"),
        ("https://example.org/caf\udce9", "https://example.org/caf%E9"),
        ("https://example.org/a\0b", "https://example.org/a%00b"),
        ("http://0x7f.1/a", "http://127.0.0.1/a"),
        ("http://127.1/a", "http://127.0.0.1/a"),
        ("http://127.0.0.1./a", "http://127.0.0.1/a"),
        ("http://0x7f.1../a", "http://127.0.0.1/a"),
        ("http://2130706433/a", "http://127.0.0.1/a"),
        ("http://0177.0.0.1:8080/a", "http://127.0.0.1:8080/a"),
        ("http://１２７.0.0.1/a", "http://127.0.0.1/a"),
        ("http://[::FFFF:127.0.0.1]/a", "http://[::ffff:7f00:1]/a"),
        ("http://[2001:DB8:0::1]:80/a", "http://[2001:db8::1]/a"),
    ],
)
def test_urls_are_read_as_browsers_read_them(raw: str, url: str) -> None:
    assert parse_url(raw).url == url


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("http://host%3A8080/x", "host"),
        ("http://host%3A/x", "host"),
        ("http://%5B::zz%5D/x", "host"),
        ("http://[::1", "host"),
        ("http://[::1]x/", "host"),
        ("http://[bad]/x", "host"),
        ("http://[fe80::1%25eth0]/x", "host"),
        ("http://example.org:٨٠٨٠/x", "port"),
        ("http://example.org:port/x", "port"),
        ("http://example.org:" + "9" * 5000 + "/x", "port"),
        ("http://exa%00mple.org/", "host"),
        ("http://a%2Fb.example/", "host"),
        ("http://a..b/", "host"),
        ("http://./x", "host"),
        ("http://1.2.3.4.5/x", "host"),
        ("http://1.2.3.256/x", "host"),
        ("http://" + "a" * 64 + ".example/x", "host"),
        ("http://" + "a." * 130 + "example/x", "host"),
        ("http://a\ud83d.example/x", "host"),
        ("http://user:secret@/x", "no host"),
        ("http://:80/x", "no host"),
    ],
)
def test_what_is_no_host_or_port_is_refused_by_name(raw: str, said: str) -> None:
    with pytest.raises(BadUrl, match=said) as caught:
        parse_url(raw)
    assert caught.value.reason == "malformed_url"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.org/n?t=%CF%F0", "https://www.e.org/n?t=%cf%f0"),
        ("https://e.org/n?t=%CF%F0&utm_source=x", "https://e.org/n?t=%CF%F0"),
        ("https://e.org/n?b=2&a=%CF", "https://e.org/n?a=%CF&b=2"),
        ("https://e.org/caf%c3%a9", "https://e.org/café"),
        ("https://e.org/%41", "https://e.org/A"),
        ("https://e.org/100%", "https://e.org/100%25"),
        ("https://e.org/a?b=c+d", "https://e.org/a?b=c%20d"),
        ("https://e.org/a?%75tm_source=x", "https://e.org/a"),
        ("https://e.org/x/../a/", "https://e.org/a"),
        ("http://127.1/a", "http://127.0.0.1/a"),
        ("https://e.org/a%2fb", "https://e.org/a%2Fb"),
        ("https://e.org/%7Ejoe%2F%41", "https://e.org/~joe%2fA"),
        ("https://e.org/a%2Fb/index.html", "https://e.org/a%2Fb"),
    ],
)
def test_two_ways_of_writing_are_one_page(one: str, other: str) -> None:
    assert parse_url(one).hash == parse_url(other).hash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.org/n?t=%CF%F0", "https://e.org/n?t=%CE%F2"),
        ("https://e.org/n?t=%CF%F0&utm_source=x", "https://e.org/n?t=%CE%F2&utm_source=x"),
        ("https://e.org/%CF%F0", "https://e.org/%CE%F2"),
        ("https://e.org/caf%E9", "https://e.org/caf%C3%A9"),
        ("https://e.org/n?a=1&a=2", "https://e.org/n?a=2"),
        ("https://e.org/a//b", "https://e.org/a/b"),
        ("https://e.org/a%2Fb", "https://e.org/a/b"),
        ("https://e.org/a%252Fb", "https://e.org/a%2Fb"),
        ("https://e.org/a%252Fb%2Fc", "https://e.org/a%2Fb%2Fc"),
        ("https://e.org/a%3Fb=1", "https://e.org/a?b=1"),
        ("https://e.org/a?b=1%26c=2", "https://e.org/a?b=1&c=2"),
        ("https://e.org/a+b", "https://e.org/a%20b"),
    ],
)
def test_two_pages_are_two(one: str, other: str) -> None:
    assert parse_url(one).hash != parse_url(other).hash


def test_what_stays_of_a_query_stays_as_it_is_written() -> None:
    query = "q=%c0%E1+x&tags[]=a,b&empty=&bare&u=a%2Cb"
    assert parse_url(f"https://e.org/n?utm_source=x&{query}&fbclid=1").canonical == f"https://e.org/n?{query}"


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/b", "https://e.org/b"),
        ("b/c", "https://e.org/x/b/c"),
        ("../b", "https://e.org/b"),
        ("//f.org/b", "https://f.org/b"),
        ("?c=1", "https://e.org/x/y?c=1"),
        ("#top", "https://e.org/x/y?z=1"),
        ("", "https://e.org/x/y?z=1"),
        (" \n /b\tc \0", "https://e.org/bc"),
        ("\\b\\c", "https://e.org/b/c"),
        ("https:/b", "https://e.org/b"),
        ("http:/b", "http://b/"),
        ("https://f.org/a:b", "https://f.org/a:b"),
        ("a:b.html", None),
        ("./a:b.html", "https://e.org/x/a:b.html"),
        ("mailto:a@e.org", None),
        ("javascript:void(0)", None),
        ("http://[", None),
        ("//[", None),
        ("https://f.org/" + "x" * 5000, None),
    ],
)
def test_links_lead_where_they_lead_in_a_browser(reference: str, url: str | None) -> None:
    if url is not None:
        assert resolve("https://e.org/x/y?z=1", reference).url == url
        return
    with pytest.raises(BadUrl):
        resolve("https://e.org/x/y?z=1", reference)
