"""Work over many items: in order, several at once where that pays, and each item's failure its own."""

from __future__ import annotations

import os
from typing import Any

import pytest

from services.cli.workers import run_all, run_together

_JOBS = list(range(40))


def _name(job: int) -> dict[str, Any]:
    return {"id": job}


def _one(job: int) -> dict[str, Any]:
    if job == 7:
        raise ValueError("seven is out")
    return {"id": job, "twice": 2 * job}


def _several(jobs: list[int]) -> list[dict[str, Any]]:
    return [_one(job) | {"company": len(jobs)} for job in jobs]


def _deadly(jobs: list[int]) -> list[dict[str, Any]]:
    if 7 in jobs:
        os._exit(1)
    return [{"id": job, "twice": 2 * job} for job in jobs]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_item_that_breaks_fails_alone_and_in_its_place(workers: int) -> None:
    for results in (
        list(run_all(_one, _JOBS, workers, label="", name=_name)),
        list(run_together(_several, _JOBS, workers, label="", name=_name)),
    ):
        assert [r["id"] for r in results] == _JOBS
        assert [r["id"] for r in results if "error" in r] == [7]
        assert results[7]["error"] == "ValueError: seven is out"
        assert all(r["twice"] == 2 * r["id"] for r in results if r["id"] != 7)


@pytest.mark.parametrize("workers", [1, 2])
def test_items_go_together_but_for_those_beside_a_broken_one(workers: int) -> None:
    results = list(run_together(_several, _JOBS, workers, label="", name=_name))
    company = [r.get("company") for r in results]
    assert company == [1] * 7 + [None] + [1] * 8 + [16] * 16 + [8] * 8


def test_an_item_that_kills_its_process_is_named_and_the_rest_is_done() -> None:
    results = list(run_together(_deadly, _JOBS, 2, label="", name=_name))
    assert [r["id"] for r in results] == _JOBS
    assert ["twice" in r for r in results] == [job != 7 for job in _JOBS]
    assert "died" in results[7]["error"]
