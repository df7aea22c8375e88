"""Who wrote it: names out of JSON-LD, meta elements and visible bylines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from services.ingest.extract.blocks import Walked
from services.ingest.extract.byline_lines import (
    dated_names,
    east_asian_names,
    end_credits,
    linked_names,
    near_headline,
    written_bylines,
)
from services.ingest.extract.bylines import names_in
from services.ingest.extract.cards import OwnStory
from services.ingest.extract.head import Head, clean, names_of
from services.ingest.extract.marks import Marks
from services.ingest.extract.site_names import Site
from services.ingest.extract.text import fold
from services.ingest.extract.wire import agency_of

_METAS = (
    "author", "article:author", "authors", "article_author", "parsely-author", "sailthru.author",
    "dc.creator", "citation_author", "byl", "dcterms.creator", "cxenseparse:author", "creator",
)  # fmt: skip
_DOMAIN = re.compile(r"[a-z0-9-]+\.(?:[a-z]{2,4}|co\.[a-z]{2})")
_DESK = re.compile(
    r"^(?:the\s.+|.*\b(?:press|times|news|media|journal|tribune|gazette|herald|telegraph|telegram|reuters|"
    r"afp|bloomberg|report|reporter|staff|team|today|magazine|agency|agencies|newsroom|editorial|redaktion|"
    r"redazione|redacción|rédaction|redactie|advance media|network|\w*agentur|advertiser|chronicle|dispatch|"
    r"inc|ltd|llc|gmbh|corp|pty|plc|publishing|verlag|admin|administrator|webmaster|nachrichten|noticias)\b.*|"
    r"(?-i:[A-Z]{3,6}))$",
    re.IGNORECASE,
)
"""Newspapers, agencies, companies and desks by the words in their names, and accounts of nobody's; a capital
acronym alone is a station or a service."""
_PERSON = re.compile(
    r"(?:(?:Dr|Prof|Mr|Mrs|Ms|Sir)\.? )?[^\W\d_a-zß-öø-ÿа-я][^\W\d_]*[.'’-]?\S*(?: (?:(?:de|del|della|di|da|"
    r"dos|du|van|von|der|den|zu|la|le|el|al|bin|ibn|y|e)\b"
    r"|[^\W\d_a-zß-öø-ÿа-я][^\W\d]*[.'’-]?[^\W\d]*\.?)){1,4}"
)


def find_authors(head: Head, page: Walked, site: Site) -> list[str]:
    """Author names in the page's order, each once. A desk or the site itself only where no person is named.

    What the metadata state is believed where the page shows it too; a name that is seen nowhere is the
    template's where the page's own byline has another.
    """
    stated = _json_ld(head)
    groups = [[name for name, _ in stated], *_meta_groups(head)]
    named = [names for group in groups if (names := clean_authors(group, site))]
    people = [found for names in named if (found := _people(names, site))]
    if people:
        near = _Shown(page)
        if best := next((names for names in people if any(map(near.has, names))), None):
            return best
        if best := next((names for names in people if any(_is_said(page, name) for name in names)), None):
            return best
    seen = _Bylines(head, page, site)
    if visible := seen.people():
        surnames = {fold(name).rpartition(" ")[2] for name in visible}
        return next((n for n in people if surnames & {fold(name).rpartition(" ")[2] for name in n}), visible)
    if people:
        return people[0]
    plainly = [name for name, _ in stated if _plain(name)]
    desks = (names for names in (*named, seen.desks, plainly) if names)
    own: list[str] = []
    for names in desks:
        if others := [n for n in names if not _is_site(n, site)]:
            return others
        own = own or names
    return own


class _Shown:
    """The short lines near the headline, in which an author is seen."""

    def __init__(self, page: Walked) -> None:
        lines = [block.text for block in near_headline(page) if len(block.text) < _LONGEST_LINE]
        self._text = fold(" | ".join(lines))

    def has(self, name: str) -> bool:
        """Whether a name stands in them."""
        return fold(name) in self._text


_LONGEST_LINE = 200


def _is_said(page: Walked, name: str) -> bool:
    """Whether a name stands anywhere among the page's blocks, just so."""
    return any(name in block.text for block in page.blocks)


class _Bylines:
    """The bylines that the page shows."""

    def __init__(self, head: Head, page: Walked, site: Site) -> None:
        self._head, self._page, self._site = head, page, site
        self.desks: list[str] = []  # the first names that are nobody's, once people() was asked

    def people(self) -> list[str]:
        """The people of the first byline that names any."""
        for names in self._all():
            people = _people(names, self._site)
            if people and all(_PERSON.fullmatch(n) or not n.isascii() or " " not in n for n in people):
                return people
            self.desks = self.desks or names
        return []

    def _all(self) -> Iterator[list[str]]:
        page, site = self._page, self._site
        yield from _marked_names(self._head, page, site)
        yield clean_authors(linked_names(page), site)
        for line in written_bylines(page):
            yield clean_authors([line], site)
        yield clean_authors(east_asian_names(page), site)
        for line in (*end_credits(page), *dated_names(page)):
            yield clean_authors([line], site)


def _people(names: list[str], site: Site) -> list[str]:
    """The people among names, with the agencies that are named beside them, without sites and desks; none
    where nobody is a person."""
    others = [n for n in names if not _is_site(n, site)]
    people = [n for n in others if not _is_desk(n)]
    return [n for n in others if n in people or agency_of(n)] if people else []


def _is_desk(name: str) -> bool:
    """Whether a name is a newspaper's, an agency's or a desk's, or an account's: one word in lower case."""
    return bool(_DESK.search(name)) or (name.isascii() and " " not in name and name.islower())


def _plain(name: str) -> bool:
    return 2 <= len(name) <= 60 and "://" not in name and "@" not in name


def _is_site(name: str, site: Site | None) -> bool:
    """Whether a name is the site's own, or the address of one."""
    return bool(_DOMAIN.fullmatch(name.casefold())) or (site is not None and site.is_name(name))


def clean_authors(candidates: list[str], site: Site | None = None) -> list[str]:
    """The names in written bylines: `By Ann Lee and Bo Xu, Staff Writers` becomes two."""
    names: list[str] = []
    for candidate in candidates:
        for name in names_in(clean(candidate)):
            if name.casefold() not in (n.casefold() for n in names):
                names.append(name)
    real = [n for n in names if not _is_site(n, site)]
    return (real or names)[:20]


def _json_ld(head: Head) -> list[tuple[str, bool]]:
    """The authors that the article's JSON-LD names, in order, and whether each is an organisation."""
    stated = head.article.get("author") or head.article.get("creator") or []
    found: list[tuple[str, bool]] = []
    named: dict[str, Any] | None = None  # nodes by their id: looked up once, however many authors there are
    for item in stated if isinstance(stated, list) else [stated]:
        node = item
        if isinstance(item, dict) and not item.get("name") and isinstance(item.get("@id"), str):
            if named is None:
                named = {
                    n["@id"]: n
                    for n in reversed(head.nodes)
                    if isinstance(n.get("@id"), str) and n.get("name")
                }
            node = named.get(item["@id"], item)
        kind = node.get("@type") if isinstance(node, dict) else None
        desk = isinstance(kind, str) and "organi" in kind.lower()
        found.extend((name, desk) for name in names_of(node))
    return found


def _meta_groups(head: Head) -> Iterable[list[str]]:
    """What each meta element for authors says."""
    for name in _METAS:
        values = head.several.get(name) or ([head.meta[name]] if name in head.meta else [])
        values = [v for v in values if not v.startswith("http") and any(c.isalpha() for c in v)]
        yield [v for v in values if not _DOMAIN.match(v.casefold())]
    label, said = head.meta.get("twitter:label1"), head.meta.get("twitter:data1")
    if said and not any(c.isdigit() for c in said) and (label or head.meta.get("twitter:data2")):
        yield [said] if _PERSON.fullmatch(said) else []


def _marked_names(head: Head, page: Walked, site: Site) -> Iterable[list[str]]:
    """Names in elements that a template marks as the author's, of the page's own story.

    Where a template marks the author, it is believed; a link to a page of the author's is the next best.
    """
    marks: Marks = page.marks
    story = OwnStory(head, [block.text for block in page.h1])
    for nodes in marks.authors():
        own = [n for n in nodes[:_MOST_MARKED] if story.has(n)]
        found = [clean(n.text(separator=" ") or "") for n in own[:6]]
        names = clean_authors([f for f in dict.fromkeys(found) if 2 < len(f) < 120], site)
        if names:
            yield names
            break
    # Many a template has a name of its own for the author's element: there, only what looks like a person is
    # believed.
    parts = clean_authors(
        [
            text
            for n in marks.author_part[:4]
            if len(text := n.text(separator=" ") or "") < 120 and story.has(n)
        ]
    )
    yield [name for name in parts if _PERSON.fullmatch(name) or not name.isascii()]


_MOST_MARKED = 8
