"""What tests of the whole pipeline do again and again: submit, wait for the end, look at rows."""

from __future__ import annotations

from typing import Any

import pytest

from services.local.stack import Stack
from services.store.intake import parse_line
from services.store.ledger import Entry, Refusal, record
from tests.conftest import eventually


def submit(stack: Stack, *urls: str, again: bool = False) -> None:
    """Through the intake, as the CLI does it."""
    results = [parse_line(url, "test") for url in urls]
    entries = [r for r in results if isinstance(r, Entry)]
    refusals = [r for r in results if isinstance(r, Refusal)]
    with stack.connect() as connection:
        record(connection, entries, refusals, again=again)


def rows(stack: Stack, statement: str, *values: Any) -> list[tuple]:
    """What a query gives."""
    with stack.connect() as connection:
        return connection.execute(statement, values).fetchall()


def fates(stack: Stack, urls: list[str]) -> dict[str, tuple[str, str | None]]:
    """State and reason by URL."""
    found = rows(stack, "SELECT url, state, reason FROM submissions WHERE url = ANY(%s)", urls)
    return {url: (state, reason) for url, state, reason in found}


def settle(stack: Stack, urls: list[str], *, within_s: float = 60.0) -> dict[str, tuple[str, str | None]]:
    """Wait until every URL has ended; the supervisor restarts what dies meanwhile."""

    counted = "SELECT count(*) FROM submissions WHERE url = ANY(%s) AND state NOT IN ('pending', 'in_flight')"

    def settled() -> bool:
        return rows(stack, counted, urls) == [(len(urls),)]

    try:
        eventually(f"all of {len(urls)} URLs end", settled, within_s=within_s, between=stack.watch)
    except pytest.fail.Exception as failure:
        left = rows(
            stack,
            "SELECT url, state, reason, attempts, dispatched_at FROM submissions WHERE state IN ('pending', "
            "'in_flight') LIMIT 5",
        )
        raise AssertionError(f"{failure}\nstill under way: {left}\n{_last_words(stack)}") from failure
    return fates(stack, urls)


def _last_words(stack: Stack) -> str:
    """The ends of the services' logs: they are gone when the tests are over."""
    tails = (
        f"--- {path.name}\n"
        + "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        for path in sorted((stack.folder / "logs").glob("*.log"))
    )
    return "\n".join(tails)
