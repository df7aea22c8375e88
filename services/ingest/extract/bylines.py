"""Names in a written byline, without roles, dates, cities, newspapers and addresses around them."""

from __future__ import annotations

import re
from functools import lru_cache

from services.ingest.dates.months import folded, months_named
from services.ingest.dates.weekdays import is_weekday
from services.ingest.extract.wire import agency_of

BY = re.compile(
    r"^(?:written by|reported by|reporting by|story by|words by|text by|by|von|vom|par|por|di|da|door|av|af|"
    r"ved|przez|autor(?:in|en|zy)?|"
    r"autore|autora|auteur|author|texte?|texto|testo|tekst|foto und text|"
    r"από(?: τον| την)?|γράφει(?: ο| η)?|του|της|автор|автори|текст|від|от|بقلم|كتب|"
    r"كتبت|yazan|oleh|penulis|redazione)\s*[:：]?\s+(?=\S)|"
    r"^(?:author|auteur|autor(?:in|a)?|texte?|texto|testo|tekst|автор|текст|كتب|كتبت|بقلم)\s*[:：]\s*(?=\S)",
    re.IGNORECASE,
)
BY_UNSPACED = re.compile(
    r"^(?:本报|本報)?(?:作者|记者|記者|撰文|通讯员|文|取材|執筆|글|기자|责编|责任编辑|責任編輯|編輯|编辑)\s*"
    r"(?:[:：/／=＝|丨]|\s)\s*"
)
_BY_INSIDE = re.compile(r"\d.*?\b(?:by|von|par|por|door|av|af)\s+(?=[^\W\d_])", re.IGNORECASE)
# `Eine Analyse von Ann Leeward`, but not `Heinrich von Kleist`.
_KIND_BEFORE = re.compile(r"^(?:\S+\s){1,4}?(?:von|by|par|por)\s+(?=[^\W\d_a-z]\S*\s+[^\W\d_a-z])")
_PICTURES_BY = re.compile(
    r"(?:^|[,;)]|\b(?:and|und|et|y|e|en))[^,;()]*\("
    r"(?:photos?|pictures?|fotos?|bilder?|images?|video|illustrations?)\)",
    re.IGNORECASE,
)
_WHOLLY_BRACKETED = re.compile(r"^[\[【《（(〈]([^\[\]【】《》（）()]{2,60})[\]】》）)〉]$")
# What follows these signs or words is no more of the byline: other people's work, or no people at all.
_NO_AUTHORS = re.compile(
    r"[;,(]?\s*\b(?:editing|edited|additional|compiled|translated|produced|photos?|photographs?|photography|"
    r"pictures?|images?|video|graphics?|illustrations?|fotos?|fotografie|bild(?:er)?|grafik|"
    r"bearbeitet|redigiert|übersetzung|traduction|traducción|edición|imágenes|fotograf[ií]as?|illustration|"
    r"foto's|zdjęcia|фото|"
    r"редактор|تصوير|تحرير)\b\s*(?:by\b|[:：/]|von\b|par\b|por\b|\()",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\b(?:published|updated|posted|modified|"
    r"last updated|created|veröffentlicht|aktualisiert|publié|mis à jour|"
    r"publicado|publicada|actualizado|atualizado|pubblicato|aggiornato|gepubliceerd|opublikowano|опубликовано|"
    r"обновлено|min(?:ute)?s? read|est\. reading|comments?|view (?:all|more)|read more|follow|share)\b.*$",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"\S*@\S*|(?:https?:|www\.)\S+|\b(?:e-?mail|contact|tel|follow) .*$", re.IGNORECASE)
_SPLIT = re.compile(
    r"\s*(?:;|\||\s/\s|•|·|&|、|，|\band\b|\bund\b|\bet\b|\ben\b|\boch\b|\bog\b|\bja\b|\bи\b|\bта\b|\bve\b|"
    r"\bdan\b|\bκαι\b| و )\s*"
)
_MAYBE_SPLIT = re.compile(r"\s+(?:y|e|i|и)\s+")
"""Words for `and` that stand within a surname, too: `Ramón y Cajal`, `Puig i Cadafalch`, `Silva e Souza`."""
_COMMA = re.compile(r"\s*,\s*(?!(?:Jr|Sr|II|III|IV)\b)")
_SUFFIX_COMMA = re.compile(r",\s*(?=(?:Jr|Sr|II|III|IV)\b)")
_LAST_FIRST = re.compile(r"([^\W\d_][\w'’.-]*[^\W\d_]),\s*([^\W\d_][\w'’-]+(?: [^\W\d_]\.?)?)")
ROLE_WORDS = (
    "correspondents?|reporters?|editors?|writers?|journalists?|columnists?|contributors?|producers?|analysts?|"
    "photographers?|redakteur(?:in)?|korrespondent(?:in)?|journaliste|correspondant|periodista|redactora?|"
    "giornalista|redaktor(?:ka)?|corresponsal|muhabiri?|wartawan"
)
_ROLE = re.compile(
    r"^(?:(?:senior |staff |chief |special |political |foreign |deputy |executive |associate |managing |"
    r"news |sports |business |science |health |digital |investigative |freelance |lead |us |u\.s\. |world |"
    r"national |europe |africa |asia |middle east )*"
    rf"(?:head of|staff|author|redactie|redaktion|redaction|{ROLE_WORDS}))\b.*$",
    re.IGNORECASE,
)
_ROLE_BEFORE = re.compile(
    rf"^(?:[^\W\d_][\w-]*[- ])??(?:{ROLE_WORDS})\s+(?-i:(?=[^\W\d_a-z]))", re.IGNORECASE
)
_ROLE_BEHIND = re.compile(rf"^((?:\S+ ){{2,3}}?)(?:\S+ )?(?:{ROLE_WORDS})$")
_ROLE_AT_END = re.compile(rf"\b(?:{ROLE_WORDS}|officer|sponsored|staff)$", re.IGNORECASE)
# `Ann Leeward in Northport`, `for the Courier`, `Special to NJ.com`; a name never holds these in lower case.
_PLACE = re.compile(r"(?:^|\s+)(?:in|aus|à|en)\s+(?=[^\W\d_a-zß-öø-ÿ]).*$")
_PAPER = re.compile(r"(?:^|[\s/]+)(?:for|pour|für|para|voor|[Ss]pecial (?:to|for)|For)\s+(?:[Tt]he\s+)?\S.*$")
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2,}|\b(?:published|updated|share|minutes?|read|facebook|twitter|subscribe|follow|"
    r"newsletter|copyright|http|posts?|comments?|author|see all|show all)\b",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(
    r"^(?:MD|RD|RDN|RDN?|LDN?|MS|MSc|MPH|RN|DO|DDS|DVM|JD|MA|MBA|CPA|CFP|CSCS|CEPF®?|Ph\.?D\.?|M\.?D\.?|Esq\.?)$"
)
_AGENCY_BEHIND = re.compile(
    r"\s+(?:for\s+|/\s*)?(?:the\s+)?(?:associated press|reuters|afp|bloomberg|canadian press)$", re.IGNORECASE
)
_PREFIX = re.compile(r"^(?:view all posts by|posts by|more by|all posts by|articles by)\s+", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[（【]([^()\[\]（）【】]{0,40})[)\]）】]?")
# First and last name and nothing else, as most metadata have it.
_PLAIN = re.compile(r"[A-ZÀ-Þ][a-zà-ÿ]+(?: [A-ZÀ-Þ][a-zà-ÿ]+){1,2}")
_NO_PERSON = re.compile(
    rf"^(?:Last|Special|Email|Story|Photos?|Text)\b|\b(?:{ROLE_WORDS}|officer|sponsored|staff|posts?|comments?|"
    r"all|press|reuters|afp|bloomberg)\b",
    re.IGNORECASE,
)
_LONGEST, _LONGEST_NAME, _MOST_WORDS = 300, 60, 6


def names_in(byline: str) -> list[str]:
    """The names of a byline in its order: `By Ann Lee and Bo Xu, Staff Writers` has two."""
    text = " ".join(byline.split()).strip(" ,;|-–—·•")
    return list(_names_in(text)) if len(text) < _LONGEST and "://" not in text else []


@lru_cache(maxsize=512)  # a page says its byline in several places
def _names_in(text: str) -> list[str]:
    if _PLAIN.fullmatch(text) and not BY.match(text) and not _NO_PERSON.search(text):
        return [text]
    if inside := _WHOLLY_BRACKETED.match(text):
        text = inside[1]
    whole, text = text, BY.sub("", text)
    if match := _NO_AUTHORS.search(text):
        if match.start() == 0:
            return []
        text = text[: match.start()]
    text = "; ".join(_in_order(part) for part in _KIND_BEFORE.sub("", text).split(";"))
    text = _undated(_CONTACT.sub(" | ", _BRACKETS.sub(" ", _PICTURES_BY.sub("", text))))
    names: list[str] = []
    for piece in _pieces(_SUFFIX_COMMA.sub(" ", text)):
        if _PLACE.match(piece) or _PAPER.match(piece):
            break  # what follows are cities, sections or papers
        name = _name(piece)
        if not name or (names and _CREDENTIAL.match(name)):
            continue
        if name.casefold() not in (known.casefold() for known in names):
            names.append(name)
    if len(names) > 1 and text != whole and _is_city(names, whole):
        names.pop()
    return names


def _is_city(names: list[str], byline: str) -> bool:
    """Whether the last word of a byline names where it was written: `By Ann Leeward, Northport`."""
    last = names[-1]
    alone = last.isalpha() and not last.isupper() and " " in names[-2] and agency_of(last) is None
    return alone and byline.endswith(f", {last}")


def _in_order(name: str) -> str:
    """`Leeward, Ann` with the first name first; `TPN, Lisbon` as it is."""
    swapped = _LAST_FIRST.fullmatch(name.strip())
    if swapped is None or (swapped[1].isupper() and len(swapped[1]) <= 5):
        return name
    return f"{swapped[2]} {swapped[1]}"


def _undated(text: str) -> str:
    """A byline without the date and what is said of it, which may stand before the name or behind it."""
    if match := _BY_INSIDE.search(text):
        text = text[match.end() :]
    before = _NUMBER.split(_DATED.sub("", text), maxsplit=1)
    if len(before) == 1:
        return before[0]
    words = before[0].strip(" ,.-–—|·•/").split()
    while words and (words[-1] in _BEFORE_DATES or _is_of_date(folded(words[-1]).strip(".,"))):
        words.pop()
    return " ".join(words)


_NUMBER = re.compile(r"(?<![A-Za-zÀ-ÿ\d])\d|(?<=[a-zà-ÿ])\d+(?=\s)")
_BEFORE_DATES = frozenset("on am le el il op den the at um the - – — | · • vom från dne dnia em".split())


def _is_of_date(word: str) -> bool:
    """Whether a folded word names a month or a weekday."""
    return bool(months_named(word)) or is_weekday(word)


def _pieces(text: str) -> list[str]:
    pieces = []
    for part in _SPLIT.split(text):
        for inner in _COMMA.split(part):
            halves = _MAYBE_SPLIT.split(inner)
            # A surname of two parts has one word behind the link; so has a second author only beside another
            # single word.
            whole = len(halves) == 2 and len(halves[1].split()) == 1 and len(halves[0].split()) > 1
            pieces += [inner] if whole else halves
    return [piece.strip() for piece in pieces if piece.strip()]


def _name(piece: str) -> str | None:
    """One name, or None where the piece is none."""
    name = BY_UNSPACED.sub("", BY.sub("", piece.strip("（(【[《 "))).strip(" .,;:|-–—()[]》】\"'")
    for title in (" 기자", "記者", "记者", " 특파원"):
        name = name.removesuffix(title)
    name = _ROLE_BEFORE.sub("", _PAPER.sub("", _PLACE.sub("", name)))
    if not 2 <= len(name) <= _LONGEST_NAME or _NOT_A_NAME.search(name) or _ROLE.match(name):
        return None
    if match := _ROLE_BEHIND.match(name):
        name = match[1]
    name = _without_credentials(_PREFIX.sub("", name)).strip(" -–—")
    if " " in (bare := _AGENCY_BEHIND.sub("", name)):
        name = bare
    if len(name.split()) > _MOST_WORDS or not any(c.isalpha() for c in name) or _ROLE_AT_END.search(name):
        return None
    if " " in name and name == name.lower() and name != name.upper():
        return None  # a name begins with a capital, where its script has them; an agency may not
    return name.title() if name.isupper() and len(name) > 4 and " " in name else name


def _without_credentials(name: str) -> str:
    """`Ann Lee MS` without what stands behind the name."""
    words = name.split()
    while len(words) > 2 and _CREDENTIAL.match(words[-1]) and not name.isupper():
        words.pop()
    return " ".join(words)
