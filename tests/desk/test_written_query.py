"""A query is read once, for the command line and for the API: both take the same words to the same query."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner
from fastapi import HTTPException

from services.cli.choosing import query_options
from services.desk.parameters import Filters
from services.desk.written_query import UnreadablePart, read_query
from services.store.search_query import Query


def by_command(*words: str) -> Query:
    taken: list[Query] = []

    def take(query: Query) -> None:
        taken.append(query)

    command = click.command()(query_options(take))
    done = CliRunner().invoke(command, words, standalone_mode=False)
    if done.exception:
        raise done.exception
    return taken[0]


SAME: list[tuple[list[str], dict[str, Any]]] = [
    (["flood", "warning"], {"text": "flood warning"}),
    (["--topic", "sport"], {"topic": ["sport"]}),
    (["--topic", "rule:mine"], {"topic": ["rule:mine"]}),
    (["--region", "France", "--region", "Sahel"], {"region": ["France", "Sahel"]}),
    (["--near", "50.45,30.52,100"], {"near": "50.45,30.52,100"}),
    (["--since", "2026-01-02", "--until", "2026-02-03T10:00Z"],
     {"since": "2026-01-02", "until": "2026-02-03T10:00Z"}),
    (["--region", "de", "--role", "mentioned", "--source", "example.org", "--language", "de"],
     {"region": ["de"], "role": "mentioned", "source": "example.org", "language": "de"}),
]  # fmt: skip


@pytest.mark.parametrize("words, parameters", SAME)
def test_a_command_and_the_api_read_the_same(words: list[str], parameters: dict[str, Any]) -> None:
    read = by_command(*words)
    assert read == Filters(**parameters).query()
    assert read != Query()


@pytest.mark.parametrize(
    "name, part",
    [
        ("topic", {"topics": ["quidditch"]}),
        ("region", {"regions": ["Atlantis"]}),
        ("region", {"regions": ["x" * 100_000]}),
        ("near", {"near": "here"}),
        ("near", {"near": "91,0,10"}),
        ("near", {"near": "nan,0,10"}),
        ("since", {"since": "soon"}),
        ("until", {"until": "-3d"}),
    ],
)
def test_what_cannot_be_read_is_named_by_both(name: str, part: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePart) as refused:
        read_query(**part)
    assert refused.value.name == name
    written = refused.value.written
    with pytest.raises(click.BadParameter) as said:
        by_command(f"--{name}={written}")
    assert said.value.param_hint == f"--{name}"
    of_api = [written] if name in ("topic", "region") else written
    with pytest.raises(HTTPException) as answer:
        Filters.model_construct(**{name: of_api}).query()
    assert answer.value.status_code == 422
    assert answer.value.detail[0]["loc"] == ["query", name]  # type: ignore[index]
