"""The web that a run fetches from: every page is made before the clock starts, then sent as it lies in
memory.

`python -m bench.pipeline.server --port 8000 --pages 4000 [--data FOLDER]` prints "ready" and how large a page
is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
from functools import partial
from multiprocessing import Pool
from pathlib import Path

from bench.pipeline.pages import HOSTS, Served, page, real_pages

_NUMBER = re.compile(rb"^GET /news/2026/11/story-(\d+)\.html ")
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class _Web(asyncio.Protocol):
    """HTTP/1.1 with connections that stay open; every client here takes gzip."""

    def __init__(self, pages: list[Served]) -> None:
        self._pages = pages
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            head, self._waiting = self._waiting.split(b"\r\n\r\n", 1)
            found = _NUMBER.match(head)
            number = int(found[1]) if found else -1
            if not 0 <= number < len(self._pages):
                self._transport.write(_NOT_FOUND)
                continue
            body = self._pages[number].body
            start = (
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            self._transport.write(start.encode() + body)


def _made(number: int, *, folder: Path | None) -> Served:
    return page(number, _real(folder))


_kept: dict[Path | None, list[str]] = {}


def _real(folder: Path | None) -> list[str]:
    if folder not in _kept:
        _kept[folder] = real_pages(folder)
    return _kept[folder]


async def _serve(port: int, pages: list[Served]) -> None:
    loop = asyncio.get_running_loop()
    hosts = [f"127.0.0.{n + 1}" for n in range(HOSTS)]
    server = await loop.create_server(lambda: _Web(pages), hosts, port, backlog=512)
    sizes = [p.size for p in pages]
    print(f"ready: {len(pages)} pages, {statistics.mean(sizes) / 1000:.0f} KB of HTML each (median "
        f"{statistics.median(sizes) / 1000:.0f})", flush=True)  # fmt: skip
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pages", type=int, required=True)
    parser.add_argument("--data", type=Path, help="a folder with naeb.jsonl.gz and fundus_tests.jsonl.gz")
    options = parser.parse_args()
    _real(options.data)
    with Pool(os.cpu_count()) as pool:
        pages = pool.map(partial(_made, folder=options.data), range(options.pages), chunksize=25)
    asyncio.run(_serve(options.port, pages))


if __name__ == "__main__":
    main()
