"""Options and ids of the command line: what is none is told, in one line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from services.cli import main

_TOLD = 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "--since", "²d"], ["search", "--since", "٧d"], ["search", "--since", ""],
        ["search", "--since", "d"], ["search", "--since", "9999999w"],
        ["search", "--since", "999999w"], ["search", "--until", "0001-01-01T00:00:00+05:00"],
        ["search", "--until", "9999-12-31T23:59:59-12:00"],
        ["search", "--place", "²"], ["search", "--place", "0"], ["search", "--place", "99999999999999999999"],
        ["search", "--near", "nan,nan,1"],
        ["search", "--near", "²,1,1"], ["search", "--limit", "²"], ["search", "--region", "M49:²"],
        ["search", "--region", "²"], ["search", "--topic", "²"],
        ["dead", "list", "--since", "²h"], ["dead", "show", "²"], ["dead", "show", "99999999999999999999"],
        ["dead", "replay", "99999999999999999999"],
        ["tokens", "revoke", "99999999999999999999"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_asked_is_told(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == _TOLD, (result.output, result.exception)
    assert "Error: Invalid value" in result.output


def test_bytes_that_are_no_text_are_told_so(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    for arguments in (
        ["search", "\udcff"],
        ["search", "--source", "\udcff"],
        ["dead", "list", "--reason", "\udcff"],
        ["trace", "\udcff"],
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code != 0, arguments
        assert result.exception is None or not isinstance(result.exception, UnicodeError), (
            arguments,
            result.exception,
        )
