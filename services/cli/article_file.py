"""Articles of a file of JSON lines, read again as often as they are needed: only their places are kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, BinaryIO, cast

import click

from services.cli.article_lines import LINE_CAP_BYTES, read_object
from services.cli.output import storable
from services.cli.reading import bounded_lines
from services.contract.urls import domain_of


@dataclass(frozen=True, slots=True)
class Article:
    """An article as a line has it; what is missing, or of another type, is empty."""

    title: str
    text: str
    domain: str
    agency: str | None
    provider: str | None
    published_at: datetime | None
    language: str | None
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: its number, its id, and the article that it is about, or the error that tells why there is
    none. Lines with one id are about one article, of which the last is the newest version."""

    line: int
    id: Any
    number: int | None
    error: str | None = None


class ArticleFile:
    """The lines of a file or of standard input, copied to a temporary file."""

    def __init__(self, source: IO[bytes]) -> None:
        self._kept = tempfile.TemporaryFile("w+b")  # noqa: SIM115  closed with this object
        self.entries: list[Entry] = []
        self._spans: list[tuple[int, int, int]] = []  # offset, bytes, line
        numbers: dict[str, int] = {}
        try:
            for line, text in enumerate(bounded_lines(cast("BinaryIO", source), LINE_CAP_BYTES), 1):
                if text := text.strip().removeprefix(b"\xef\xbb\xbf"):
                    self._add(line, text, numbers)
        except OSError as error:
            raise click.ClickException(f"{source.name} cannot be read: {error.strerror or error}") from error

    def __enter__(self) -> ArticleFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def __len__(self) -> int:
        return len(self._spans)

    def _add(self, line: int, text: bytes, numbers: dict[str, int]) -> None:
        try:
            row = read_object((line, text, None))
            article_id = storable(row.get("id"))
            if not isinstance(row.get("text"), str):
                raise ValueError(f'line {line} has no "text"; write {{"id": 1, "title": "…", "text": "…"}}')
        except ValueError as error:
            self.entries.append(Entry(line, None, None, str(error)))
            return
        number = len(self._spans) if article_id is None else numbers.setdefault(
            repr(article_id), len(self._spans)
        )  # fmt: skip
        span = (self._kept.seek(0, 2), len(text), line)
        if number == len(self._spans):
            self._spans.append(span)
        else:
            self._spans[number] = span
        self._kept.write(text)
        self.entries.append(Entry(line, article_id, number))

    def article(self, number: int) -> Article:
        """Reads an article."""
        offset, size, line = self._spans[number]
        self._kept.seek(offset)
        return _article(read_object((line, self._kept.read(size), None)))

    def texts(self, numbers: list[int]) -> dict[int, str]:
        return {number: self.article(number).text for number in numbers}

    def in_order(self) -> Iterator[tuple[int, float]]:
        """(number, seconds) of each article by time. One without a time counts as of the time of the one
        before it in the file."""
        last = 0.0
        times = []
        for number in range(len(self._spans)):
            last = _seconds(self.article(number).published_at, last)
            times.append((last, number))
        return ((number, at) for at, number in sorted(times))


def _article(row: dict[str, Any]) -> Article:
    url = _text(row, "url")
    return Article(
        _text(row, "title"),
        storable(row["text"]),
        (_text(row, "domain") or _domain(url)).lower(),
        _text(row, "agency") or None,
        _text(row, "provider") or None,
        _moment(row.get("published_at") or row.get("date")),
        _text(row, "language") or _text(row, "lang") or None,
        tuple(_places(row.get("places"))),
    )


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return storable(value) if isinstance(value, str) else ""


def _domain(url: str) -> str:
    try:
        return domain_of(url) or ""
    except ValueError:
        return ""


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _seconds(moment: datetime | None, last: float) -> float:
    from services.stories.agencies import moment as appeared

    return last if moment is None else appeared(moment, moment).timestamp()


def _places(value: Any) -> Iterator[str]:
    """Names of places: texts, or objects with a name."""
    for place in value[:50] if isinstance(value, list) else ():
        name = place.get("name") if isinstance(place, dict) else place
        if isinstance(name, str) and name:
            yield storable(name)[:200]
