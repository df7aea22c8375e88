"""Hostile feeds, sitemaps and lists of links by kind: each is a function of dice and of the address its items
point to."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable

from chaos import poison
from chaos.fuzz import mutated
from chaos.intakes import INTAKES

Feed = Callable[[random.Random, str], tuple[bytes, str]]
"""Gives the body and its content type."""
_MOST_ITEMS = 150
_XML = "application/xml"


def _links(dice: random.Random, base: str) -> list[str]:
    return [f"{base}/none/{dice.randrange(10**9)}" for _ in range(dice.randint(1, _MOST_ITEMS))]


def _rss(items: str, before: str = "") -> tuple[bytes, str]:
    body = f"<?xml version='1.0'?>{before}<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"
    return body.encode("utf-8", "surrogatepass"), _XML


def _items(dice: random.Random, base: str, inner: str = "") -> str:
    return "".join(
        f"<item><title>A{inner}</title><link>{link}</link>{inner}</item>" for link in _links(dice, base)
    )


def _entities(dice: random.Random, base: str) -> tuple[bytes, str]:
    """Entities that stand for ten of the next; one that reads a file."""
    kinds = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    return _rss(
        _items(dice, base, "&a11;&f;"),
        f"<!DOCTYPE r [<!ENTITY a0 'x'>{kinds}<!ENTITY f SYSTEM 'file:///etc/passwd'>]>",
    )


def _deep(dice: random.Random, base: str) -> tuple[bytes, str]:
    depth = dice.randint(1000, 200_000)
    return _rss("<item>" * depth + _items(dice, base))


def _dates(dice: random.Random, base: str) -> tuple[bytes, str]:
    wrong = dice.choice(
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "Mon, 99 Foo 0000", "1e999", "²٣Ⅷ")
    )
    return _rss(_items(dice, base, f"<pubDate>{wrong}</pubDate>"))


def _index_of_itself(dice: random.Random, base: str) -> tuple[bytes, str]:
    """A sitemap that lists sitemaps which list it."""
    maps = "".join(f"<sitemap><loc>{base}/feed/index/{dice.randrange(3)}</loc></sitemap>" for _ in range(50))
    return (
        f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{maps}</sitemapindex>".encode(),
        _XML,
    )


def _sitemap(dice: random.Random, base: str) -> tuple[bytes, str]:
    urls = "".join(
        f"<url><loc>{link}</loc><lastmod>{dice.choice(('0001-01-01', 'x', '9999-99-99'))}</lastmod></url>"
        for link in _links(dice, base)
    )
    return f"<urlset>{urls}".encode(), _XML


def _long_values(dice: random.Random, base: str) -> tuple[bytes, str]:
    return _rss(
        _items(dice, base)
        + f"<item><title>{'t' * 3_000_000}</title><link>{base}/{'p' * 100_000}</link></item>"
    )


def _json(dice: random.Random, base: str) -> tuple[bytes, str]:
    row = dice.choice((
        {"url": 5, "title": [1]}, {"url": "\ud800"},
        {"date_published": "0001-01-01T00:00:00+14:00", "url": f"{base}/none/1"}, [], None,
    ))  # fmt: skip
    rows = [row] * dice.randint(1, 1000)
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "items": rows}
    ).encode(), "application/feed+json"


def _deep_json(dice: random.Random, base: str) -> tuple[bytes, str]:
    return (
        b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 200_000,
        "application/feed+json",
    )


def _packed(dice: random.Random, base: str) -> tuple[bytes, str]:
    """A sitemap of hundreds of gzip members, or one that unpacks to far more than it may."""
    if dice.random() < 0.5:
        return gzip.compress(b"<urlset>") + gzip.compress(
            f"<url><loc>{base}/none/2</loc></url>".encode()
        ) * 500, "application/gzip"
    return gzip.compress(b"<urlset>" + b" " * 80_000_000, 1), "application/gzip"


def _mutated(name: str) -> Feed:
    def make(dice: random.Random, base: str) -> tuple[bytes, str]:
        return mutated(dice, INTAKES[name].samples()).replace(b"https://gazette.example", base.encode()), _XML

    return make


def _front_page(dice: random.Random, base: str) -> tuple[bytes, str]:
    links = "".join(
        f"<h3><a href='{link}'>A title of a story that is long enough</a></h3>" for link in _links(dice, base)
    )
    return f"<html><body>{'<div>' * dice.randint(1, 3000)}{links}".encode(), "text/html"


FEEDS: dict[str, Feed] = {
    "poisoned": lambda dice, base: (poison.feed(), _XML),
    "entities": _entities,
    "deep": _deep,
    "dates": _dates,
    "index": _index_of_itself,
    "sitemap": _sitemap,
    "long": _long_values,
    "json": _json,
    "deep-json": _deep_json,
    "packed": _packed,
    "mutated-feed": _mutated("feeds"),
    "mutated-sitemap": _mutated("sitemaps"),
    "front": _front_page,
}
