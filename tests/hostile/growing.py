"""Families of pages that grow: each is made at about any size, and is the worst of its kind."""

from __future__ import annotations

import json
from collections.abc import Callable

_PROSE = "<p>The council of the town voted on Tuesday to mend the old bridge, and the work begins in May.</p>"


def _nested(opening: str, closing: str = "", inner: str = "x") -> Callable[[int], str]:
    def make(size: int) -> str:
        depth = size // (len(opening) + len(closing))
        return opening * depth + inner + closing * depth

    return make


def _wide(unit: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """One piece again and again; `{n}` in it is its number."""

    def make(size: int) -> str:
        count = size // max(1, len(unit) + (4 if "{n}" in unit else 0))
        body = "".join([unit.replace("{n}", str(n)) for n in range(count)]) if "{n}" in unit else unit * count
        return before + body + after

    return make


def _deep_json(size: int) -> str:
    depth = size // 12
    return (
        f'<script type="application/ld+json">{"{" + chr(34) + "@graph" + chr(34) + ":["}'.rstrip()
        + '{"@graph":[' * depth
        + "]}" * (depth + 1)
        + "</script>"
    )


def _many_authors(size: int) -> str:
    authors = [{"@type": "Person", "@id": f"#p{n}"} for n in range(size // 60)]
    graph = [
        {"@type": "NewsArticle", "headline": "A", "author": authors},
        *[{"@id": f"#q{n}", "name": "X"} for n in range(size // 60)],
    ]
    return f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'


PAGES: dict[str, Callable[[int], str]] = {
    "nested div": _nested("<div>", "</div>"),
    "nested named div": _nested("<div class='related teaser'>", "</div>"),
    "nested section in order": _nested("<section id=a><h2>A headline</h2>", "</section>", _PROSE * 4),
    "nested a in a list": lambda size: "<ul><svg>" + "<a>" * (size // 3),
    "nested a href in a list": lambda size: "<ul><svg>" + "<a href=x>y " * (size // 12),
    "nested a": _nested("<a href=/x>"),
    "nested a with blocks": _nested("<a href=/x>word<div>", "</div></a>"),
    "nested svg": _nested("<svg>", "</svg>"),
    "nested svg a": _nested("<svg><a href=x>"),
    "nested ul": _nested("<ul><li>", "</li></ul>"),
    "nested ul with links": _nested("<ul><li><a href=/a>A title of a story</a>", "</li></ul>"),
    "nested ol": _nested("<ol><li>one", "</li></ol>"),
    "nested table": _nested("<table><tr><td>", "</td></tr></table>"),
    "nested aside": _nested("<aside>", "</aside>"),
    "nested aside with prose": _nested("<aside>" + _PROSE, "</aside>"),
    "nested figure": _nested("<figure><blockquote>", "</blockquote></figure>"),
    "nested b": _nested("<b>"),
    "nested font": _nested("<font color=red>"),
    "nested span": _nested("<span class='byline author'>", "</span>"),
    "nested author": _nested("<div class=author>", "</div>"),
    "nested byline": _nested("<div class=byline><a>n</a>", "</div>"),
    "nested article body": _nested("<div class=article-body>", "</div>", _PROSE * 3),
    "nested furniture and body": _nested("<div class=sidebar><div class=article-body>" + _PROSE,
    "</div></div>"),
    "nested blockquote": _nested("<blockquote>", "</blockquote>"),
    "nested custom elements": _nested("<x-a>", "</x-a>"),
    "nested template": _nested("<template>", "</template>"),
    "nested select": _nested("<select><option>"),
    "nested button": _nested("<button>"),
    "nested form": _nested("<form><div>"),
    "nested math": _nested("<math><mi>"),
    "unclosed p": _wide("<p>a b"),
    "unclosed li": _wide("<li>a b", "<ul>"),
    "unclosed div with prose": _wide("<div>" + _PROSE),
    "misnested a and b": _wide("<a><b>x</a>y"),
    "misnested formatting": _wide("<b><i><u><p>x</b>y</i>z"),
    "misnested in a table": _wide("<table><a>x<tr><b>y</table>"),
    "b with distinct attributes": _wide("<b class=c{n}>"),
    "b with distinct attributes and paragraphs": _wide("<p><b class=c{n}>x"),
    "foster parents": _wide("<table>x<tr>y<td>z"),
    "text in tables": _wide("x<tr>", "<table>"),
    "end tags of nothing": _wide("</b></p></x>"),
    "end of formatting": lambda size: "<div>" * 100 + "<b>" * 100 + "</p></div>" * (size // 10),
    "wide divs": _wide("<div>a b c</div>"),
    "wide list": _wide("<li>one of many</li>", "<ul>", "</ul>"),
    "wide list of links": _wide("<li><a href=/s/{n}>A title of a story</a></li>", "<ul>", "</ul>"),
    "many lists": _wide("<ul><li>x</ul>"),
    "many lists of links": _wide("<ul><li><a href=/{n}>one</a><li><a href=b>two</a><li><a "
        "href=c>three</a></ul>"),
    "many furnitures": _wide("<div class=sidebar>x</div>"),
    "many small paragraphs": _wide("<p>a</p>"),
    "many paragraphs": _wide(_PROSE),
    "many distinct paragraphs": _wide("<p>Number {n} of the council voted on Tuesday to mend the old bridge "
        "of the town, they say.</p>"),
    "many links": _wide("<a href=https://example.org/{n}>A title of a story</a> "),
    "many relative links": _wide("<a href='../x;{n}/./a b'>A title of a story</a> "),
    "many links in prose": _wide("<p>The council <a href=/{n}>voted on Tuesday</a> to mend the old bridge of "
        "the town, they say.</p>"),
    "a giant paragraph": _wide("word of the council ", "<p>", "</p>"),
    "a giant word": _wide("w", "<p>", "</p>"),
    "a giant word in bytes": _wide("&#228;", "<p>", "</p>"),
    "a giant title": _wide("word - ", "<title>", "</title>" + _PROSE * 5),
    "a giant title of bars": _wide("a | ", "<title>", "</title>" + _PROSE * 5),
    "a giant h1": _wide("word ", "<h1>", "</h1>" + _PROSE * 5),
    "many h1": _wide("<h1>The headline number {n}</h1>", "<title>Another title</title>"),
    "many h1 of a title": _wide("<h1>The headline</h1>" + _PROSE, "<title>The headline of it</title>"),
    "many h2": _wide("<h2>The headline number {n}</h2>"),
    "many more from": _wide("<h2>Read more</h2>" + _PROSE),
    "more headings in a row": _wide("<h3>More from us</h3>"),
    "a giant attribute": _wide("x", "<p title='", "'>" + _PROSE),
    "a giant class": _wide("c{n} ", "<div class='", "'>" + _PROSE),
    "many classes": _wide("<div class='k{n} story-{n}'>x</div>"),
    "many ids": _wide("<p id=k{n}>x</p>"),
    "many attributes": _wide("a{n}=1 ", "<p ", ">" + _PROSE),
    "many data attributes": _wide("<div data-a=1 data-b=2 data-c=3 data-d=4>x</div>"),
    "a giant style": _wide("display : x;", "<div style='", "'>" + _PROSE),
    "a giant style of blanks": _wide("display    ", "<div style='", "'>" + _PROSE),
    "many options": _wide("<option>x"),
    "many options in a select": _wide("<option>x", "<select>"),
    "many json-ld": _wide('<script type="application/ld+json">{"@type":"NewsArticle","headline":"a",'
        '"author":{"name":"Ann Lee"}}</script>'),
    "many json-ld in the head": _wide('<script type="application/ld+json">{"@type":"NewsArticle"}</script>',
    "<head>"),
    "deep json-ld": _deep_json,
    "deep broken json-ld": _wide("[", '<script type="application/ld+json">', "</script>"),
    "deep objects in json-ld": _wide('{"a":', '<script type="application/ld+json">', "</script>"),
    "wide json-ld": _many_authors,
    "json-ld of many keys": _wide('"k{n}":"v",', '<script type="application/ld+json">{"@type":"NewsArticle",',
    '"x":1}</script>'),
    "a giant article body in json-ld": _wide(
        "line\\n<p>",
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"a","articleBody":"',
        '"}</script>'
    ),
    "keywords in json-ld": _wide('"k{n}",',
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"a","keywords":[',
    '"x"]}</script>'),
    "many meta": _wide("<meta name=k{n} content=v>", "<head>"),
    "many meta authors": _wide("<meta name=author content='Ann Lee{n}'>", "<head>"),
    "many meta in the body": _wide("<meta name=author content='Ann Lee {n}'>", "<body>"),
    "a giant meta": _wide("Ann Lee, ", "<meta name=author content='", "'>" + _PROSE * 5),
    "a giant meta of blanks": _wide("a and \t", "<meta name=author content='By ", "'>" + _PROSE * 5),
    "a giant meta of keywords": _wide("word {n}, ", "<meta name=keywords content='", "'>" + _PROSE * 5),
    "a giant meta of brackets": _wide("(", "<meta name=author content='Ann ", "'>" + _PROSE * 5),
    "a giant meta of tags": _wide("&lt;", "<meta name=author content='Ann ", "'>" + _PROSE * 5),
    "many canonical links": _wide("<link rel=canonical href=>", "<head>"),
    "many title elements": _wide("<title>a</title>", "<svg>"),
    "many br": _wide("<br>"),
    "many br in prose": _wide("word<br>", "<p>"),
    "many times": _wide("<time datetime=x>March 3 2020</time>"),
    "many bylines": _wide("<p class=byline>By <a class=author href=/a>Ann Lee</a></p>"),
    "many microdata authors": _wide("<div itemprop=author><span itemprop=name>Ann Lee</span></div>"),
    "nested microdata authors": _nested("<div itemprop=author><i itemprop=name>n</i>", "</div>"),
    "many byline lines": _wide("<p>By Ann Lee</p>"),
    "a huge table": _wide("<tr><td>a<td>12<td>b</tr>", "<table>", "</table>"),
    "a wide row": _wide("<td>a", "<table><tr>", "</table>"),
    "repeated cards": _wide("<div class=card><h3><a href=/s/{n}>A title of a story</a></h3><p>A teaser of "
        "it.</p></div>"),
    "repeated flat cards": _wide("<h3><a href=/s/{n}>A title of a story of ours</a></h3><p>A teaser of "
        "it.</p>"),
    "articles": _wide("<article><h1>A headline</h1>" + _PROSE * 2 + "</article>"),
    "same names": _wide("<div class=text>" + _PROSE * 2 + "</div><p></p>"),
    "same names apart": _wide("<section><div class=text>" + _PROSE * 2 + "</div></section>"),
    "entities": _wide("&amp;&lt;&#x41;", "<p>"),
    "broken entities": _wide("&notit;&x", "<p>"),
    "ampersands": _wide("&", "<p>"),
    "comments": _wide("<!-- a -->"),
    "open comments": _wide("<!--"),
    "bogus comments": _wide("<!x>"),
    "cdata": _wide("<![CDATA[x]]>"),
    "cdata in svg": _wide("<![CDATA[x]]>", "<svg>"),
    "templates": _wide("<template><p>x</template>"),
    "scripts": _wide("<script>x</script>"),
    "a giant script": _wide("if(a<b)", "<script>", "</script>" + _PROSE * 5),
    "open scripts": _wide("<script><!--"),
    "capitals": _wide("THE COUNCIL OF PARIS ", "<p>"),
    "characters without blanks": _wide("中文的一句话", "<p>"),
    "digits": _wide("12345 ", "<p>"),
    "dates": _wide("<p>March 3, 2020</p>"),
    "a giant date": _wide("3 March ", "<time>", "</time>" + _PROSE * 5),
    "nulls": _wide("\0a", "<p>"),
    "angle brackets": _wide("<", "<p>"),
    "quotes": _wide("<a b='"),
    "open tags": _wide("<a "),
    "html elements": _wide("<html a{n}=b>"),
    "body elements": _wide("<body a{n}=b>"),
    "frames": _wide("<frameset>"),
    "headings in headings": _wide("<h1>a<h2>b"),
    "ruby": _wide("<ruby>a<rt>b"),
    "dl": _wide("<dt>a<dd>b", "<dl>"),
    "nobr": _wide("<nobr>x"),
    "applets": _wide("<applet><marquee><object>"),
    "json-ld of blanks": _wide(
        " ", '<script type="application/ld+json">{"@type":"NewsArticle",', "x}</script>" + _PROSE
    ),
    "json-ld of commas": _wide(",", '<script type="application/ld+json">[', "]</script>" + _PROSE),
    "json-ld of escaped quotes": _wide(
        '\\"', '<script type="application/ld+json">{"a":"', "</script>" + _PROSE
    ),
    "json-ld of open quotes": _wide('"a', '<script type="application/ld+json">{', "</script>" + _PROSE),
    "json-ld of comments": _wide("/*", '<script type="application/ld+json">{', "</script>" + _PROSE),
    "json-ld of cdata": _wide("<![CDATA[", '<script type="application/ld+json">', "</script>" + _PROSE),
    "json-ld documents": _wide('{"@type":"NewsArticle","headline":"a"}',
    '<script type="application/ld+json">', "</script>" + _PROSE),
    "json-ld in many scripts": _wide(
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"a {n}"}</script>'
    ),
    "live blog posts": _wide('{"@type":"BlogPosting","headline":"a","articleBody":"A post of a few words."},',
    '<script type="application/ld+json">{"@type":"LiveBlogPosting","liveBlogUpdate":[', "{}]}</script>"),
    "a giant page state": _wide('{"type":"text","content":"A sentence of the story, of some words."},',
    '<title>A story</title><script id="__NEXT_DATA__" type="application/json">{"props":[', "{}]}</script>"),
    "a nested page state": _nested('{"a":[', "]}", "1"),
    "page states": _wide('<script>window.__STATE__={"title":"A story","body":"{n} words"};</script>'),
    "an open page state": _wide('{"a":', "<script>Fusion.globalContent=", "</script>" + _PROSE),
    "shadow roots": _wide("<div><template shadowrootmode=open><p>x</p></template></div>"),
    "nested shadow roots": _nested("<template shadowrootmode=open>", "</template>"),
    "open shadow roots": _wide("<template shadowrootmode "),
    "long bylines": _wide("By Ann Lee and Bo Xu, ", "<p class=byline>", "</p>" + _PROSE * 5),
    "bylines in capitals": _wide("<p>BY ANN LEE, SPECIAL TO THE COURIER</p>"),
    "a giant headline": _wide("Word {n} | ", "<title>", "</title><h1>A headline</h1>" + _PROSE * 5),
    "many headings alike": _wide(
        "<h2>A headline of the page {n}</h2>", "<title>A headline of the page</title>"
    ),
    "short lines": _wide("<p>No.</p>", _PROSE * 5),
    "list without stops": _wide("<li>two of them", _PROSE * 5 + "<ul>"),
    "many lead images": _wide("<figure><img src=/a{n}.jpg width=900></figure>", _PROSE * 5),
    "zone names": _wide("11:30 pm EST ", "<time>March 4, 2025 ", "</time>" + _PROSE * 5),
    "updated and published": _wide(
        "Published 2 March 2025 Updated 4 March 2025 ", "<p>", "</p>" + _PROSE * 5
    ),
}  # fmt: skip
"""What makes a page's body, about so many characters of it."""
