"""Bylines among a page's lines: near the headline, and credits at the article's end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.ingest.extract.blocks import Block, Walked
from services.ingest.extract.bylines import BY, BY_UNSPACED

_BEFORE, _BEHIND, _TAIL = 6, 14, 5  # blocks around the headline; at the end
_LONGEST, _LONGEST_CREDIT, _LONGEST_DATED = 160, 140, 90
_LEAST_PROSE = 60.0
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|signataires|profiles?|staff|people|by|reporters?|redaktion|"
    r"journalists?|contributors?)/[^/]"
)
_PARTED = re.compile(r"\s[|•·–—-]\s|　+|\s{2,}")
_MID_LINE = re.compile(r"\d.{0,40}?\s(?:by|von|par|por)\s+(?=[^\W\d_a-z])")
_HAN = r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{2,6})?"
_EAST_ASIAN = re.compile(
    rf"(?:^|[\s　】）)|/，。、])(?:本报|本報)?(?:记者|記者|作者|撰文|通讯员|文)\s*[:：/／|丨=＝]?[\s　]*"
    rf"(?P<han>{_HAN}(?:[、\s　]{_HAN})*)(?=$|[\s　）)】|/，。；;])|"
    r"(?:^|[\s　])(?:文|取材|執筆|著者|筆者|ライター)\s*[:：/／・=＝]\s*"
    r"(?P<ja>[\u3040-\u30ff\u4e00-\u9fff]{2,10})"
    r"(?=$|[\s　）)】])|"
    r"(?:^|[\s(\[=])(?P<ko>[\uac00-\ud7af]{2,4})\s+(?:기자|특파원|논설위원)(?=$|[\s)\]=,·])"
)
_NAME_AND_DATE = re.compile(
    r"^(?:(?P<name>[^\W\d_a-z][^\W\d_]+(?: [^\W\d_a-z][^\W\d_]*\.?){1,3})\s*[|•·]\D{0,25}"
    r"|(?P<cjk>[\u3040-\u30ff\u4e00-\u9fff]{2,8})\s*)"
    r"(?=\d{1,4}\s?[./年-]\s?\d{1,2}|\d{1,2} [^\W\d_]{3,9} \d{4})"
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
    """The last blocks of the article and the few behind: from the last but some with prose."""
    prose = [block.order for block in page.blocks if block.prose > _LEAST_PROSE]
    return page.blocks[max(0, prose[-1] - 1) : prose[-1] + _TAIL] if prose else []


def written_bylines(page: Walked) -> Iterator[str]:
    """Lines that open with the word for `by`, or parts of such, the one nearest to the headline first."""
    start = _start(page)
    for block in page.blocks[start : start + _BEHIND]:
        for part in _PARTED.split(block.text) if len(block.text) < _LONGEST else ():
            match = BY.match(part) or BY_UNSPACED.match(part)
            first = part[match.end() : match.end() + 1] if match else ""
            # A name begins with a capital, where the script has capitals.
            if len(part) < 120 and first and first == first.upper() and first.isalpha():
                yield part
        if len(block.text) < _LONGEST and (match := _MID_LINE.search(block.text)):
            yield f"By {block.text[match.end() :]}"


def east_asian_names(page: Walked) -> list[str]:
    """Names beside the words for reporter and text, near the headline or at the end."""
    for block in (*near_headline(page), *_end(page)):
        if len(block.text) < _LONGEST:
            found = [m["han"] or m["ja"] or m["ko"] for m in _EAST_ASIAN.finditer(block.text)]
            if found:
                return [name for names in found for name in re.split(r"[、\s　]+", names) if name]
    return [block.text for block in page.blocks if len(block.text) < 40 and _EDITORS.search(block.text)][:1]


def dated_names(page: Walked) -> Iterator[str]:
    """Names that stand alone before the date, near the headline: `Ann Leeward | 05.03.2025`."""
    for block in near_headline(page):
        if len(block.text) < _LONGEST_DATED and (match := _NAME_AND_DATE.match(block.text)):
            yield match["name"] or match["cjk"]


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
