"""The nearest valid values of parameters that were refused: of their names, and of choices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Request

from services.contract.near_names import did_you_mean

_CHOICE = re.compile(r"'([^']*)'")
_LONGEST = 80
"""Characters of what is compared; no name of a parameter and no choice is longer."""


def with_near_values(problems: Sequence[Any], request: Request) -> list[dict[str, Any]]:
    """The problems, with what may have been meant at the end of their messages."""
    return [{**problem, "msg": f"{problem['msg']}{_near(problem, request)}"} for problem in problems]


def _near(problem: dict[str, Any], request: Request) -> str:
    name, written = str(problem["loc"][-1]), problem.get("input")
    if problem["type"] == "extra_forbidden" and len(name) <= _LONGEST:
        known = sorted(_parameters(request))
        return _sentence(did_you_mean(name, known)) or (f". Known are {', '.join(known)}" if known else "")
    if not isinstance(written, str) or len(written) > _LONGEST:
        return ""
    if problem["type"] == "literal_error":
        choices: Iterable[str] = _CHOICE.findall(str(problem.get("ctx", {}).get("expected", "")))
        return _sentence(did_you_mean(written, choices))
    if name == "language":
        return ": an ISO 639-1 code, such as en, de or pt"
    return ""


def _sentence(near: str) -> str:
    return f".{near}" if near else ""


def _parameters(request: Request) -> set[str]:
    """Names of the query parameters of the route that a request asked for."""
    found: set[str] = set()
    for field in getattr(getattr(request.scope.get("route"), "dependant", None), "query_params", ()):
        model = getattr(getattr(field, "field_info", None), "annotation", None)
        found |= set(getattr(model, "model_fields", {})) or {field.name}
    return found
