"""How much work a page makes for whoever parses it, told from its tags before it is parsed.

A parser of HTML looks through the elements that are open at most tags, through the formatting that is to be
taken up again, through an element's attributes at each of them, and through a list's options at each option:
on a page made for it, all of these grow with its length. `steps_of` goes once over the bytes and adds up how
much of that there is. It may be told too much, never much less.
"""

from __future__ import annotations

import re

from services.runtime.compiled import compiled

UNUSUAL_STEPS = 5_000_000
"""From here on a page is extracted apart from others. Of 2,000 pages of news none has a quarter of it."""
MOST_STEPS = 60_000_000
"""A page of more is not parsed at all: each step is about a nanosecond. Ten thousand levels of nesting are
less."""
UNUSUAL_BYTES = 1024 * 1024
"""A page as long as that is extracted apart, whatever it is made of: a few live blogs are. A megabyte of
small elements is 0.9 s of processor time, in most of which no other thread of the worker moves."""
FORMATTING_STEPS, ATTRIBUTE_STEPS, OPTION_STEPS, ROOT_STEPS = 10, 2, 6, 20

PLAIN, PASSING, FORMATTING, RAW, SELECT, OPTION, ROOT, FOREIGN, INTEGRATION = range(9)
KINDS: dict[str, int] = (
    # Those that hold nothing, and those that the next of their kind ends.
    dict.fromkeys(
        "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th tbody "
        "thead tfoot optgroup".split(),
        PASSING,
    )
    | dict.fromkeys("a b big code em font i nobr s small strike strong tt u".split(), FORMATTING)
    | dict.fromkeys("script style textarea title xmp iframe noembed noframes".split(), RAW)
    | {"select": SELECT, "option": OPTION, "html": ROOT, "body": ROOT, "svg": FOREIGN, "math": FOREIGN}
    | dict.fromkeys("foreignobject desc mi mo mn ms mtext annotation-xml".split(), INTEGRATION)
)
BREAKOUT = frozenset(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing "
    "menu meta nobr ol p pre ruby s "
    "small span strong strike sub sup table tt u ul var".split()
)
"""Elements that end an SVG or a formula which they stand in."""

_compiled = compiled("services.ingest.extract", "_steps")  # which reads what stands above

_TAG = re.compile(
    rb"""<!--(?P<comment>)|<(?P<end>/?)(?P<name>[A-Za-z][^\t\n\f\r />]*+)
    (?P<attributes>(?:[\t\n\f\r /]++|[^\t\n\f\r />][^\t\n\f\r />=]*+(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >]*+))?+)*+)(?:>|\Z)""",  # noqa: E501
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    rb"""[^\t\n\f\r />][^\t\n\f\r />=]*+(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >]*+))?+"""  # noqa: E501
)
_END_OF_COMMENT = re.compile(rb"--!?>")
_ENDS_OF_RAW = {
    name: re.compile(rb"</" + name.encode() + rb"(?=[\t\n\f\r />])", re.IGNORECASE)
    for name, kind in KINDS.items()
    if kind == RAW
}


def steps_of(page: bytes) -> int:
    """Steps of a parser through what is open, over and above one for each byte."""
    return _compiled.steps_of(page) if _compiled else plain_steps_of(page)  # type: ignore[no-any-return]


def plain_steps_of(page: bytes) -> int:
    """`steps_of` in plain Python, to the same answers."""
    scan = _Scan()
    at = 0
    while (match := _TAG.search(page, at)) is not None:
        if match["comment"] is not None:
            end = _END_OF_COMMENT.search(page, match.start() + 2)
            if end is None:
                return scan.steps
            at = end.end()
            continue
        at = match.end()
        name = match["name"].decode("latin-1").lower()
        count = len(_ATTRIBUTE.findall(match["attributes"]))
        scan.steps += count * count * ATTRIBUTE_STEPS
        if match["end"]:
            scan.close(name)
        elif scan.open(name, closed=match["attributes"].endswith(b"/")):
            raw = _ENDS_OF_RAW[name].search(page, at)
            if raw is None:
                return scan.steps
            at = raw.start()
    return scan.steps


class _Scan:
    """What is open at a place of the page."""

    def __init__(self) -> None:
        self.steps = self.depth = self.formatting = self.options = self.roots = 0
        self.inside = self.foreign = 0  # elements of HTML within an SVG or a formula, and those two
        self.sticky = False  # it can no longer be told whether an SVG has ended
        self.opened: dict[str, int] = {}

    def open(self, name: str, *, closed: bool) -> bool:
        """Take a start tag; whether text follows that is no markup."""
        kind = KINDS.get(name, PLAIN)
        self.steps += self.depth + self.formatting * FORMATTING_STEPS
        if self.foreign and not self.inside and name in BREAKOUT:
            self.depth -= self.foreign
            self.foreign = self.opened["svg"] = self.opened["math"] = 0
        if kind == PASSING:
            self.steps += self.depth  # what it ends is looked for, too
            return False
        if kind == RAW and not self.foreign and not self.sticky:
            return True
        if kind == OPTION:
            self.options += 1
            self.steps += self.options * OPTION_STEPS
            return False
        if kind == ROOT:
            self.roots += 1
            self.steps += self.roots * ROOT_STEPS
            return False
        if closed and self.foreign and not self.inside:
            return False
        if kind == SELECT:
            self.options = 0
        self.depth += 1
        self.opened[name] = self.opened.get(name, 0) + 1
        self._count(kind, name, 1)
        return False

    def close(self, name: str) -> None:
        """Take an end tag."""
        kind = KINDS.get(name, PLAIN)
        self.steps += self.depth
        if not self.opened.get(name):
            return
        if kind == FOREIGN and self.inside:
            self.sticky = True
        self.opened[name] -= 1
        self.depth -= 1
        self._count(kind, name, -1)

    def _count(self, kind: int, name: str, by: int) -> None:
        self.formatting += by * (kind == FORMATTING)
        self.foreign += by * (kind == FOREIGN)
        self.inside += by * (kind == INTEGRATION or (kind == RAW and name == "title"))
