"""`python -m bench.extraction.mutate --count 20000`: mutated pages through the extractor; the slowest, and
peak memory.

Pages are the demo's, damaged in ways that the web damages pages, and in ways that attackers do. Seeded.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable, Iterator

from services.demo.pages import render, stories
from services.ingest.extract import extract

Mutation = Callable[[str, random.Random], "str | bytes"]


def _truncated(page: str, rng: random.Random) -> str:
    return page[: rng.randrange(len(page))]


def _nested(page: str, rng: random.Random) -> str:
    tag = rng.choice(("div", "span", "b", "ul><li", "table><tr><td", "a href=/x", "blockquote"))
    return page.replace("<p>", f"<{tag}>" * 10_000 + "<p>", 1)


def _random_bytes(page: str, rng: random.Random) -> bytes:
    body = bytearray(page.encode())
    for _ in range(rng.randrange(1, 400)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return bytes(body)


def _wrong_encoding(page: str, rng: random.Random) -> bytes:
    encoding = rng.choice(("utf-16", "utf-32", "cp1252", "shift_jis", "gb18030", "utf-7", "cp037"))
    return page.encode(encoding, "replace")


def _giant_attribute(page: str, rng: random.Random) -> str:
    return page.replace("<p>", f'<p class="{"x-y " * 250_000}" style="{"a:b;" * 100_000}">', 1)


def _million_empty_tags(page: str, rng: random.Random) -> str:
    return page.replace(
        "<p>", rng.choice(("<i></i>", "<p>", "<br>", "<div></div>", "<a href=/x></a>")) * 1_000_000 + "<p>", 1
    )


def _shuffled(page: str, rng: random.Random) -> str:
    parts = page.split("<")
    rng.shuffle(parts)
    return "<".join(parts)


def _swapped_tags(page: str, rng: random.Random) -> str:
    for _ in range(10):
        page = page.replace(
            rng.choice(("<p>", "</p>", "<div", "</div>", "<li>", "</a>")),
            rng.choice(("<svg>", "<select>", "<template>", "<!--", "</body>", "<plaintext>")),
            1,
        )
    return page


def _bad_json_ld(page: str, rng: random.Random) -> str:
    junk = rng.choice(
        (
            '{"@graph": ' * 2000,
            "[" * 50_000,
            '{"author": [[[[{}]]]], "headline": 7, "datePublished": {}}',
            "\x00\x01",
            '{"@type": ["NewsArticle", 3], "headline": ["a", {}], "author": {"name": {"name": []}}, '
            '"articleBody": 5}',
        )
    )
    return page.replace("</head>", f'<script type="application/ld+json">{junk}</script></head>', 1)


def _long_line(page: str, rng: random.Random) -> str:
    return page.replace(
        "<p>", "<p>" + rng.choice(("a", "word ", "北京", "(", "by ", "12.12.2026 ", "A-b.")) * 200_000, 1
    )


_ALL: dict[str, Mutation] = {
    "truncated": _truncated,
    "nested": _nested,
    "random bytes": _random_bytes,
    "wrong encoding": _wrong_encoding,
    "giant attribute": _giant_attribute,
    "million empty tags": _million_empty_tags,
    "shuffled": _shuffled,
    "swapped tags": _swapped_tags,
    "bad JSON-LD": _bad_json_ld,
    "long line": _long_line,
}
MUTATIONS = tuple(_ALL)
# The expensive ones come less often in a mixed run.
_WEIGHTS = [10, 3, 10, 6, 1, 1, 8, 8, 6, 2]


def pages(*, seed: int, count: int, only: str | None = None) -> Iterator[str | bytes]:
    """`count` mutated pages; the same for the same seed."""
    rng = random.Random(seed)
    originals = [render(path, "https://courier.example") or "" for path in stories()]
    for _ in range(count):
        name = only or rng.choices(MUTATIONS, _WEIGHTS)[0]
        yield _ALL[name](rng.choice(originals), rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    slowest, articles, started = 0.0, 0, time.monotonic()
    for page in pages(seed=options.seed, count=options.count):
        before = time.process_time()
        articles += extract(page, "https://example.org/x").reason is None
        slowest = max(slowest, time.process_time() - before)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{options.count:,} pages in {time.monotonic() - started:.0f} s, {articles:,} with an article; "
        f"slowest {slowest:.2f} CPU-s; peak {peak_mb:.0f} MB; no crash"
    )


if __name__ == "__main__":
    main()
