"""Who wrote it: names out of JSON-LD, meta elements and visible bylines, cleaned and split."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from services.ingest.extract.blocks import Walked
from services.ingest.extract.head import Head, clean, names_of

_BY = re.compile(
    r"^(?:written by|reported by|reporting by|story by|words by|text by|by|von|vom|par|por|di|da|door|av|af|ved|przez|autor(?:in|en)?|auteur|text|"
    r"автор|автори|від|от|بقلم|كتب|كتبت|yazan|oleh|penulis|tekst|redazione)\s*[:：]?\s+",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:,|;|\||/|•|·|&|、|，|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\boch\b|\bog\b|\bi\b|\bи\b|\bve\b|\bdan\b| و )\s*"
)
_ROLE = re.compile(
    r"^(?:(?:senior |staff |chief |special |political |foreign |deputy |executive |associate |managing |news |sports |business |science "
    r"|health |digital |investigative |freelance |lead |us |u\.s\. |world |national |europe |africa |asia |middle east )*"
    r"(?:correspondent|reporter|editor|writer|journalist|columnist|contributor|producer|staff|analyst|photographer|author|"
    r"redakteur(?:in)?|korrespondent(?:in)?|journaliste|correspondant|periodista|redactor|giornalista|redactie|redaktion|redaction))\b.*$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2,}|\b(?:published|updated|share|minutes?|read|facebook|twitter|subscribe|follow|newsletter|copyright|follow|http)\b",
    re.IGNORECASE,
)


def find_authors(tree: LexborHTMLParser, head: Head, page: Walked, site_name: str | None) -> list[str]:
    """Author names in the page's order, each once. Empty where the page names none."""
    for candidates in (_json_ld(head), _meta(head), _marked(tree), _visible(page)):
        names = clean_authors(candidates, site_name)
        if names:
            return names
    return []


def clean_authors(candidates: list[str], site_name: str | None = None) -> list[str]:
    """Split and clean written bylines: `By Ann Lee and Bo Xu, Staff Writers` becomes two names."""
    names: list[str] = []
    for candidate in candidates:
        text = _BY.sub("", clean(candidate).strip(" ,;|-–—·•"))
        if len(text) >= 300 or "://" in text:
            continue
        for part in _SPLIT.split(text):
            name = _BY.sub("", part).strip(" .,;:|-–—()[]\"'")
            if not 2 <= len(name) <= 60 or _NOT_A_NAME.search(name) or _ROLE.match(name) or len(name.split()) > 6:
                continue
            if not any(c.isalpha() for c in name):
                continue
            if name.isupper() and len(name) > 4 and " " in name:
                name = name.title()
            if name.casefold() not in (n.casefold() for n in names):
                names.append(name)
    real = [n for n in names if not site_name or n.casefold() != site_name.casefold()]
    return (real or names)[:20]


def _json_ld(head: Head) -> list[str]:
    return names_of(head.article.get("author")) or names_of(head.article.get("creator"))


def _meta(head: Head) -> list[str]:
    for name in (
        "author",
        "article:author",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "citation_author",
        "byl",
        "dcterms.creator",
    ):
        values = head.several.get(name) or ([head.meta[name]] if name in head.meta else [])
        values = [v for v in values if not v.startswith("http")]
        if values:
            return values
    return []


def _marked(tree: LexborHTMLParser) -> list[str]:
    for selector in (
        "[rel=author]",
        "[itemprop=author] [itemprop=name]",
        "[itemprop=author]",
        ".byline .author",
        ".author-name",
        ".byline a",
        ".author a",
        ".byline",
        ".author",
    ):
        found = [clean(n.text(separator=" ") or "") for n in tree.css(selector)[:6]]
        found = [f for f in found if 2 < len(f) < 120]
        if found:
            return list(dict.fromkeys(found))
    return []


def _visible(page: Walked) -> list[str]:
    """A line just below the headline that opens with the word for `by`."""
    start = page.h1[0].order if page.h1 else 0
    for block in page.blocks[start : start + 12]:
        if (
            len(block.text) < 120
            and (match := _BY.match(block.text))
            and block.text[match.end() : match.end() + 1].isupper()
        ):
            return [re.split(r"\s[|•·–—-]\s|,\s*\d|\d{1,2}[:.]\d{2}", block.text)[0]]
    return []
