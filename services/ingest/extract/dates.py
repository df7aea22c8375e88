"""When a page says that it was published and changed, and how precisely."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from services.contract.limits import believable
from services.ingest.extract.blocks import Walked
from services.ingest.extract.head import Head
from services.ingest.extract.marks import Marks

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_MONTHS = {
    1: "jan january januar jänner janvier enero ene janeiro gennaio gen januari januarie januára stycznia "
    "styczeń января янв січня ocak oca "
    "يناير leden ledna ianuarie tammikuuta tammikuu",
    2: "feb february februar pebruari feber février fevrier fév febrero fevereiro fev febbraio februari "
    "lutego luty февраля фев лютого şubat şub "
    "فبراير února únor februarie helmikuuta",
    3: "mar maret march märz maerz mär mrz mars marzo março marco maart marca marzec марта мар березня mart "
    "مارس března martie maaliskuuta mrt",
    4: "apr april avril avr abril abr aprile kwietnia kwiecień апреля апр квітня nisan nis أبريل ابريل dubna "
    "aprilie huhtikuuta",
    5: "may mai mayo maio maggio mag mei maja maj мая травня mayıs مايو května toukokuuta",
    6: "jun june juni juin junio junho giugno giu czerwca czerwiec июня июн червня haziran haz يونيو června "
    "iunie kesäkuuta",
    7: "jul july juli juillet juil julio julho luglio lug lipca lipiec июля июл липня temmuz tem يوليو "
    "července iulie heinäkuuta",
    8: "aug agustus august août aout agosto ago augustus augusti sierpnia sierpień августа авг серпня "
    "ağustos ağu أغسطس srpna elokuuta",
    9: "sep sept september septembre septiembre setembro set settembre września wrzesień сентября сен "
    "вересня eylül eyl سبتمبر září "
    "septembrie syyskuuta",
    10: "oct october oktober okt octobre octubre outubro out ottobre ott października październik октября "
    "окт жовтня ekim أكتوبر "
    "října octombrie lokakuuta",
    11: "nov november novembre noviembre novembro listopada listopad ноября ноя листопада kasım kas نوفمبر "
    "noiembrie marraskuuta",
    12: "dec desember december dezember dez décembre decembre déc diciembre dic dezembro dicembre desember "
    "des grudnia grudzień декабря дек "
    "грудня aralık ara ديسمبر prosince decembrie joulukuuta",
}
_MONTH = {name: number for number, names in _MONTHS.items() for name in names.split()}
_DIGITS = {
    ord(c): str(i)
    for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯")
    for i, c in enumerate(digits)
}
_DIGIT = re.compile(r"\d")
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|"
    r"[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{4})?)?$")
_CJK = re.compile(
    r"(\d{4})\s*[年년./]\s*(\d{1,2})\s*[月월./]\s*(\d{1,2})(?:\s*[日일])?(?:\D{0,6}(\d{1,2}):(\d{2}))?"
)
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+)?([^\W\d]{3,12})\.?,?\s+(?:de\s+)?(\d{4})(?:\D{0,"
    r"14}(\d{1,2})[:.h](\d{2}))?"
)
_MONTH_DAY = re.compile(
    r"\b([^\W\d]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|"
    r"th)?,?\s+(\d{4})(?:\D{0,14}(\d{1,2}):(\d{2})\s*([ap]\.?m)?)?",
    re.IGNORECASE,
)
_DMY = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b(?:\D{0,6}(\d{1,2})[:.](\d{2}))?")
_SHORT = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{2})\b(?!\.)(?:\D{0,6}(\d{1,2})[:.](\d{2}))?")
_URL_NAMED = re.compile(r"/((?:19|20)\d{2})/([a-zA-Z]{3,9})/(\d{1,2})(?=/)")
# Identifiers that begin with the minute of publication, as many Asian papers number their articles.
_URL_STAMP = re.compile(r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=(?:[01]\d|2[0-3])[0-5]\d)")
_LABEL = re.compile(
    r"(?:datum|date|fecha|data|published(?: on)?|posted(?: on)?|publish date|veröffentlicht(?: am)?|"
    r"erschienen(?: am)?|publié(?: le)?|publicado(?: en| el)?"
    r"|pubblicato(?: il)?|gepubliceerd(?: op)?|publicerad|opublikowano|опубликовано|дата|تاريخ النشر|"
    r"发布时间|發布時間|公開日|입력)\s*[:：]?\s*(?=\S)",
    re.IGNORECASE,
)
_URL_DATE = re.compile(
    r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/\-._]|$)|[/\-_]((?:19|"
    r"20)\d{2})(\d{2})(\d{2})(?=[/\-._]|$)"
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A moment, `day` or `minute` precision, and where the page says it."""

    moment: datetime
    precision: str
    origin: str


def parse_moment(raw: str, origin: str = "", *, month_first: bool = False) -> Dated | None:
    """One written date. A time without a zone is taken as UTC; a date without a time has precision `day`."""
    text = raw.strip()[:120]
    if not text.isascii():
        text = text.translate(_DIGITS)
    if match := _ISO.search(text):
        year, month, day, hour, minute, second, zone = match.groups()
        return _dated(origin, year, month, day, hour, minute, second, zone)
    if match := _COMPACT.match(text):
        year, month, day, hour, minute, second, zone = match.groups()
        return _dated(origin, year, month, day, hour, minute, second, zone)
    if text.isdecimal() and len(text) in (10, 13):
        return Dated(datetime.fromtimestamp(int(text[:10]), UTC), "minute", origin)
    if re.match(r"[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d", text):
        try:
            moment = parsedate_to_datetime(text)
            return Dated(moment if moment.tzinfo else moment.replace(tzinfo=UTC), "minute", origin)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    if match := _CJK.search(text):
        return _dated(origin, *match.groups())
    if (match := _DAY_MONTH.search(text)) and (number := _MONTH.get(match[2].lower())):
        return _dated(origin, match[3], number, match[1], match[4], match[5])
    if (match := _MONTH_DAY.search(text)) and (number := _MONTH.get(match[1].lower())):
        hour = match[4]
        if hour and match[6]:
            hour = str(int(hour) % 12 + (12 if match[6].lower().startswith("p") else 0))
        return _dated(origin, match[3], number, match[2], hour, match[5])
    if match := _DMY.search(text):
        day, month = (match[2], match[1]) if month_first and int(match[1]) <= 12 else (match[1], match[2])
        return _dated(origin, match[3], month, day, match[4], match[5])
    if match := _SHORT.search(text):
        return _dated(origin, f"20{match[3]}", match[2], match[1], match[4], match[5])
    return None


def _dated(
    origin: str, year: object, month: object, day: object, hour: object = None, minute: object = None,
    second: object = None, zone: str | None = None,
) -> Dated | None:  # fmt: skip
    try:
        numbers = [int(str(n)) if n else 0 for n in (year, month, day, hour, minute, second)]
        moment = datetime(*numbers, tzinfo=_zone(zone))  # type: ignore[arg-type,misc]
    except ValueError:
        return None
    return Dated(moment, "minute" if hour is not None else "day", origin)


def _zone(raw: str | None) -> timezone:
    if not raw or raw.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = raw[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes > 14 * 60:
        return UTC
    return timezone(timedelta(minutes=minutes if raw[0] == "+" else -minutes))


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
    latest = now + timedelta(hours=26)
    us = (head.language or "en-us").lower() in ("en-us", "en")
    early: dict[date, list[Dated]] = {}  # what would be before 1990, by day

    def first(candidates: Iterable[tuple[str, str]]) -> Dated | None:
        for origin, raw in candidates:
            dated = parse_moment(raw, origin, month_first=us)
            if dated and EARLIEST <= dated.moment <= latest:
                return dated
            if dated and dated.moment < EARLIEST and believable(dated.moment, now):
                early.setdefault(dated.moment.date(), []).append(dated)
        return None

    modified = first(_stated(head, "dateModified", _MODIFIED))
    published = (
        first(_stated(head, "datePublished", _PUBLISHED))
        or first(_itemprops(page.marks))
        or first(_url_date(url))
    )
    if published is None or (published.origin == "url" and published.precision == "day"):
        visible = first(_times(page.marks)) or first(_labelled(page)) or first(_near_headline(page))
        far = published and visible and abs(published.moment - visible.moment) > timedelta(days=2)
        published = published if far else visible or published
    if published is None:
        published = _said_twice(early) or first(_stated(head, "dateCreated", ())) or modified
    elif published.precision == "minute" and not published.moment.utcoffset():
        published = _in_its_zone(published, (*_times(page.marks), *_near_headline(page)), month_first=us)
    return published, modified


def _said_twice(early: dict[date, list[Dated]]) -> Dated | None:
    """The day before 1990 that two places on the page give; one alone is a template's zero."""
    days = (said for said in early.values() if len({dated.origin for dated in said}) > 1)
    return next((max(said, key=lambda d: d.precision == "minute") for said in days), None)


def _in_its_zone(published: Dated, written: Iterable[tuple[str, str]], *, month_first: bool) -> Dated:
    """The same moment in the newsroom's zone, where the page also writes it so.

    Metadata are often in UTC, by which an evening's story is of the next day. A time on the page that is the
    same instant in another zone, or off by whole half hours without one, tells the zone.
    """
    for origin, raw in written:
        other = parse_moment(raw, origin, month_first=month_first)
        if other is None or other.precision != "minute":
            continue
        if other.moment.utcoffset():
            if abs(other.moment - published.moment) <= timedelta(minutes=5):
                return Dated(other.moment, "minute", published.origin)
            continue
        off = other.moment - published.moment
        halves = round(off / timedelta(minutes=30))
        if 0 < abs(halves) <= 28 and abs(off - halves * timedelta(minutes=30)) <= timedelta(minutes=2):
            zone = timezone(halves * timedelta(minutes=30))
            return Dated(published.moment.astimezone(zone), "minute", published.origin)
    return published


def _stated(head: Head, key: str, names: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    value = head.article.get(key)
    if isinstance(value, str):
        yield "json-ld", value
    for node in head.nodes:
        other = node.get(key)
        if isinstance(other, str) and node is not head.article:
            yield "json-ld", other
    for name in names:
        if name in head.meta:
            yield f"meta {name}", head.meta[name]


def _itemprops(marks: Marks) -> Iterable[tuple[str, str]]:
    for node in marks.published[:5]:
        attributes = node.attributes
        yield "microdata", attributes.get("datetime") or attributes.get("content") or node.text() or ""


def _times(marks: Marks) -> Iterable[tuple[str, str]]:
    for node in marks.times[:6]:
        yield "time element", node.attributes.get("datetime") or node.text() or ""
    for node in marks.dated[:6]:
        yield "visible", (node.text() or "")[:120]


def _url_date(url: str | None) -> Iterable[tuple[str, str]]:
    if url and (match := _URL_DATE.search(url)):
        parts = match.groups()[:3] if match[1] else match.groups()[3:]
        yield "url", "-".join(str(p) for p in parts)
    elif url and (match := _URL_NAMED.search(url)) and (month := _MONTH.get(match[2].lower())):
        yield "url", f"{match[1]}-{month}-{match[3]}"
    elif url and (match := _URL_STAMP.search(url)):
        yield "url", "-".join(match.groups())


def _labelled(page: Walked) -> Iterable[tuple[str, str]]:
    """Short lines that say that they are the date."""
    for block in page.blocks:
        if len(block.text) < 60 and (match := _LABEL.match(block.text)):
            yield "visible", block.text[match.end() :]


def _near_headline(page: Walked) -> Iterable[tuple[str, str]]:
    """Short lines just around the headline, where a visible date stands."""
    start = page.h1[0].order if page.h1 else 0
    for block in page.blocks[max(0, start - 6) : start + 14]:
        if len(block.text) < 90 and _DIGIT.search(block.text):
            yield "visible", block.text
