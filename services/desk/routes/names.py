"""Routes of people and organisations: one name, with attention over time and what it is quoted with."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path

from services.desk import models
from services.desk.access import needs
from services.desk.state import TheDesk
from services.enrich.names.folding import asked_key
from services.store import names

router = APIRouter(tags=["names"], dependencies=[needs("read")])
_LABELS = {"person": "PER", "org": "ORG"}


@router.get("/names/{kind}/{name}", responses=models.problems(404))
def name(
    desk: TheDesk,
    kind: Literal["person", "org"],
    name: Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00]+$")],
) -> models.NamePage:
    """A person or organisation, by full name or key, as its newest articles have it."""
    label = _LABELS[kind]
    with desk.pool.connection() as connection:
        found = names.one(connection, label, asked_key(name, label))
    if found is None:
        raise HTTPException(404, f"no article names {name!r}")
    return models.NamePage.model_validate(found)
