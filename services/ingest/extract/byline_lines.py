"""Bylines among a page's lines: near the headline, and credits at the article's end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.ingest.extract.blocks import Block, Walked
from services.ingest.extract.bylines import BY, BY_UNSPACED, ROLE_WORDS

_BEFORE, _BEHIND, _TAIL = 6, 14, 5  # blocks around the headline; at the end
_LONGEST, _LONGEST_CREDIT, _LONGEST_DATED = 160, 140, 90
_LONGEST_BY = 12
_LEAST_PROSE, _MOST_PROSE = 60.0, 2  # of a block; blocks of prose that may stand above a byline
_LINKED, _LEAST_HEADLINE = 0.6, 20  # share of a block in links; characters of a teaser's headline
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|signataires|profiles?|staff|people|by|reporters?|redaktion|"
    r"journalists?|contributors?)/[^/]"
)
_PARTED = re.compile(r"\s[|•·–—-]\s|　+|\s{2,}")
_MID_LINE = re.compile(r"\d.{0,40}?\s(?:by|von|par|por)\s+(?=[^\W\d_a-z])")
_HAN = r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{2,6})?"
_EAST_ASIAN = re.compile(
    rf"(?:^|[\s　】）)|/，。、])(?:本报|本報)?(?:记者|記者|作者|撰文|通讯员|文)\s*[:：/／|丨=＝・]?[\s　]*"
    rf"(?P<han>{_HAN}(?:[、\s　]{_HAN})*)(?=$|[\s　）)】|/，。；;])|"
    r"(?:^|[\s　])(?:文|取材|執筆|著者|筆者|ライター)\s*[:：/／・=＝]\s*"
    r"(?P<ja>[\u3040-\u30ff\u4e00-\u9fff]{2,10})"
    r"(?=$|[\s　）)】])|"
    r"(?:^|[\s(\[=])(?P<ko>[\uac00-\ud7af]{2,4})\s+(?:기자|특파원|논설위원)(?=$|[\s)\]=,·])"
)
_NAME = (  # with particles and double surnames
    r"[^\W\d_a-z][^\W\d_]+"
    r"(?:[ -](?:(?:de|del|della|di|da|dos|du|van|von|der|den|la|le|el|al|bin|y|e|i) ){0,2}"
    r"[^\W\d_a-z][^\W\d_]*\.?){1,4}"
)
_NAME_AND_DATE = re.compile(
    rf"^(?:(?P<name>{_NAME})\s*[|•·]\D{{0,25}}"
    r"|(?P<cjk>[\u3040-\u30ff\u4e00-\u9fff]{2,8})\s*)"
    r"(?=\d{1,4}\s?[./年-]\s?\d{1,2}|\d{1,2} [^\W\d_]{3,9} \d{4})"
)
# The word for `author` or `text` with a colon, behind a date or the like.
_LABELLED = re.compile(
    r"(?:^|[\s|•·,])(?i:author|auteur|autor(?:in|a|e|zy)?|texte?|texto|testo|tekst|words|автор(?:и|ы)?|текст|szerző|"
    r"penulis|yazar|skribent|forfatter|συντάκτης|מאת|كتب|بقلم)\s*[:：]\s*(?=[^\W\d_a-z])"
)
# `Ein Bericht von Ann Leeward`: a line of its own between headline and text.
_KIND_AND_NAME = re.compile(
    rf"^(?:[^\W\d_]\S* ){{1,3}}(?:von|by|par|por|door|av|af|przez|di) (?P<name>{_NAME})$"
)
_ONLY_NAMES = re.compile(rf"{_NAME}(?:(?:/|, | and | und | et ){_NAME}){{0,2}}")
_ROLE_BEHIND_NAME = re.compile(
    rf"^(?P<name>{_NAME}),\s+(?i:special (?:to|for)|for the|(?:[^\W\d_]+ ){{0,3}}(?:{ROLE_WORDS})\b)"
)
_CREDIT = re.compile(
    r"^\W{0,2}(?:(?:additional )?report(?:ing|ed)|story|written|words) by\s+(?P<names>[^;()\[\]]{3,100})",
    re.IGNORECASE,
)
_EDITORS = re.compile(r"^[（(【\[]?(?:责编|责任编辑|責任編輯|編輯|编辑)[:：]")


def linked_names(page: Walked) -> list[str]:
    """Links near the headline that lead to pages of authors."""
    start = _start(page)
    near = page.blocks[max(0, start - 3) : start + 12]
    lines = ([title for href, title in block.hrefs if title and _AUTHOR_PAGE.search(href)] for block in near)
    return next((titles for titles in lines if titles), [])


def near_headline(page: Walked) -> list[Block]:
    """Blocks around the headline, or before the prose where there is none."""
    start = _start(page)
    return page.blocks[max(0, start - _BEFORE) : start + _BEHIND]


def _start(page: Walked) -> int:
    if page.h1:
        return page.h1[0].order
    prose = next((block.order for block in page.blocks if block.prose > _LEAST_PROSE), 0)
    return max(0, prose - _BEFORE)


def _end(page: Walked) -> list[Block]:
    """The last blocks of the article, and the few behind up to a heading or a link."""
    last = max((block.order for block in page.blocks if block.prose > _LEAST_PROSE), default=None)
    if last is None:
        return []
    found = page.blocks[max(0, last - 1) : last + 1]
    for block in page.blocks[last + 1 : last + _TAIL]:
        if block.heading or block.density > _LINKED:
            break
        found.append(block)
    return found


def written_bylines(page: Walked) -> Iterator[str]:
    """Lines that open with the word for `by`, or parts of such, the one nearest to the headline first."""
    start = _start(page)
    prose = 0
    for block in page.blocks[start : start + _BEHIND]:
        prose += block.prose > _LEAST_PROSE
        above = page.blocks[block.order - 1] if block.order > start else None
        if prose > _MOST_PROSE:
            return
        if above is not None and above.density > _LINKED and len(above.text) > _LEAST_HEADLINE:
            continue  # the byline of a teaser, below its headline
        for part in _PARTED.split(block.text) if len(block.text) < _LONGEST else ():
            match = BY.match(part) or BY_UNSPACED.match(part)
            first = part[match.end() : match.end() + 1] if match else ""
            # A name begins with a capital, where the script has capitals.
            if len(part) < 120 and first and first == first.upper() and first.isalpha():
                yield part
        if len(block.text) < _LONGEST_BY and _is_by(block.text) and block.order + 1 < len(page.blocks):
            following = page.blocks[block.order + 1].text
            if len(following) < _LONGEST_DATED and following[:1].isupper():
                yield f"By {following}"
        if len(block.text) < _LONGEST and (
            match := _MID_LINE.search(block.text) or _LABELLED.search(block.text)
        ):
            yield f"By {block.text[match.end() :]}"


def _is_by(text: str) -> bool:
    """Whether a line is the word for `by` and no more; the name stands in the next one."""
    match = BY.match(f"{text} X")
    return match is not None and match.end() == len(text) + 1


def east_asian_names(page: Walked) -> list[str]:
    """Names beside the words for reporter and text, near the headline or at the end."""
    for block in (*near_headline(page), *_end(page)):
        if len(block.text) < _LONGEST:
            found = [m["han"] or m["ja"] or m["ko"] for m in _EAST_ASIAN.finditer(block.text)]
            if found:
                return [name for names in found for name in re.split(r"[、\s　]+", names) if name]
    return [block.text for block in page.blocks if len(block.text) < 40 and _EDITORS.search(block.text)][:1]


def dated_names(page: Walked) -> Iterator[str]:
    """Names near the headline: before a date or a role, in lines such as `Ein Bericht von Ann Leeward`, and
    alone where the body begins or ends.
    """
    for block in near_headline(page):
        if len(block.text) < _LONGEST_DATED and (match := _NAME_AND_DATE.match(block.text)):
            yield match["name"] or match["cjk"]
    for block in _between_headline_and_text(page):
        match = _ROLE_BEHIND_NAME.match(block.text) or _KIND_AND_NAME.match(block.text)
        if match and match["name"][:1].isupper():
            yield match["name"]
    yield from _names_beside_text(page)


def _names_beside_text(page: Walked) -> Iterator[str]:
    """Names alone in a line with which the body begins or ends."""
    above: Block | None = None
    for block in page.blocks[page.h1[0].order + 1 :][:_BEHIND] if page.h1 else ():
        if block.prose > _LEAST_PROSE:
            if above is not None and _is_line_of_names(above, block):
                yield above.text.replace("/", ", ")
            break
        above = block
    last = next((block for block in reversed(page.blocks) if block.prose > _LEAST_PROSE), None)
    if last is not None and last.order + 1 < len(page.blocks):
        below = page.blocks[last.order + 1]
        if _is_line_of_names(below, last):
            yield below.text


def _is_line_of_names(line: Block, beside: Block) -> bool:
    return (
        line.container is beside.container
        and not line.heading
        and not line.hrefs
        and len(line.text) < _LONGEST_DATED
        and _ONLY_NAMES.fullmatch(line.text) is not None
    )


def _between_headline_and_text(page: Walked) -> Iterator[Block]:
    """Short lines below the headline that are neither headings nor links, before the first prose."""
    if not page.h1:
        return
    for block in page.blocks[page.h1[0].order + 1 : page.h1[0].order + _BEHIND]:
        if block.prose > _LEAST_PROSE:
            return
        if len(block.text) < _LONGEST_DATED and not block.heading and block.density <= _LINKED:
            yield block


def end_credits(page: Walked) -> Iterator[str]:
    """Credits at the end: `(Reporting by …; Editing by …)`, `Text: …`, `Von …`."""
    for block in reversed(_end(page)):
        text = block.text.strip("()[]*_ ")
        if len(text) > _LONGEST_CREDIT:
            continue
        if match := _CREDIT.match(text):
            yield match["names"]
        elif (
            len(text) < 60
            and (match := BY.match(text))
            and text[match.end()].isupper()
            and text[-1] not in ".!?"
        ):
            yield text
