"""Deleting by command: what is chosen, what is shown first, and the archive that is rid of it too."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from psycopg_pool import ConnectionPool

from services.cli import main
from services.demo.pages import stories
from services.ingest.archive import Archive, pages
from services.store.handler import Writer
from tests.ingest.test_archive import BASE, _page
from tests.store.test_articles import POLICY, _message, _one, _submitted


@pytest.fixture
def archive(pool: ConnectionPool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four stored articles, each with its raw answer, the first with an earlier one as well."""
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    monkeypatch.setenv("DATELINE_WARC_DIR", str(tmp_path))
    paths = list(stories())[:4]
    urls = [BASE + path for path in paths]
    written = Archive(tmp_path)
    written.write(_page(paths[0]), urls[0])
    positions = [written.write(_page(path), BASE + path) for path in paths]
    written.close()
    numbers = _submitted(pool, *urls)
    Writer(pool, POLICY).write(
        [
            _message(url, number, archived=position, text=f"Text {number}", title=f"Story {number}",
            source_domain="courier.example")
            for url, number, position in zip(urls, numbers, positions, strict=True)
        ]
    )  # fmt: skip
    return tmp_path


def _run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def _kept(folder: Path) -> list[str]:
    return [url for file in folder.glob("*.warc.gz") for url, _, _ in pages(file)]


def _count(pool: ConnectionPool, what: str = "articles") -> int:
    return int(_one(pool, f"SELECT count(*) FROM {what}")[0])


def test_an_article_goes_by_its_url_with_its_raw_answer_and_a_sweep_finds_earlier_ones(
    archive: Path, pool: ConnectionPool
) -> None:
    first = BASE + next(iter(stories()))
    said = _run("articles", "delete", first, "--reason", "asked for", "--yes")
    assert "1 articles deleted; 1 URLs are blocked 1 raw responses erased" in said
    assert _count(pool) == 3
    assert _kept(archive).count(first) == 1
    assert "1 more responses" in _run("articles", "erase", "--sweep")
    assert first not in _kept(archive)
    assert len(_kept(archive)) == 3
    (file,) = archive.glob("*.warc.gz")
    assert f"{first}\r".encode() not in gzip.decompress(file.read_bytes())
    assert "0 new, 0 known, 1 refused" in _run("submit", first, code=1)
    assert _count(pool, "submissions WHERE state = 'pending'") == 0
    assert "asked for" in _run("articles", "deleted")
    actions = [
        json.loads(line)["action"]
        for line in CliRunner().invoke(main, ["audit", "list", "--json"]).output.splitlines()
    ]
    assert actions == ["archive_swept", "article_deleted"]
    assert "article_deleted" in _run("audit", "list", "--since", "1h")


def test_a_dry_run_shows_what_would_go_and_takes_nothing(archive: Path, pool: ConnectionPool) -> None:
    for choice in (["--source", "courier.example"], ["--query", "story"], ["--older-than", "1d"]):
        said = _run("articles", "delete", *choice, "--dry-run")
        assert "4 articles" in said
        assert "Story" in said
    assert _count(pool) == 4
    assert len(_kept(archive)) == 5
    assert _count(pool, "audit") == 0


def test_choices_narrow_each_other_and_all_that_fits_goes(archive: Path, pool: ConnectionPool) -> None:
    assert "0 articles" in _run(
        "articles", "delete", "--source", "courier.example", "--older-than", "9000d", "--yes"
    )
    assert "4 articles deleted" in _run(
        "articles", "delete", "--source", "courier.example", "--older-than", "1d", "--yes"
    )
    assert _count(pool) == 0
    assert _count(pool, "raw_removals WHERE removed_at IS NOT NULL") == 4


@pytest.mark.parametrize(
    "keep, articles, texts, raw", [("tags", 4, 0, 1), ("text", 4, 4, 1), ("nothing", 0, 0, 1)]
)
def test_retention_lets_go_of_what_is_not_kept_once(
    archive: Path, pool: ConnectionPool, keep: str, articles: int, texts: int, raw: int
) -> None:
    choice = ["articles", "retain", "--older-than", "1d", "--keep", keep]
    assert "4 articles" in _run(*choice, "--dry-run")
    assert _count(pool, "articles WHERE text <> ''") == 4
    assert "4 raw responses erased" in _run(*choice, "--yes")
    assert (_count(pool), _count(pool, "articles WHERE text <> ''"), len(_kept(archive))) == (
        articles,
        texts,
        raw,
    )
    assert _count(pool, "submissions") == 4
    assert _count(pool, "tombstones") == 0
    assert "0 articles" in _run(*choice, "--yes")
    assert _count(pool, "audit") == 1
    if keep == "tags":
        assert _count(pool, "article_topics WHERE evidence = '[]'") == 4
    if keep == "nothing":
        assert _count(pool, "submissions WHERE reason = 'retention_ended'") == 4


def test_without_an_archive_at_hand_the_raw_answers_stay_pending(
    archive: Path, pool: ConnectionPool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATELINE_WARC_DIR", str(tmp_path / "elsewhere"))
    assert "4 pending" in _run("articles", "delete", "--source", "courier.example", "--yes")
    monkeypatch.setenv("DATELINE_WARC_DIR", str(archive))
    assert "4 raw responses erased" in _run("articles", "erase")
    assert "0 raw responses erased" in _run("articles", "erase")


def test_a_raw_answer_that_cannot_be_removed_stays_pending_with_why(
    archive: Path, pool: ConnectionPool
) -> None:
    (file,) = archive.glob("*.warc.gz")
    file.rename(archive / "away")
    assert "4 pending" in _run("articles", "delete", "--source", "courier.example", "--yes")
    assert "No such file" in _one(pool, "SELECT error FROM raw_removals")[0]
    (archive / "away").rename(file)
    assert "4 raw responses erased" in _run("articles", "erase")


def test_what_is_allowed_again_can_be_submitted(archive: Path, pool: ConnectionPool) -> None:
    first = BASE + next(iter(stories()))
    assert "is not blocked" in _run("articles", "allow", first, code=2)
    _run("articles", "delete", first, "--yes")
    _run("submit", first, "--again", code=1)
    assert _count(pool, "submissions WHERE state = 'pending'") == 0
    assert "1 URLs unblocked" in _run("articles", "allow", first)
    _run("submit", first, "--again")
    assert _count(pool, "submissions WHERE state = 'pending'") == 1


@pytest.mark.parametrize("arguments", [[], ["7", "--source", "x.example"]])
def test_a_deletion_names_articles_or_chooses_them(archive: Path, arguments: list[str]) -> None:
    assert "name articles by URL or id, or choose them" in _run("articles", "delete", *arguments, code=2)


def test_an_id_that_there_is_not_is_told(archive: Path) -> None:
    assert "there is no article 999" in _run("articles", "delete", "999", "--yes", code=2)
