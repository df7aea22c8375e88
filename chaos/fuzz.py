"""`make fuzz MINUTES=60`: every intake fed with broken input, to find what raises, hangs or grows.

Each intake is a function of bytes (`chaos.intakes`) that runs in a process of its own. What it may do with an
input is to return or to raise an error of ours (DatelineError). Anything else is a finding: another
exception, more than five CPU seconds on one input, memory that keeps growing. Inputs are samples, mutated; a
seed names them, and a finding's input is kept in a file.
"""

from __future__ import annotations

import argparse
import mmap
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chaos.intakes import INTAKES, Intake
from services.contract.errors import DatelineError

HANG_S = 5.0
"""CPU seconds that one input may take."""
GROWTH_BYTES = 96 * 1024 * 1024
"""By how much a process may grow after its first tenth; caches of ours are bounded by less."""
_LONGEST = 300_000
_PAGE = 4096
_TOKENS = (
    b"&", b"&amp;amp;", b"&#x110000;", b"&#0;", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80",
    b"\\ud800", b"<![CDATA[", b"]]>", b"<!--", b"-->",
    b"<", b">", b"\"", b"'", b"<!DOCTYPE x [<!ENTITY a 'aa'>]>", b"&a;", "²٣Ⅷ".encode(), b"%3A", b"%00",
    b"//", b"\\", b"[", b"]", b"{", b"}", b"1e999",
    b"-1", b"99999999999999999999", b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-12:00",
    b"Mon, 32 Foo 0000 99:99:99 ZZZ", b"\r", b"\n", b"\r\n\r\n", b"\t",
    b"WARC/1.0\r\n", b"HTTP/1.1 103 x\r\n\r\n", b"Content-Length: 5\r\n", b"User-agent: *\rDisallow: /\r",
    b"\x1f\x8b\x08", b"(\xb5/\xfd", b"xmlns:a='b'", b" ",
    "\u2028\u200b\u202e".encode(), b"http://[::1", b"http://host%3A8080/", b"javascript:", b"data:,", b"true",
    b"null", b"NaN",
)  # fmt: skip


def mutated(dice: random.Random, samples: Sequence[bytes]) -> bytes:
    """A sample with one to eight changes."""
    found = bytearray(dice.choice(samples))
    for _ in range(dice.randint(1, 8)):
        at = dice.randint(0, len(found))
        end = min(len(found), at + int(dice.paretovariate(0.7)))
        change = dice.randrange(7)
        if change == 0 and found:
            found[at % len(found)] = dice.randrange(256)
        elif change == 1:
            del found[at:end]
        elif change == 2:
            found[at:at] = dice.choice(_TOKENS)
        elif change == 3:
            found[at:at] = bytes(found[at:end]) * min(
                dice.choice((1, 2, 50, 1000)), 1 + _LONGEST // max(1, end - at)
            )
        elif change == 4:
            other = dice.choice(samples)
            start = dice.randint(0, len(other))
            found[at:end] = other[start : start + dice.randint(0, 400)]
        elif change == 5:
            del found[at:]
        else:
            found[at:at] = dice.randbytes(dice.randint(1, 12))
        del found[_LONGEST:]
    return bytes(found)


@dataclass(slots=True)
class Outcome:
    """What a run over one intake found."""

    name: str
    inputs: int = 0
    refused: int = 0
    findings: list[str] = field(default_factory=list)
    grew_bytes: int = 0


def child(intake: Intake, seed: int, seconds: float, folder: Path, extra: Sequence[bytes]) -> None:
    """Run one intake until its time is over, telling of it in `folder`: the input in hand, counts,
    findings."""
    dice = random.Random(seed)
    samples = [*intake.samples(), *extra]
    shared = _shared(folder / "now")
    ends = time.monotonic() + seconds
    begins, first, seen = time.monotonic() + seconds / 10, 0, set()
    inputs = refused = 0
    # CPU seconds above what the process has used before count against one input.
    while time.monotonic() < ends:
        body = mutated(dice, samples)
        shared.seek(0)
        shared.write(inputs.to_bytes(8, "big") + len(body).to_bytes(8, "big") + body)
        try:
            intake.take(body)
        except DatelineError:
            refused += 1
        except Exception as error:  # noqa: BLE001  that is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            mark = f"{type(error).__name__} at {where.filename}:{where.lineno}"
            if mark not in seen:
                seen.add(mark)
                _keep(folder, len(seen), f"{mark}: {ascii(str(error))[:300]}", body)
        inputs += 1
        if not first and time.monotonic() > begins:
            first = _rss()
        if inputs % 50 == 0:
            (folder / "counts").write_text(f"{inputs} {refused} {max(0, _rss() - first) if first else 0}")
    (folder / "counts").write_text(f"{inputs} {refused} {max(0, _rss() - first) if first else 0}")


def _shared(path: Path) -> mmap.mmap:
    size = 16 + _LONGEST + _PAGE
    with path.open("w+b") as file:
        file.truncate(size)
        return mmap.mmap(file.fileno(), size)


def _rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _keep(folder: Path, number: int, said: str, body: bytes) -> None:
    (folder / f"finding-{number:03d}.input").write_bytes(body)
    (folder / f"finding-{number:03d}.txt").write_text(said)


def run(
    name: str,
    seed: int,
    seconds: float,
    folder: Path,
    samples: Path | None,
    *,
    enough: Callable[[Outcome], bool] = lambda _: False,
) -> Outcome:
    """Run one intake in a process of its own, and again after each hang, until its time is over or what was
    found is `enough`."""
    outcome = Outcome(name)
    ends, turn, left_s = time.monotonic() + seconds, 0, seconds
    while turn == 0 or (left_s > 1 and not enough(outcome)):
        place = folder / f"{name}-{turn}"
        place.mkdir(parents=True)
        command = [
            sys.executable,
            "-m",
            "chaos.fuzz",
            "--child",
            name,
            "--seed",
            str(seed + turn),
            "--folder",
            str(place),
            "--seconds",
            str(max(1.0, left_s)),
        ]
        command += ["--samples", str(samples)] if samples else []
        process = subprocess.Popen(command)
        hung = _watched(process, place / "now")
        inputs, refused, grew = _counts(place / "counts")
        outcome.inputs += max(inputs, _count(place / "now"))
        outcome.refused += refused
        outcome.grew_bytes = max(outcome.grew_bytes, grew)
        outcome.findings += [
            f"{path.read_text()} ({path.with_suffix('.input')})" for path in sorted(place.glob("*.txt"))
        ]
        if hung or process.returncode:
            body = _in_hand(place / "now")
            (place / "ended.input").write_bytes(body)
            how = f"took over {HANG_S:.0f} CPU s" if hung else f"ended the process ({process.returncode})"
            outcome.findings.append(f"one input {how} ({place / 'ended.input'})")
        turn += 1
        left_s = ends - time.monotonic()
    if outcome.grew_bytes > GROWTH_BYTES:
        outcome.findings.append(f"memory grew by {outcome.grew_bytes / 2**20:.0f} MiB")
    return outcome


def _watched(process: subprocess.Popen[bytes], now: Path) -> bool:
    """Wait for the end; whether it had to be ended because one input took too long."""
    before, cpu_before = -1, 0.0
    while process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        count, cpu = _count(now), _cpu_s(process.pid)
        if count != before:
            before, cpu_before = count, cpu
        elif cpu - cpu_before > HANG_S and count >= 0:
            process.kill()
            process.wait()
            return True
    return False


def _count(now: Path) -> int:
    try:
        with now.open("rb") as file:
            return int.from_bytes(file.read(8), "big")
    except FileNotFoundError:
        return -1


def _in_hand(now: Path) -> bytes:
    try:
        raw = now.read_bytes()
    except FileNotFoundError:
        return b""
    return raw[16 : 16 + int.from_bytes(raw[8:16], "big")]


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _counts(path: Path) -> tuple[int, int, int]:
    try:
        inputs, refused, grew = path.read_text().split()
    except (FileNotFoundError, ValueError):
        return 0, 0, 0
    return int(inputs), int(refused), int(grew)


def _extra(folder: Path | None, intake: Intake) -> list[bytes]:
    """Files of a folder that an intake knows by their ending, for samples."""
    if folder is None:
        return []
    paths = (
        p
        for p in sorted(folder.rglob("*"))
        if p.suffix in intake.endings and p.is_file() and p.stat().st_size < 100_000
    )
    return [path.read_bytes() for path in paths][:5000]


def _broken(body: bytes) -> None:
    """An intake with every fault that the fuzzer must find: for its own test."""
    if body[:1] in b"13":
        1 / 0  # noqa: B018
    while body[:1] == b"5":
        pass
    if body[:1] == b"7":
        os._exit(9)


def main() -> None:
    """Fuzz, print a table, and end with 1 where anything was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="for all intakes together")
    parser.add_argument("--only", default="", help=f"some of: {', '.join(INTAKES)}")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument(
        "--samples", type=Path, help="a folder of more samples: .xml, .json, .txt, .html, .warc, .opml"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="where findings are kept (default: a temporary folder)")
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        intake = INTAKES.get(arguments.child) or Intake(
            _broken, lambda: [b"0", b"5", b"7", b"1"] + [b"0" * 40] * 12
        )
        child(intake, arguments.seed, arguments.seconds, arguments.folder, _extra(arguments.samples, intake))
        return
    names = [n for n in arguments.only.split(",") if n] or list(INTAKES)
    if unknown := set(names) - INTAKES.keys():
        parser.error(f"no intake is called {', '.join(sorted(unknown))}; there are {', '.join(INTAKES)}")
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="dateline-fuzz-"))
    console = Console()
    outcomes = []
    for name in names:
        outcomes.append(
            run(name, arguments.seed, arguments.minutes * 60 / len(names), folder, arguments.samples)
        )
        console.print(f"{name}: {outcomes[-1].inputs:,} inputs, {len(outcomes[-1].findings)} findings")
    table = Table(title=f"seed {arguments.seed}", title_justify="left", box=None, pad_edge=False)
    for column in ("intake", "inputs", "refused", "grew by", "findings"):
        table.add_column(column, justify="left" if column == "intake" else "right")
    for one in outcomes:
        table.add_row(
            one.name,
            f"{one.inputs:,}",
            f"{one.refused:,}",
            f"{one.grew_bytes / 2**20:.0f} MiB",
            str(len(one.findings)),
        )
    console.print(table)
    findings = [f"{one.name}: {said}" for one in outcomes for said in one.findings]
    for said in findings:
        console.print(said, soft_wrap=True, markup=False)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
