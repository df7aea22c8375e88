"""Lines of any file: bounded, counted as a person counts them; and files that hold none, by name."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from services.cli import main
from services.cli.reading import bounded_lines


class _Slowly(BytesIO):
    """A stream that hands over a few bytes at a time, as a pipe may."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(self._size, size) if size and size > 0 else self._size)


@given(st.text("ab\r\n\u2028", max_size=60), st.integers(1, 9))
def test_lines_end_as_lines_of_text_files_do(text: str, size: int) -> None:
    whole = text.encode().splitlines()
    assert list(bounded_lines(_Slowly(text.encode(), size), 1000)) == whole
    cut = [line[:4] for line in whole]
    assert list(bounded_lines(_Slowly(text.encode(), size), 3)) == cut


def test_of_a_long_line_only_its_start_is_kept() -> None:
    content = b"short\n" + b"x" * 1_000_000 + b"\nlast"
    assert list(bounded_lines(BytesIO(content), 100)) == [b"short", b"x" * 101, b"last"]


def _submit(database_url: str, *arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(
        main, ["submit", *arguments], env={"DATELINE_DATABASE_URL": database_url}, input=stdin
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x1f\x8b\x08\0" + b"x" * 50, "zcat"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 50, "zstdcat"),
        (b"PK\x03\x04" + b"x" * 50, "unzip"),
        (b"\x7fELF" + bytes(range(256)) * 50, "binary file"),
        (b"WARC/1.1\r\nWARC-Type: response\r\n", "--warc"),
        ("https://e.org/a\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_of_no_lines_is_told_by_name_and_the_next_one_is_read(
    database_url: str, tmp_path: Path, content: bytes, said: str
) -> None:
    odd, good = tmp_path / "odd", tmp_path / "good.txt"
    odd.write_bytes(content)
    good.write_bytes(b"https://e.org/a\n")
    done = _submit(database_url, "-f", str(odd), "-f", str(good))
    assert (done.exit_code, done.stdout) == (1, "1 new, 0 known, 0 refused\n")
    assert f"not read: {odd}" in done.stderr
    assert said in done.stderr
    piped = _submit(database_url, "-", stdin=content)
    assert (piped.exit_code, "not read: standard input" in piped.stderr) == (1, True)


def test_a_folder_is_refused_as_a_file(database_url: str, tmp_path: Path) -> None:
    for option in ("--file", "--warc"):
        done = _submit(database_url, option, str(tmp_path))
        assert done.exit_code == 2
        assert "is a directory" in done.stderr


def test_a_pipe_is_read_once_and_whole(database_url: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(b"https://e.org/a\nhttps://e.org/b\n",))
    writer.start()
    done = _submit(database_url, "--file", str(pipe))
    writer.join()
    assert done.stdout == "2 new, 0 known, 0 refused\n"


def test_odd_lines_are_told_with_their_numbers_and_the_others_go_in(
    database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "urls.txt"
    path.write_bytes(
        b"\xef\xbb\xbfhttps://e.org/1\r\n\xff\xfe\x00\n" + b"x" * 500_000 + b"\n{" + b'"a":[' * 9_000 + b"\n"
        b"http://e.org%3A80/\nhttps://e.org/\0\xe9\n\x1b[31mred\n\nhttps://e.org/9"
    )
    done = _submit(database_url, "--file", str(path), "--origin", "a\udce9")
    assert done.stdout == "3 new, 0 known, 5 refused\n"
    told = [line for line in done.stderr.splitlines() if line.startswith("refused: ")]
    assert [line.split(":")[1].rpartition(" ")[2] for line in told] == ["2", "3", "4", "5", "7"]
    assert "\x1b" not in done.stderr
