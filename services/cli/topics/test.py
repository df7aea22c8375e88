"""`dateline topics test`: shows what user-defined rules would tag."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
import msgspec
from rich.table import Table
from rich.text import Text

from services.cli.output import console, plain
from services.contract.errors import DatelineError, PermanentError
from services.runtime import installation

if TYPE_CHECKING:
    from services.enrich.topics.rules import TopicRules


@click.command()
@click.argument("rules", type=click.Path(exists=True, path_type=Path))
@click.argument("articles", type=click.File("r", encoding="utf-8", errors="backslashreplace"), default="-")
@click.option(
    "--against",
    type=click.Path(exists=True, path_type=Path),
    help="Compare with these rules instead of those tested last.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object an article with hits, instead of a report."
)
def test(rules: Path, articles: IO[str], against: Path | None, as_json: bool) -> None:
    """Show what user-defined rules would tag: each hit with its evidence, and changes since the last test.

    RULES is a YAML file or a folder of them (services/enrich/topics/rule_files.py says how they are written);
    ARTICLES has one JSON object a line with "title" and "text", as `dateline extract` and `dateline export`
    write them. Nothing is stored. An invalid rule is reported with its file and line.

    \b
      dateline topics test rules/ articles.jsonl
      dateline export --since 7d | dateline topics test rules/energy.yaml -
    """
    try:
        from services.enrich.topics.rule_files import load_rules
    except ModuleNotFoundError as error:
        raise PermanentError(
            "no_yaml", f"rules need PyYAML, which is not installed here ({error})"
        ) from error
    now = load_rules(rules)
    before, compared = _before(rules, against)
    counts: Counter[str] = Counter()
    gained: defaultdict[str, list[str]] = defaultdict(list)
    lost: defaultdict[str, list[str]] = defaultdict(list)
    read = 0
    for number, line in enumerate(articles, 1):
        if not line.strip():
            continue
        row = _article(number, line)
        read += 1
        found = now.tag(row["title"], row["text"], row["language"])
        old = {t.code for t in before.tag(row["title"], row["text"], row["language"])} if before else set()
        counts.update(t.code for t in found)
        if before:
            for code in {t.code for t in found} - old:
                gained[code].append(row["name"])
            for code in old - {t.code for t in found}:
                lost[code].append(row["name"])
        if as_json and found:
            click.echo(plain({"id": row["id"], "title": row["title"], "topics": msgspec.to_builtins(found)}))
        elif found:
            console.print(Text(row["name"], "bold"), soft_wrap=True)
            for topic in found:
                console.print(
                    Text(
                        f"  {topic.code}  {', '.join(q.text for q in topic.evidence) or '(in the headline)'}"
                    ),
                    soft_wrap=True,
                )
    if not as_json:
        _report(now, counts, read, compared, gained, lost)


def _report(
    rules: TopicRules,
    counts: Counter[str],
    read: int,
    compared: str,
    gained: dict[str, list[str]],
    lost: dict[str, list[str]],
) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("rule", "articles", "share", "new", "lost", "for example"):
        table.add_column(column, justify="left" if column in ("rule", "for example") else "right")
    for rule in rules.rules:
        more, less = gained.get(rule.code, []), lost.get(rule.code, [])
        example = f"+ {more[0]}" if more else f"- {less[0]}" if less else ""
        share = f"{counts[rule.code] / read:.1%}" if read else "–"
        table.add_row(
            rule.id,
            f"{counts[rule.code]:,}",
            share,
            *((str(len(more)), str(len(less))) if compared else ("–", "–")),
            Text(example),
        )
    console.print("", table)
    known = {rule.code for rule in rules.rules}
    for code in sorted(set(lost) - known):
        console.print(Text(f"{code} is gone; it had {len(lost[code])} of these articles", "yellow"))
    console.print(
        Text(
            f"{read:,} articles; compared with {compared}"
            if compared
            else f"{read:,} articles; tested for the first time",
            "dim",
        )
    )


def _before(rules: Path, against: Path | None) -> tuple[TopicRules | None, str]:
    """The rules to compare with: `--before`, else those that this path held at the last test before it was
    changed."""
    from services.enrich.topics.rule_files import compile_rules, load_rules

    if against:
        return load_rules(against), str(against)
    kept = (
        installation.home("rules") / f"{hashlib.sha256(str(rules.resolve()).encode()).hexdigest()[:16]}.json"
    )
    text = _text_of(rules)
    known = json.loads(kept.read_text()) if kept.exists() else {}
    if text != known.get("now"):
        known = {
            "now": text,
            "before": known.get("now"),
            "tested_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "before_at": known.get("tested_at"),
        }
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(known))
    if not known.get("before"):
        return None, ""
    try:
        return compile_rules(
            [(f"{rules}, as tested before", known["before"])]
        ), f"the version tested at {known['before_at']}"
    except DatelineError:  # written by another version
        return None, ""


def _text_of(rules: Path) -> str:
    files = sorted([*rules.glob("*.yaml"), *rules.glob("*.yml")]) if rules.is_dir() else [rules]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _article(number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        title, text = str(row.get("title") or ""), row["text"]
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise PermanentError(
            "bad_line", f'line {number} is not a JSON object with a "text"; `dateline export` writes such'
        ) from error
    return {
        "id": row.get("id"),
        "title": title,
        "text": str(text),
        "language": row.get("language"),
        "name": f"{row.get('id', number)}  {title}",
    }
