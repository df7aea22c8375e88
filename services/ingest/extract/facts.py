"""Language, section, keywords and paywall, as a page's metadata state them."""

from __future__ import annotations

import re

from services.ingest.extract.head import Head, names_of

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
    return head.first("article:section", "section", "parsely-section", "cxenseparse:section") or (
        stated[0] if stated else None
    )


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
    free = head.article.get("isAccessibleForFree")
    if free is False or (isinstance(free, str) and free.lower() == "false"):
        return True
    return (head.first("article:content_tier") or "").lower() in ("locked", "premium", "paid")
