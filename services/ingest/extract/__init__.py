"""Extraction: a page in, its article out, in one parse and one walk.

`extract()` is a pure function; what it drops and why can be read from its result (`--explain`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.contract.limits import MAX_LINKS, MAX_TEXT_CHARS, MAX_URL_CHARS
from services.contract.messages import Link
from services.contract.urls import page_identity
from services.ingest.extract.addresses import Addresses
from services.ingest.extract.authors import clean_authors, find_authors
from services.ingest.extract.block_filter import SCORES, evidence_of, find_body
from services.ingest.extract.blocks import Block, Body, Walked
from services.ingest.extract.charset import as_utf8, holds
from services.ingest.extract.dates import find_dates
from services.ingest.extract.effort import MOST_STEPS, UNUSUAL_BYTES, UNUSUAL_STEPS, steps_of
from services.ingest.extract.elements import CODE
from services.ingest.extract.evidence import value_of
from services.ingest.extract.facts import is_paywalled, keywords_of, language_of, section_of
from services.ingest.extract.head import Head, clean, read_head
from services.ingest.extract.lead_image import lead_image
from services.ingest.extract.links import hrefs_of
from services.ingest.extract.marks import marks_of
from services.ingest.extract.page_state import state_text, stated_chars, stated_text
from services.ingest.extract.publisher import credited_agency, provider_of, site_name_of
from services.ingest.extract.rules import SiteRules
from services.ingest.extract.site_names import Site
from services.ingest.extract.text import as_read, count_words
from services.ingest.extract.title import find_title
from services.ingest.extract.wire import agency_of, split_dateline
from services.runtime.compiled import fitting

walk_page: Callable[[list[LexborNode]], Walked] = fitting(
    "services.ingest.extract.nodes", "services.ingest.extract.walk"
).walk_page

EXTRACTOR = "dateline"
VERSION = "3"
_MIN_WORDS = 20
_MOST_PASSED = 1000  # links of one piece that was passed by
SIGNALS = ("robots", "googlebot", "googlebot-news", "tdm-reservation", "tdm-policy", "ai-policy")
"""Meta elements in which publishers say how a page may be used."""


class Extraction(Struct, frozen=True, kw_only=True):
    """An article, or the reason why the page holds none (`text` is empty then)."""

    title: str
    text: str
    reason: str | None
    authors: list[str]
    published_at: datetime | None
    published_precision: str | None
    published_from: str | None
    modified_at: datetime | None
    language: str | None
    site_name: str | None
    provider: str | None
    agency: str | None
    dateline: str | None
    image_url: str | None
    section: str | None
    keywords: list[str]
    canonical_url: str | None
    paywalled: bool
    links: list[Link]
    word_count: int
    method: str
    signals: dict[str, str]


class Explained(Struct, frozen=True, kw_only=True):
    """One block of the page and its verdict: `kept`, or what it seems to be instead.

    `score` is the log-odds that it is the article's, None where it was not looked at; `spoke_for` and
    `spoke_against` name the evidence that told most, with its value and what it added to the score.
    """

    verdict: str
    score: float | None
    spoke_for: list[str]
    spoke_against: list[str]
    kind: str
    where: str
    link_density: float
    text: str


def extract(
    html: str | bytes,
    url: str | None = None,
    *,
    now: datetime | None = None,
    rules: SiteRules | None = None,
    charset: str | None = None,
    unusual: Callable[[], Extraction] | None = None,
) -> Extraction:
    """The article of a page. Never raises for what a page may hold; a page without one has a `reason`.

    `now` bounds dates (default: the present); `rules` are a user's own for single sites; `charset` is what
    the server says. `unusual` is asked instead where the page is much more work than others (`effort`).
    """
    source = as_utf8(html, charset) if isinstance(html, bytes) else html.encode("utf-8", "replace")
    steps = steps_of(source)
    if steps > MOST_STEPS:
        return _none("page_too_complex")
    if unusual is not None and (steps > UNUSUAL_STEPS or len(source) > UNUSUAL_BYTES):
        return unusual()
    page = _Page(source, url, now or datetime.now(UTC), rules)
    result = page.result()
    page.walked.forget()
    return result


def explain(html: str | bytes, url: str | None = None, *, rules: SiteRules | None = None) -> list[Explained]:
    """Every block of the page in order, kept or dropped, with its score and what spoke most for it and
    against it; none of one that is too much work."""
    source = as_utf8(html) if isinstance(html, bytes) else html.encode("utf-8", "replace")
    if steps_of(source) > MOST_STEPS:
        return []
    page = _Page(source, url, datetime.now(UTC), rules)
    for (
        container,
        node,
    ) in (
        page.walked.passed
    ):  # taken with all that it holds: what a reader does not see is no part of an explanation
        node.strip_tags(CODE)
        container.blocks[0].text = " ".join(node.text(separator=" ").split())
    evidence = evidence_of(page.walked, page.body.container, page.title, page.description)
    return [_explained(block, evidence.get(block.order)) for block in page.walked.blocks]


_REASONS = 3  # for a block and against it


def _explained(block: Block, row: list[float] | None) -> Explained:
    told = SCORES.reasons(row) if row else []
    said = [(f"{name} {value_of(row, name):.3g} ({added:+.2f})", added) for name, added in told if row]
    return Explained(
        verdict=block.drop or "kept",
        score=round(block.score, 2) if row else None,
        spoke_for=[text for text, added in said if added > 0][:_REASONS],
        spoke_against=[text for text, added in said if added < 0][:_REASONS],
        kind=block.kind,
        where=f"{block.container.tag}.{block.container.name}".rstrip("."),
        link_density=round(block.density, 2),
        text=block.text,
    )


def _none(reason: str) -> Extraction:
    """What is extracted of a page that is not read."""
    return Extraction(
        title="", text="", reason=reason, authors=[], published_at=None, published_precision=None,
        published_from=None,
        modified_at=None, language=None, site_name=None, provider=None, agency=None, dateline=None,
        image_url=None, section=None,
        keywords=[], canonical_url=None, paywalled=False, links=[], word_count=0, method=f"none/{VERSION}",
        signals={},
    )  # fmt: skip


class _Page:
    """One page under extraction."""

    def __init__(self, source: bytes, url: str | None, now: datetime, rules: SiteRules | None = None) -> None:
        self.url = url
        self.now = now
        if holds(source, b"shadowrootmode"):
            source = _opened_templates(source)
        self.tree = LexborHTMLParser(source.replace(b"\0", b"") if b"\0" in source else source)
        self.rule = rules.of(urlsplit(url).hostname) if rules and url else None
        for selector in self.rule.drop if self.rule else ():
            for node in self.tree.css(selector):
                node.decompose()
        self.walked: Walked = walk_page(self._roots())
        if self.rule and self.rule.keep:
            self.walked.marks = marks_of(self.tree)  # which stand outside what the rule keeps, too
        self.head: Head = read_head(self.tree, self.walked, url)
        self.address = Addresses(url, self.head.base)
        self.site_name = site_name_of(self.head)
        self.site = Site(self.site_name, url)
        self.title = next(iter(self._ruled("title")), "") or find_title(self.head, self.walked, self.site)
        self.description = self.head.first("og:description", "description") or ""
        self.body: Body = find_body(self.walked, self.title, self.description)

    def _roots(self) -> list[LexborNode]:
        """Where the walk begins: the body, or the elements that a rule keeps."""
        kept = [
            node for selector in (self.rule.keep if self.rule else ()) for node in self.tree.css(selector)
        ]
        return kept or [node for node in (self.tree.body,) if node is not None]

    def _ruled(self, part: str) -> list[str]:
        """What a rule's selectors for `part` find, as text."""
        selectors: tuple[str, ...] = getattr(self.rule, part) if self.rule else ()
        return [
            clean(node.text(separator=" ") or "")
            for selector in selectors
            for node in self.tree.css(selector)
        ]

    def result(self) -> Extraction:
        text, method = self._text()
        words = count_words(text)
        reason = self._no_article(words)
        dateline, agency, taken = split_dateline(text)
        published, modified = find_dates(self.head, self.walked, self.url, self.now)
        authors = self._authors()
        if not reason and (published is None or not authors):
            # The walk passes by navigation and what is hidden, where what tells the date or the author may
            # stand.
            method += "+whole page"
            known, marks = self.walked.marks, marks_of(self.tree)
            self.walked.marks = marks
            if len(marks.metas) + len(marks.json_ld) > len(known.metas) + len(known.json_ld):
                self.head = read_head(self.tree, self.walked, self.url)
            again, modified = find_dates(self.head, self.walked, self.url, self.now)
            published = published or again
            authors = authors or self._authors()
        provider = provider_of(self.head, self.walked, self.site, authors)
        if agency is None:
            agency = next(
                (a for a in map(agency_of, [*authors, provider or ""]) if a), None
            ) or credited_agency(self.walked, self.body)
        kept = "" if reason else text
        return Extraction(
            title=self.title,
            text=kept,
            reason=reason,
            authors=authors,
            published_at=published.moment if published else None,
            published_precision=published.precision if published else None,
            published_from=published.origin if published else None,
            modified_at=modified.moment if modified else None,
            language=language_of(self.head),
            site_name=self.site_name,
            provider=provider,
            agency=agency,
            dateline=text[:taken].strip(" -–—―:.") or dateline if dateline and not reason else None,
            image_url=self.address.of(lead_image(self.head, self.tree)),
            signals={name: self.head.meta[name] for name in SIGNALS if name in self.head.meta},
            section=section_of(self.head),
            keywords=keywords_of(self.head),
            canonical_url=self._canonical(),
            paywalled=is_paywalled(self.head),
            links=self._links(),
            word_count=0 if reason else words,
            method=f"{method}/{VERSION}",
        )

    def _authors(self) -> list[str]:
        return clean_authors(self._ruled("authors")) or find_authors(self.head, self.walked, self.site)

    def _text(self) -> tuple[str, str]:
        text = _joined(self.body.blocks)
        stated = stated_chars(self.head)
        drawn = len(text) < 300 and stated > 2 * len(text) + 100
        missed = stated > max(1000, 2.2 * len(text))
        if drawn or missed:
            # The page is drawn by a script, or holds its article in a way that was missed; its metadata carry
            # it.
            return _cut(stated_text(self.head)), "json-ld"
        if len(text) < 300 and (state := state_text(self.tree, [self.title, self.head.title])):
            return _cut(state), "page-state"
        return _cut(text), "blocks"

    def _no_article(self, words: int) -> str | None:
        """Why this page, with so many words of body, is no article, in a stable code; None when it is one."""
        folded = f"{self.title} {self.head.title}".lower()
        declared = bool(self.head.article.get("headline")) or (self.head.meta.get("og:type") == "article")
        if not words and not any(c.isalnum() for b in self.walked.blocks for c in b.text):
            return "empty_page"
        if words < 150 and _ERROR_PAGE.search(folded):
            return "error_page"
        if words < 150 and _CONSENT.search(folded):
            return "consent_wall"
        if words < (8 if declared else _MIN_WORDS):
            return "home_page" if self._front_page() or self._mostly_links() else "no_article"
        if not declared and self._front_page() and self._mostly_links():
            return "home_page"
        return None

    def _front_page(self) -> bool:
        return bool(self.url) and urlsplit(self.url or "").path in ("", "/")

    def _mostly_links(self) -> bool:
        root = self.walked.root
        passed = sum(
            len(link.text()) for _, node in self.walked.passed for link in node.css("a[href]")[:_MOST_PASSED]
        )
        return root.links + passed > 0.5 * max(1, root.text)

    def _canonical(self) -> str | None:
        declared = self.head.canonical or self.head.first("og:url")
        if not self.url:
            return declared
        try:
            return page_identity(self.url, declared)
        except Exception:  # noqa: BLE001  a URL given by the caller for reference only
            return None

    def _links(self) -> list[Link]:
        """Links in the text, and teasers of other stories around it."""
        container = self.body.container
        hrefs = hrefs_of(self.walked, container)
        for around, node in self.walked.passed:
            if around.within(container):
                hrefs += [
                    (a.attributes["href"] or "", " ".join(a.text().split()), True)
                    for a in node.css("a[href]")[:_MOST_PASSED]
                ]
        links: dict[str, Link] = {}
        for href, title, related in hrefs:
            if related and len(title) < 12:
                continue
            target = self.address.of(href)
            if not target or len(target) > MAX_URL_CHARS or target in links:
                continue
            if target.partition("#")[0] != self.url:
                links[target] = Link(url=target, title=title[:300], kind="related" if related else "body")
        return list(links.values())[:MAX_LINKS]


_TEMPLATE = re.compile(rb"<(/?)template\b([^>]{0,1000})>", re.IGNORECASE)


def _opened_templates(source: bytes) -> bytes:
    """The page with its declarative shadow roots, which a browser shows, as plain elements."""
    shown: list[bool] = []

    def opened(tag: re.Match[bytes]) -> bytes:
        if not tag[1]:
            shown.append(b"shadowrootmode" in tag[2].lower())
            return b"<div>" if shown[-1] else tag[0]
        return b"</div>" if shown and shown.pop() else tag[0]

    return _TEMPLATE.sub(opened, source)


_ERROR_PAGE = re.compile(
    r"\b(?:404|403|500)\b.{0,30}(?:error|not found|forbidden)|page (?:not found|cannot be found|"
    r"does not exist)|seite nicht gefunden"
    r"|page introuvable|página no encontrada|pagina non trovata|страница не найдена|access denied|"
    r"just a moment"
)
_CONSENT = re.compile(
    r"before you continue|cookie consent|privacy (?:settings|choices)|your privacy|consent|"
    r"datenschutzeinstellungen"
)


def _joined(blocks: list[Block]) -> str:
    return as_read("\n\n".join(f"- {b.text}" if b.kind == "li" else b.text for b in blocks))


def _cut(text: str) -> str:
    if len(text) <= MAX_TEXT_CHARS:
        return text
    end = text.rfind("\n\n", 0, MAX_TEXT_CHARS)
    return text[: end if end > 0 else MAX_TEXT_CHARS]


def as_json(result: Extraction) -> dict[str, Any]:
    """The result as `dateline extract` prints it: only what is known."""
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(result)
    return {k: v for k, v in fields.items() if v is not None or k in ("published_at", "language", "title")}
