"""When a page says that it was published and changed, and how precisely."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from services.ingest.dates import is_month_first, read_moment
from services.ingest.extract.blocks import Walked
from services.ingest.extract.cards import OwnStory
from services.ingest.extract.head import Head
from services.ingest.extract.marks import Marks

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_DIGIT = re.compile(r"\d")
_AMBIGUOUS = re.compile(r"(?<![\d.])(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(?:\d{4}|\d{2})(?!\d)")
_MOST_TOLD, _LONGEST_LINE = 400, 120  # blocks whose dates tell the order of day and month; characters
_URL_NAMED = re.compile(r"/((?:19|20)\d{2})/([a-zA-Z]{3,9})/(\d{1,2})(?=/)")
# Identifiers that begin with the minute of publication, as many Asian papers number their articles.
_URL_STAMP = re.compile(r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=(?:[01]\d|2[0-3])[0-5]\d)")
_URL_DATE = re.compile(
    r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/\-._]|$)|[/\-_]((?:19|"
    r"20)\d{2})(\d{2})(\d{2})(?=[/\-._]|$)"
)
# A line that begins so is the page's own date wherever it stands; nothing else parts it from an event's.
_LABEL = re.compile(
    r"(?:datum|date|fecha|data|published(?: on)?|posted(?: on)?|publish date|veröffentlicht(?: am)?|"
    r"erschienen(?: am)?|publié(?: le)?|publicado(?: en| el)?"
    r"|pubblicato(?: il)?|gepubliceerd(?: op)?|publicerad|opublikowano|опубликовано|дата|تاريخ النشر|"
    r"发布时间|發布時間|公開日|입력)\s*[:：]?\s*(?=\S)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d\s?[:.h時点시]\s?\d|\d\s?[ap]\.?m\b", re.IGNORECASE)
_YEARLIKE = re.compile(
    r"(?<!\d)\d{4}(?!\d)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2}(?!\d)|[〇零一二三四五六七八九]{4}年|[令平昭]"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_PARTED = re.compile(r"\s*[|•·;()\n]\s*|\s[-–—/]\s")
_STAMPS = ("datetime", "content", "data-timestamp", "data-datetime", "data-time", "data-date", "title")
"""Attributes in which elements tell their moment, the usual one first."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A moment, `day` or `minute` precision, and where the page says it."""

    moment: datetime
    precision: str
    origin: str


def parse_moment(
    raw: str,
    origin: str = "",
    *,
    now: datetime | None = None,
    month_first: bool = False,
    language: str | None = None,
    prose: bool = False,
) -> Dated | None:
    """One written date. A time without a zone is taken as UTC; a date without a time has precision `day`."""
    written = read_moment(
        raw, now or datetime.now(UTC), language=language, month_first=month_first, prose=prose
    )
    return Dated(written.moment, "minute" if written.timed else "day", origin) if written else None


_PUBLISHED = (
    "article:published_time", "article:published", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "date.issued",
    "dc.date.issued",
    "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "citation_publication_date",
    "citation_date", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "article.published", "article_date_original", "originalpublicationdate",
    "og:article:published_time",
    "rnews:datepublished", "date", "timestamp", "last-modified-original", "pub_date", "article-published",
    "bt:pubdate", "iso-8601-publish-date",
    "created", "weibo: article:create_at", "mediaindex:pubdate", "analyticsattributes.articledate",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified",
    "dcterms.modified", "dc.date.modified",
    "article:updated", "revision_date", "updated_time",
)  # fmt: skip


def find_dates(head: Head, page: Walked, url: str | None, now: datetime) -> tuple[Dated | None, Dated | None]:
    """Publication and modification as the page says them; never in the future, before 1990 only if it says so
    twice, and before 1400 never."""
    reader = _Reader(head, page, url, now)
    first = reader.first
    modified = first(_stated(head, "dateModified", _MODIFIED))
    published = (
        first(_stated(head, "datePublished", _PUBLISHED))
        or first(_itemprops(page.marks))
        or first(_url_date(url))
    )
    if published is None or (published.origin == "url" and published.precision == "day"):
        visible = reader.visible()
        far = published and visible and abs(published.moment - visible.moment) > timedelta(days=2)
        published = published if far else visible or published
    if published is None:
        published = reader.said_twice() or first(_stated(head, "dateCreated", ())) or modified
    elif published.precision == "minute" and not published.moment.utcoffset():
        published = _in_its_zone(published, reader.written())
    return published, modified


class _Reader:
    """The dates of one page, read in its language and in its order of day and month."""

    def __init__(self, head: Head, page: Walked, url: str | None, now: datetime) -> None:
        self._head, self._page, self._url, self._now = head, page, url, now
        self._latest = now + timedelta(hours=26)
        self._early: dict[date, list[Dated]] = {}  # what would be before 1990, by day
        self._language = head.language or head.first("og:locale")

    def first(self, candidates: Iterable[tuple[str, str]], *, prose: bool = False) -> Dated | None:
        """The first of the texts that is a date, and a believable one."""
        return next((d for origin, raw in candidates if (d := self._read(origin, raw, prose=prose))), None)

    def _read(self, origin: str, raw: str, *, prose: bool = False) -> Dated | None:
        month_first = self._month_first if _AMBIGUOUS.search(raw[:160]) else False
        dated = parse_moment(
            raw, origin, now=self._now, month_first=month_first, language=self._language, prose=prose
        )
        if dated is None or dated.moment > self._latest:
            return None
        if dated.moment >= EARLIEST:
            return dated
        self._early.setdefault(dated.moment.date(), []).append(dated)
        return None

    @cached_property
    def _month_first(self) -> bool:
        """By the dates on the page that can be read in one way only, else by the site's country."""
        day, month = 0, 0
        for block in self._page.blocks[:_MOST_TOLD]:
            if len(block.text) < _LONGEST_LINE:
                for match in _AMBIGUOUS.finditer(block.text):
                    one, two = int(match[1]), int(match[2])
                    day += one > 12 >= two
                    month += two > 12 >= one
        if day != month:
            return month > day
        try:
            host = urlsplit(self._url or "").hostname
        except ValueError:
            host = None
        return is_month_first(self._head.language, self._head.first("og:locale"), host)

    def visible(self) -> Dated | None:
        """Publication as the page shows it: in elements for dates, then in lines near the headline."""
        story = OwnStory(self._head, [block.text for block in self._page.h1])
        times = [node for node in self._page.marks.times[:_MOST_TIMES] if story.has(node)]
        if found := self._of_times(times):
            return found
        for node in self._page.marks.dated[:_MOST_TIMES]:
            if story.has(node) and (found := self._of_line((node.text(separator=" ") or "")[:_LONGEST_LINE])):
                return found
            if found := self.first(("visible", stamp) for stamp in _stamps(node)):
                return found
        lines = (*_labelled(self._page), *_near_headline(self._page))
        return next((d for line in lines if (d := self._of_line(line))), None)

    def _of_times(self, times: list[LexborNode]) -> Dated | None:
        """The first of the story's times; of those beside it the earliest, as changes come later."""
        found: list[Dated] = []
        place = None
        for node in times:
            parent = node.parent
            around = parent.parent if parent is not None and parent.parent is not None else parent
            here = around.mem_id if around is not None else 0
            if place is not None and here != place:
                break
            if dated := self.first(("time element", stamp) for stamp in _stamps(node)):
                found.append(dated)
                place = here
        return min(found, key=lambda d: d.moment, default=None)

    def _of_line(self, line: str) -> Dated | None:
        """Publication in a line of the page: the earlier of its dates."""
        if not _YEARLIKE.search(line):
            return None
        found = (self._read("visible", piece, prose=True) for piece in _pieces(line))
        return min((d for d in found if d), key=lambda d: d.moment, default=None)

    def written(self) -> Iterator[Dated]:
        """All that the page shows with a time of day."""
        for node in self._page.marks.times[:_MOST_TIMES]:
            if dated := self.first(("", stamp) for stamp in _stamps(node)):
                yield dated
        for line in _near_headline(self._page):
            if _CLOCK.search(line) and (dated := self._of_line(line)):
                yield dated

    def said_twice(self) -> Dated | None:
        """The day before 1990 that two places on the page give; one alone is a template's zero."""
        days = (said for said in self._early.values() if len({dated.origin for dated in said}) > 1)
        return next((max(said, key=lambda d: d.precision == "minute") for said in days), None)


_MOST_TIMES = 6


def _in_its_zone(published: Dated, written: Iterable[Dated]) -> Dated:
    """The same moment in the newsroom's zone, where the page also writes it so.

    Metadata are often in UTC, by which an evening's story is of the next day. A time on the page that is the
    same instant in another zone, or off by whole half hours without one, tells the zone.
    """
    for other in written:
        if other.precision != "minute":
            continue
        if other.moment.utcoffset():
            if abs(other.moment - published.moment) <= timedelta(minutes=5):
                moment = published.moment.astimezone(other.moment.tzinfo)
                return Dated(moment, "minute", published.origin)
            continue
        off = other.moment - published.moment
        halves = round(off / timedelta(minutes=30))
        if 0 < abs(halves) <= 28 and abs(off - halves * timedelta(minutes=30)) <= timedelta(minutes=2):
            zone = timezone(halves * timedelta(minutes=30))
            return Dated(published.moment.astimezone(zone), "minute", published.origin)
    return published


def _stated(head: Head, key: str, names: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    for node in head.about:
        value = node.get(key)
        if isinstance(value, str):
            yield "json-ld", value
    for name in names:
        if name in head.meta:
            yield f"meta {name}", head.meta[name]


def _stamps(node: LexborNode) -> Iterator[str]:
    """What an element says of its moment: in its attributes, then in its text."""
    attributes = node.attributes
    for name in _STAMPS:
        if value := attributes.get(name):
            yield value
    yield (node.text() or "")[:_LONGEST_LINE]


def _itemprops(marks: Marks) -> Iterable[tuple[str, str]]:
    for node in marks.published[:5]:
        for stamp in _stamps(node):
            yield "microdata", stamp


def _url_date(url: str | None) -> Iterable[tuple[str, str]]:
    if url and (match := _URL_DATE.search(url)):
        parts = match.groups()[:3] if match[1] else match.groups()[3:]
        yield "url", "-".join(str(p) for p in parts)
    elif url and (match := _URL_NAMED.search(url)):
        yield "url", f"{match[3]} {match[2]} {match[1]}"
    elif url and (match := _URL_STAMP.search(url)):
        yield "url", "-".join(match.groups())


def _labelled(page: Walked) -> Iterator[str]:
    """Short lines that say that they are the date."""
    for block in page.blocks:
        if len(block.text) < 60 and (match := _LABEL.match(block.text)):
            yield block.text[match.end() :]


def _near_headline(page: Walked) -> Iterator[str]:
    """Short lines around the headline, where a visible date stands."""
    start = page.h1[0].order if page.h1 else 0
    for block in page.blocks[max(0, start - 6) : start + 14]:
        if len(block.text) < 90 and _DIGIT.search(block.text):
            yield block.text


def _pieces(line: str) -> list[str]:
    """A line's parts that may each hold a date: itself, where it names one year."""
    if len(_YEAR.findall(line)) < 2:
        return [line]
    pieces = [piece for piece in _PARTED.split(line) if _YEAR.search(piece)]
    return pieces if all(len(_YEAR.findall(piece)) == 1 for piece in pieces) else _at_years(line)


def _at_years(line: str) -> list[str]:
    """A line of several dates without signs between, parted behind each year and the time that follows it."""
    return [match[0] for match in _UP_TO_A_YEAR.finditer(line)]


_UP_TO_A_YEAR = re.compile(
    r"[^\n]*?(?<!\d)(?:19|20)\d{2}(?!\d)(?:\D{0,12}?\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\b)?"
    r"(?:\s?(?:(?:GMT|UTC)?[+-]\d{1,2}:?\d{2}|(?-i:[A-Z]{2,5})\b))?)?",
    re.IGNORECASE,
)
