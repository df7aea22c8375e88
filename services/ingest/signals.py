"""A publisher's statements on the use of a page: robots directives, text and data mining reservation,
no-AI marks.

They are stored with the article as they are; nothing is decided here. Sources: the robots meta element and
X-Robots-Tag header, the TDM Reservation Protocol of the W3C community group (2024), the noai and noimageai
directives.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.ingest.extract import SIGNALS
from services.ingest.fetch import Fetched

_HEADERS = {"x-robots-tag": "x-robots-tag", "tdm-reservation": "tdm-reservation", "tdm-policy": "tdm-policy"}
_MAX_CHARS = 500


def signals(page: Fetched, meta: Mapping[str, str]) -> dict[str, str]:
    """Each signal by name; `noai` is set where any of them reserves the page against machine learning."""
    found = {name: meta[name][:_MAX_CHARS] for name in SIGNALS if meta.get(name)}
    for header, name in _HEADERS.items():
        if said := page.header(header):
            found.setdefault(name, said[:_MAX_CHARS])
    words = {
        word
        for said in found.values()
        for word in said.lower().replace(";", ",").replace(":", ",").split(",")
    }
    if found.get("tdm-reservation", "").strip() == "1" or {w.strip() for w in words} & {"noai", "noimageai"}:
        found["noai"] = "1"
    return found
