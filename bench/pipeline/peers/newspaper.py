"""newspaper4k into Postgres: its own threads fetch and parse, then a row at a time."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import psycopg
from newspaper import Article
from newspaper.mthreading import fetch_news

from bench.pipeline.peers.schema import INSERT

_AT_ONCE, _THREADS = 40, 8


def main() -> None:
    """Read URLs from the file named; a line on standard input starts the run."""
    logging.disable(logging.CRITICAL)
    urls = Path(sys.argv[1]).read_text().split()
    with psycopg.connect(os.environ["PEER_DATABASE"], autocommit=True) as connection:
        print("ready", flush=True)
        sys.stdin.readline()
        for start in range(0, len(urls), _AT_ONCE):
            some = urls[start : start + _AT_ONCE]
            for url, found in zip(
                some,
                fetch_news([Article(u, fetch_images=False) for u in some], threads=_THREADS),
                strict=True,
            ):
                values = (found.title, found.authors, found.publish_date, found.text or "", [], [])
                connection.execute(INSERT, (url, *values))


if __name__ == "__main__":
    main()
