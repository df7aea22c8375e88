"""Page layouts of the demo site, modelled on those of real sites: each renders one story as HTML."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

from services.demo.courier import DemoStory, stories, teasers


def _paragraphs(body: list[str], css: str = "") -> str:
    out: list[str] = []
    items: list[str] = []
    for part in [*body, ""]:
        if part.startswith("- "):
            items.append(f"<li>{escape(part[2:])}</li>")
            continue
        if items:
            out.append(f"<ul>{''.join(items)}</ul>")
            items = []
        if part.startswith("## "):
            out.append(f"<h2>{escape(part[3:])}</h2>")
        elif part:
            out.append(f"<p{css}>{escape(part)}</p>")
    return "\n".join(out)


def _json_ld(story: DemoStory, url: str, **more: Any) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published,
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "publisher": {"@type": "Organization", "name": story.house},
        "mainEntityOfPage": url,
        "inLanguage": story.language,
        "articleSection": story.section,
    } | more
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def _document(
    story: DemoStory, base: str, main: str, *, head: str = "", html: str = "", json_ld: bool = True
) -> str:
    url, house = base + (story.canonical or story.path), escape(story.house)
    return f"""<!DOCTYPE html>
<html lang="{story.language}"{html}><head><meta charset="utf-8"><title>{escape(story.title)} | {house}</title>
<link rel="canonical" href="{url}"><meta property="og:site_name" content="{house}">
<meta property="og:title" content="{escape(story.title)}"><meta property="og:type" content="article">
{_json_ld(story, url) if json_ld else ""}{head}</head><body>
<header class="site-header"><a href="/">{house}</a>
<nav class="main-nav"><ul><li><a href="/world">World</a></li><li><a href="/business">Business</a></li><li>\
<a href="/sport">Sport</a></li></ul></nav></header>
{main}
<footer class="site-footer"><p>© 2026 {house}. A made-up newspaper for a demonstration.</p>\
<a href="/contact">Contact</a></footer>
</body></html>"""


def _byline(story: DemoStory) -> str:
    by = {"de": "Von", "fr": "Par", "es": "Por", "ar": "بقلم"}.get(story.language, "By")
    author = f'<span class="author">{escape(", ".join(story.authors))}</span>'
    when = f'<time datetime="{story.published}">{story.published[:10]}</time>'
    return f'<div class="byline">{by} {author} · {when} · 2 min read</div>'


def _portal(story: DemoStory, base: str) -> str:
    """A portal: teasers as a list, in the container of the body."""
    other = teasers()[story.language]
    items = "".join(
        f'<li class="stream-item"><a href="/s/{n}"><h3>{escape(t["title"])}</h3></a>'
        f"<p>{escape(t['text'])}</p></li>"
        for n, t in enumerate(other["stories"])
    )
    main = f"""<main><article><h1>{escape(story.title)}</h1>{_byline(story)}
<div class="caas-body">{_paragraphs(story.body)}
<p>More from {story.provider}</p>
<div class="comments-notice"><p>{escape(other["notice"])}</p></div>
<h2>{other["heading"]}</h2><ul class="stream">{items}</ul></div></article></main>"""
    return _document(
        story,
        base,
        main,
        head=_json_ld(story, base + story.path, provider={"@type": "Organization", "name": story.provider}),
        json_ld=False,
    )


def _cards(story: DemoStory, base: str) -> str:
    """A syndication partner: teaser cards around and within the body, with meaningless class names."""
    other = teasers()[story.language]
    cards = [
        f'<div class="x7k"><h4><a href="/s/{n}">{escape(t["title"])}</a></h4>'
        f"<div>{escape(t['text'])}</div></div>"
        for n, t in enumerate(other["stories"])
    ]
    paragraphs = [f"<p>{escape(p)}</p>" for p in story.body]
    first, rest = "\n".join(paragraphs[:4]), "\n".join(paragraphs[4:])
    main = f"""<main><h1>{escape(story.title)}</h1>{_byline(story)}<div class="q1">{"".join(cards[:3])}{first}
<div class="x9">{"".join(cards[3:6])}</div>{rest}
<p><em>More from {story.provider}</em></p><p>{escape(other["notice"])}</p>
<div><h2>{other["heading"]}</h2>{"".join(cards[6:])}</div></div></main>"""
    return _document(story, base, main)


def _flat(story: DemoStory, base: str) -> str:
    """Teasers directly after the body, as headings and paragraphs without a container."""
    other = teasers()[story.language]
    flat = "".join(
        f'<h3><a href="/s/{n}">{escape(t["title"])}</a></h3><p>{escape(t["text"])}</p>'
        for n, t in enumerate(other["stories"])
    )
    main = f"""<article><h1>{escape(story.title)}</h1>{_byline(story)}{_paragraphs(story.body)}
<p>Mehr von {story.provider}</p><p>{escape(other["notice"])}</p><h2>{other["heading"]}</h2>{flat}</article>"""
    return _document(story, base, main)


def _broadsheet(story: DemoStory, base: str) -> str:
    links = "".join(
        f'<li><a href="{s.path}">{escape(s.title)}</a></li>'
        for s in list(stories().values())[:6]
        if s is not story
    )
    main = f"""<main><article class="story"><header><p class="kicker">{escape(story.section)}</p><h1>\
{escape(story.title)}</h1>{_byline(story)}</header>
<figure><img src="/img/1.jpg" alt=""><figcaption>A picture that belongs to the story. \
Photo: Archive</figcaption></figure>
<div class="article-body">{_paragraphs(story.body)}</div>
<div class="share-bar"><a href="#">Share</a> <a href="#">Print</a></div></article>
<aside class="sidebar"><h3>Most read</h3><ul>{links}</ul></aside></main>"""
    return _document(story, base, main)


def _plain(story: DemoStory, base: str) -> str:
    """An old CMS: no metadata except the title, text between line breaks, a visible byline."""
    by = {"es": "Por"}.get(story.language, "By")
    text, house = "<br><br>\n".join(escape(p) for p in story.body), escape(story.house)
    return f"""<html><head><meta charset="utf-8"><title>{escape(story.title)} - {house}</title></head><body>
<table width="100%"><tr><td class="menu"><a href="/">Home</a><br><a href="/world">World</a><br>\
<a href="/business">Business</a></td>
<td class="content"><h1>{escape(story.title)}</h1><p>{by} {escape(story.authors[0])}</p><p>\
{story.published}</p>
<div>{text}</div></td></tr></table><p>© 2026 {house}</p></body></html>"""


def _magazine(story: DemoStory, base: str) -> str:
    first, *rest = story.body
    main = f"""<main><div class="hero"><h1>{escape(story.title)}</h1>{_byline(story)}</div>
<section class="entry-content"><p class="lead">{escape(first)}</p>{_paragraphs(rest[:2])}
<div class="newsletter-box"><h4>Newsletter</h4>\
<p>Subscribe to our newsletter and get the harbour in your inbox every morning.</p></div>
{_paragraphs(rest[2:])}</section>
<section class="comments"><h2>Comments</h2><div class="comment">\
<p>I have lived here for forty years and have never seen anything like it, except in Brazil.</p></div>\
</section></main>"""
    return _document(story, base, main)


def _table(story: DemoStory, base: str) -> str:
    table = story.table[0]
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table["rows"]
    )
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table["head"])
    main = f"""<main><article><h1>{escape(story.title)}</h1>{_byline(story)}<div class="story-body">\
{_paragraphs(story.body[:2])}
<figure><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></figure>\
{_paragraphs(story.body[2:])}</div></article></main>"""
    return _document(story, base, main)


def _amp(story: DemoStory, base: str) -> str:
    main = f"""<main><article><h1>{escape(story.title)}</h1>\
{_byline(story)}<amp-ad width="300" height="250"></amp-ad>
{_paragraphs(story.body)}<amp-sidebar id="s"><ul><li><a href="/">Home</a></li></ul></amp-sidebar></article>\
</main>"""
    return _document(story, base, main, html=" amp")


def _live(story: DemoStory, base: str) -> str:
    posts = "".join(
        f'<article class="post"><time>{at}</time><p>{escape(p)}</p></article>'
        for at, p in zip(story.times, story.body, strict=True)
    )
    main = f"""<main><h1>{escape(story.title)}</h1>{_byline(story)}<section class="live-posts">\
{posts}</section></main>"""
    return _document(story, base, main)


def _paywall(story: DemoStory, base: str) -> str:
    main = f"""<main><article><h1>{escape(story.title)}</h1>{_byline(story)}<div class="article-body">\
{_paragraphs(story.body)}</div>
<div class="paywall"><p>Subscribe to read the full story. Already a subscriber? Sign in.</p></div>\
</article></main>"""
    free = _json_ld(story, base + story.path, isAccessibleForFree=False)
    return _document(story, base, main, head=free, json_ld=False)


def _arabic(story: DemoStory, base: str) -> str:
    main = f"""<main><article><h1>{escape(story.title)}</h1>{_byline(story)}<div class="article-body">\
{_paragraphs(story.body)}</div>
<h3>اقرأ أيضا</h3><ul><li><a href="/">أخبار المرفأ</a></li>\
<li><a href="/world">أخبار العالم</a></li></ul></article></main>"""
    return _document(story, base, main, html=' dir="rtl"')


def _sections(story: DemoStory, base: str) -> str:
    """A body split into sections, with an advertisement after each."""
    parts = "".join(
        f'<section class="block">{_paragraphs([p])}</section><div class="ad-slot"><p>Advertisement</p></div>'
        for p in story.body
    )
    main = f"<main><article><h1>{escape(story.title)}</h1>{_byline(story)}{parts}</article></main>"
    return _document(story, base, main)


LAYOUTS: dict[str, Callable[[DemoStory, str], str]] = {
    "portal": _portal,
    "cards": _cards,
    "flat": _flat,
    "broadsheet": _broadsheet,
    "plain": _plain,
    "magazine": _magazine,
    "table": _table,
    "amp": _amp,
    "live": _live,
    "paywall": _paywall,
    "arabic": _arabic,
    "sections": _sections,
}
"""Layout functions by name: (story, base URL of the site) to HTML."""
