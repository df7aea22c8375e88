"""Made-up articles in several languages."""

from __future__ import annotations

import random

_SYLLABLES = {
    "en": "ba ter lin mo ran kel sto dri pen wal cor den".split(),
    "ru": "ба тер лин мо ран кел сто дри пен вал кор ден".split(),
    "el": "βα τερ λιν μο ραν κελ στο δρι πεν βαλ κορ δεν".split(),
    "ar": "با تر لن مو رن كل ست در بن ول كر دن".split(),
    "hi": "बा तेर लिन मो रन केल स्तो द्रि पेन वल कोर देन".split(),
    "zh": list("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"),
    "ja": list("あいうえおかきくけこさしすせそ東京大阪市場価格"),
    "th": list("กขคงจชซดตถทนบปผพมยรลวสหอ"),
}


def prose(seed: int, language: str = "en", words: int = 200) -> str:
    """A text of sentences in paragraphs, without names and figures."""
    rng = random.Random(f"{language}{seed}")
    spaced = language not in ("zh", "ja", "th")
    made = []
    for n in range(words):
        word = "".join(rng.choices(_SYLLABLES[language], k=rng.randint(2, 4) if spaced else 2))
        if n % 12 == 11:
            word += "。" if language in ("zh", "ja") else "."
        if n % 48 == 47:
            word += "\n\n"
        made.append(word)
    return (" " if spaced else "").join(made)
