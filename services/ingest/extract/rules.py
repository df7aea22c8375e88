"""Rules for single sites, so that one can be mended without code.

# rules.yaml: a site, and what to do with its pages; subdomains are meant too
example.org:
  keep: ["div.story-text"]        # CSS: read the body from these elements alone
  drop: [".inline-promo"]         # CSS: forget these elements before anything is read
  title: "h1.headline"            # CSS: the headline's element
  authors: ".byline a"            # CSS: one element an author
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from selectolax.lexbor import LexborHTMLParser

from services.contract.errors import BadSettings

_KEYS = ("keep", "drop", "title", "authors")


@dataclass(frozen=True, slots=True)
class SiteRule:
    """What a user says of one site's pages."""

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


class SiteRules:
    """Rules by host. Empty by default."""

    def __init__(self, rules: dict[str, SiteRule] | None = None) -> None:
        self._rules = rules or {}

    def of(self, host: str | None) -> SiteRule | None:
        """The rule of a host, or of the nearest domain around it."""
        labels = (host or "").lower().split(".")
        return next(
            (rule for n in range(len(labels) - 1) if (rule := self._rules.get(".".join(labels[n:])))), None
        )


def load_rules(path: Path) -> SiteRules:
    """Read a file of rules. Raises BadSettings, which names file, line and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        # Every scalar as it is written: a host is a text, even where YAML would make a number or a date of
        # it.
        root = yaml.compose(text, Loader=yaml.BaseLoader)
        raw = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: the rules cannot be read ({error})") from error
    except RecursionError as error:
        raise BadSettings(f"{path}: nested too deep for rules") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BadSettings(f"{path}, line {line}: not YAML ({getattr(error, 'problem', error)})") from error
    if raw is None:
        return SiteRules()
    if not isinstance(raw, dict) or root is None:
        raise BadSettings(
            f"{path}, line 1: must map hosts to rules, such as `example.org: {{drop: [.promo]}}`"
        )
    lines = {key.value: (key.start_mark.line + 1, value) for key, value in root.value}
    rules = {}
    for host, fields in raw.items():
        line, node = lines[str(host)]
        rules[str(host).lower().removeprefix("www.")] = _rule(path, line, node, fields)
    return SiteRules(rules)


def _rule(path: Path, line: int, node: Any, fields: Any) -> SiteRule:
    if not isinstance(fields, dict):
        raise BadSettings(f"{path}, line {line}: a site's rule must have some of {', '.join(_KEYS)}")
    at = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    values: dict[str, tuple[str, ...]] = {}
    for key, value in fields.items():
        where = f"{path}, line {at.get(str(key), line)}"
        if key not in _KEYS:
            raise BadSettings(f"{where}: {key!r} is no part of a rule; there are {', '.join(_KEYS)}")
        selectors = [value] if isinstance(value, str) else value
        if not isinstance(selectors, list) or not all(isinstance(s, str) and s.strip() for s in selectors):
            raise BadSettings(f"{where}: {key} must be a CSS selector or a list of them")
        for selector in selectors:
            _check(where, selector)
        values[key] = tuple(selectors)
    return SiteRule(**values)


def _check(where: str, selector: str) -> None:
    try:
        LexborHTMLParser("<p></p>").css(selector)
    except Exception as error:
        raise BadSettings(f"{where}: {selector!r} is not a CSS selector") from error
