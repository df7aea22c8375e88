"""The change feed: every article once, in the order of commits, no gap and
no repeat, whatever goes on beside it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
from psycopg_pool import ConnectionPool

from services.contract.messages import Tags
from services.store import changes
from services.store.articles import write_articles, write_tags
from services.store.handler import Writer
from tests.conftest import eventually
from tests.store.test_articles import POLICY, _message

WRITERS, BATCHES, SIZE = 8, 25, 4

# Reads on from the last line of a file and notes what it got, a page at a
# time; killed and started again by the test.
_READER = """
import sys, time, psycopg
from services.store import changes
url, path = sys.argv[1:]
cursor = 0
for line in open(path):
    if line.endswith("\\n"):
        cursor = int(line.split()[0])
with psycopg.connect(url, autocommit=True) as connection, open(path, "a") as out:
    while True:
        page = changes.after(connection, cursor, limit=7)
        # One write a page: a kill leaves a page out or in, never half of it.
        out.write("".join(f"{c.seq} {c.article_id} {c.kind}\\n" for c in page))
        out.flush()
        cursor = page[-1].seq if page else cursor
        time.sleep(0.001)
"""


def _feed(pool: ConnectionPool, cursor: int = 0) -> list[changes.ChangeEntry]:
    with pool.connection() as connection:
        return changes.after(connection, cursor, limit=10_000)


def test_every_kind_of_change_is_told_once_at_its_latest(pool: ConnectionPool) -> None:
    writer = Writer(pool, POLICY)
    writer.write([_message("https://example.org/a"), _message("https://example.org/b")])
    first = _feed(pool)
    assert [c.kind for c in first] == ["stored", "stored"]
    writer.write([_message("https://example.org/a")])
    assert _feed(pool) == first, "an article found unchanged is no change"
    writer.write([_message("https://example.org/a", text="Another text.", content_hash="other")])
    with pool.connection() as connection:
        by_url = dict(connection.execute("SELECT canonical_url, id FROM articles").fetchall())
        ids = [by_url["https://example.org/a"], by_url["https://example.org/b"]]
        tags = Tags(
            language="en", topics=[], countries=[], places=[], topics_version="9", regions_version="9"
        )
        write_tags(connection, {ids[1]: tags})
    assert [(c.article_id, c.kind) for c in _feed(pool)] == list(
        zip(ids, ("changed", "retagged"), strict=True)
    )
    with pool.connection() as connection:
        connection.execute("DELETE FROM articles WHERE id = %s", (ids[0],))
    assert [(c.article_id, c.kind) for c in _feed(pool)] == [(ids[1], "retagged"), (ids[0], "deleted")]


def test_a_transaction_that_is_rolled_back_leaves_no_trace(pool: ConnectionPool) -> None:
    with pool.connection() as connection:
        write_articles(connection, [_message("https://example.org/gone")])
        connection.rollback()
    Writer(pool, POLICY).write([_message("https://example.org/kept")])
    assert [c.kind for c in _feed(pool)] == ["stored"]


def test_eight_writers_and_a_killed_reader_see_every_article_once_in_commit_order(
    pool: ConnectionPool, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "seen.txt"
    path.touch()
    commits: list[tuple[float, float, list[int]]] = []
    done = threading.Event()

    def write(writer: int) -> None:
        draw = random.Random(writer)
        with psycopg.connect(database_url) as connection:
            for batch in range(BATCHES):
                messages = [_message(f"https://example.org/{writer}/{batch}/{n}") for n in range(SIZE)]
                write_articles(connection, messages)
                urls = [m.article.canonical_url for m in messages]
                rows = connection.execute(
                    "SELECT id FROM articles WHERE canonical_url = ANY(%s)", (urls,)
                ).fetchall()
                time.sleep(draw.random() / 200)  # so that transactions overlap, and end in another order
                if draw.random() < 0.1:
                    connection.rollback()
                    continue
                before = time.monotonic()
                connection.commit()
                commits.append((before, time.monotonic(), [r[0] for r in rows]))

    def read() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", _READER, database_url, str(path)], env=dict(os.environ)
        )

    def kill_again_and_again() -> None:
        reader, had = read(), 0
        draw = random.Random(99)
        while not done.wait(draw.random() / 2):
            if path.stat().st_size == had:  # on a busy machine it has only begun
                continue
            had = path.stat().st_size
            reader.send_signal(signal.SIGKILL)
            reader.wait()
            reader = read()
        readers.append(reader)

    readers: list[subprocess.Popen[bytes]] = []
    writers = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    killer = threading.Thread(target=kill_again_and_again)
    for thread in (killer, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stored = [i for _, _, ids in commits for i in ids]
    try:
        eventually(
            "the reader has as many lines as articles",
            lambda: len(path.read_text().splitlines()) >= len(stored),
            within_s=200,
        )
    finally:
        done.set()
        killer.join()
        for reader in readers:
            reader.kill()
            reader.wait()
    seen = [tuple(line.split()) for line in path.read_text().splitlines()]
    order = [int(seq) for seq, _, _ in seen]
    assert order == sorted(set(order)), "in order, and nothing twice"
    assert sorted(int(i) for _, i, _ in seen) == sorted(stored), "every committed article, and no other"
    place = {int(i): int(seq) for seq, i, _ in seen}
    for _, ended, ids in commits:
        for began, _, later in commits:
            if began > ended:
                assert max(place[i] for i in ids) < min(place[i] for i in later), "in the order of commits"
