"""Sizes and bounds that every service agrees on, in one place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1400, 1, 1, tzinfo=UTC)
"""Earliest date that is believed of an article: the oldest newspapers that archives hold are of about 1600."""

FUTURE = timedelta(days=2)
"""How far ahead of the clock a date may lie: time zones and embargoes, not template defaults."""


def believable(moment: datetime | None, now: datetime) -> datetime | None:
    """A moment in UTC, or None where nobody can mean it: before EARLIEST, or later than `now` + FUTURE.

    A moment without a zone is taken as UTC. Nothing is raised, whatever its offset does to the calendar's ends.
    """
    if moment is None:
        return None
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment if EARLIEST <= moment <= now + FUTURE else None
    except (OverflowError, ValueError):
        return None


MAX_URL_CHARS = 2_048
"""Longest URL accepted at a door. Browsers and sitemaps stop at about the same length."""

MAX_STORED_URL_CHARS = 32_768
"""Longest URL that is stored: one of MAX_URL_CHARS, each of its characters written as up to twelve."""

MAX_TITLE_CHARS = 1_000
"""Longest title. Headlines have up to about 300 characters, titles of rulings and papers up to about 700."""

MAX_NAME_CHARS = 200
"""Longest name: of an author, a section, a site, a provider."""

MAX_DATELINE_CHARS = 200
"""Longest dateline, and MAX_KEYWORD_CHARS the longest keyword."""

MAX_KEYWORD_CHARS = 100

MAX_AUTHORS = 50
"""Most authors of an article, and MAX_KEYWORDS the most keywords; papers of large collaborations name thousands."""

MAX_KEYWORDS = 50

MAX_SIGNALS = 20
"""Most statements on the use of a page, and MAX_SIGNAL_CHARS the longest."""

MAX_SIGNAL_CHARS = 500

MAX_VALIDATOR_CHARS = 1_024
"""Longest ETag or Last-Modified that is sent back; a longer one is dropped, since half of one is another one."""

MAX_LINK_TITLE_CHARS = 300
"""Longest title of a link."""

MAX_COUNT = 10_000_000
"""Largest number of words, mentions or characters."""

MAX_PAGE_BYTES = 10 * 1024 * 1024
"""Largest decoded page that ingest reads; news pages are about 0.2 MB, the largest live blogs about 4 MB."""

MAX_SITEMAP_BYTES = 50 * 1024 * 1024
"""Largest decoded sitemap that ingest reads: what the protocol of sitemaps allows."""

MAX_TEXT_CHARS = 400_000
"""Longest article text carried in a message and stored; the rest is cut at a paragraph."""

MAX_LINKS = 300
"""Most links of one article that are carried on."""

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""Largest body of one message before compression; a batch is split to stay below it."""

MAX_PLAIN_MESSAGE_BYTES = 32 * 1024 * 1024
"""Largest body of a message after decompression; what unpacks to more is refused. The largest honest ones are about 6 MB."""

MAX_BATCH = 40
"""Most items in one message between services."""

MAX_URLS_A_MESSAGE = 16
"""Most URLs in one message to ingest: what travels together is lost together, and waits for its slowest."""

MAX_DETAIL_CHARS = 2_000
"""Longest free-text detail, and MAX_TRACEBACK_CHARS the longest traceback, kept with a settled URL."""

MAX_TRACEBACK_CHARS = 8_000
