"""Lead image: as the metadata state it, else the first picture of the article that is no icon."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest.extract.head import Head, url_of

_STATED = ("og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src")
_PICTURES = "article img, main img, figure img, [itemprop=articleBody] img"
_LOOKED_AT, _LEAST_WIDTH = 12, 200
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_ICONS = ("logo", "icon", "avatar", "sprite", "pixel", "placeholder", "blank.", "spacer")


def lead_image(head: Head, tree: LexborHTMLParser) -> str | None:
    """The link of the lead image, as the page writes it."""
    if stated := head.first(*_STATED) or url_of(head.article.get("image")):
        return stated
    first = tree.css_first(_PICTURES)
    if first is None:
        return None
    if link := _picture(first):  # as most often: found without a walk over the rest of the page
        return link
    return next((link for node in tree.css(_PICTURES)[1:_LOOKED_AT] if (link := _picture(node))), None)


def _picture(node: LexborNode) -> str | None:
    """The link of an image; None of an icon."""
    attributes = node.attributes
    link = next((s for name in _SOURCES if (s := attributes.get(name)) and not s.startswith("data:")), None)
    width = (attributes.get("width") or "").removesuffix("px")
    if not link or (width.isascii() and width.isdecimal() and int(width[:6]) < _LEAST_WIDTH):
        return None
    if link.lower().partition("?")[0].endswith(".svg") or any(i in link.lower() for i in _ICONS):
        return None
    return link
