"""The pipeline that a good engineer writes in a day: one Celery task a URL, requests, trafilatura with its
metadata, keywords for topics, geotext for countries, a row at a time.

The worker: `celery -A bench.pipeline.peers.celery_trafilatura worker`; the feeder: `python -m` of this
module, with a file of URLs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psycopg
import requests
import trafilatura
from celery import Celery
from geotext import GeoText

from bench.pipeline.peers.schema import INSERT, topics_of

app = Celery("plain", broker=os.environ["PEER_REDIS"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=4)
_kept: dict[str, object] = {}


def _session() -> requests.Session:
    return _kept.setdefault("session", requests.Session())  # type: ignore[return-value]


def _connection() -> psycopg.Connection:
    if "connection" not in _kept:
        _kept["connection"] = psycopg.connect(os.environ["PEER_DATABASE"], autocommit=True)
    return _kept["connection"]  # type: ignore[return-value]


@app.task(autoretry_for=(requests.RequestException,), max_retries=3)
def ingest(url: str) -> None:
    response = _session().get(url, timeout=30)
    response.raise_for_status()
    found = trafilatura.bare_extraction(response.content, url=url, with_metadata=True)
    if found is None or not found.text:
        _connection().execute(INSERT, (url, None, [], None, "", [], []))
        return
    authors = [a.strip() for a in (found.author or "").split(";") if a.strip()]
    countries = list(GeoText(found.text).country_mentions)
    _connection().execute(
        INSERT, (url, found.title, authors, found.date, found.text, topics_of(found.text), countries)
    )


def main() -> None:
    """Read URLs from the file named; a line on standard input starts the run."""
    urls = Path(sys.argv[1]).read_text().split()
    with app.producer_pool.acquire(block=True) as producer:
        print("ready", flush=True)
        sys.stdin.readline()
        for url in urls:
            app.send_task("bench.pipeline.peers.celery_trafilatura.ingest", (url,), producer=producer)


if __name__ == "__main__":
    main()
