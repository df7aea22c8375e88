"""Language, section, keywords and paywall, as a page's metadata state them."""

from __future__ import annotations

import re

from services.ingest.extract.head import Head, names_of
from services.ingest.extract.json_ld import types_of
from services.ingest.extract.text import fold

_LONGEST_SECTION = 60
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def language_of(head: Head) -> str | None:
    """The language code, two or three letters, that the page declares."""
    stated = names_of(head.article.get("inLanguage"))
    raw = (
        head.language
        or (stated[0] if stated else None)
        or head.first("og:locale", "content-language", "language")
    )
    if not raw:
        return None
    code = re.split(r"[-_]", raw.strip().lower())[0]
    return code if _LANGUAGE.fullmatch(code) else None


def section_of(head: Head) -> str | None:
    """The newspaper's section."""
    stated = names_of(head.article.get("articleSection"))
    meta = head.first("article:section", "section", "parsely-section", "cxenseparse:section")
    return meta or (stated[0] if stated else None) or _breadcrumb(head)


def _breadcrumb(head: Head) -> str | None:
    """The first step below the front page in the page's breadcrumbs that is not the article itself."""
    crumbs = next((n.get("itemListElement") for n in head.nodes if "breadcrumblist" in types_of(n)), None)
    titles = {
        fold(t) for t in (head.title, head.first("og:title") or "", *names_of(head.article.get("headline")))
    }
    for crumb in crumbs[1:] if isinstance(crumbs, list) else ():
        names = names_of(crumb) or names_of(crumb.get("item") if isinstance(crumb, dict) else None)
        if names and names[0] and len(names[0]) < _LONGEST_SECTION and fold(names[0]) not in titles:
            return names[0]
    return None


def keywords_of(head: Head) -> list[str]:
    """Up to 30 keywords, each once."""
    stated = head.article.get("keywords")
    raw = head.several.get("article:tag", [])
    raw = raw or (names_of(stated) if isinstance(stated, (list, str)) else [])
    raw = raw or [head.first("news_keywords", "keywords", "parsely-tags") or ""]
    words = [w.strip() for item in raw for w in re.split(r"[,;|、，]", item)]
    return list(dict.fromkeys(w for w in words if 1 < len(w) < 60))[:30]


def is_paywalled(head: Head) -> bool:
    """Whether the page says that its text is not free to read."""
    parts = head.article.get("hasPart")
    parts = parts if isinstance(parts, list) else [parts]
    stated = [node.get("isAccessibleForFree") for node in (head.article, *parts) if isinstance(node, dict)]
    stated.append(head.meta.get("isaccessibleforfree"))  # as microdata
    if any(free is False or (isinstance(free, str) and free.lower() == "false") for free in stated):
        return True
    return (head.first("article:content_tier") or "").lower() in ("locked", "premium", "paid")
