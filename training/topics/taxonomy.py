"""The IPTC Media Topics as one compact table: concepts in use, their paths and names, and where retired ones
went."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import openpyxl

# The workbook's own labels for Danish, Swedish and the Norwegian forms, as ISO 639-1.
_LANGUAGES = {
    "ar": "ar", "de": "de", "dk": "da", "es": "es", "fr": "fr", "no-NB": "no", "pt-PT": "pt",
    "pt-BR": "pt-BR", "se": "sv",
    "zh-Hans": "zh",
}  # fmt: skip


def build_taxonomy(folder: Path) -> dict[str, Any]:
    """{"version", "concepts": {code: {"path": [...], "names": {language: name}}}, "retired": {code: code or
    null}}."""
    raw = json.loads((folder / "mediatopics-2025-10-en-GB.json").read_text(encoding="utf-8"))["conceptSet"]
    concepts = {c["qcode"]: c for c in raw}
    names, definitions = _translations(folder / "mediatopics-2023-10-multilingual.xlsx")
    live = {code for code, c in concepts.items() if "retired" not in c}
    out: dict[str, Any] = {"version": "2025-10", "concepts": {}, "retired": {}}
    texts: dict[str, list[str]] = {}
    for code in sorted(live):
        own = {"en": concepts[code]["prefLabel"]["en-GB"]} | names.get(code, {})
        out["concepts"][code] = {"path": _path(code, concepts), "names": own}
        definition = concepts[code].get("definition", {}).get("en-GB", "")
        texts[code] = [
            f"{own['en']}. {definition}",
            *(f"{own.get(lang, '')}. {d}" for lang, d in definitions.get(code, {}).items()),
        ]
    for code in sorted(concepts.keys() - live):
        out["retired"][code] = _successor(concepts[code], concepts, live)
    return {"taxonomy": out, "texts": texts}


def _path(code: str, concepts: dict[str, Any]) -> list[str]:
    path = [code]
    while broader := concepts[path[0]].get("broader"):
        path.insert(0, "medtop:" + broader[0].rsplit("/", 1)[-1])
    return path


def _successor(concept: dict[str, Any], concepts: dict[str, Any], live: set[str]) -> str | None:
    """Where a retired concept's change note sends its users: a code it names, else its nearest living
    ancestor."""
    note = " ".join((concept.get("changeNote") or {}).values())
    for code in re.findall(r"medtop:\d{8}", note):
        if code in live:
            return str(code)
    node = concept
    while broader := node.get("broader"):
        code = "medtop:" + broader[0].rsplit("/", 1)[-1]
        if code in live:
            return code
        node = concepts[code]
    return None


def _translations(path: Path) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    header = [str(cell or "") for cell in rows[1]]
    names: dict[str, dict[str, str]] = {}
    definitions: dict[str, dict[str, str]] = {}
    for row in rows[2:]:
        code = str(row[1])
        for label, language in _LANGUAGES.items():
            name, definition = (
                row[header.index(f"Name ({label})")],
                row[header.index(f"Definition ({label})")],
            )
            if name:
                names.setdefault(code, {})[language] = " ".join(str(name).split())
            if name or definition:
                definitions.setdefault(code, {})[language] = " ".join(str(definition or "").split())
    return names, definitions
