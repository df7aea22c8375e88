"""news-please's library into Postgres: a process a core, each page by `NewsPlease.from_url`, a row
at a time."""

from __future__ import annotations

import logging
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psycopg
from newsplease import NewsPlease

from bench.pipeline.peers.schema import INSERT

_kept: dict[str, psycopg.Connection] = {}


def one(url: str) -> None:
    logging.disable(logging.CRITICAL)
    if "connection" not in _kept:
        _kept["connection"] = psycopg.connect(os.environ["PEER_DATABASE"], autocommit=True)
    article = NewsPlease.from_url(url, fetch_images=False)
    text = article.maintext or "" if article else ""
    values = (article.title, article.authors or [], article.date_publish) if article else (None, [], None)
    _kept["connection"].execute(INSERT, (url, *values, text, [], []))


def main() -> None:
    """Read URLs from the file named; a line on standard input starts the run."""
    urls = Path(sys.argv[1]).read_text().split()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(int, range(os.cpu_count() or 1)))  # the processes are there before the clock starts
        print("ready", flush=True)
        sys.stdin.readline()
        list(pool.map(one, urls, chunksize=1))


if __name__ == "__main__":
    main()
