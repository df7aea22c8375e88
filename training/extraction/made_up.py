"""Made-up pages: articles of the tuning sets set into layouts that those sets have too few of.

Each page is one article's title and paragraphs in a random template, with boxes, comments, terms and other
stories around them from `phrases` and from other articles of the same fold. What stands in `gold` is the
article; all else must not be read.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from html import escape

from training.extraction.phrases import HEADINGS, LANGUAGES, LINES, NAMES, SHORT, SITES

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])")
_HASHED = "abcdefghijklmnopqrstuvwxyz0123456789"
_BAD = "readmore regwall premium teaser promo hidden-content collapse accordion-body related-text sidebar-story " \
       "story-rest paywall-content gallery subscribe-content lead-caption newsletter-body tease tags".split()  # fmt: skip
_GOOD = ["article-body", "story", "content", "post", "entry-content", "c-text", "text", "main-text", "", ""]


@dataclass
class Story:
    """An article of a tuning set: plain paragraphs."""

    title: str
    paragraphs: list[str]
    language: str


@dataclass
class MadeUp:
    """A page, and the texts of its article."""

    rng: random.Random
    story: Story
    others: list[Story]
    phrases: dict[str, list[str]] = field(init=False)
    english: dict[str, list[str]] = field(init=False)
    gold: list[str] = field(default_factory=list)
    name: str = ""
    site: str = ""

    def __post_init__(self) -> None:
        self.english = LANGUAGES["en"]
        self.phrases = LANGUAGES.get(self.story.language, self.english)
        self.name, self.site = self.rng.choice(NAMES), self.rng.choice(SITES)
        self.lines = self.rng.random() < (0.12 if self.story.language in ("zh", "ja", "th") else 0.015)
        self.opaque = self.rng.random() < 0.5

    def say(self, what: str) -> str:
        """One of the language's lines of a kind; now and then an English one."""
        lines = self.phrases.get(what) or self.english[what]
        return self.rng.choice(lines).format(name=self.name, site=self.site)

    def cls(self, *names: str) -> str:
        """A class attribute: one of the names, or what a build tool makes of it, or nothing."""
        roll = self.rng.random()
        if self.opaque or roll < 0.25 or not names:
            if roll > 0.8:
                return ""
            return f' class="css-{"".join(self.rng.choices(_HASHED, k=6))}"'
        return f' class="{self.rng.choice(names)}"'

    # The article's own parts: each writes what it says to `gold`.

    def own(self, text: str, tag: str = "p", attributes: str = "") -> str:
        self.gold.append(text)
        return f"<{tag}{attributes}>{escape(text, quote=False)}</{tag}>"

    def paragraph(self, text: str) -> str:
        rng = self.rng
        roll = rng.random()
        sentences = [s for s in _SENTENCE.split(text) if s.strip()]
        if self.lines and rng.random() < 0.6:  # short lines without stops, as in some blogs
            pieces = [p.strip() for p in re.split(r"[。！？，、,.;]+", text) if 6 <= len(p.strip()) <= 60]
            if pieces:
                return "".join(self.own(" ".join(pieces[k : k + 2])) for k in range(0, len(pieces), 2))
        if roll < 0.10 and len(sentences) > 1:
            return "".join(self.own(s.strip()) for s in sentences)  # a paragraph to a sentence
        if roll < 0.16 and sentences:
            first = sentences[0]
            return self.own(
                rng.choice(self.phrases.get("start") or self.english["start"]) + first[:1].lower() + first[1:]
            )
        if roll < 0.19:
            self.gold.append(text)
            return f'<p><a href="/a/{rng.randrange(999)}">{escape(text, quote=False)}</a></p>'
        if roll < 0.23:
            self.gold.append(text)
            middle = len(text) // 3
            return (f'<p>{escape(text[:middle], quote=False)}<a href="/x/{rng.randrange(99)}">{escape(text[middle : 2 * middle], quote=False)}'
                    f"</a>{escape(text[2 * middle :], quote=False)}</p>")  # fmt: skip
        if roll < 0.26:
            self.gold.append(text)
            words = text.split(" ", 3)
            if len(words) == 4:
                return f'<p><span class="{rng.choice(["caption-caps", "lead-caption", "dropcap", "credit-lead"])}">{escape(" ".join(words[:3]))}</span> {escape(words[3], quote=False)}</p>'
            return f"<p>{escape(text, quote=False)}</p>"
        if roll < 0.30:
            return self.own(text, "blockquote")
        return self.own(text)

    def short(self) -> str:
        lines = self.phrases.get("short") or self.english["short"]
        if self.rng.random() < 0.2:
            lines = self.rng.choice(list(SHORT.values()))
        if self.story.language in SHORT:
            lines = SHORT[self.story.language]
        return self.own(self.rng.choice(lines))

    def subhead(self, following: str) -> str:
        rng = self.rng
        if rng.random() < 0.5:
            text = self.say("subhead")
        else:
            text = " ".join(following.split()[: rng.randint(2, 6)])[:60].strip(" ,.;:。，、")
        tag = rng.choice(["h2", "h2", "h3", "h3", "h1", "h4", "strong", "summary"])
        if not text:
            return ""
        if tag == "strong":
            self.gold.append(text)
            return f"<p><strong>{escape(text)}</strong></p>"
        if tag == "summary":
            self.gold.append(text)
            return f"<details><summary>{escape(text)}</summary>"
        return self.own(text, tag, self.cls("subhead", "header-anchor-post", "wp-block-heading"))

    def bullets(self) -> str:
        rng = self.rng
        items = [self.say("bullet") for _ in range(rng.randint(2, 4))]
        if rng.random() < 0.4:
            items = [
                s[:120].rstrip(".")
                for p in rng.sample(self.story.paragraphs, min(3, len(self.story.paragraphs)))
                for s in _SENTENCE.split(p)[:1]
            ]
        return "<ul>" + "".join(self.own(i, "li") for i in dict.fromkeys(items)) + "</ul>"

    def table(self) -> str:
        rows = []
        for _ in range(self.rng.randint(3, 6)):
            words = self.rng.choice(self.story.paragraphs).split()[:3]
            cell = " ".join(words)[:40]
            if not cell:
                continue
            self.gold.append(cell)
            number = str(self.rng.randrange(9999))
            self.gold.append(number)
            linked = (
                f'<a href="/c/{self.rng.randrange(99)}">{escape(cell)}</a>'
                if self.rng.random() < 0.5
                else escape(cell)
            )
            rows.append(f"<tr><td>{linked}</td><td>{number}</td></tr>")
        return "<table>" + "".join(rows) + "</table>"

    def interview(self) -> str:
        parts = []
        as_list = self.rng.random() < 0.3
        for _ in range(self.rng.randint(2, 6)):
            question = self.say("question")
            self.gold.append(question)
            if as_list:
                parts.append(f"<dt>{escape(question, quote=False)}</dt>" + self.own(self.say("answer"), "dd"))
                continue
            parts.append(f"<p><strong>{escape(question, quote=False)}</strong></p>")
            parts.append(self.own(self.say("answer")))
        return "<dl>" + "".join(parts) + "</dl>" if as_list else "".join(parts)

    # What is not the article.

    def related(self, count: int = 0) -> str:
        rng = self.rng
        others = rng.sample(self.others, min(len(self.others), count or rng.randint(1, 4)))
        links = [f'<a href="/a/{rng.randrange(9999)}">{escape(o.title)}</a>' for o in others]
        heading = (
            f"<{(t := rng.choice(['h2', 'h3', 'p', 'div', 'strong']))}>{escape(self.say('more'))}</{t}>"
            if rng.random() < 0.8
            else ""
        )
        shape = rng.randrange(4)
        if shape == 0:
            inner = "<ul>" + "".join(f"<li>{link}</li>" for link in links) + "</ul>"
        elif shape == 1:
            inner = "".join(f"<p>{link}</p>" for link in links)
        elif shape == 2:
            inner = "".join(
                f"<div>{link}<p>{escape(_blurb(o))}</p></div>" for link, o in zip(links, others, strict=True)
            )
        else:
            return f"<p>{escape(self.say('more'))}: {links[0]}</p>" if links else ""
        return f"<div{self.cls('related', 'c-rel', 'article-extras-related-articles', 'more-box', 'inline-links')}>{heading}{inner}</div>"

    def newsletter(self) -> str:
        lines = "".join(f"<p>{escape(self.say('newsletter'))}</p>" for _ in range(self.rng.randint(1, 2)))
        heading = f"<h3>{escape(self.rng.choice(['The Tide Table', 'Newsletter', 'Morning Briefing', self.site]))}</h3>"
        form = '<form><input type="email"><button>OK</button></form>' if self.rng.random() < 0.6 else ""
        last = f"<p>{escape(self.say('newsletter'))}</p>" if self.rng.random() < 0.6 else ""
        return f"<div{self.cls('newsletter', 'consumer-marketing-unit', 'signup-box', 'nl')}>{heading}{lines}{form}{last}</div>"

    def terms(self) -> str:
        lines = "".join(f"<p>{escape(self.say('pay'))}</p>" for _ in range(self.rng.randint(1, 3)))
        return f"<div{self.cls('offer', 'paywall', 'barrier', 'sect_text', 'plus-box')}><h3>{escape(self.site)} Plus</h3>{lines}</div>"

    def advert(self) -> str:
        return f"<{(t := self.rng.choice(['p', 'div', 'span']))}{self.cls('ad-slot', 'label')}>{escape(self.say('ad'))}</{t}>"

    def author_box(self) -> str:
        lines = "".join(
            f"<{(t := self.rng.choice(['p', 'div']))}>{escape(self.say('author'))}</{t}>"
            for _ in range(self.rng.randint(1, 2))
        )
        return f'<div{self.cls("author-profile", "author-description typo", "writer", "bio-block")}><div><a href="/autor">{escape(self.name)}</a></div>{lines}</div>'

    def house(self) -> str:
        parts = []
        for _ in range(self.rng.randint(1, 3)):
            line = escape(self.say("house"))
            if self.rng.random() < 0.4:
                head, _, tail = line.partition(" ")
                line = (
                    f'<strong>{head}</strong> <a href="/h">{tail}</a>'
                    if self.rng.random() < 0.5
                    else f"<em>{line}</em>"
                )
            parts.append(f"<p>{line}</p>")
        return "".join(parts)

    def comments(self) -> str:
        rng = self.rng
        units = []
        opaque, body = self.cls("c-item", "comment"), self.cls("c-body", "comment-text")
        for n in range(rng.choice([2, 3, 4, 6, 8, 12])):
            text = " ".join(dict.fromkeys(self.say("comment") for _ in range(rng.randint(1, 3))))
            reply = escape(self.say("reply"))
            foot = rng.choice(
                [f"<button>{reply}</button>", f"<div>{reply}</div>", f'<a href="#r">{reply}</a>', ""]
            )
            who = rng.choice([f"reader{n} · {reply}", f"{rng.choice(NAMES)}", f"user{n}"])
            units.append(f"<div{opaque}><div>{escape(who)}</div><p{body}>{escape(text)}</p>{foot}</div>")
        return f"<{(t := rng.choice(['div', 'section']))}{self.cls('comments', 'kommentarbereich', 'discussion', 'reactions')}><h2>{escape(self.say('comments'))}</h2>{''.join(units)}</{t}>"

    def caption(self) -> str:
        text = _blurb(self.rng.choice(self.others))[:140] + " " + self.say("credit")
        inner = rng_figure(self.rng, escape(text))
        return inner

    def heading_of_others(self) -> str:
        """A heading over other stories, often in another language than the story's."""
        if self.rng.random() < 0.5:
            return self.say("more")
        of_language = self.rng.choice(list(LANGUAGES.values()))
        return self.rng.choice(of_language["more"] + [HEADINGS[self.rng.randrange(len(HEADINGS))]]).format(
            site=self.site
        )

    def inline_card(self) -> str:
        """Another story between two paragraphs: a linked title and a text."""
        other = self.rng.choice(self.others)
        title = f'<a href="/s/{self.rng.randrange(999)}"><b>{escape(other.title)}</b></a>'
        lede = escape(
            self.rng.choice(["", "ROME (AP) — ", "KYIV, Feb 27 (Reuters) - "])
            + _blurb(other, self.rng.choice([120, 200]))
        )
        return f"<div{self.cls('in', 'inline', 'card')}>{title}<p>{lede}</p></div>"

    def top_lines(self) -> str:
        """Who wrote it, when, how long it takes to read, an advert's label: lines straight before the text."""
        rng = self.rng
        of_language = LINES.get(self.story.language)
        lines = []
        for _ in range(rng.randint(1, 4)):
            what = rng.choice(["byline", "byline", "byline", "ad", "share", "credit"])
            line = (
                rng.choice(of_language).format(name=self.name)
                if of_language and rng.random() < 0.7
                else self.say(what)
            )
            tag = rng.choice(["p", "p", "div", "span", "time", "h4"])
            lines.append(f"<{tag}{self.cls('meta', 'byline', 'info', '')}>{escape(line)}</{tag}>")
        return "".join(lines)

    def notice(self) -> str:
        """A partner's name over its other stories, or a notice."""
        lines = [
            f"More from {self.site}",
            f"{self.say('more')} {self.site}",
            self.say("notice") if "notice" in self.phrases else LANGUAGES["en"]["notice"][0],
        ]
        return "".join(f"<p>{escape(line)}</p>" for line in self.rng.sample(lines, self.rng.randint(1, 2)))

    def teasers(self) -> str:
        """Other stories without links or names: a table or rows of a headline and a text."""
        rng = self.rng
        others = rng.sample(self.others, min(len(self.others), rng.choice([3, 4, 5, 6, 8, 12, 20])))
        linked = rng.random() < 0.5
        titles = [
            f'<a href="/s/{n}">{escape(o.title)}</a>' if linked else escape(o.title)
            for n, o in enumerate(others)
        ]
        blurbs = [
            escape(
                (rng.choice(["", "", "LISBON — ", "BERLIN (dpa) - "]))
                + _blurb(o, rng.choice([120, 200, 400]))
            )
            for o in others
        ]
        pairs = list(zip(titles, blurbs, strict=True))
        shape = rng.randrange(12)
        if shape == 9:  # title and text in one paragraph, as only a heading over them tells
            body = "".join(
                f"<p><a href=/s/{n}>{escape(o.title)}</a> {b}</p>"
                for n, (o, b) in enumerate(zip(others, blurbs, strict=True))
            )
            return f"<{(t := rng.choice(['h2', 'h3', 'h4', 'p']))}>{escape(self.heading_of_others())}</{t}>{body}"
        if shape == 10:
            body = "".join(
                f"<article><time>{rng.randint(2, 9)}h ago</time><h3>{t}</h3><p>{b}</p><span>{escape(self.site)}</span></article>"
                for t, b in pairs
            )
            return f"<section><h2>{escape(self.heading_of_others())}</h2>{body}</section>"
        if shape == 11:
            body = "".join(f"<div class=card><h3>{t}</h3><p>{b}</p></div>" for t, b in pairs)
            return f'<div class="recirc"><h2>{escape(self.heading_of_others())}</h2>{body}</div>'
        if shape == 6:
            body = "<ul>" + "".join(f"<li>{t}<p>{b}</p></li>" for t, b in pairs) + "</ul>"
        elif shape == 7:
            body = "<dl>" + "".join(f"<dt>{t}</dt><dd>{b}</dd>" for t, b in pairs) + "</dl>"
        elif shape == 8:
            body = "".join(
                f"<div class=sc-{n}x><span>{t}</span><p>{b}</p></div>" for n, (t, b) in enumerate(pairs)
            )
        elif shape == 0:
            body = "<table>" + "".join(f"<tr><td>{t}</td><td>{b}</td></tr>" for t, b in pairs) + "</table>"
        elif shape == 1:
            body = (
                "<table>" + "".join(f"<tr><td><b>{t}</b><p>{b}</p></td></tr>" for t, b in pairs) + "</table>"
            )
        elif shape == 2:
            body = "".join(f"<div><div>{t}</div><div>{b}</div></div>" for t, b in pairs)
        elif shape == 3:
            body = "".join(f"<p><strong>{t}</strong></p><p>{b}</p>" for t, b in pairs)
        elif shape == 4:
            body = "".join(f"<div>{t}</div><div>{b}</div>" for t, b in pairs)
        else:
            body = "".join(f"<h3>{t}</h3><p>{b}</p>" for t, b in pairs)
        heading = f"<h3>{escape(self.heading_of_others())}</h3>" if rng.random() < 0.4 else ""
        return (
            f"<div{self.cls('grid', 'rows', 'list')}>{heading}{body}</div>"
            if rng.random() < 0.6
            else heading + body
        )

    def second_story(self) -> str:
        other = self.rng.choice(self.others)
        body = "".join(f"<p>{escape(p)}</p>" for p in other.paragraphs[:8])
        tag = self.rng.choice(["h2", "h2", "h3"])
        byline = f"<p>{escape(self.say('byline'))}</p>" if self.rng.random() < 0.5 else ""
        return f"<{(t := self.rng.choice(['article', 'div', 'section']))}{self.cls('story', 'next-article')}><{tag}>{escape(other.title)}</{tag}>{byline}{body}</{t}>"

    # The page.

    def body(self) -> str:
        rng = self.rng
        parts: list[str] = [self.top_lines()] if rng.random() < 0.35 else []
        sections = rng.random() < 0.45
        count = len(self.story.paragraphs)
        if rng.random() < 0.06:  # the same text again and again, as in tests
            self.story.paragraphs = [f"{self.story.paragraphs[0]} ({n})." for n in range(1, 6)]
        open_details = False
        cards = rng.random() < 0.08  # other stories all through the text
        for n, text in enumerate(self.story.paragraphs):
            if sections and n and rng.random() < 0.3:
                heading = self.subhead(text)
                if open_details:
                    parts.append("</details>")
                open_details = heading.startswith("<details")
                parts.append(heading)
            parts.append(self.paragraph(text))
            if rng.random() < 0.12:
                parts.append(self.short())
            if cards and n % 2:
                parts.append(self.inline_card())
            if n + 1 < count and rng.random() < 0.12:
                parts.append(
                    rng.choice(
                        [
                            self.related,
                            self.related,
                            self.advert,
                            self.newsletter,
                            self.caption,
                            self.terms,
                            self.related,
                            self.house,
                        ]
                    )()
                )
        if open_details:
            parts.append("</details>")
        roll = rng.random()
        if roll < 0.08:
            parts.append(self.bullets())
        elif roll < 0.16:
            parts.append(self.interview())
        elif roll < 0.22:
            parts.append(self.table() + self.paragraph(rng.choice(self.story.paragraphs)))
        elif roll < 0.34:
            parts.append(self.short())
        return self.layout(parts)

    def layout(self, parts: list[str]) -> str:
        """The article's parts in one or several elements, some with misleading names, some not shown."""
        rng = self.rng
        joined = "".join(parts)
        if "<details" in joined or len(parts) < 5 or rng.random() < 0.5:
            name = rng.choice(_GOOD)
            return f'<div class="{name}">{joined}</div>' if name else joined
        cut = rng.randint(2, len(parts) - 2)
        first, rest = "".join(parts[:cut]), "".join(parts[cut:])
        shape = rng.randrange(5)
        if shape == 0:
            style = rng.choice(["", "", ' style="display:none"', " hidden"])
            more = '<div class="read-more-link"><a href="#">+</a></div>'
            return f'<div{self.cls(*_GOOD)}>{first}{more}<div class="{rng.choice(_BAD)}"{style}>{rest}</div></div>'
        if shape == 1:
            box = rng.choice([self.advert, self.related, self.newsletter])()
            inner = self.cls("body__inner-container", "grid-item", "article-markdown")
            return f"<div{inner}>{first}</div>{box}<div{inner}>{rest}</div>"
        if shape == 2:
            slug = rng.choice(
                [
                    "share-prices-fall",
                    "comments-by-the-mayor",
                    "newsletter-staff",
                    "weather",
                    "related-works",
                    "gdpr-fines",
                    "tags-on-piles",
                ]
            )
            return f'{first}<section id="{slug}">{rest}</section>'
        if shape == 3:
            return f"<section>{first}</section>{rng.choice([self.caption, self.advert, self.related])()}<section>{rest}</section>"
        return f"<div{self.cls(*_GOOD)}>{first}</div>{rest}"

    def listicle(self) -> str:
        parts = [self.paragraph(self.story.paragraphs[0])]
        tag = self.rng.choice(["h2", "h3", "h4", "strong"])
        linked, numbered = self.rng.random() < 0.5, self.rng.random() < 0.6
        wrap = self.rng.random() < 0.3
        for n, text in enumerate(self.story.paragraphs[1:9], 1):
            label = " ".join(text.split()[: self.rng.randint(2, 5)])[:50].strip(" ,.;:。，")
            if not label:
                continue
            label = f"{n}. {label}" if numbered else label
            self.gold.append(label)
            inner = f'<a href="/a/{n}">{escape(label)}</a>' if linked else escape(label)
            unit = (
                f"<p><strong>{inner}</strong></p>" if tag == "strong" else f"<{tag}>{inner}</{tag}>"
            ) + self.own(text)
            parts.append(f"<div{self.cls('item')}>{unit}</div>" if wrap else unit)
        return "".join(parts)

    def gallery(self) -> str:
        intro = self.own(" ".join(_SENTENCE.split(self.story.paragraphs[0])[:1]))
        figures = "".join(
            f'<figure><img src="/i/{n}.jpg"><figcaption>{self.own(p, "span")}</figcaption></figure>'
            for n, p in enumerate(self.story.paragraphs)
        )
        return f'{intro}<div class="gallery">{figures}</div>'

    def html(self) -> str:
        rng, story = self.rng, self.story
        header = ""
        title = f"<h1>{escape(story.title)}</h1>"
        byline = (
            f"<{(t := rng.choice(['p', 'div']))}>{escape(self.say('byline'))}</{t}>"
            if rng.random() < 0.6
            else ""
        )
        share = f"<div>{escape(self.say('share'))}</div>" if rng.random() < 0.3 else ""
        standfirst = ""
        paragraphs = story.paragraphs
        if rng.random() < 0.3 and len(paragraphs) > 4:
            standfirst = self.own(
                paragraphs[0], rng.choice(["p", "h2", "div"]), self.cls("teaser", "standfirst", "lead", "z8")
            )
            story = self.story = Story(story.title, paragraphs[1:], story.language)
        if rng.random() < 0.5:
            header = f"<header{self.cls('hx1')}><div>{title}</div><div>{byline}{share}</div><div>{standfirst}</div></header>"
        else:
            header = title + (standfirst + byline if rng.random() < 0.5 else byline + standfirst) + share
        roll = rng.random()
        figure = self.caption() if rng.random() < 0.3 else ""
        if roll < 0.08:
            body = self.listicle()
        elif roll < 0.10 and len(paragraphs) > 3:
            body = self.gallery()
        else:
            body = self.body()
        after = []
        for part, share_of in ((self.house, 0.35), (self.author_box, 0.2), (self.terms, 0.12), (self.newsletter, 0.12), (self.related, 0.3),
                               (self.comments, 0.25), (self.notice, 0.25), (self.teasers, 0.45), (self.second_story, 0.12)):  # fmt: skip
            if rng.random() < share_of:
                after.append(part())
        if rng.random() < 0.3:
            rng.shuffle(after)
        inside = rng.randint(0, len(after))
        tag = rng.choice(["article", "div", "main"])
        side = (
            f'<aside class="sidebar"><h3>{escape(self.say("more"))}</h3>{self.related(4)}</aside>'
            if rng.random() < 0.6
            else ""
        )
        return (
            f'<!doctype html><html lang="{story.language}"><head><title>{escape(story.title)} | {escape(self.site)}</title>'
            f'<meta property="og:title" content="{escape(story.title)}"></head><body><header><a href="/">{escape(self.site)}</a>'
            f"<nav><ul><li><a href=/>1</a></li><li><a href=/2>2</a></li></ul></nav></header>"
            f"<main><div{self.cls('layout')}><{tag}{self.cls('story')}>{header}{figure}{body}{''.join(after[:inside])}</{tag}>"
            f"{''.join(after[inside:])}{side}</div></main><footer><p>{escape(self.site)} <a href=/p>Privacy</a></p></footer></body></html>"
        )


def rng_figure(rng: random.Random, text: str) -> str:
    """A picture's caption, in an element for it or not."""
    return rng.choice([
        f"<figure><img src=/i.jpg><figcaption>{text}</figcaption></figure>",
        f'<div class="image"><img src=/i.jpg><div class="image-caption">{text}</div></div>',
        f'<div><img src=/i.jpg><span class="caption">{text}</span></div>',
    ])  # fmt: skip


def _blurb(story: Story, most: int = 160) -> str:
    """The first words of another story."""
    text = story.paragraphs[0]
    if len(text) <= most:
        return text
    cut = text[:most]
    stop = max(cut.rfind(". "), cut.rfind("。"))
    return cut[: stop + 1] if stop > 40 else cut.rsplit(" ", 1)[0] + "…"
