"""A user's own topics: rules over words, phrases and their nearness, as they are written.

# rules/water.yaml: a list of topics
- id: water-conflict               # the tag's code is rule:water-conflict
  name: Conflict over water
  under: medtop:16000000           # optional: where it hangs in the tree, code or English name
  languages: [en]                  # optional: only articles in these
  when:
    all:
      - any: [river, dam, "water supply", irrigat*]
      - near: {within: 12, of: [water, {any: [dispute, clash, "stand-off"]}]}
      - not: "water polo"

A word is met in any case and with the common endings of English (clash: clashes, clashed, clashing);
`irrigat*` with any ending; `=WHO` only as it is written. Several words are a phrase. `all`, `any`, `not`,
`near` and `title` (in the headline) nest as they like; `at_least: {times: 3, of: […]}` counts. `near` means
that one of each lies within so many words.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from services.contract.errors import BadSettings
from services.enrich.topics.rules import Condition, Rule, Terms, TopicRules, is_places
from services.enrich.topics.taxonomy import Taxonomy

MOST_RULES = 2000
_KEYS = frozenset({"id", "name", "under", "languages", "when"})


def load_rules(path: Path) -> TopicRules:
    """Rules of a file, or of all .yaml files of a folder. Raises BadSettings, which names file, line and
    error."""
    files = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
    try:
        texts = [(str(file), file.read_text(encoding="utf-8")) for file in files]
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: the rules cannot be read ({error})") from error
    return compile_rules(texts)


def compile_rules(texts: Iterable[tuple[str, str]]) -> TopicRules:
    """Rules of texts, each with the name of its file. Raises BadSettings."""
    terms, rules, taxonomy = Terms(), [], Taxonomy()
    seen: dict[str, str] = {}
    whole = []
    for file, text in texts:
        whole.append(text)
        for node in _list_of(file, text):
            rule = _Reader(file, terms, taxonomy).rule(node)
            if rule.code in seen:
                raise _wrong(file, node, f"the id {rule.id!r} was given before, in {seen[rule.code]}")
            seen[rule.code] = rule.where
            rules.append(rule)
    if len(rules) > MOST_RULES:
        raise BadSettings(f"{len(rules):,} rules are more than the {MOST_RULES:,} that are taken")
    return TopicRules(rules, terms, "\n".join(whole))


class _Reader:
    """Reads rules out of YAML nodes, which know their lines."""

    def __init__(self, file: str, terms: Terms, taxonomy: Taxonomy) -> None:
        self._file, self._terms, self._taxonomy = file, terms, taxonomy

    def rule(self, node: yaml.Node) -> Rule:
        """One rule."""
        parts = self._mapping(node, "a rule")
        if unknown := sorted(parts.keys() - _KEYS):
            raise _wrong(
                self._file,
                parts[unknown[0]],
                f"a rule has no {unknown[0]!r}; it has {', '.join(sorted(_KEYS))}",
            )
        for key in ("id", "name", "when"):
            if key not in parts:
                raise _wrong(self._file, node, f"a rule needs {key!r}")
        own = self._word(parts["id"], "id")
        if not own.replace("-", "").replace("_", "").isalnum() or not own.isascii() or own != own.lower():
            raise _wrong(
                self._file, parts["id"], f"the id {own!r} may have lower-case letters, digits and - only"
            )
        path = self._under(parts["under"]) if "under" in parts else []
        languages = (
            [self._word(n, "a language") for n in self._items(parts["languages"])]
            if "languages" in parts
            else []
        )
        return Rule(
            id=own, name=self._word(parts["name"], "name"), path=(*path, f"rule:{own}"),
            languages=frozenset(languages),
            when=self._condition(parts["when"]), where=f"{self._file}, line {node.start_mark.line + 1}",
        )  # fmt: skip

    def _under(self, node: yaml.Node) -> list[str]:
        written = self._word(node, "under")
        codes = self._taxonomy.find(written)
        if len(codes) != 1:
            why = "is no IPTC topic" if not codes else f"could be {', '.join(codes[:3])}: give its code"
            raise _wrong(self._file, node, f"under: {written!r} {why}")
        return self._taxonomy.path(codes[0])

    def _condition(self, node: yaml.Node) -> Condition:
        if isinstance(node, yaml.ScalarNode):
            try:
                return Condition("term", term=self._terms.add(self._word(node, "a word or phrase")))
            except ValueError as error:
                raise _wrong(self._file, node, str(error)) from error
        if isinstance(node, yaml.SequenceNode):
            return Condition("any", tuple(self._condition(n) for n in self._items(node)))
        parts = self._mapping(node, "a condition")
        if len(parts) != 1:
            raise _wrong(
                self._file,
                node,
                "a condition is a word, a phrase, or one of all, any, not, near, title, at_least",
            )
        kind, inner = next(iter(parts.items()))
        if kind in ("all", "any"):
            return Condition(kind, tuple(self._condition(n) for n in self._items(inner)))
        if kind in ("not", "title"):
            return Condition(kind, (self._condition(inner),))
        if kind in ("near", "at_least"):
            return self._counted(kind, inner)
        raise _wrong(self._file, inner, f"there is no {kind!r}: use all, any, not, near, title or at_least")

    def _counted(self, kind: str, node: yaml.Node) -> Condition:
        name = "within" if kind == "near" else "times"
        parts = self._mapping(node, kind)
        if parts.keys() != {name, "of"}:
            raise _wrong(self._file, node, f"{kind} has {name} and of: {kind}: {{{name}: 3, of: [a, b]}}")
        written = self._word(parts[name], name)
        if not written.isdigit() or not 1 <= int(written) <= 1000:
            raise _wrong(self._file, parts[name], f"{name} is a number from 1 to 1,000, not {written!r}")
        inner = tuple(self._condition(n) for n in self._items(parts["of"]))
        if kind == "near" and (len(inner) < 2 or any(not is_places(n) for n in inner)):
            raise _wrong(self._file, parts["of"], "near takes two or more words, phrases or any: […] of them")
        if kind == "at_least" and any(not is_places(n) for n in inner):
            raise _wrong(self._file, parts["of"], "at_least counts words, phrases or any: […] of them")
        return Condition(kind, inner, amount=int(written))

    def _mapping(self, node: yaml.Node, what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise _wrong(self._file, node, f"{what} is written as key: value")
        return {str(key.value): value for key, value in node.value}

    def _items(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise _wrong(self._file, node, "a list with something in it is wanted here: [a, b]")
        return list(node.value)

    def _word(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            raise _wrong(self._file, node, f"{what} is a text")
        return str(node.value).strip()


def _list_of(file: str, text: str) -> list[yaml.Node]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BadSettings(f"{file}, line {line}: not YAML ({getattr(error, 'problem', error)})") from error
    except RecursionError as error:
        raise BadSettings(f"{file}: nested too deep for rules") from error
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        raise _wrong(file, root, "the file is a list of rules: begin each with - id: …")
    return list(root.value)


def _wrong(file: str, node: yaml.Node, why: str) -> BadSettings:
    return BadSettings(f"{file}, line {node.start_mark.line + 1}: {why}")
