"""The pages of a run: made-up ones of real size and shape and, where a folder of data is named, real ones
among them.

A page of a news site weighs about 170 KB (the median of naeb's), of which the article is a fiftieth: the rest
is scripts, styles, state for the browser, menus and teasers. Each URL has a page of its own.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bench.pipeline.prose import CITIES, article

HOSTS = 40
_SCRIPT_CHARS, _STYLE_CHARS, _STATE_CHARS = 55_000, 22_000, 38_000
_CANONICAL = re.compile(
    r"<link[^>]+rel=[\"']?canonical[^>]*>|<meta[^>]+property=[\"']?og:url[^>]*>", re.IGNORECASE
)
_REAL = ("naeb", "fundus_tests")


@dataclass(frozen=True, slots=True)
class Served:
    """A page as it goes over the wire: gzip where it is smaller, and its size before that."""

    body: bytes
    size: int


def path_of(number: int) -> str:
    """The path of page `number`."""
    return f"/news/2026/11/story-{number}.html"


def urls(count: int, port: int, *, first: int = 0) -> list[str]:
    """The addresses of `count` pages, over all hosts."""
    return [f"http://127.0.0.{n % HOSTS + 1}:{port}{path_of(n)}" for n in range(first, first + count)]


def real_pages(folder: Path | None) -> list[str]:
    """The HTML of the tuning data's pages below 400 KB, canonical links taken out; none without a folder."""
    found: list[str] = []
    for name in _REAL if folder else ():
        path = folder / f"{name}.jsonl.gz"  # type: ignore[operator]
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                found += [_CANONICAL.sub("", json.loads(line)["html"]) for line in lines]
    return [html for html in found if 20_000 < len(html) < 400_000]


def page(number: int, real: list[str], *, seed: int = 1) -> Served:
    """Page `number`: every second one a real one, where there are any."""
    html = _real(number, real) if real and number % 2 else _made_up(number, seed)
    raw = html.encode("utf-8", "replace")
    return Served(_gzip(raw), len(raw))


def _gzip(raw: bytes) -> bytes:
    packer = zlib.compressobj(5, zlib.DEFLATED, 31)
    return packer.compress(raw) + packer.flush()


def _real(number: int, real: list[str]) -> str:
    html = real[number // 2 % len(real)]
    return html.replace("</head>", f'<link rel="canonical" href="{path_of(number)}"></head>', 1)


def _made_up(number: int, seed: int) -> str:
    dice = random.Random(f"{seed}/{number}")
    section, headline, byline, paragraphs = article(dice)
    when = f"2026-11-{dice.randint(1, 20):02}T{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00Z"
    path = path_of(number)
    linked = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": headline, "datePublished": when,
        "author": [{"@type": "Person", "name": byline}], "articleSection": section, "mainEntityOfPage": path,
        "publisher": {"@type": "Organization", "name": "The Morning Ledger"},
    }  # fmt: skip
    body = "".join(f'<p class="c-body__text">{escape(p)}</p>' + _between(n) for n, p in enumerate(paragraphs))
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(headline)} | The Morning Ledger</title>
<link rel="canonical" href="{path}"><meta property="og:title" content="{escape(headline)}"><meta property="og:type" content="article">
<meta property="og:site_name" content="The Morning Ledger"><meta name="description" content="{escape(paragraphs[0][:150])}">
<meta property="article:published_time" content="{when}"><script type="application/ld+json">{json.dumps(linked)}</script>
<style>{_filler(dice, _STYLE_CHARS, ".c{0}{{margin:{1}px;padding:0 {2}px;color:#{3:06x}}}")}</style>
<script>{_filler(dice, _SCRIPT_CHARS, "function f{0}(a,b){{return a.q{1}(b)+{2}*w[{3}]}};")}</script></head><body class="article-page">
<header class="site-header"><nav class="menu"><ul>{_menu(dice, 140)}</ul></nav></header><main><article class="c-article">
<h1 class="c-article__headline">{escape(headline)}</h1><div class="c-byline">By <a rel="author" href="/staff/{number}">{byline}</a></div>
<time datetime="{when}">{when[:10]}</time><span class="read-time">3 min read</span><figure><img src="/img/{number}.jpg" alt="">
<figcaption>A view of the scene. Photograph: {byline}</figcaption></figure><div class="c-body">{body}</div>
<div class="c-tags"><a href="/topic/{section}">{section}</a></div></article><aside class="related"><h2>Recommended Stories</h2>
{_teasers(dice, 24)}</aside></main><section class="more"><h3>Most read</h3>{_teasers(dice, 16)}</section>
<footer class="site-footer"><ul>{_menu(dice, 90)}</ul><p>© 2026 The Morning Ledger. All rights reserved.</p></footer>
<script id="__STATE__" type="application/json">{_state(dice)}</script></body></html>"""


def _between(number: int) -> str:
    return (
        f'<div class="ad-slot ad-slot--inline" id="ad-{number}"><span>Advertisement</span></div>'
        if number % 3 == 2
        else ""
    )


def _menu(dice: random.Random, links: int) -> str:
    return "".join(
        f'<li class="menu__item menu__item--{n % 7}"><a class="menu__link" href="/s/{n}" '
        f'data-track="nav:{n}"><span>{dice.choice(CITIES)}</span></a></li>'
        for n in range(links)
    )


def _teasers(dice: random.Random, count: int) -> str:
    out = []
    for _ in range(count):
        section, headline, _, paragraphs = article(dice)
        number = dice.randrange(10**6)
        out.append(
            f'<div class="card card--{section}"><a class="card__link" href="{path_of(number)}"><img '
            f'src="/img/t{number}.jpg" alt="" loading="lazy">'
            f'<h3 class="card__title">{escape(headline)}</h3></a><p '
            f'class="card__text">{escape(paragraphs[0][:120])}</p>'
            f'<span class="card__meta">{dice.randint(1, 9)} hours ago</span></div>'
        )
    return "".join(out)


def _filler(dice: random.Random, chars: int, pattern: str) -> str:
    parts, size = [], 0
    while size < chars:
        part = pattern.format(*(dice.randrange(1, 9999) for _ in range(4)))
        parts.append(part)
        size += len(part)
    return "".join(parts)


def _state(dice: random.Random) -> str:
    items, size = [], 0
    while size < _STATE_CHARS:
        item = {
            "id": dice.randrange(10**9),
            "slug": f"story-{dice.randrange(10**6)}",
            "flags": [dice.randrange(9)] * 3,
            "place": dice.choice(CITIES),
        }
        items.append(item)
        size += 110
    return json.dumps({"props": {"items": items}})
