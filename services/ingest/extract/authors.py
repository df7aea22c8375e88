"""Who wrote it: names out of JSON-LD, meta elements and visible bylines, cleaned and split."""

from __future__ import annotations

import re
from typing import Any

from services.ingest.extract.blocks import Walked
from services.ingest.extract.head import Head, clean, names_of
from services.ingest.extract.marks import Marks

_BY = re.compile(
    r"^(?:written by|reported by|reporting by|story by|words by|text by|by|von|vom|par|por|di|da|door|av|af|"
    r"ved|przez|autor(?:in|en)?|auteur|text|"
    r"автор|автори|від|от|بقلم|كتب|كتبت|yazan|oleh|penulis|tekst|redazione)\s*[:：]?\s+",
    re.IGNORECASE,
)
_BY_UNSPACED = re.compile(
    r"^(?:作者|记者|記者|撰文|文|取材|글|기자|责编|责任编辑|責任編輯|編輯|编辑)\s*(?:[:：/]|\s)\s*"
)
_SPLIT = re.compile(
    r"\s*(?:,|;|\||\s/\s|•|·|&|、|，|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\boch\b|\bog\b|\bi\b|\bи\b|"
    r"\bve\b|\bdan\b| و )\s*"
)
_ROLE = re.compile(
    r"^(?:(?:senior |staff |chief |special |political |foreign |deputy |executive |associate |managing |"
    r"news |sports |business |science "
    r"|health |digital |investigative |freelance |lead |us |u\.s\. |world |national |europe |africa |asia |"
    r"middle east )*"
    r"(?:head of|correspondent|reporter|editor|writer|journalist|columnist|contributor|producer|staff|"
    r"analyst|photographer|author|"
    r"redakteur(?:in)?|korrespondent(?:in)?|journaliste|correspondant|periodista|redactor|giornalista|"
    r"redactie|redaktion|redaction))\b.*$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2,}|\b(?:published|updated|share|minutes?|read|facebook|twitter|subscribe|follow|"
    r"newsletter|copyright|follow|http)\b",
    re.IGNORECASE,
)


def find_authors(head: Head, page: Walked, site_name: str | None) -> list[str]:
    """Author names in the page's order, each once. A desk or the site itself only where no person is
    named."""
    stated = _json_ld(head)
    persons = [name for name, desk in stated if not desk or not _is_site(name, site_name)]
    desks = [name for name, desk in stated if desk]
    instead = clean_authors(persons, site_name) or [p for p in persons if _plain(p)]
    if people := _people(instead, site_name):
        return people
    for candidates in (_meta(head), _marked(page.marks), _linked(page), _visible(page)):
        names = clean_authors(candidates, site_name)
        if people := _people(names, site_name):
            return people
        instead = instead or names
    named_desks = clean_authors(desks, site_name)
    return (
        [n for n in named_desks if not _is_site(n, site_name)] or instead or [d for d in desks if _plain(d)]
    )


def _people(names: list[str], site_name: str | None) -> list[str]:
    """The names, where one of them is a person's: neither the site's own nor a desk's."""
    own = [n for n in names if not _is_site(n, site_name)]
    return own if any(not _DESK.search(n) for n in own) else []


def _plain(name: str) -> bool:
    return 2 <= len(name) <= 60 and "://" not in name and "@" not in name


def _is_site(name: str, site_name: str | None) -> bool:
    """Whether a name is the site's own, or the address of one."""
    folded = name.casefold()
    return bool(_DOMAIN.fullmatch(folded)) or (site_name is not None and folded == site_name.casefold())


_DOMAIN = re.compile(r"[a-z0-9-]+\.(?:[a-z]{2,4}|co\.[a-z]{2})")
_DESK = re.compile(
    r"^(?:the\s.+|.*\b(?:press|times|news|media|journal|tribune|gazette|herald|telegraph|telegram|reuters|"
    r"afp|bloomberg|report|"
    r"reporter|staff|team|today|magazine|agency|agencies|newsroom|editorial|redaktion|redazione|redacción|"
    r"rédaction|redactie|"
    r"advance media|network|\w*agentur|advertiser|chronicle|dispatch)\b.*|(?-i:[A-Z]{3,6}))$",
    re.IGNORECASE,
)
"""Newspapers, agencies and desks by the words in their names; a capital acronym alone is a station or a
service."""
_CREDENTIAL = re.compile(
    r"^(?:MD|RD|RDN|RDN?|LDN?|MS|MSc|MPH|RN|DO|DDS|DVM|JD|MA|MBA|CPA|CFP|CSCS|Ph\.?D\.?|M\.?D\.?|Esq\.?)$"
)
_AGENCY_BEHIND = re.compile(
    r"\s+(?:for\s+|/\s*)?(?:the\s+)?(?:associated press|reuters|afp|bloomberg|canadian press)$", re.IGNORECASE
)
_PREFIX = re.compile(r"^(?:view all posts by|posts by|more by|all posts by|articles by)\s+", re.IGNORECASE)
_ROLE_AT_END = re.compile(
    r"\b(?:writers?|editors?|reporters?|correspondents?|columnists?|officer|contributors?|sponsored|staff)$",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]{0,40}[)\]]?")


def clean_authors(candidates: list[str], site_name: str | None = None) -> list[str]:
    """Split and clean written bylines: `By Ann Lee and Bo Xu, Staff Writers` becomes two names."""
    names: list[str] = []
    for candidate in candidates:
        text = _BY.sub("", _BRACKETS.sub("", clean(candidate)).strip(" ,;|-–—·•"))
        if len(text) >= 300 or "://" in text:
            continue
        for part in _SPLIT.split(text):
            name = _BY_UNSPACED.sub("", _BY.sub("", part.strip("（(【[ "))).strip(" .,;:|-–—()[]\"'")
            name = name.removesuffix(" 기자").removesuffix("記者").removesuffix("记者")
            if (
                not 2 <= len(name) <= 60
                or _NOT_A_NAME.search(name)
                or _ROLE.match(name)
                or len(name.split()) > 6
            ):
                continue
            name = _without_credentials(_PREFIX.sub("", name))
            if " " in (bare := _AGENCY_BEHIND.sub("", name)):
                name = bare
            if names and _CREDENTIAL.match(name):
                continue  # `Ann Lee, MD, RDN`
            if " " in name and name == name.lower() and name != name.upper():
                continue  # a name begins with a capital, where its script has them; an agency may not
            if not any(c.isalpha() for c in name) or _ROLE_AT_END.search(name):
                continue
            if name.isupper() and len(name) > 4 and " " in name:
                name = name.title()
            if name.casefold() not in (n.casefold() for n in names):
                names.append(name)
    real = [n for n in names if not _is_site(n, site_name)]
    return (real or names)[:20]


def _without_credentials(name: str) -> str:
    """`Ann Lee MS` without what stands behind the name."""
    words = name.split()
    while len(words) > 2 and _CREDENTIAL.match(words[-1]) and not name.isupper():
        words.pop()
    return " ".join(words)


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
        values = [
            v for v in values if not v.startswith("http") and "@" not in v and any(c.isalpha() for c in v)
        ]
        values = [v for v in values if not _DOMAIN.match(v.casefold())]
        if values:
            return values
    return []


def _marked(marks: Marks) -> list[str]:
    # Where a template marks the author, it is believed; a link to a page of the author's is the next best.
    for nodes in marks.authors():
        found = [clean(n.text(separator=" ") or "") for n in nodes[:6]]
        found = [f for f in found if 2 < len(f) < 120]
        if found:
            return list(dict.fromkeys(found))
    # Many a template has a name of its own for the author's element: there, only what looks like a person is
    # believed.
    parts = clean_authors(
        [text for n in marks.author_part[:4] if len(text := n.text(separator=" ") or "") < 120]
    )
    return [name for name in parts if _PERSON.fullmatch(name)]


_PERSON = re.compile(
    r"(?:(?:Dr|Prof|Mr|Mrs|Ms|Sir)\.? )?[^\W\d_a-zß-öø-ÿа-я][^\W\d_]*[.'’-]?\S*(?: (?:(?:de|del|della|di|da|"
    r"dos|du|van|von|der|den|zu|la|le|el|al|bin|ibn|y|e)\b"
    r"|[^\W\d_a-zß-öø-ÿа-я][^\W\d]*[.'’-]?[^\W\d]*\.?)){1,4}"
)


_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|signataires|profiles?|staff|people|by|reporters?|redaktion|"
    r"journalists?|contributors?)/[^/]"
)


def _linked(page: Walked) -> list[str]:
    """Links near the headline that lead to pages of authors."""
    start = page.h1[0].order if page.h1 else 0
    near = page.blocks[max(0, start - 3) : start + 12]
    lines = ([title for href, title in block.hrefs if title and _AUTHOR_PAGE.search(href)] for block in near)
    return next((titles for titles in lines if titles), [])


def _visible(page: Walked) -> list[str]:
    """A line just below the headline, or a part of one, that opens with the word for `by`."""
    start = page.h1[0].order if page.h1 else 0
    for block in page.blocks[start : start + 12]:
        for part in re.split(r"\s[|•·–—-]\s", block.text) if len(block.text) < 160 else ():
            match = _BY.match(part) or _BY_UNSPACED.match(part)
            first = part[match.end() : match.end() + 1] if match else ""
            # A name begins with a capital, where the script has capitals.
            if len(part) < 120 and first and first == first.upper() and first.isalpha():
                return [re.split(r",\s*\d|\d{1,2}[:.]\d{2}", part)[0]]
    return [block.text for block in page.blocks if len(block.text) < 40 and _EDITORS.search(block.text)][:1]


_EDITORS = re.compile(r"^[（(【\[]?(?:责编|责任编辑|責任編輯|編輯|编辑)[:：]")
