"""What single lines look like, in many languages: bylines, dates, ends of sentences."""

from __future__ import annotations

import re

ENDS = re.compile(r"[.!?…:;。！？؟।»”\"'’)\]」』]$")
BYLINE = re.compile(
    r"^(?:by|von|par|por|di|da|door|av|af|przez|от|автор|بقلم|كتب|written by|reporting by|story by|text)[\s:]+\S.{0,80}$"
    r"|^(?:published|updated|last updated|posted|veröffentlicht|aktualisiert|stand|publié|mis à jour|publicado|actualizado"
    r"|atualizado|pubblicato|aggiornato|gepubliceerd|опубликовано|обновлено|نشر|发布|發布|公開|更新)\b.{0,90}$",
    re.IGNORECASE,
)
DATE_LINE = re.compile(r"^\W*(?:\w+,?\s+)?\d{1,4}[./\-\s年]\s?\w{1,12}\.?[./\-\s月,]\s?\d{1,4}.{0,40}$")
