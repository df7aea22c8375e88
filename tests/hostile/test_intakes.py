"""A short share of `make fuzz`: no broken input makes an intake raise anything but an error of ours; and the
fuzzer finds what does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chaos import fuzz
from chaos.intakes import INTAKES, Intake
from services.contract.errors import DatelineError

_INPUTS = 250


@pytest.mark.parametrize("name", INTAKES)
def test_broken_input_ends_as_an_error_of_ours(name: str) -> None:
    intake = INTAKES[name]
    dice = random.Random(26)
    samples = intake.samples()
    for body in [*samples, *(fuzz.mutated(dice, samples) for _ in range(_INPUTS))]:
        try:
            intake.take(body)
        except DatelineError as error:
            assert error.reason and str(error)
        except Exception as error:
            pytest.fail(f"{type(error).__name__}: {error}, from {body[:2000]!r}")


def test_the_fuzzer_tells_what_raises_what_hangs_and_what_ends_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "HANG_S", 0.5)
    wanted = ("ZeroDivisionError", "took over", "ended the process")

    def enough(found: fuzz.Outcome) -> bool:
        return all(word in " ".join(found.findings) for word in wanted)

    # The first seeds hang, and end the process.
    outcome = fuzz.run("self-test", 32, 60.0, tmp_path, None, enough=enough)
    assert enough(outcome), outcome.findings
    assert outcome.inputs > 20
    assert all(
        Path(one.rsplit("(", 1)[1].rstrip(")")).exists() for one in outcome.findings if ".input)" in one
    )


def test_what_is_refused_is_no_finding(tmp_path: Path) -> None:
    def refuse(body: bytes) -> None:
        raise DatelineError("no", "no")

    fuzz.child(Intake(refuse, lambda: [b"a"]), 1, 0.5, tmp_path, [])
    assert not list(tmp_path.glob("finding*"))
    inputs, refused, _ = fuzz._counts(tmp_path / "counts")
    assert inputs == refused > 0
