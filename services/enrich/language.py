"""Language identification: from the text, and for short or ambiguous texts from what the page declares, too.

A script that one language writes decides at once; other texts go to a naive Bayes model of byte n-grams
(py3langid). Varieties that it confuses are told apart by words that only one of them has.
"""

from __future__ import annotations

import re
from math import sqrt

import py3langid

from services.enrich.scripts import LANGUAGES_OF, ONE_LANGUAGE, dominant

_LEAST_LETTERS = 40
_LEAST_SURE_LETTERS = 22
_SURE = 0.42
"""Log-odds a root byte by which the best language of a text below `_LEAST_LETTERS` leads the second."""
_LEAST_HEADLINE_LETTERS, _SURE_HEADLINE = 10, 0.8
"""The same of a few words below `_LEAST_SURE_LETTERS`: of openings of `data/language/sib.jsonl` as short as
that, two thirds lead by so much, and .97 of these are right."""
_TIED = 0.6
"""The same between a text's language and the declared one: closer ones are a tie, which the page decides."""
_SAMPLE_CHARS = 1_200
_FIRST_LOOK_CHARS = 400
_WORD = re.compile(r"[^\W\d_]+")
_OF_NEWS = frozenset(
    """af am ar az be bg bn bs ca cs da de el en es et eu fa fi fr gl gu ha he hi hr hu hy id is it ja
    ka kk km kn ko lt lv mk ml mn mr ms my ne nl no pa pl pt ro ru si sk sl so sq sr sv sw ta te th
    tl tr uk ur uz vi yo zh""".split()
)
"""What a few words are taken for: the model knows other languages, in which hardly any news is written."""
_SELDOM, _HANDICAP = frozenset("af eu gl ha is so sq uz yo".split()), 1.0
"""Of these the languages with few newsrooms beside that of a neighbour that writes alike, and the log-odds
a root byte by which they have to be likelier."""
# py3langid distinguishes varieties that newsrooms file under one code.
_SAME = {
    "wuu": "zh",
    "yue": "zh",
    "lzh": "zh",
    "gan": "zh",
    "hsn": "zh",
    "nn": "no",
    "nb": "no",
    "arz": "ar",
    "apc": "ar",
    "ary": "ar",
    "pnb": "pa",
}
# Words that one of several close languages has, and its neighbours write in another way.
_OWN = {
    frozenset({"hr", "bs", "sr"}): {
        "hr": re.compile(
            r"\b(?:tko|netko|nitko|što|nešto|tisuć\w*|milijun\w*|[Ee]urop\w*|vlak\w*|sveučiliš\w*|tjed[na]\w*|tijekom|"
            r"povije[sš][tnć]?\w*|siječnj\w*|veljač\w*|ožujk\w*|travnj\w*|svibnj\w*|lipnj\w*|srpnj\w*|kolovoz\w*|rujn\w*|"
            r"listopad\w*|studen\w*|prosinc\w*|glazb\w*|znanstven\w*|uporab\w*|rabe|utjec\w*|nogomet\w*|obitelj\w*|"
            r"otok\w*|izviješ\w*|vatrogas\w*|ozlij\w*|priopć\w*|sustav\w*|tvrtk\w*|zemljopis\w*|vjerojat\w*|glasnogovor\w*|"
            r"glede|unatoč|primjerice|kazal\w*|izjavi\w*|prosvjed\w*|financij\w*|dužnosn\w*|izvješ\w*|djelatn\w*|računal\w*|"
            r"prisutn\w*|kućanst\w*|ovisi\w*|nužn\w*|zrako\w*|promet\w*|kisik\w*|vodik\w*|zaslon\w*|stoljeć\w*|no|"
            r"\w+irati|\w+iran[aoiue]?|tjelesn\w*|mrež\w*|kako\sbi|natjec\w*|opć\w*|uopće|ravnatelj\w*|udružen\w*|rajčic\w*)\b"
        ),
        "bs": re.compile(
            r"\b(?:[šŠ]ta|hiljad\w*|milion\w*|[Ee]vrop\w*|voz\w{0,2}|univerzitet\w*|sedmic\w*|histori\w*|takođe|muzi[kč]\w*|"
            r"januar\w*|februar\w*|mart\w{0,2}|april\w*|maja?|juna?|jula?|august\w*|septemb[ar]\w*|oktob\w*|"
            r"novemb\w*|decemb\w*|nau[čk]n\w*|uticaj\w*|fudbal\w*|ostrv\w*|porodic\w*|sistem\w*|kompanij\w*|"
            r"geograf\w*|tokom|uprkos|finansij\w*|hemij\w*|bezbjedn\w*|lahko|mehk\w*|kahv\w*|općin\w*|period\w*|saobraća\w*|"
            r"vjerovatn\w*|prisust\w*|\w+ovati|\w+ovan[aoiue]?|\w+isati|\w+isan[aoiue]?|veb|rekao|rekla|vijek\w*|"
            r"kiseonik\w*|hljeb\w*|sprat\w*|avion\w*|kompjuter\w*|opšt\w*|uopšte|direktor\w*|paradajz\w*|da\sbi|pomjer\w*)\b"
        ),
        "sr": re.compile(
            r"\b(?:vreme\w*|reka\w*|reci|mest[oau]|čovek\w*|posle|predsednik\w*|hte[lo]\w*|dec[aeui]|dete|svet[au]?|lep\w*|uvek|"
            r"gde|ovde|sneg\w*|videl\w*|želel\w*|opštin\w*|nedelj\w*|primer\w*|pre|mere|cen[aeu]|tel[oau]|veru\w*|"
            r"bezbedn\w*|avgust\w*)\b"
        ),
    },
    frozenset({"id", "ms"}): {
        "id": re.compile(
            r"\b(?:karena|bahwa|bisa|kantor|mobil|uang|Anda|kota|juta|provinsi|pemerintah|saat|sudah|setelah|persen|menit|polisi|"
            r"zona|olahraga|situs|lainnya|sebagian|mil|yaitu|Tiongkok|Prancis|Inggris|Jerman|Spanyol|Belanda|Yunani|"
            r"merupakan|maupun|perusahaan|Maret|Agustus|Januari|Desember|Juni|Juli|gubernur|warga|berarti|populer|"
            r"kebutuhan|tur|obat|liburan|memiliki|ditemukan|memperoleh|meskipun|rumah\ssakit|listrik|sepak\sbola|kereta\sapi|"
            r"bagian|beda|seperti\sini|jajak|pesawat|penelitian|peneliti|mengatakan|organisasi|\w+isasi|\w+itas|\w+asi)\b"
        ),
        "ms": re.compile(
            r"\b(?:kerana|bahawa|pejabat|wang|ialah|iaitu|manakala|bandar|apabila|kepada|mempunyai|beliau|"
            r"Perancis|selepas|sukan|peratus|minit|polis|zon|laman|semasa|bilik|jambatan|ubat|pelancong\w*|China|popular|"
            r"kerajaan|syarikat|hospital|Mac|Ogos|Disember|Jun|Julai|daripada|pelbagai|sekiranya|sahaja|hendaklah|"
            r"dijangkiti|dipanggil|kenderaan|berkata|telah|bermaksud|negeri|anda|boleh|masa|sebarang|sepenuhnya|bekas|"
            r"dikenali|disebabkan|menunjukkan\sbahawa|elektrik|bola\ssepak|kereta|penyelidik\w*|kapal\sterbang|"
            r"mengambil|memberi|mendapat|\w+iti|\w+asi0|lebih\skurang|antarabangsa|majoriti|kualiti)\b"
        ),
    },
}

# Words of which a seventh of a text is made in their language, and hardly any text of those that are not
# `_CLOSE` to it.
_COMMON = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to that with from it be are his her have has had they this were will not but who "
        "she said its their in by for on",
        "de": "der die das und den von zu mit sich des auf für ist dem nicht ein eine als auch werden aus "
        "dass sie wird bei einer sind noch",
        "fr": "le les des du et une dans qui est pour par sur au aux il elle ce pas plus avec ne sont cette "
        "d l qu",
        "es": "el los las del y una por con para es más como pero su lo al sus ha fue",
        "it": "di il che per è una del della dei con non si da al sono gli nel alla delle ha lo dell",
        "pt": "o os do da dos das em um uma para com não por mais mas ao na no à que foi",
        "nl": "het een van en dat op te zijn voor met die niet aan er om ook bij maar naar uit door wordt",
    }.items()
}
# Of several kinds, since one alone may be a common word elsewhere too.
_LEAST_COMMON, _LEAST_KINDS, _LEAST_WORDS = 0.14, 4, 20


def load() -> None:
    """Loads the model now rather than at the first text."""
    py3langid.classify("Load the model.")


def identify(text: str, stated: str | None = None) -> str | None:
    """The ISO 639-1 code of a text's language; None where too little is said. `stated`, the page's
    declaration, decides only where the text is short or nearly as likely in the declared language."""
    sample = text[:_SAMPLE_CHARS]
    if stated and _plainly(sample[:_FIRST_LOOK_CHARS], stated):
        return stated
    script, letters = dominant(sample)
    only = ONE_LANGUAGE.get(script)
    if only:
        return stated if stated and stated in _ALSO.get(script, ()) else only
    if stated and stated not in LANGUAGES_OF.get(script, (stated,)):
        stated = None
    if letters < _LEAST_SURE_LETTERS and script not in ("Devanagari", "Arabic"):
        return stated or _of_headline(sample, letters)
    ranked = _ranked(sample[:_FIRST_LOOK_CHARS])
    best = _told_apart(sample, ranked[0][0])
    if letters < _LEAST_LETTERS:
        if stated or (script == "Latin" and ranked[0][1] - ranked[1][1] < _SURE):
            return stated
        return best
    if best == stated:
        return best
    # Where text and page disagree at a first look, all that is read of the text decides.
    if len(sample) > _FIRST_LOOK_CHARS:
        ranked = _ranked(sample)
        best = _told_apart(sample, ranked[0][0])
    scores = dict(ranked)
    if stated and stated in scores and scores[best] - scores[stated] < _TIED:
        return stated
    return best


def _of_headline(sample: str, letters: float) -> str | None:
    """The language of a few words in letters that several languages share; None of a word alone, or where
    several are nearly as likely."""
    if letters < _LEAST_HEADLINE_LETTERS or len(sample.split()) < 2:
        return None
    ranked = sorted(
        ((code, odds - _HANDICAP * (code in _SELDOM)) for code, odds in _ranked(sample) if code in _OF_NEWS),
        key=lambda found: -found[1],
    )
    if len(ranked) < 2 or ranked[0][1] - ranked[1][1] < _SURE_HEADLINE:
        return None
    return _told_apart(sample, ranked[0][0])


_ALSO = {"Hebrew": ("yi",), "Han": ("ja",), "Bengali": ("as",), "Ethiopic": ("ti",)}
"""Other languages of a script that one language mostly writes."""


def _ranked(sample: str) -> list[tuple[str, float]]:
    """Languages, the likeliest first, each with its log-odds a root byte of the sample; varieties of one
    language share its place."""
    root = sqrt(len(sample.encode("utf-8", "replace")) or 1)
    found: dict[str, float] = {}
    for code, score in py3langid.rank(sample)[:24]:
        found.setdefault(_SAME.get(code, code), score / root)
    return list(found.items())


def _told_apart(sample: str, found: str) -> str:
    """The close language whose own words a text has most of; `found` where none leads."""
    for close, patterns in _OWN.items():
        if found in close:
            counts = {code: len(own.findall(sample)) for code, own in patterns.items()}
            best = max(counts, key=counts.__getitem__)
            return best if counts[best] > counts.get(found, 0) else found
    return found


def likely(text: str) -> str:
    """The likeliest language of a text too short for `identify`: a guess, for what needs one."""
    sample = text[:_SAMPLE_CHARS]
    return _told_apart(sample, _ranked(sample)[0][0])


def _plainly(sample: str, language: str) -> bool:
    """Whether frequent words of a language make up enough of a text: fifty times as fast as the model."""
    common = _COMMON.get(language)
    if common is None:
        return False
    words = _WORD.findall(sample.lower())
    known = [word for word in words if word in common]
    return (
        len(words) >= _LEAST_WORDS
        and len(known) >= _LEAST_COMMON * len(words)
        and len({*known}) >= _LEAST_KINDS
    )
