"""Permanent deletion of articles: rows, history, raw responses, and a tombstone that prevents their return.

A tombstone holds the hash of a URL, never the URL. A deletion takes an exclusive advisory lock; writers of
articles and ledger entries take it shared. So a writer either commits before the deletion, which then sees
its rows, or sees the tombstone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from services.contract.errors import BadUrl
from services.contract.urls import parse_url
from services.store import audit

REASON = "deleted_on_request"
"""Reason of a ledger entry whose URL has a tombstone."""
DETAIL = "deleted on request; `dateline articles allow URL` lets it come back"
_ALONE = "SELECT pg_advisory_xact_lock(4719, 10)"
_TOGETHER = "SELECT pg_advisory_xact_lock_shared(4719, 10)"


@dataclass(frozen=True, slots=True)
class Deleted:
    """Counts of a deletion: articles, closed ledger entries, raw responses queued for removal, tombstones."""

    articles: int = 0
    submissions: int = 0
    raw: int = 0
    addresses: int = 0

    def __add__(self, other: Deleted) -> Deleted:
        return Deleted(
            self.articles + other.articles,
            self.submissions + other.submissions,
            self.raw + other.raw,
            self.addresses + other.addresses,
        )


def alone(connection: Connection[Any]) -> None:
    """Takes the exclusive lock: waits for writers, and blocks new ones until the transaction ends."""
    connection.execute(_ALONE)


def delete(
    connection: Connection[Any],
    *,
    ids: Collection[int] = (),
    hashes: Collection[bytes] = (),
    reason: str,
    who: str,
) -> Deleted:
    """Deletes articles by id or URL hash, and sets tombstones for their URLs, in the caller's transaction.

    A URL without an article gets a tombstone too. Idempotent.
    """
    connection.execute(_ALONE)
    articles = articles_of(connection, ids, hashes)
    barred: dict[bytes, int | None] = dict.fromkeys(hashes)
    # Locks ledger entries before articles, as settling does, so that the two cannot deadlock.
    led = connection.execute(
        "SELECT url_hash, article_id FROM submissions WHERE article_id = ANY(%s) ORDER BY id FOR UPDATE",
        (articles,),
    ).fetchall()
    barred |= {bytes(url_hash): article_id for url_hash, article_id in led}
    found = connection.execute(
        "SELECT id, url_hash, url FROM articles WHERE id = ANY(%s) ORDER BY url_hash FOR UPDATE", (articles,)
    )
    for article_id, url_hash, url in found.fetchall():
        barred |= dict.fromkeys((bytes(url_hash), *_hash_of(url)), article_id)
    if len(articles) == 1:  # all its tombstones name the article, so that `allow` lifts them together
        barred = dict.fromkeys(barred, articles[0])
    _bar(connection, barred, reason, who)
    raw = remove_raw(connection, "url_hash = ANY(%s)", list(barred))
    submissions = _close(connection, list(barred))
    connection.execute("DELETE FROM articles WHERE id = ANY(%s)", (articles,))
    deleted = Deleted(len(articles), submissions, raw, len(barred))
    subject = f"article {articles[0]}" if len(articles) == 1 else f"{len(articles)} articles"
    audit.note(connection, who, "article_deleted", subject, reason=reason, ids=articles, **asdict(deleted))
    return deleted


def articles_of(connection: Connection[Any], ids: Collection[int], hashes: Collection[bytes]) -> list[int]:
    """Ids of the articles with these ids or URL hashes."""
    rows = connection.execute(
        "SELECT id FROM articles WHERE id = ANY(%(ids)s) OR url_hash = ANY(%(hashes)s) "
        "OR id IN (SELECT article_id FROM submissions WHERE url_hash = ANY(%(hashes)s)) ORDER BY id",
        {"ids": list(ids), "hashes": list(hashes)},
    )
    return [row[0] for row in rows]


def _hash_of(url: str) -> tuple[bytes, ...]:
    try:
        return (parse_url(url).hash,)
    except (BadUrl, ValueError):
        return ()


def _bar(connection: Connection[Any], barred: dict[bytes, int | None], reason: str, who: str) -> None:
    connection.execute(
        "INSERT INTO tombstones AS t (url_hash, article_id, reason, deleted_by) "
        "SELECT h, a, %(reason)s, %(who)s "
        "FROM unnest(%(hashes)s::bytea[], %(articles)s::bigint[]) AS u (h, a) "
        "ON CONFLICT (url_hash) DO UPDATE SET article_id = coalesce(excluded.article_id, t.article_id)",
        {"hashes": list(barred), "articles": list(barred.values()), "reason": reason, "who": who},
    )


def remove_raw(connection: Connection[Any], where: str, value: Any) -> int:
    """Queues the raw responses of ledger entries, selected by `where`, for removal; returns their number."""
    return connection.execute(
        'INSERT INTO raw_removals (file, "offset") '
        "SELECT DISTINCT archived->>'file', (archived->>'offset')::numeric::bigint FROM submissions "
        f"WHERE {where} AND jsonb_typeof(archived->'file') = 'string' "
        "AND jsonb_typeof(archived->'offset') = 'number' "
        "ON CONFLICT DO NOTHING",
        (value,),
    ).rowcount


def _close(connection: Connection[Any], hashes: Sequence[bytes]) -> int:
    """Closes ledger entries in any state: clears what they hold of the
    page, and deletes their dead letters.
    """
    closed = [
        row[0]
        for row in connection.execute(
            "UPDATE submissions SET state = 'refused', reason = %s, detail = %s, hints = '{}', etag = NULL, "
            "last_modified = NULL, archived = NULL, from_archive = false, article_id = NULL, "
            "next_attempt_at = NULL, "
            "updated_at = now() WHERE url_hash = ANY(%s) AND (state <> 'refused' OR archived IS NOT NULL) "
            "RETURNING id",
            (REASON, DETAIL, list(hashes)),
        )
    ]
    connection.execute("DELETE FROM dead_letters WHERE submission_id = ANY(%s)", (closed,))
    return len(closed)


@dataclass(frozen=True, slots=True)
class Barred:
    """URL hashes and ids of ledger entries that have a tombstone."""

    hashes: frozenset[bytes] = frozenset()
    submissions: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.hashes or self.submissions)


def any_barred(connection: Connection[Any]) -> bool:
    """Whether there are tombstones. Takes the shared lock: blocks deletions until the transaction ends."""
    connection.execute(_TOGETHER)
    row = connection.execute("SELECT EXISTS (SELECT FROM tombstones)").fetchone()
    return bool(row and row[0])


def barred(
    connection: Connection[Any], hashes: Collection[bytes], submissions: Collection[int] = ()
) -> Barred:
    """Which of these URLs and ledger entries have a tombstone; call `any_barred` first, for the lock."""
    kept = connection.execute(
        "SELECT url_hash FROM tombstones WHERE url_hash = ANY(%s)", (list(hashes),)
    ).fetchall()
    entries = connection.execute(
        "SELECT s.id FROM submissions s JOIN tombstones USING (url_hash) WHERE s.id = ANY(%s)",
        (list(submissions),),
    ).fetchall()
    return Barred(frozenset(bytes(h) for (h,) in kept), frozenset(i for (i,) in entries))


def refuse(connection: Connection[Any], ids: Sequence[int], positions: Sequence[tuple[str, int]]) -> None:
    """Closes ledger entries whose article arrived after its deletion;
    `positions`: raw responses to remove.
    """
    connection.execute(
        "UPDATE submissions SET state = 'refused', reason = %s, detail = %s, hints = '{}', archived = NULL, "
        "article_id = NULL, next_attempt_at = NULL, updated_at = now() WHERE id = ANY(%s)",
        (REASON, DETAIL, list(ids)),
    )
    if positions:
        connection.execute(
            'INSERT INTO raw_removals (file, "offset") SELECT * FROM unnest(%s::text[], %s::bigint[]) '
            "ON CONFLICT DO NOTHING",
            ([file for file, _ in positions], [offset for _, offset in positions]),
        )


def allow(connection: Connection[Any], url_hash: bytes, *, who: str) -> int:
    """Lifts the tombstone of a URL, and those that were set with it; returns the number of lifted tombstones.

    The ledger entries become skipped; `dateline submit --again` restarts them.
    """
    connection.execute(_ALONE)
    lifted = [
        bytes(row[0])
        for row in connection.execute(
            "DELETE FROM tombstones WHERE url_hash = %(hash)s OR article_id = "
            "(SELECT article_id FROM tombstones WHERE url_hash = %(hash)s) RETURNING url_hash",
            {"hash": url_hash},
        )
    ]
    connection.execute(
        "UPDATE submissions SET state = 'skipped', reason = 'deletion_lifted', detail = NULL, "
        "updated_at = now() "
        "WHERE url_hash = ANY(%s) AND state = 'refused' AND reason = %s",
        (lifted, REASON),
    )
    if lifted:
        audit.note(connection, who, "article_allowed", url_hash.hex(), addresses=len(lifted))
    return len(lifted)


def listed(connection: Connection[Any], *, limit: int = 100) -> list[dict[str, Any]]:
    """Up to `limit` tombstones, newest first, with the URL if the ledger has it."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT encode(t.url_hash, 'hex') AS url_hash, s.url, t.article_id, t.reason, "
            "t.deleted_by, t.deleted_at "
            "FROM tombstones t LEFT JOIN submissions s USING (url_hash) "
            "ORDER BY t.deleted_at DESC, t.url_hash LIMIT %s",
            (limit,),
        ).fetchall()


def raw_pending(connection: Connection[Any], *, limit: int = 1000) -> list[tuple[str, int]]:
    """Pending removals of raw responses as (file, offset); those that failed before come last."""
    rows = connection.execute(
        'SELECT file, "offset" FROM raw_removals WHERE removed_at IS NULL '
        'ORDER BY error IS NOT NULL, requested_at, file, "offset" LIMIT %s',
        (limit,),
    )
    return [(row[0], row[1]) for row in rows]


def raw_removed(connection: Connection[Any], file: str, offset: int, error: str = "") -> None:
    """Records that a raw response was removed or, with `error`, that its removal failed."""
    connection.execute(
        "UPDATE raw_removals SET removed_at = CASE WHEN %(error)s = '' THEN now() END, "
        "error = nullif(%(error)s, '') "
        'WHERE file = %(file)s AND "offset" = %(offset)s',
        {"file": file, "offset": offset, "error": error[:500]},
    )


def clear_raw(
    connection: Connection[Any], folder: Path, erase: Callable[[Path, int], bool], *, limit: int = 1000
) -> tuple[int, int]:
    """Removes pending raw responses under `folder` by `erase`, and commits each. Idempotent.

    Returns how many were removed, and how many failed.
    """
    done = failed = 0
    for file, offset in raw_pending(connection, limit=limit):
        error = ""
        try:
            path = (folder / file).resolve()
            if not path.is_relative_to(folder.resolve()):
                raise ValueError(f"{file} is not within the archive")
            erase(path, offset)
            done += 1
        except (OSError, ValueError) as reason:
            error = str(reason) or type(reason).__name__
            failed += 1
        raw_removed(connection, file, offset, error)
        connection.commit()
    return done, failed


def known_hashes(connection: Connection[Any]) -> frozenset[bytes]:
    """The hashes of all tombstones, for a sweep of the archive."""
    return frozenset(bytes(row[0]) for row in connection.execute("SELECT url_hash FROM tombstones"))
