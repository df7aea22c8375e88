"""RSS (0.9 to 2.0) and Atom (0.3, 1.0) reader: entries and the metadata that the feed gives for them."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from services.contract.errors import PermanentError
from services.contract.messages import FeedEntry, SourceKind
from services.ingest.dates import read_date
from services.ingest.sources.entries import address, each_apart, entry_of, language_of, literal, plain
from services.ingest.sources.json_feed import read_json_feed
from services.ingest.sources.listing import Listing
from services.ingest.sources.xml_text import decoded
from services.ingest.sources.xml_tree import XmlElement, read_tree

__all__ = ["entry_of", "plain", "read_feed", "read_json_feed"]

_ROOTS = ("rss", "feed", "rdf", "channel")
_ITEMS = ("item", "entry")
_MOST_ITEMS, _MOST_LINKS, _MOST_NAMES = 10_000, 20, 50
_PUBLISHED = (
    "pubdate", "published", "atom:published", "issued", "atom:issued", "dc:date", "dcterms:issued", "created",
    "atom:created",
    "dcterms:created", "date", "dcterms:date", "updated", "atom:updated", "modified", "atom:modified",
    "dcterms:modified",
    "prism:publicationdate",
)  # fmt: skip
_TEXT_TYPES = ("text", "text/plain", "xhtml")
_OF_PERSON = ("email", "uri", "url", "homepage", "atom:email", "atom:uri")
"""Elements beside a person's name that are not part of it."""
_HTML_TYPES = ("", "text/html", "application/xhtml+xml", "html", "xhtml")
_URL = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_MAIL = re.compile(r"[^\s<>()@]{1,64}@[^\s<>()]+")
_AROUND_NAME = " \t\r\n()<>,;\"'"


def read_feed(body: bytes, url: str, charset: str | None, now: datetime) -> Listing:
    """Reads RSS or Atom of any version into a Listing. An item that cannot be read is skipped.

    Raises PermanentError when the document is neither.
    """
    root = read_tree(decoded(body, charset), roots=_ROOTS, items=_ITEMS, most_items=_MOST_ITEMS)
    if root is None:
        raise PermanentError(
            "bad_feed", f"{url} is no feed that can be read: no RSS, RDF or Atom begins in it"
        )
    atom = root.name in ("feed", "atom:feed")
    channel = root if atom else next(_within(root, ("channel",)), root)
    site = _site(channel, url, atom=atom)
    language = (
        next((node.text() for node in channel.all("language", "dc:language")), None) or channel.language()
    )
    items = _within(root, _ITEMS)
    kind: SourceKind = "atom" if atom else "rss"
    entries = each_apart(lambda item: _entry(item, url, site, language, now), items)
    return Listing(kind=kind, title=_title(channel), entries=entries)


def _within(node: XmlElement, names: tuple[str, ...]) -> Iterator[XmlElement]:
    """The elements of these names in document order, without those nested in one another."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if found is not node and found.name.removeprefix("atom:") in names:
            yield found
        else:
            waiting += reversed(found.children)


def _site(channel: XmlElement, url: str, *, atom: bool) -> str:
    """The base of relative links without an xml:base: the site that the feed names as its own.

    Atom's links are relative to the feed's URL, unless another host serves it.
    """
    base = channel.base(url)
    links = [link for link in channel.own("link") if _relation(link) == "alternate"]
    named = (address(link.text().strip() or link.attributes.get("href"), base) for link in links)
    site = next((found for found in named if found), None)
    if site is None or base != url or (atom and _host(site) == _host(url)):
        return base
    return site


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _entry(item: XmlElement, url: str, site: str, language: str | None, now: datetime) -> FeedEntry | None:
    said = next((node.text() for node in item.all("dc:language", "language")), None) or item.attributes.get(
        "xml:lang"
    )
    language = said or language
    links = islice(_links(item), _MOST_LINKS)
    url_of_page = next((found for link, around in links if (found := address(link, around.base(site)))), None)
    return entry_of(
        url_of_page, url, title=_title(item), published_at=_published(item, language, now),
        authors=list(dict.fromkeys(islice(_authors(item), _MOST_NAMES))),
        keywords=list(dict.fromkeys(islice(_keywords(item), _MOST_NAMES))), language=language_of(language),
        now=now,
    ) if url_of_page else None  # fmt: skip


def _links(item: XmlElement) -> Iterator[tuple[str, XmlElement]]:
    """The item's links, best first, each with the element that gives its base.

    Only the item's direct children count: links nested deeper belong to a related story, an author or a
    picture.
    """
    # FeedBurner and similar services give the original URL in an element of their own.
    for node in item.all("feedburner:origlink", "pheedo:origlink"):
        yield node.text(), node
    links = list(item.own("link"))
    for link in links:
        if "href" not in link.attributes and _relation(link) == "alternate":
            yield link.text().strip() or _anchor(link) or _behind(link, item), link
    alternates = [link for link in links if "href" in link.attributes and _relation(link) == "alternate"]
    for link in sorted(alternates, key=lambda link: _type(link) not in _HTML_TYPES):
        yield link.attributes["href"], link
    for guid in item.all("guid", "atom:id", "id"):
        said = guid.attributes.get("ispermalink", "").strip().lower()
        if said not in ("false", "0", "no") and (_URL.match(guid.text()) or (said and "/" in guid.text())):
            yield guid.text(), guid
    for content in item.own("content"):
        if "src" in content.attributes and _type(content) in _HTML_TYPES:
            yield content.attributes["src"], content
    for name in ("rdf:about", "href"):
        if _URL.match(about := item.attributes.get(name, "")):
            yield about, item
    for link in links:
        if "href" in link.attributes and _relation(link) == "self" and _type(link) in _HTML_TYPES:
            yield link.attributes["href"], link


def _anchor(link: XmlElement) -> str:
    """The href of a link that is written as an HTML anchor."""
    return next((a.attributes["href"] for a in _within(link, ("a", "xhtml:a")) if "href" in a.attributes), "")


def _behind(link: XmlElement, item: XmlElement) -> str:
    """The URL that follows an empty <link>: an HTML parser has rewritten the feed."""
    text = item.parts[item.parts.index(link) + 1 :][:1]
    return text[0] if text and isinstance(text[0], str) and _URL.match(text[0]) else ""


def _relation(link: XmlElement) -> str:
    return link.attributes.get("rel", "").strip().lower().rpartition("/")[2] or "alternate"


def _type(node: XmlElement) -> str:
    return node.attributes.get("type", "").partition(";")[0].strip().lower()


def _title(node: XmlElement) -> str | None:
    for title in node.all("title", "atom:title", "dc:title", "media:title"):
        kind, text = _type(title), title.whole_text()
        if title.attributes.get("mode", "").lower() == "base64" or kind == "application/octet-stream":
            text, kind = _of_base64(text), ""
        if found := literal(text) if kind in _TEXT_TYPES or _is_markup(title, kind) else plain(text):
            return found
    return None


def _is_markup(title: XmlElement, kind: str) -> bool:
    """Whether child elements are XHTML markup (Atom 0.3's mode="xml"), so that escaped tags in them are
    text."""
    return kind == "application/xhtml+xml" and bool(title.children)


def _of_base64(text: str) -> str:
    """The text that Atom 0.3 encodes in Base64; the input where it is not Base64."""
    try:
        return b64decode(text, validate=False).decode("utf-8", "replace")
    except ValueError:
        return text


def _published(item: XmlElement, language: str | None, now: datetime) -> datetime | None:
    """The first element of the item that holds a valid date."""
    moments = (read_date(node.text(), now, language=language) for node in item.all(*_PUBLISHED))
    return next((moment for moment in moments if moment), None)


def _authors(item: XmlElement) -> Iterator[str]:
    nodes = list(item.all("author", "atom:author", "dc:creator", "dc:author")) or list(
        item.all("itunes:author", "dc:contributor")
    )
    for node in nodes:
        names = [name.whole_text() for name in node.all("name", "atom:name")] or [_without_contact(node)]
        for name in names:
            if found := _name(plain(name) if "@" not in name else literal(name)):
                yield found


def _without_contact(person: XmlElement) -> str:
    """The text of a person construct without a name element, its other elements left out."""
    contact = any(child.name in _OF_PERSON for child in person.children)
    return person.text() if contact else person.whole_text()


def _name(text: str | None) -> str | None:
    """A person's name without the e-mail address that RSS asks for."""
    if text and "@" in text:
        text = plain(_MAIL.sub(" ", text).strip(_AROUND_NAME))
    return text


def _keywords(item: XmlElement) -> Iterator[str]:
    for node in item.all("category", "atom:category", "dc:subject", "media:category"):
        if found := plain(node.attributes.get("label") or node.attributes.get("term") or node.whole_text()):
            yield found
    for node in item.all("media:keywords", "itunes:keywords"):
        yield from filter(None, map(plain, node.text().split(",", _MOST_NAMES)))
