"""`dateline topics`: the tree of IPTC Media Topics, in any of its languages."""

from __future__ import annotations

import sys

import click
from rich.text import Text

from services.cli.output import console, plain
from services.cli.suggesting import SuggestingGroup
from services.cli.topics.test import test
from services.contract.near_names import did_you_mean
from services.enrich.topics.taxonomy import Taxonomy


@click.group(cls=SuggestingGroup, invoke_without_command=True)
@click.option(
    "--lang",
    "language",
    default="en",
    show_default=True,
    help="The language of names, of those that IPTC has.",
)
@click.option("--under", help="Only descendants of this topic: a code, or a name in any language.")
@click.option(
    "--depth", type=click.IntRange(1, 6), help="Levels to show; 1 unless --under or --find is given."
)
@click.option("--find", "text", help="Only topics whose name, in any language, contains this.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a topic instead of a tree.")
@click.pass_context
def topics(
    context: click.Context,
    language: str,
    under: str | None,
    depth: int | None,
    text: str | None,
    as_json: bool,
) -> None:
    """Browse the IPTC Media Topics that articles are tagged with.

    \b
      dateline topics                           the seventeen top-level topics
      dateline topics --under sport --lang de   all descendants of sport, in German
      dateline topics --find climate
      dateline topics test rules.yaml < articles.jsonl     what user-defined rules would tag
    """
    if context.invoked_subcommand is not None:
        return
    taxonomy = Taxonomy()
    if language not in taxonomy.languages():
        raise click.BadParameter(
            f"IPTC gives no names in {language!r}; there are {', '.join(taxonomy.languages())}",
            param_hint="--lang",
        )
    chosen = _chosen(taxonomy, under, text)
    if not chosen:
        click.echo(
            f"dateline: no topic is called "
            f"{under or text!r}.{did_you_mean(under or text or '', taxonomy.all_names(language))}"
            " (`dateline topics --find PART` searches)",
            err=True,
        )
        sys.exit(1)
    deepest = depth if depth is not None else 6 if under or text else 1
    base = min(len(taxonomy.path(code)) for code in chosen)
    for code in chosen:
        path = taxonomy.path(code)
        if len(path) - base >= deepest:
            continue
        if as_json:
            names = [taxonomy.name(step, language) for step in path]
            click.echo(plain({"code": code, "name": names[-1], "path": path, "names": names}))
        elif text:
            console.print(
                Text(f"{code}  {' > '.join(taxonomy.name(step, language) for step in path)}"), soft_wrap=True
            )
        else:
            indent = "  " * (len(path) - base)
            console.print(Text(f"{code}  {indent}{taxonomy.name(code, language)}"), soft_wrap=True)


topics.add_command(test)


def _chosen(taxonomy: Taxonomy, under: str | None, text: str | None) -> list[str]:
    """Codes in tree order: each topic before its descendants, siblings by name."""
    roots = set(taxonomy.find(under)[:1]) if under else set()
    matches = set(taxonomy.containing(text)) if text else None
    codes = [
        code
        for code in taxonomy.codes()
        if (not under or roots & set(taxonomy.path(code))) and (matches is None or code in matches)
    ]
    return sorted(codes, key=lambda code: [taxonomy.name(step) for step in taxonomy.path(code)])
