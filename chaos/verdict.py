"""What became of every URL: lost, doubled, partial, or as it should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from chaos.site import expected, story_of
from services.contract.urls import parse_url


@dataclass(slots=True)
class Verdict:
    """Numbers of URLs that did not end as they should, with a line each that says how."""

    submitted: int = 0
    stored: int = 0
    ended: int = 0
    lost: dict[int, str] = field(default_factory=dict)
    doubled: dict[int, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    stories: list[str] = field(default_factory=list)
    """Copies and stories that differ from those of a quiet run."""

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, nothing partial, every letter explained."""
        return not (self.lost or self.doubled or self.wrong or self.stories)


def judge(connection: psycopg.Connection, count: int, url_of: Callable[[int], str]) -> Verdict:
    """Compare the database with what pages 0 to `count` - 1, which stand at `url_of`, must have become."""
    verdict = Verdict(submitted=count)
    numbers = {parse_url(url_of(n)).canonical: n for n in range(count)}
    _submissions(connection, numbers, verdict)
    _articles(connection, numbers, verdict)
    _parts(connection, numbers, verdict)
    _letters(connection, numbers, verdict)
    return verdict


def _submissions(connection: psycopg.Connection, numbers: dict[str, int], verdict: Verdict) -> None:
    rows = connection.execute(
        "SELECT canonical_url, state, reason, attempts, article_id FROM submissions"
    ).fetchall()
    seen: dict[int, int] = {}
    for url, state, reason, attempts, article_id in rows:
        if (number := numbers.get(url)) is None:
            if state != "refused":  # as all that is poured in must be
                verdict.wrong.append(f"{url} was never submitted")
            continue
        seen[number] = seen.get(number, 0) + 1
        verdict.stored += state == "stored"
        verdict.ended += state in ("failed", "skipped", "refused")
        if (state, reason) != expected(number):
            verdict.lost[number] = (
                f"{url} is {state} ({reason}) after {attempts} attempts, not {expected(number)}"
            )
        elif (state == "stored") != (article_id is not None):
            verdict.lost[number] = f"{url} is {state}, its article is {article_id}"
    verdict.lost |= {n: f"{u} is not in the ledger" for u, n in numbers.items() if n not in seen}
    verdict.doubled |= {n: f"{times} rows in the ledger" for n, times in seen.items() if times > 1}


def _articles(connection: psycopg.Connection, numbers: dict[str, int], verdict: Verdict) -> None:
    """One article a page, of one version, and one attempt that stored it."""
    rows = connection.execute(
        "SELECT canonical_url, count(*), max(version) FROM articles GROUP BY 1"
    ).fetchall()
    for url, times, version in rows:
        number = numbers.get(url, -1)
        if number < 0 or expected(number)[0] != "stored":
            verdict.wrong.append(f"an article at {url}, where there should be none")
        elif times > 1 or version > 1:
            verdict.doubled[number] = f"{url}: {times} articles, version {version}"
    (versions,) = connection.execute("SELECT count(*) FROM article_versions").fetchone() or (0,)
    if versions:
        verdict.wrong.append(f"{versions} former versions of pages that never changed")
    again = connection.execute(
        "SELECT s.canonical_url, count(*) FROM submission_attempts a JOIN submissions s ON s.id = "
        "a.submission_id "
        "WHERE a.outcome IN ('stored', 'skipped', 'failed') GROUP BY s.canonical_url HAVING count(*) > 1"
    ).fetchall()
    verdict.doubled |= {numbers.get(url, -1): f"{url} ended {times} times" for url, times in again}


def _parts(connection: psycopg.Connection, numbers: dict[str, int], verdict: Verdict) -> None:
    """No partial article: its text is the story's, and its tags are as many as those of the same story
    elsewhere."""
    rows = connection.execute(
        "SELECT a.canonical_url, a.text, ARRAY[(SELECT count(*) FROM article_topics t WHERE t.article_id = "
        "a.id), "
        "(SELECT count(*) FROM article_countries c WHERE c.article_id = a.id), "
        "(SELECT count(*) FROM article_places p WHERE p.article_id = a.id), "
        "(SELECT count(*) FROM article_links l WHERE l.article_id = a.id)] FROM articles a"
    ).fetchall()
    usual: dict[str, list[int]] = {}
    for url, text, parts in rows:
        if (number := numbers.get(url)) is None:
            continue
        story = story_of(number)
        if text != story.text:
            verdict.wrong.append(f"{url}: its text is not the story's")
        if parts != usual.setdefault(story.path, parts):
            verdict.wrong.append(
                f"{url} has {parts} topics, countries, places, links; its story elsewhere {usual[story.path]}"
            )


def _letters(connection: psycopg.Connection, numbers: dict[str, int], verdict: Verdict) -> None:
    """One letter for each URL that failed, with a reason and an error; none for others."""
    rows = connection.execute(
        "SELECT s.canonical_url, d.reason, d.error FROM dead_letters d JOIN submissions s ON s.id = "
        "d.submission_id WHERE d.replayed_at IS NULL"
    ).fetchall()
    letters: dict[str, int] = {}
    for url, reason, error in rows:
        letters[url] = letters.get(url, 0) + 1
        if not reason or not error:
            verdict.wrong.append(f"the dead letter of {url} does not say why")
    failed = {url for url, number in numbers.items() if expected(number)[0] == "failed"}
    for url in failed ^ letters.keys():
        if numbers.get(url) not in verdict.lost:
            verdict.wrong.append(f"{url}: a dead letter is {'missing' if url in failed else 'not explained'}")
    verdict.doubled |= {
        numbers.get(url, -1): f"{times} dead letters" for url, times in letters.items() if times > 1
    }
