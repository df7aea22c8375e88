"""The role of a place in its sentence: where something happens, or whose government, army or officials act.

Words of many languages: prepositions of place by language, and nouns of officials in one set, for those are
told apart by their spelling.
"""

from __future__ import annotations

from services.enrich.regions.spans import Tokens
from services.runtime.compiled import compiled

_compiled = compiled("services.enrich.regions")

NONE, LOCATIVE, OFFICIAL = 0, 1, 2

_LOCATIVE = {
    "en": "in at near outside around across inside throughout off within",
    "de": "in im bei nahe aus um unweit nördlich südlich östlich westlich auf",
    "fr": "à en au aux près dans chez vers autour",
    "es": "en cerca junto hacia", "pt": "em no na nos nas perto", "gl": "en no na nos nas", "ca": "a en prop",
    "it": "a in nel nella nei nelle ad vicino presso", "ro": "în la lângă din", "nl": "in te bij nabij rond",
    "sv": "i på vid nära utanför", "no": "i på ved nær utenfor", "nb": "i på ved nær utenfor",
    "da": "i på ved nær uden",
    "is": "í á við", "pl": "w we pod koło na", "cs": "v ve u na poblíž", "sk": "v vo pri na",
    "sl": "v na pri",
    "hr": "u na kod blizu", "sr": "u na kod blizu у на код", "bs": "u na kod", "bg": "в във край до",
    "mk": "во кај",
    "ru": "в во под возле близ около на", "uk": "в у біля під на поблизу", "be": "у ў пад",
    "el": "στην στη στο στον στις στα κοντά",
    "id": "di dekat", "ms": "di dekat", "vi": "ở tại gần", "sw": "jijini nchini mjini katika kwenye",
    "af": "in by naby",
    "et": "juures", "lv": "pie", "lt": "prie", "sq": "në pranë", "tl": "sa", "ha": "a", "yo": "ni", "zu": "e",
}  # fmt: skip
LOCATIVE_WORDS = {language: frozenset(words.split()) for language, words in _LOCATIVE.items()}

OFFICIAL_WORDS = frozenset(
    """government governments president presidents minister ministers ministry official officials officers
    army military troops forces soldiers police authorities parliament congress lawmakers senator senators
    diplomat diplomats ambassador embassy intelligence navy regime leader leaders envoy prime foreign defense
    defence secretary administration spokesman spokeswoman delegation court king queen warplanes airstrike
    airstrikes jets drones citizens nationals tourists investors companies scientists researchers experts
    commander state-owned regierung bundesregierung präsident präsidentin minister ministerin
    ministerpräsident außenminister außenministerin armee militär truppen soldaten behörden parlament
    botschaft botschafter geheimdienst regierungschef staatschef verteidigungsminister streitkräfte
    gouvernement président présidente ministre armée militaires troupes soldats autorités parlement ambassade
    ambassadeur police diplomatie gobierno presidente presidenta ministro ministra canciller ejército tropas
    soldados autoridades parlamento embajada embajador policía governo exército tropas soldados autoridades
    embaixada embaixador chanceler polícia premier esercito truppe soldati autorità ambasciata ambasciatore
    polizia regering minister leger troepen soldaten autoriteiten ambassade regeringen ministern armén
    regjeringen statsminister regeringschef rząd rządu prezydent prezydenta premier premiera minister ministra
    armia wojska władze vláda vlády vládu prezident armáda ministr úřady правительство правительства президент
    президента премьер министр министра армия армии войска власти посол мид военные уряд уряду президент
    прем'єр міністр армія війська влада vlada predsjednik predsednik vojska kormány miniszterelnök elnök
    hükümeti cumhurbaşkanı başbakanı bakanı dışişleri ordusu hallitus presidentti pääministeri κυβέρνηση
    πρωθυπουργός πρόεδρος pemerintah presiden menteri tentara serikali rais waziri""".split()
)  # fmt: skip
_SIDES = frozenset({"north", "south", "east", "west", "près", "cerca"})
_BETWEEN = frozenset("of the de du des del della do da dos das di d von der van".split())
# Endings that say "in" by themselves; a name that is longer than what it means by one of these is a place.
_ENDINGS = {
    "fi": ("ssa", "ssä", "lla", "llä", "sta", "stä"), "hu": ("ban", "ben", "ból", "ből", "on", "en", "ön"),
    "tr": ("da", "de", "ta", "te", "dan", "den"), "et": ("s", "l"), "lt": ("e", "je"), "lv": ("ā", "ē"),
    "cs": ("ě", "u", "ích"), "sk": ("e", "i"), "pl": ("ie", "u", "ach"), "ko": ("에서", "에"), "ja": (),
    "zu": ("ini",),
}  # fmt: skip


def beside(tokens: Tokens, first: int, last: int) -> tuple[str, str, str, str, str]:
    """The two words before `first`, the two after `last`, and `last` itself; empty where there is none."""
    words = tokens.words
    return (
        words[first - 2] if first > 1 else "", words[first - 1] if first > 0 else "",
        words[last + 1] if last + 1 < len(words) else "", words[last + 2] if last + 2 < len(words) else "",
        words[last],
    )  # fmt: skip


if _compiled:
    beside = _compiled.beside


def role_of(tokens: Tokens, first: int, last: int, language: str) -> int:
    """The role of the words `first` to `last` by the two words before and the two after them."""
    second, before, after, next_after, itself = beside(tokens, first, last)
    before = before.lower()
    if before in LOCATIVE_WORDS.get(language, ()):
        return LOCATIVE
    if before in OFFICIAL_WORDS or after.lower() in OFFICIAL_WORDS or next_after.lower() in OFFICIAL_WORDS:
        return OFFICIAL
    if before in _BETWEEN and second:
        second = second.lower()
        if second in OFFICIAL_WORDS:
            return OFFICIAL
        if second in LOCATIVE_WORDS.get(language, ()) or second in _SIDES:
            return LOCATIVE
    endings = _ENDINGS.get(language)
    return LOCATIVE if endings and itself.endswith(endings) else NONE
