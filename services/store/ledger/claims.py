"""Claiming: takes due URLs for dispatch, within each host's limit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from psycopg import Connection

from services.contract.bounds import hints_from
from services.contract.messages import SUSPICIOUS, Archived, UrlSubmitted, Validators
from services.contract.urls import domain_of
from services.store.database import sql
from services.store.source_priors import priors_of

_CLAIM = sql("submissions_claim")
_UNCLAIM = sql("submissions_unclaim")
_HOSTS = sql("submissions_hosts")


def waiting_hosts(connection: Connection[Any], after: str, limit: int) -> list[str]:
    """Up to `limit` hosts with pending URLs, in alphabetical order, after the host `after`."""
    return [row[0] for row in connection.execute(_HOSTS, {"after": after, "limit": limit})]


def claim(
    connection: Connection[Any],
    limit: int,
    most: Mapping[str, int],
    *,
    booked: Collection[str] = (),
    suspects_at_once: int = 8,
) -> list[UrlSubmitted]:
    """Claims up to `limit` due URLs with FOR UPDATE SKIP LOCKED, and counts their
    attempt; returns the messages to publish.

    `most`: host to the number of its URLs that may be in flight; other hosts are skipped. `booked`: hosts
    whose rate limit is booked ahead; of these only URLs whose slot has come. At most `suspects_at_once`
    suspects (URLs whose last worker was lost) are in flight.
    """
    values = {
        "limit": limit,
        "hosts": list(most),
        "most": list(most.values()),
        "booked": [host in booked for host in most],
        "suspects_at_once": suspects_at_once,
        "suspicious": sorted(SUSPICIOUS),
    }
    rows = connection.execute(_CLAIM, values).fetchall()
    priors = priors_of(connection, {domain_of(row[2]) for row in rows}) if rows else {}
    now = datetime.now(UTC)
    return [
        UrlSubmitted(
            submission_id=row[0],
            url=row[1],
            canonical_url=row[2],
            attempt=row[3],
            dispatched_at=row[4],
            origin=row[5],
            hints=hints_from(row[6], now),
            suspect=row[7] in SUSPICIOUS,
            validators=Validators(etag=row[8], last_modified=row[9]) if row[8] or row[9] else None,
            archived=_archived(row[10]),
            prior=priors.get(domain_of(row[2])),
        )
        for row in rows
    ]


def _archived(value: Any) -> Archived | None:
    """The position of a page in the archive; None if there is none or it
    is invalid, and the page is fetched.
    """
    try:
        return msgspec.convert(value, Archived) if value else None
    except msgspec.ValidationError:
        return None


def unclaim(connection: Connection[Any], ids: Sequence[int]) -> None:
    """Gives back URLs that could not be published; the attempt is not counted."""
    connection.execute(_UNCLAIM, {"ids": list(ids)})
