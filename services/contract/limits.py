"""Size limits and bounds that all services share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1400, 1, 1, tzinfo=UTC)
"""Earliest plausible date of an article. The oldest newspapers in archives are of about 1600."""

FUTURE = timedelta(days=2)
"""How far a date may lie in the future: allows for time zones and embargoes, not for template defaults."""


def believable(moment: datetime | None, now: datetime) -> datetime | None:
    """A moment in UTC; None if it is before EARLIEST or later than `now` + FUTURE.

    A moment without a time zone is read as UTC. Never raises, even where the offset overflows the calendar.
    """
    if moment is None:
        return None
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment if EARLIEST <= moment <= now + FUTURE else None
    except (OverflowError, ValueError):
        return None


MAX_URL_CHARS = 2_048
"""Longest URL that an intake accepts: the limit of the sitemap protocol (sitemaps.org)."""

MAX_STORED_URL_CHARS = 32_768
"""Longest stored URL: MAX_URL_CHARS characters, each percent-encoded as up to twelve."""

MAX_TITLE_CHARS = 1_000
"""Longest title. Headlines have up to about 300 characters, titles of court rulings and papers about 700."""

MAX_NAME_CHARS = 200
"""Longest name of an author, section, site or provider."""

MAX_DATELINE_CHARS = 200
"""Longest dateline, and MAX_KEYWORD_CHARS the longest keyword."""

MAX_KEYWORD_CHARS = 100

MAX_AUTHORS = 50
"""Most authors of an article, and MAX_KEYWORDS most keywords. Some scientific papers name thousands."""

MAX_KEYWORDS = 50

MAX_SIGNALS = 20
"""Most usage statements (robots meta, TDM, licence) of a page, and MAX_SIGNAL_CHARS the longest."""

MAX_SIGNAL_CHARS = 500

MAX_VALIDATOR_CHARS = 1_024
"""Longest ETag or Last-Modified that is sent back. A longer one is dropped: truncated, it would not match."""

MAX_LINK_TITLE_CHARS = 300
"""Longest anchor text of a link."""

MAX_COUNT = 10_000_000
"""Largest number of words, mentions or characters."""

MAX_PAGE_BYTES = 10 * 1024 * 1024
"""Largest page that ingest reads, decompressed. News pages are about 0.2 MB, long live blogs about 4 MB."""

MAX_SITEMAP_BYTES = 50 * 1024 * 1024
"""Largest sitemap that ingest reads, decompressed: the limit of the sitemap protocol (sitemaps.org)."""

MAX_TEXT_CHARS = 400_000
"""Longest article text; a longer one is truncated at a paragraph."""

MAX_LINKS = 300
"""Most links of one article."""

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""Largest message body before compression; a larger batch is split."""

MAX_PLAIN_MESSAGE_BYTES = 32 * 1024 * 1024
"""Largest message body after decompression; a larger one is refused. Valid ones have up to about 6 MB."""

MAX_BATCH = 40
"""Most items in one message between services."""

MAX_URLS_A_MESSAGE = 16
"""Most URLs in one message to ingest. A lost worker loses the whole message, and the slowest URL delays its
acknowledgement.
"""

MAX_DETAIL_CHARS = 2_000
"""Longest detail, and MAX_TRACEBACK_CHARS longest traceback, that the ledger keeps of an attempt."""

MAX_TRACEBACK_CHARS = 8_000
