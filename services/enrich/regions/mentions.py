"""Finding names of places in running text: what is a place, and what only looks like one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.enrich.regions.gazetteer import Gazetteer

_WORD = re.compile(r"[^\W\d_](?:[\w]|['’.\-](?=\w))*(?:(?<=\b[A-Z])\.(?=[A-Z]\.)|(?<=\.[A-Z])\.)?", re.UNICODE)
_LONGEST = 5  # words of a name
# Words that open a sentence or lead to a place, so that a capital on them says nothing about a name.
_LEADING = frozenset(
    """in at from near to of for and the on by with as across around outside inside within throughout over off through under toward towards
    between since after before while when where if but or nor so yet is are was were has have had will would can could may might must should
    this that these those it its he she they we you i his her their our your my an a no not all some many most more both each every other
    another such than then there here now today yesterday tomorrow late early mid last next monday tuesday wednesday thursday friday saturday
    sunday january february march april may june july august september october november december northern southern eastern western central
    north south east west upper lower greater mainland rural downtown metropolitan inner outer nearby neighboring neighbouring
    der die das den dem des ein eine in im am an aus von vom nach bei bis für mit und oder auf über unter zwischen auch wie als nur
    le la les l un une des du de d en à au aux et ou sur sous dans pour par avec entre vers chez depuis selon
    el los las una unos unas del al y o u con por para sin sobre entre hacia desde hasta según tras
    il lo gli i dal dalla dei nel nella nelle sul sulla tra fra per con e o da
    o os as um uma do da dos das no na nos nas em com por para entre sobre e ou
    het een van in op te uit voor met en of bij naar tot over
    в во на из от до с со к по о об при за под над для и или а но у""".split()
)
# What follows a place name without making it part of another name.
_TRAILING = frozenset(
    """police mayor governor senator president prime minister government parliament court council county city airport state province
    district university officials authorities residents foreign defence defense interior army military navy air forces troops embassy
    ambassador embassy's chief attorney supreme high national federal central and""".split()
)
# What follows a place name and makes the whole the name of something else.
_ORGANISATION = frozenset(
    """post times herald tribune journal gazette chronicle globe telegraph mail news daily guardian star sun observer examiner review
    united fc rovers wanderers athletic city's hotspur giants jets patriots bears bulls lakers knicks yankees mets dodgers cubs
    airlines airways bank insurance hilton jackson street avenue road boulevard lane drive square bridge wall declaration accord accords
    protocol treaty convention agreement consensus effect syndrome mercantile exchange""".split()
)
_WATERS = frozenset({"Sea", "Ocean", "Channel", "Gulf", "Strait", "Bay", "River"})
_TITLES = frozenset(
    "mr mrs ms miss dr sir lord lady judge justice sen rep gov gen lt capt col sgt prof rev pastor sheikh prince princess king queen herr frau monsieur madame señor señora don doña".split()
)
_SPEECH = frozenset(
    "said says added told wrote tweeted asked replied argued noted recalled insisted joked tells scored sagte dit dijo disse".split()
)
_PERSONAL_COUNTRIES = frozenset(
    {
        "Jordan",
        "Chad",
        "Georgia",
        "Israel",
        "Kenya",
        "India",
        "Paris",
        "Sydney",
        "Florence",
        "Victoria",
        "Charlotte",
        "Madison",
        "Austin",
        "Lincoln",
        "Jackson",
        "Houston",
        "Dallas",
        "Denver",
        "Savannah",
        "Carolina",
        "Virginia",
        "Washington",
        "Chelsea",
        "Brooklyn",
    }
)
_CYRILLIC = re.compile(r"^[\u0400-\u04ff]")
_ARABIC = re.compile(r"^[\u0600-\u06ff]")


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a name stands in the text, and the name as the gazetteer writes it."""

    start: int
    end: int
    name: str
    weak: bool = False  # an everyday word: needs more than its capital letter


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def find_mentions(text: str, gazetteer: Gazetteer) -> list[Mention]:
    """Mentions in order, not overlapping; the longest name wins."""
    found = [*_segmented(text, gazetteer), *_unsegmented(text, gazetteer)]
    found.sort(key=lambda m: m.start)
    return found


def _segmented(text: str, gazetteer: Gazetteer) -> list[Mention]:
    words = [_Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text)]
    mentions: list[Mention] = []
    surnames: set[str] = set()
    n = 0
    while n < len(words):
        word = words[n].text
        first = word[0]
        if not (first.isupper() or (first >= "\u0590" and first not in gazetteer.unsegmented)):
            n += 1
            continue
        length, name = _longest(text, words, n, gazetteer)
        if not length:
            n += 1
            continue
        verdict = _verdict(text, words, n, length, name, gazetteer, surnames)
        if verdict is not None:
            mentions.append(
                Mention(words[n].start, words[n].start + _written(text, words, n, length, name), name, verdict)
            )
            n += length
        else:
            n += 1
    return mentions


def _longest(text: str, words: list[_Word], n: int, gazetteer: Gazetteer) -> tuple[int, str]:
    """How many words from `n` on make the longest known name, and that name."""
    start = words[n].start
    for length in range(min(_LONGEST, len(words) - n), 0, -1):
        end = words[n + length - 1].end
        if end - start > 60 or "\n" in text[start:end]:
            continue
        for name in _forms(text, start, end, length):
            if name in gazetteer:
                return length, name
    return 0, ""


def _forms(text: str, start: int, end: int, length: int) -> list[str]:
    """The written form and the forms under which a gazetteer may have it: without possessive, inflection, prefix."""
    name = text[start:end].replace("’", "'")
    forms = [name]
    if text[end : end + 1] == "." and name.count(".") and not name.endswith("."):
        forms.append(name + ".")
    if name.endswith("'s"):
        forms.append(name[:-2])
    if length > 1 and "  " in name:
        forms.append(" ".join(name.split()))
    if length == 1 and "-" in name:
        head = name.split("-")[0]
        if len(head) > 3:
            forms.append(head)
    if length == 1 and name.isupper() and len(name) > 3:
        forms.append(name.title())
    if length > 1 and name.isupper():
        forms.append(name.title())
    if length == 1 and len(name) > 4:
        if _CYRILLIC.match(name):
            forms.extend(_uninflected(name))
        elif _ARABIC.match(name):
            forms.extend(name[k:] for k in (1, 2) if name[0] in "وبلفك" and len(name) - k > 3)
    return forms


def _uninflected(name: str) -> list[str]:
    """Nominatives that a Russian or Ukrainian form may stand for: `России` for `Россия`, `Киеве` for `Киев`."""
    out: list[str] = []
    for ending, bases in (
        (("ии", "ию", "ией"), ("ия",)),
        (("ы", "е", "у", "ой", "ою"), ("а", "")),
        (("а", "ом", "е", "у", "і"), ("", "о")),
        (("и", "ю", "ей", "і"), ("я", "ь", "а")),
    ):
        for suffix in ending:
            if name.endswith(suffix) and len(name) - len(suffix) > 2:
                out.extend(name[: -len(suffix)] + base for base in bases)
    return out


def _written(text: str, words: list[_Word], n: int, length: int, name: str) -> int:
    """Characters of the mention as written: without a possessive `'s` or a hyphenated tail."""
    raw = text[words[n].start : words[n + length - 1].end]
    if raw.endswith(("'s", "’s")) and not name.endswith("'s"):
        raw = raw[:-2]
    if length == 1 and "-" in raw and "-" not in name:
        raw = raw.split("-")[0]
    if name.endswith(".") and not raw.endswith("."):
        return len(raw) + 1
    return len(raw)


def _verdict(
    text: str, words: list[_Word], n: int, length: int, name: str, gazetteer: Gazetteer, surnames: set[str]
) -> bool | None:
    """None when the name is not used as a place; else whether it is weak."""
    if name[0] >= "\u0590":
        return False
    meanings = gazetteer.lookup(name)
    country = meanings[0].kind in ("country", "area")
    if len(name) <= 2 and not (country and (name.isupper())):
        return None
    if (
        length == 1
        and not country
        and name.isupper()
        and text[words[n].start : words[n].end].isupper()
        and len(name) < 5
    ):
        return None
    before, after = _neighbour(text, words, n, -1), _neighbour(text, words, n + length - 1, 1)
    demonym = country and meanings[0].demonym
    if length == 1 and name in surnames:
        return None
    if before and before.text.rstrip(".").lower() in _TITLES:
        surnames.add(name)
        return None
    if after and after.text in _WATERS:
        return None  # the South China Sea is not China
    if _after_waters_of(text, words, n):
        return None
    if after and after.text.lower() in _ORGANISATION and not demonym and after.text[0].isupper():
        return None
    if not country or name in _PERSONAL_COUNTRIES:
        if (
            before
            and before.text[0].isupper()
            and before.text.lower() not in _LEADING
            and not _sentence_start(text, before)
        ) and not (country and before.text in gazetteer):
            surnames.add(words[n + length - 1].text)
            return None
        followed = after and after.text[0].isupper() and after.text.lower() not in _TRAILING | _LEADING
        if after and followed and not demonym and (meanings[0].kind == "city" or name in _PERSONAL_COUNTRIES):
            surnames.add(after.text)
            return None
        if (
            after is None
            and length == 1
            and (following := _next(text, words, n))
            and following.text in _SPEECH
            and name in _PERSONAL_COUNTRIES
        ):
            return None
        if (
            after
            and after.text in _SPEECH
            and length == 1
            and (name in _PERSONAL_COUNTRIES or name in gazetteer.everyday)
        ):
            return None
    if length == 1 and name in gazetteer.everyday and not country:
        return None if _sentence_start(text, words[n]) else True
    return False


def _after_waters_of(text: str, words: list[_Word], n: int) -> bool:
    """Whether the name follows `Gulf of`, `Bay of` and the like."""
    return (
        n >= 2
        and words[n - 1].text == "of"
        and words[n - 2].text in _WATERS
        and text[words[n - 2].start : words[n].start].count(" ") == 2
    )


def _neighbour(text: str, words: list[_Word], n: int, step: int) -> _Word | None:
    """The word next to `n` with only a space between, or None."""
    m = n + step
    if not 0 <= m < len(words):
        return None
    gap = text[words[n].end : words[m].start] if step > 0 else text[words[m].end : words[n].start]
    return (
        words[m]
        if gap in (" ", "\u00a0", ". ")
        and not (gap == ". " and step > 0)
        and not (gap == ". " and len(words[m].text) > 3)
        else None
    )


def _next(text: str, words: list[_Word], n: int) -> _Word | None:
    return words[n + 1] if n + 1 < len(words) and text[words[n].end : words[n + 1].start] == " " else None


def _sentence_start(text: str, word: _Word) -> bool:
    head = text[max(0, word.start - 3) : word.start].rstrip(" \"'“”‘’«»(-–—")
    return word.start == 0 or not head or head[-1] in ".!?:\n…"


def _unsegmented(text: str, gazetteer: Gazetteer) -> list[Mention]:
    """Names in scripts without spaces: the longest known name at each character."""
    mentions: list[Mention] = []
    at = 0
    names = gazetteer.unsegmented
    while at < len(text):
        char = text[at]
        if char < "\u2e80" or char not in names:
            at += 1
            continue
        name = next((c for c in names[char] if text.startswith(c, at)), None)
        if name is None:
            at += 1
            continue
        mentions.append(Mention(at, at + len(name), name))
        at += len(name)
    return mentions
