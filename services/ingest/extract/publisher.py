"""Site name, original publisher and credited agency."""

from __future__ import annotations

import re
from itertools import islice

from services.ingest.extract.blocks import Body, Walked
from services.ingest.extract.head import Head, clean, names_of
from services.ingest.extract.site_names import Site
from services.ingest.extract.wire import agency_of

_MORE_FROM_OPENING = re.compile(
    r"(?:more (?:stories |news )?from|mehr von|plus de|más de|mais de|altro da|المزيد من)\s+", re.IGNORECASE
)
_MORE_FROM = re.compile(rf"{_MORE_FROM_OPENING.pattern}(.{{2,60}})$", re.IGNORECASE)
_OPENINGS = frozenset("mo me pl má ma al ال".split())  # the first two letters of all these
_STATED = ("provider", "sourceOrganization", "copyrightHolder", "publisher")
_TAIL = 8  # blocks of the article's end
_METAS = ("syndication-source-name", "dc.source", "source", "cxenseparse:provider", "article:provider")


def site_name_of(head: Head) -> str | None:
    """The name by which the site calls itself."""
    publisher = names_of(head.article.get("publisher"))
    name = head.first("og:site_name") or (publisher[0] if publisher else None)
    name = name or head.first("application-name", "apple-mobile-web-app-title")
    return name[:120] if name else None


def provider_of(head: Head, page: Walked, site: Site, authors: list[str]) -> str | None:
    """The original publisher where it is neither the site itself nor its company."""
    article = head.article
    for key in _STATED:
        for name in names_of(article.get(key)):
            if not site.is_named(name) and len(name) < 80:
                return name
    for key in _METAS:
        value = head.meta.get(key)
        if value and not value.startswith("http") and not site.is_named(value) and len(value) < 80:
            return value
    for line in _lines_of_more(page):
        if line[:2].lower() in _OPENINGS and (match := _MORE_FROM.match(line)):
            name = match[1].strip(" .:»›>")
            if not site.is_name(name) and name.casefold() not in (a.casefold() for a in authors):
                return name
    return next((agency for author in authors if (agency := agency_of(author))), None)


def _lines_of_more(page: Walked) -> list[str]:
    """Short lines of the page, and headings of its boxes of more stories: `More from The Harbour Herald`."""
    passed = {container.index for container, _ in page.passed}
    lines = [b.text for b in page.blocks if len(b.text) < 80 and b.container.index not in passed]
    for container, node in page.passed:
        if container.blocks and _MORE_FROM_OPENING.match(container.blocks[0].text):
            lines += [clean(heading.text()) for heading in node.css("h2, h3, h4, h5, h6, strong")[:3]]
    return lines


def credited_agency(page: Walked, body: Body) -> str | None:
    """An agency credited at the article's end, such as `(Reporting by …; Reuters)` or a closing `dpa`."""
    within = (b.text for b in reversed(page.blocks) if b.container.within(body.container))
    tail = list(islice(within, _TAIL))
    return next(
        (a for line in reversed(tail) if len(line) < 40 and (a := agency_of(line.strip("()[] .")))), None
    )
