"""Texts that grow, each the worst of its kind for who tags them."""

from __future__ import annotations

from collections.abc import Callable


def _again(unit: str) -> Callable[[int], str]:
    def make(size: int) -> str:
        if "{n}" not in unit:
            return (unit * (size // len(unit) + 1))[:size]
        pieces, length, n = [], 0, 0
        while length < size:
            pieces.append(unit.replace("{n}", _letters(n)))
            length += len(pieces[-1])
            n += 1
        return "".join(pieces)[:size]

    return make


def _letters(n: int) -> str:
    """A number as letters: a word like no other."""
    out = ""
    while True:
        out = chr(97 + n % 26) + out
        n //= 26
        if not n:
            return out


def _names(size: int) -> str:
    from services.enrich.regions.gazetteer import Gazetteer

    return (". ".join(list(Gazetteer().names)[: size // 4]) + ". ")[:size]


TEXTS: dict[str, Callable[[int], str]] = {
    "prose": _again("The council of the town voted on Tuesday to mend the old bridge, and the work begins in "
        "May. "),
    "one place": _again("Paris "),
    "one place in sentences": _again("He lives in Paris. "),
    "one ambiguous place": _again("He lives in Springfield. "),
    "places and countries": _again("He went to Paris, France. "),
    "a chain of containment": _again("Paris, Texas, France, Springfield, Illinois, Germany, "),
    "many places": _again("London Paris Berlin Madrid Rome Vienna Cairo Moscow Tokyo Delhi "),
    "many ambiguous places": _again("Springfield, Washington, Georgia, San Jose, Santa Cruz, San Antonio, "
        "Richmond, Victoria, "),
    "every name": _names,
    "peoples": _again("the French and the German and the Russian "),
    "capitalised words": _again("Xy{n} Qu{n} "),
    "capitals": _again("THE COUNCIL OF PARIS AND BERLIN "),
    "a word of capitals": _again("A"),
    "a giant word": _again("w"),
    "a giant capitalised word": lambda size: "W" + "w" * (size - 1),
    "a giant word of capitals with marks": _again("A-B'"),
    "a word with apostrophes": _again("l'"),
    "a word with points": _again("a.b."),
    "an abbreviation": _again("U.S."),
    "underscores": _again("a_"),
    "landmarks": _again("Main Street River University "),
    "landmark runs": _again("Big Red Green Street "),
    "distinct landmarks": _again("Xy{n} Street "),
    "landmarks around places": _again("Paris London University of Berlin Street "),
    "persons": _again("Mr Paris said, Jane Houston, 45, said. "),
    "counties": _again("Orange and Lake and Clay and Jackson counties "),
    "characters without blanks": _again("北京中文的一句话"),
    "one character": _again("中"),
    "chinese places": _again("北京上海纽约巴黎伦敦"),
    "russian": _again("России в Киеве Москвы "),
    "arabic": _again("وباريس ولندن بالقاهرة "),
    "hebrew": _again("פריז לונדון "),
    "digits": _again("12345 "),
    "figures": _again("1.2,3:4."),
    "points": _again("."),
    "blanks": _again(" "),
    "lines": _again("\n\n"),
    "quotes": _again("'"),
    "dashes": _again("a-b-c-"),
    "distinct words": _again("{n} "),
    "short sentences": _again("A b. "),
    "topics": _again("football economy election court hospital weather strike "),
    "topic names": _again("economy, business and finance, arts, culture and entertainment, "),
    "forecast": _again("rain wind snow forecast sunny cloudy "),
    "emoji": _again("\U0001f600\u200d"),
    "combining marks": _again("e\u0301\u0302"),
    "long s": _again("İ"),
    "brackets": _again("Paris (France) ("),
    "in": _again("Paris in Texas in France in "),
    "of": _again("Bank of England of "),
    "people": _again("Angela Merkel met Dr. Bo Xu Jr. and Merkel said so. "),
    "a chain of capitals": _again("Ann Lee "),
    "initials": _again("J. R. R. "),
    "acronyms": _again("World Health Organization (WHO) and WHO, "),
    "quotations": _again("\u201cWe never wanted this,\u201d said Ann Lee. "),
    "open quotations": _again("\u201cWe never wanted this, "),
    "quotations in each other": _again("\u201c\u2018\u201e\u00ab"),
    "straight quotes": _again('" '),
    "said": _again("said "),
    "he said": _again('"No more of it," he said. '),
    "titles of people": _again("Prime Minister President Dr. "),
    "institutions": _again("the Kremlin, the White House and the Bundestag; "),
    "inflected": _again("Ankara'da Varşavě Helsingissä Moskvě "),
    "weather words": _again("storm flood heat strike election "),
}  # fmt: skip
"""What makes a text of so many characters."""
