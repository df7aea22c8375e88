"""What the walk over a page does with an element, by its tag, and how far it goes."""

from __future__ import annotations

import re

_SKIP = frozenset(
    "style noscript svg iframe template object embed canvas video audio map select option input textarea "
    "button math progress meter dialog head applet datalist source track picture img rt rp rtc".split()
)
_INLINE = frozenset(
    "acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q ruby s samp "
    "small span strike strong sub sup time tt u var wbr o:p".split()
)
_CONTROLS = frozenset("input textarea select button".split())
BOILERPLATE = frozenset(("nav", "footer", "aside", "figure", "figcaption", "menu"))
BOILERPLATE_ROLES = frozenset(("navigation", "complementary", "contentinfo", "banner", "dialog"))
_KINDS = frozenset("p h1 h2 h3 h4 h5 h6 li blockquote pre dd dt td th caption summary".split())
OWN_KIND = {kind: kind for kind in _KINDS} | {"center": "p"}
_LEAVES = _KINDS - {"li", "blockquote", "td", "th", "dd"}
INHERITED = frozenset(("li", "blockquote", "td"))  # kinds that a block within takes over
MAX_DEPTH = 220
CODE = ["script", "style", "noscript"]  # which text(deep=True) takes for text
EARLY = 40  # containers
MAX_ELEMENTS = 100_000  # read of one page; the longest live blogs have about 30,000
LITTLE_PROSE = 300.0  # characters; less than any article but the shortest
A_SENTENCE = 50  # characters; less than a paragraph that stands alone in a box has
HIDDEN_PROSE = 250  # characters; less than the rest of a story behind a button has
LITTLE_BOILERPLATE = 5000  # characters, blanks of the markup among them
BUDGET_S = 1.0  # for walking one page; a long live blog takes a tenth of it
MAX_LOOKS = 300  # of one page; each may cost as much as the page is long
MAX_NESTED_LINKS = 3  # of links that stand in one another, which HTML does not mean them to
INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

# What the walk does with an element, by its tag; all other elements are containers.
CONTAINER, TEXT, SKIPPED, BREAK, LINK, RUN, NAMED_RUN, LEAF, META, SCRIPT = range(10)
ACTION_OF_TAG: dict[str | None, int] = (
    dict.fromkeys((*_SKIP, "-comment", "-document", "!doctype", "-undef", None), SKIPPED)
    | dict.fromkeys(("meta", "title", "link"), META)
    | dict.fromkeys(_INLINE, RUN)
    | dict.fromkeys(("span", "small", "label", "time", "em", "i", "strong", "b", "abbr"), NAMED_RUN)
    | dict.fromkeys(_LEAVES, LEAF)
    | {"-text": TEXT, "br": BREAK, "a": LINK, "script": SCRIPT}
)

# Attributes that the walk asks for, each as a bit in the order of ATTRIBUTES, and one more for all others.
ATTRIBUTES = (
    "class", "id", "href", "rel", "hidden", "style", "itemprop", "datetime", "property", "role",
    "aria-hidden", "type",
)  # fmt: skip
CLASS, ID, HREF, REL, HIDDEN, STYLE, ITEMPROP, DATETIME, PROPERTY, ROLE, ARIA_HIDDEN, TYPE, OTHER = (
    1 << n for n in range(len(ATTRIBUTES) + 1)
)


class Tag:
    """What is known of a tag."""

    __slots__ = (
        "action", "boilerplate", "control", "figure", "headline", "left_out", "link", "list_", "name",
        "noscript", "own_kind", "quote", "time",
    )  # fmt: skip

    def __init__(self, name: str | None) -> None:
        self.name = name or ""
        self.action = ACTION_OF_TAG.get(name, CONTAINER)
        self.own_kind = OWN_KIND.get(self.name)
        self.boilerplate = name in BOILERPLATE
        self.control, self.noscript = name in _CONTROLS, name == "noscript"
        self.left_out = name in ("nav", "footer")
        self.figure, self.list_, self.time = name == "figure", name == "ul", name == "time"
        self.link, self.quote, self.headline = name == "a", name == "blockquote", name == "h1"
