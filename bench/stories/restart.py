"""`python -m bench.stories.restart [ARTICLES]`: how long the stories service takes to restore its window.

The window's articles are made up: 28 samples each, a third of them a story, the latest three in ten with the
vector that later articles are compared with. On an embedded Postgres of its own.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from services.local.postgres import EmbeddedPostgres
from services.store.migrate import migrate
from services.stories import state
from services.stories.follower import connect
from services.stories.reader import Texts
from services.stories.terms import Vector

_AT = "now() - interval '14 days' * (1 - i::float8 / %(n)s)"
_SAMPLES = "||".join(f"md5((i * 7 + {k})::text)" for k in range(7))
_FILL = (
    f"INSERT INTO story_signatures SELECT i, i, {_AT}, 2, NULL, NULL, decode({_SAMPLES}, 'hex') "
    "FROM generate_series(1, %(n)s) i",
    f"INSERT INTO story_articles SELECT i, i / 3 + 1, {_AT}, 'site' || i %% 5000, 0.9, '{{}}', 1 "
    "FROM generate_series(1, %(n)s) i",
    "INSERT INTO stories SELECT i, i * 3, 'en', 3, 3, 3, now(), now() "
    "FROM generate_series(1, %(n)s / 3 + 1) i",
    "INSERT INTO stories_progress (method, cursor, position, next_story, clock) "
    "VALUES ('1', 0, %(n)s, %(n)s, now())",
)


def main() -> None:
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="dateline-restart-") as folder:
        server = EmbeddedPostgres(Path(folder))
        server.start()
        try:
            migrate(server.url)
            _measure(server.url, articles)
        finally:
            server.stop()
            server.wipe()


def _measure(url: str, articles: int) -> None:
    with connect(url) as connection:
        for statement in _FILL:
            connection.execute(statement, {"n": articles})
        packed = _vectors()
        latest = range(articles, articles - int(articles * 0.3), -1)
        into = "COPY story_vectors (article_id, places, vector) FROM STDIN"
        with connection.cursor().copy(into) as copy:
            for n in latest:
                copy.write_row((n, ["Berlin", "Germany"], packed[n % len(packed)]))
        connection.execute("ANALYZE")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        wall, cpu = time.monotonic(), time.process_time()
        with connection.transaction():
            window = state.restored(connection, Texts(), state.progress(connection), days=14.0)
        print(
            f"{len(window.copies):,} articles, {len(window.stories):,} stories: "
            f"{time.process_time() - cpu:.1f} CPU-s, {time.monotonic() - wall:.1f} s in all, "
            f"{(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024:,.0f} MB"
        )


def _vectors() -> list[bytes]:
    rng = np.random.default_rng(1)

    def some(n: int) -> tuple[np.ndarray, np.ndarray]:
        return np.sort(rng.integers(1, 2**32, n, dtype=np.uint32)), rng.random(n).astype(np.float32)

    made = []
    for _ in range(2_000):
        (terms, weights), (_, leads), (pairs, pair_weights) = some(120), some(120), some(60)
        kinds = rng.integers(0, 8, 120).astype(np.uint8)
        made.append(Vector(terms, weights, leads, kinds, pairs, pair_weights).packed())
    return made


if __name__ == "__main__":
    main()
