"""Who may say where a page lives: its own site, and an AMP cache for the publisher whose page it
hands out."""

from __future__ import annotations

import pytest

from services.contract.sites import is_shared, publisher_in, site_of
from services.contract.urls import domain_of, identity_hash, page_identity


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.news.example.co.uk", "example.co.uk"),
        ("www.abc.net.au", "abc.net.au"),
        ("ann.github.io", "ann.github.io"),
        ("github.io", "github.io"),
        ("www.ann.blogspot.com", "ann.blogspot.com"),
        ("ann.blogspot.de", "ann.blogspot.com"),
        ("ann.blogspot.co.uk", "ann.blogspot.com"),
        ("ann.substack.com", "ann.substack.com"),
        ("ann.wordpress.com", "ann.wordpress.com"),
        ("ann.medium.com", "ann.medium.com"),
        ("ann.herokuapp.com", "ann.herokuapp.com"),
        ("ann.netlify.app", "ann.netlify.app"),
        ("ann.pages.dev", "ann.pages.dev"),
        ("www.xn--mller-kva.example", "xn--mller-kva.example"),
        ("www.gov.uk", "www.gov.uk"),
        ("city.kawasaki.jp", "city.kawasaki.jp"),
        ("news.example.unknown", "example.unknown"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("localhost", "localhost"),
    ],
)
def test_a_site_is_a_registrable_domain_of_the_public_suffix_list(host: str, site: str) -> None:
    assert site_of(host) == site


@pytest.mark.parametrize(
    ("fetched", "declared"),
    [
        ("https://news.example.org/a", "https://www.example.org/b"),
        ("https://m.example.co.uk/a", "https://example.co.uk/b"),
        ("http://example.org/a", "https://example.org/a"),
        ("https://example.org:443/a", "http://example.org/b"),
        ("https://amp.example.com.au/a", "https://www.example.com.au/a"),
        ("https://www.ann.github.io/a", "https://ann.github.io/b"),
        ("https://ann.blogspot.de/a", "https://ann.blogspot.com/a"),
        ("http://example.org:8080/a?x=1", "http://example.org:8080/a"),
        ("http://192.0.2.7/a?x=1", "http://192.0.2.7/a"),
        ("https://xn--mller-kva.de/a", "https://www.müller.de/b"),
        ("https://www.müller.de/a", "https://xn--mller-kva.de/b"),
        ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a", "https://www.example.com/a"),
        (
            "https://www-example-com.cdn.ampproject.org/v/s/www.example.com/a?amp_js_v=0.1",
            "https://example.com/a",
        ),
        ("https://cdn.ampproject.org/c/amp.example.co.uk/a", "https://www.example.co.uk/a"),
        ("https://www.google.com/amp/s/www.example.com/a", "https://www.example.com/a"),
        ("https://www.google.co.uk/amp/s/www.example.com/a", "https://www.example.com/a"),
        ("https://amp.cloudflare.com/c/s/www.example.com/a", "https://www.example.com/a"),
        ("https://www-example-com.bing-amp.com/c/s/www.example.com/a", "https://www.example.com/a"),
    ],
)
def test_a_link_within_the_site_is_believed(fetched: str, declared: str) -> None:
    identity = page_identity(fetched, declared)
    assert identity_hash(identity) == identity_hash(page_identity(declared, None))


@pytest.mark.parametrize(
    ("fetched", "declared"),
    [
        ("https://eve.github.io/a", "https://ann.github.io/b"),
        ("https://eve.github.io/a", "https://github.io/b"),
        ("https://eve.blogspot.com/a", "https://ann.blogspot.com/b"),
        ("https://eve.blogspot.de/a", "https://ann.blogspot.com/b"),
        ("https://eve.co.uk/a", "https://ann.co.uk/b"),
        ("https://eve.com.au/a", "https://ann.com.au/b"),
        ("https://eve.medium.com/a", "https://ann.medium.com/b"),
        ("https://eve.medium.com/a", "https://medium.com/@ann/b"),
        ("https://eve.substack.com/a", "https://ann.substack.com/b"),
        ("https://eve.wordpress.com/a", "https://ann.wordpress.com/b"),
        ("https://eve.pages.dev/a", "https://ann.pages.dev/b"),
        ("https://eve.gov.br/a", "https://ann.gov.br/b"),
        ("https://eve.example/a", "https://ann.example/b"),
        ("http://192.0.2.7/a", "http://192.0.2.8/b"),
        ("http://192.0.2.7/a", "http://198.51.2.7/b"),
        ("http://[2001:db8::1]/a", "http://[2001:db8::2]/b"),
        ("http://example.org:8080/a", "http://example.org/b"),
        ("http://example.org:8080/a", "http://www.example.org:9090/b"),
        ("https://www-eve-com.cdn.ampproject.org/c/s/www.eve.com/a", "https://www.example.com/b"),
        ("https://www-eve-com.cdn.ampproject.org/", "https://www.example.com/b"),
        ("https://cdn.ampproject.org.eve.com/c/s/www.example.com/a", "https://www.example.com/b"),
        ("https://eve.com/amp/s/www.example.com/a", "https://www.example.com/b"),
        ("https://www.google.com/search/s/www.example.com/a", "https://www.example.com/b"),
        ("https://amp.cloudflare.com/c/s/eve.github.io/a", "https://ann.github.io/b"),
        ("https://müller.de/a", "https://muller.de/b"),
        ("https://eve.de/a", "http://[bad"),
        ("https://eve.de/a", "https://" + "a" * 3_000),
    ],
)
def test_a_link_to_another_site_is_not(fetched: str, declared: str) -> None:
    assert page_identity(fetched, declared) == page_identity(fetched, None)


@pytest.mark.parametrize("host", ["m.github.io", "mobile.blogspot.com", "amp.co.uk", "m.medium.com"])
def test_a_name_below_a_shared_suffix_is_no_front_of_it(host: str) -> None:
    assert domain_of(f"https://{host}/a") == host
    assert identity_hash(f"https://{host}/a") != identity_hash(f"https://{host.partition('.')[2]}/a")


def test_only_amp_caches_hand_out_pages_of_others() -> None:
    assert publisher_in("x.cdn.ampproject.org", "/c/s/www.example.com/a") == "www.example.com"
    assert publisher_in("x.cdn.ampproject.org", "/other") == ""
    assert publisher_in("www.example.org", "/c/s/www.example.com/a") is None
    assert is_shared("co.uk")
    assert not is_shared("example.co.uk")
