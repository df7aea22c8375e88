"""What finds copies and stories: Dateline, and datasketch and scikit-learn as one would use them in a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]


def dateline_copies(rows: list[Row]) -> dict[str, str | None]:
    """The id of the article that each is a copy of."""
    from datetime import datetime

    from services.stories import agencies
    from services.stories.copies import Copies, Piece

    window = Copies(lambda numbers: {n: rows[n]["text"] for n in numbers}, window_s=1e12)
    when = [
        agencies.moment(t, t).timestamp() for t in (datetime.fromisoformat(r["published_at"]) for r in rows)
    ]
    parents: dict[int, int] = {}
    for n in sorted(range(len(rows)), key=lambda n: (when[n], n)):
        row = rows[n]
        rank = agencies.rank(row["agency"], row["domain"])
        for found in window.add(Piece(n, row["text"], when[n], row["domain"], row["agency"], None, rank)):
            parents[found.copy] = found.parent
            if found.parent == n:
                parents.pop(n, None)
    return {row["id"]: rows[parents[n]]["id"] if n in parents else None for n, row in enumerate(rows)}


def datasketch_copies(rows: list[Row]) -> dict[str, str | None]:
    """MinHash of five words in a row, 128 permutations; a candidate of which half is contained is the text of
    the earliest."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.3, num_perm=128)
    shingles: dict[str, set[bytes]] = {}
    roots: dict[str, str | None] = {}
    for row in rows:
        words = row["text"].lower().split()
        own = {" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))}
        signature = MinHash(num_perm=128)
        signature.update_batch(own)
        parent = None
        for other in sorted(index.query(signature), key=list(shingles).index):
            shared = len(own & shingles[other])
            if shared >= 0.5 * min(len(own), len(shingles[other])):
                parent = other
                break
        roots[row["id"]] = (roots[parent] or parent) if parent else None
        shingles[row["id"]] = own
        index.insert(row["id"], signature)
    return roots


def dateline_stories(rows: list[Row]) -> dict[str, Any]:
    """The story of each article."""
    from services.stories.stories import Report, Stories

    window = Stories()
    reports = [
        Report(n, row["title"] or "", row["text"], 0.0, row.get("lang", "en")) for n, row in enumerate(rows)
    ]
    for report in reports:
        window.learn(report)
    for report in reports:
        window.add(report, learned=True)
    return {row["id"]: window.story(n) for n, row in enumerate(rows)}


def tfidf_stories(rows: list[Row]) -> dict[str, Any]:
    """A single pass over TF-IDF vectors: an article joins the story of the nearest centroid, above .2."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"{row['title'] or ''} {row['title'] or ''} {row['text']}" for row in rows]
    vectors = TfidfVectorizer(sublinear_tf=True, max_df=0.5).fit_transform(texts).toarray().astype(np.float32)
    sums = np.zeros_like(vectors)
    stories: list[int] = []
    said: dict[str, Any] = {}
    for row, vector in zip(rows, vectors, strict=True):
        found = None
        if stories:
            some = sums[: len(stories)]
            cosines = some @ vector / np.maximum(np.linalg.norm(some, axis=1), 1e-9)
            found = int(cosines.argmax()) if cosines.max() > 0.2 else None
        if found is None:
            found = len(stories)
            stories.append(found)
        sums[found] += vector
        said[row["id"]] = found
    return said


COPIES: dict[str, Callable[[list[Row]], dict[str, str | None]]] = {
    "dateline": dateline_copies,
    "datasketch": datasketch_copies,
}
STORIES: dict[str, Callable[[list[Row]], dict[str, Any]]] = {
    "dateline": dateline_stories,
    "tf-idf, single pass": tfidf_stories,
}
