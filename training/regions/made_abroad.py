"""Sentences of our own making in many languages, with their places marked (`made_abroad.tsv`): datelines,
people called after places. Drawn with a fixed seed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from babel import Locale

from services.enrich.regions.gazetteer import Gazetteer

PER_LANGUAGE = 60
_GIVEN = (
    "Anna David Sarah Michael Laura Peter Thomas Julia Daniel Carlos Elena Igor Omar Fatima Maria José "
    "João Pedro Ana Luca Marco Giulia Pierre Marie Sophie Hans Klaus Petra Jan Piotr Ivan Amina Mehmet "
    "Ayşe Lars Ingrid Antoine Miguel Rosa Paulo Nicolau"
).split()
_FAMILY = (
    "Schmidt Müller Silva Santos Rossi Martin Dubois Novak Kowalski Yılmaz Andersson García López Pereira "
    "Costa Jansen"
).split()


def documents(gazetteer: Gazetteer) -> list[dict[str, Any]]:
    """Rows as the corpora have them: id, lang, text, spans."""
    draw = np.random.RandomState(11)
    large = [
        gazetteer.label(e)
        for e in np.flatnonzero(
            (gazetteer.kind == gazetteer.kinds.index("city")) & (gazetteer.population > 120_000)
        )
    ]
    cities = [c for c in large if re.match(r"^[A-Z][a-zà-ž]+(?: [A-Z][a-zà-ž]+)?$", c)]
    surnames = [c for c in cities if " " not in c]
    rows = []
    templates = _templates()
    for language in dict.fromkeys(language for language, _ in templates):
        countries = [
            name
            for code, name in sorted(Locale.parse(language).territories.items())
            if code in gazetteer.countries
        ]
        for k in range(PER_LANGUAGE):
            wrong = (language, "not") in templates and k % 3 == 0
            template = str(draw.choice(templates[language, "not" if wrong else "place"]))
            drawn = {key: str(draw.choice(pool)) for key, pool in {
                "c": cities, "c2": cities, "n": countries, "n2": countries, "p": _GIVEN, "f": _FAMILY,
                "fc": surnames, "pc": surnames,
            }.items()}  # fmt: skip
            rows.append(_marked(f"made:{language}:{k}", language, template.format(**drawn)))
    return rows


def _templates() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for line in Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            language, kind, sentence = line.split("\t")
            found.setdefault((language, kind), []).append(sentence)
    return found


def _marked(row_id: str, language: str, text: str) -> dict[str, Any]:
    plain, spans = "", []
    for part in re.split(r"(\[.*?\])", text):
        if part.startswith("["):
            spans.append({"start": len(plain), "end": len(plain) + len(part) - 2})
            part = part[1:-1]
        plain += part
    return {"id": row_id, "lang": language, "text": plain, "spans": spans}
