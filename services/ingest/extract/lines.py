"""What single lines look like, in many languages: bylines, dates, ends of sentences."""

from __future__ import annotations

import re

from services.ingest.extract.blocks import CLOSING, SENTENCE_ENDS

ENDS = SENTENCE_ENDS | frozenset(":;：；") | frozenset(CLOSING)  # that a sentence may end with
_BYLINE = re.compile(
    r"^(?:by|von|par|por|di|da|door|av|af|przez|от|автор|بقلم|كتب|written by|reporting by|story by|"
    r"text)[\s:]+\S.{0,80}$"
    r"|^(?:published|updated|last updated|posted|veröffentlicht|aktualisiert|stand|publié|mis à jour|"
    r"publicado|actualizado"
    r"|atualizado|pubblicato|aggiornato|gepubliceerd|опубликовано|обновлено|نشر|发布|發布|公開|"
    r"更新)\b.{0,90}$",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(r"^\W*(?:\w+,?\s+)?\d{1,4}[./\-\s年]\s?\w{1,12}\.?[./\-\s月,]\s?\d{1,4}.{0,40}$")


# The first two letters of all that a byline may begin with.
_OPENINGS = frozenset(
    "by vo pa po di da do av af pr от ав بق كت wr re st te pu up la ve ak mi ac at ag ge оп об نش 发布 發布 "
    "公開 更新".split()
)


def is_byline_or_date(text: str) -> bool:
    """Whether a short line says by whom or when the article was written, and no more."""
    if text[:2].lower() in _OPENINGS and _BYLINE.match(text):
        return True
    return len(text) < 60 and _has_digit(text) and _DATE_LINE.match(text) is not None


def _has_digit(text: str) -> bool:
    for character in text:  # noqa: SIM110  compiled, a generator would cost more than all of it
        if character.isdecimal():
            return True
    return False
