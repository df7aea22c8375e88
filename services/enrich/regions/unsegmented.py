"""Names in scripts that put no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese.

Chinese and Japanese are cut into words by the longest match, the words of a language beside the names of the
gazetteer, so that no name is taken out of the middle of a word (合作, タイトル). Chinese also has signs that
stand for a country or city beside others of their kind: 中美, 驻华, 抵京.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from services.enrich.regions.gazetteer import ALIAS, PEOPLE, SHORT, Gazetteer
from services.enrich.regions.lexicon import Lexicon
from services.enrich.regions.spans import Span
from services.enrich.words import is_latin

_LONGEST_WORD = 6
_PEOPLE_OR_OTHER = (0, 3)  # classes of words: those that may begin with a country, as 英国首相 does
_CITY = 4  # kinds above are waters, landmarks and the like
_KNOWN_LOG, _LARGE_LOG, _FAMOUS_LOG = 4.7, 5.2, 6.0  # a place of 50,000 people, of 160,000, of a million
_RUN = re.compile(
    "[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]+|[\u0e01-\u0eff]+|[\u1000-\u109f]+|[\u1780-\u17ff]+"
)
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]")
_MARK_AFTER = re.compile(
    "[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3]"
)
_SIGNS = {
    sign_and_name[0]: sign_and_name[1:]
    for sign_and_name in (
        "中中国 美美国 俄俄罗斯 日日本 英英国 法法国 德德国 "
        "韩韩国 朝朝鲜 印印度 加加拿大 澳澳大利亚 越越南 泰泰国 "
        "缅缅甸 墨墨西哥 巴巴基斯坦 以以色列 伊伊朗 乌乌克兰 "
        "叙叙利亚 欧欧洲 非非洲 亚亚洲 华中国 京北京 港香港 "
        "台台湾 沪上海 津天津 渝重庆 粤广东 苏江苏 浙浙江 鲁山东 "
        "晋山西 陕陕西 川四川 滇云南 黔贵州 闽福建 赣江西 皖安徽 "
    ).split()
}
_ALLY = "美日俄英法德韩朝印加澳越泰缅墨欧非巴"
_SPELLED = 4
_NO_SIDE = "[向面法案针式言程圆形]"
_ABBREVIATED = re.compile(
    rf"中(?=[{_ALLY}](?!国|元|院))[{_ALLY}]|[{_ALLY}](?=中)中(?![国央心东部间文学小型医年期旬华共午])|"
    "美日|日美|英美|美英|美韩|韩美|日韩|韩日|俄美|美俄|美欧|欧美|亚欧|亚非|英法|法德|德法|俄乌|乌俄|以巴|印巴|"
    "美朝|朝美|美伊|港澳台|港澳|台港|京津|京沪|沪渝|川渝|粤港澳|粤港|闽台|"
    rf"[美日俄英法德韩]方(?!{_NO_SIDE})|中方(?!{_NO_SIDE})|"
    "[访驻援侵来赴对在]华(?![人侨裔为盛生东南北中丽夏])|"
    "[访驻赴对](?:美(?![国丽元好术容味妙景食洲军])|日(?![本元军])|俄(?!罗)|英(?![国镑寸])|"
    "法(?![国律院官])|德(?![国育]))|"
    "[抵在赴来进离返]京(?!都)|[对涉赴来驻](?:台(?![湾阶风])|港(?!口))|港人治港"
)


def find_unsegmented(
    text: str, gazetteer: Gazetteer, lexicon: Lexicon | None = None, language: str = ""
) -> list[Span]:
    """Names in order, not overlapping."""
    spans: list[Span] = []
    if is_latin(text):
        return spans
    for run in _RUN.finditer(text):
        start, end = run.span()
        first = text[start]
        if first < "\u3041":
            _take_longest(text, start, end, gazetteer, spans)
        elif lexicon is None or language not in ("zh", "ja"):
            _take_words(text, start, end, gazetteer, frozenset(), {}, spans)
        elif language == "ja":
            _take_words(text, start, end, gazetteer, lexicon.japanese, {}, spans)
        else:
            _take_words(text, start, end, gazetteer, lexicon.chinese, lexicon.chinese, spans)
    if language == "zh":
        spans = sorted([*spans, *_abbreviated(text, gazetteer, spans)], key=lambda s: s.start)
    return spans


def judge_unsegmented(span: Span, gazetteer: Gazetteer, lexicon: Lexicon) -> float:
    """How likely such a name is a place, from what is known of it alone."""
    kind, how = gazetteer.first_kind[span.row], gazetteer.first_how[span.row]
    population = gazetteer.first_log_population[span.row]
    if span.end - span.start == 1 or kind <= 1 or lexicon.chinese.get(span.name) == 1:
        return 0.9
    if how in (PEOPLE, SHORT):
        return 0.4
    if kind == 2 or population >= _FAMOUS_LOG or kind > 4:
        return 0.9
    if len(span.name) < 3 and population < _KNOWN_LOG:
        return 0.05
    return 0.8 if population >= _KNOWN_LOG else 0.6 if len(span.name) > 2 and how != ALIAS else 0.3


def _take_longest(text: str, start: int, end: int, gazetteer: Gazetteer, spans: list[Span]) -> None:
    """Scripts without a list of words: the longest name at each letter that no mark follows."""
    at = start
    while at < end:
        name = _name(text, at, end, gazetteer)
        if (
            name is not None
            and len(name) > 3
            and gazetteer.first_log_population[gazetteer.names[name]] >= _KNOWN_LOG
            and not _MARK_AFTER.match(text, at + len(name))
        ):
            spans.append(Span(at, at + len(name), -1, -1, name, gazetteer.names[name]))
            at += len(name)
        else:
            at += 1


def _take_words(
    text: str, start: int, end: int, gazetteer: Gazetteer, words: frozenset[str] | dict[str, int],
    places: dict[str, int], spans: list[Span],
) -> None:  # fmt: skip
    at = start
    while at < end:
        name, word = _name(text, at, end, gazetteer), _word(text, at, end, words)
        if name is not None and _stands(text, at, name, word, places, words, gazetteer):
            spans.append(Span(at, at + len(name), -1, -1, name, gazetteer.names[name]))
            at += len(name)
        else:
            at += max(len(word), 1)


def _stands(
    text: str, at: int, name: str, word: str, places: dict[str, int], words: frozenset[str] | dict[str, int],
    gazetteer: Gazetteer,
) -> bool:  # fmt: skip
    """Whether a name is a word by itself there, not a part of the `word` that begins there too."""
    end = at + len(name)
    if _KATAKANA.match(name) and _KATAKANA.match(text, at - 1 if at else 0) and at:
        return False
    if _KATAKANA.match(name[-1]) and _KATAKANA.match(text, end):
        return False
    row = gazetteer.names[name]
    is_place = places.get(name) == 1
    whole = gazetteer.first_kind[row] <= 1 or gazetteer.first_kind[row] > _CITY
    # A foreign city may be listed as a person there: both are spelled by sound.
    population = gazetteer.first_log_population[row]
    whole = whole or population >= _FAMOUS_LOG or (places.get(name) == 3 and population >= _LARGE_LOG)
    # Four signs that spell a large city by sound are no word of another kind, whatever a list says of them.
    whole = whole or (len(name) >= _SPELLED and population >= _KNOWN_LOG)
    well_known = whole or is_place
    if len(word) > len(name):
        return (
            well_known
            and places.get(word, 0) in _PEOPLE_OR_OTHER
            and (places.get(name) == 1 or gazetteer.first_kind[row] <= 1)
            and not _joined(text, end, word, at)
        )
    if len(word) == len(name):
        return well_known
    return True


def _joined(text: str, end: int, word: str, at: int) -> bool:
    """Whether a longer word only adds one sign to the name, which then is a part of it: 中国人, 美国式."""
    return at + len(word) - end == 1 and text[end] in "式化性籍裔"


def _name(text: str, at: int, end: int, gazetteer: Gazetteer) -> str | None:
    known = gazetteer.unsegmented_lengths.get(text[at])
    if known is None:
        return None
    for length in known[0]:
        if at + length <= end and (name := text[at : at + length]) in known[1]:
            return name
    return None


def _word(text: str, at: int, end: int, words: frozenset[str] | dict[str, int]) -> str:
    for length in range(min(_LONGEST_WORD, end - at), 1, -1):
        if (word := text[at : at + length]) in words:
            return word
    return ""


def _abbreviated(text: str, gazetteer: Gazetteer, found: list[Span]) -> list[Span]:
    """Single signs that stand for a country or city, outside of the names found."""
    taken = {n for s in found for n in range(s.start, s.end)}
    out = []
    for match in _ABBREVIATED.finditer(text):
        for at in range(*match.span()):
            row = gazetteer.names.get(_SIGNS.get(text[at], ""))
            if row is not None and at not in taken:
                out.append(Span(at, at + 1, -1, -1, text[at], row))
    return out


def beliefs(spans: list[Span], gazetteer: Gazetteer, lexicon: Lexicon) -> NDArray[np.float32]:
    """`judge_unsegmented` of each, (spans,)."""
    return np.array([judge_unsegmented(s, gazetteer, lexicon) for s in spans], np.float32)
