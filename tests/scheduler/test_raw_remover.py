"""Raw answers of what was deleted elsewhere are removed by a scheduler that has the archive."""

from __future__ import annotations

from pathlib import Path

from psycopg_pool import ConnectionPool

from services.contract.urls import parse_url
from services.demo.pages import stories
from services.ingest.archive import Archive, pages
from services.scheduler.raw_remover import RawRemover
from services.store import deletion
from services.store.handler import Writer
from tests.ingest.test_archive import BASE, _page
from tests.store.test_articles import POLICY, _message, _submitted


def test_what_is_pending_is_removed_and_what_is_missing_stays_pending(
    pool: ConnectionPool, tmp_path: Path
) -> None:
    first, second, third = list(stories())[:3]
    urls = [BASE + path for path in (first, second, third)]
    archive = Archive(tmp_path)
    places = [archive.write(_page(path), BASE + path) for path in (first, second, third)]
    archive.close()
    numbers = _submitted(pool, *urls)
    messages = [
        _message(u, n, archived=p, content_hash=u) for u, n, p in zip(urls, numbers, places, strict=True)
    ]
    Writer(pool, POLICY).write(messages)
    remover = RawRemover(pool, tmp_path)
    assert remover.tick() is None
    with pool.connection() as connection:
        deletion.delete(connection, hashes=[parse_url(urls[0]).hash], reason="asked", who="test")
        connection.execute(
            "INSERT INTO raw_removals (file, \"offset\") VALUES ('gone.warc.gz', 0), ('../x', 0)"
        )
    assert remover.tick() == {"removed": 1, "failed": 2}
    assert [url for url, _, _ in pages(tmp_path / places[0].file)] == urls[1:]
    with pool.connection() as connection:
        assert sorted(deletion.raw_pending(connection)) == [("../x", 0), ("gone.warc.gz", 0)]
