"""The `Expect:` line of a feedparser test as what it says of an entry. It is parsed, never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_EXPECT = re.compile(r"Expect:\s*(.*?)\s*(?:-->|\r?\n|\Z)")
_HEADER = re.compile(r"^\s*Header:\s+([^:\n]+):(.*)$", re.MULTILINE)
_FIELDS = {
    ("title",): "title", ("title_detail", "value"): "title", ("link",): "link",
    ("feedburner_origlink",): "link",
    ("author",): "author", ("author_detail", "name"): "author", ("category",): "tag",
} | {(date,): "date" for each in ("published", "updated", "created", "modified", "issued",
"date") for date in (each, f"{each}_parsed")}  # fmt: skip
_LISTS = {("authors", "name"): "author", ("tags", "term"): "tag", ("tags", "label"): "tag"}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of the entry at a place, or of the feed where that is None. `said`: their name of the
    field."""

    entry: int | None
    field: str
    value: object
    said: str


def expectations(body: bytes) -> list[Expectation]:
    """All that the line says of what our reader reads too; what it says beside that is left out."""
    found = _EXPECT.search(_head(body))
    try:
        tree = ast.parse(found[1].strip(), mode="eval").body if found else None
    except (SyntaxError, ValueError):
        return []
    return list(_expected(tree)) if tree else []


def headers(body: bytes) -> dict[str, str]:
    """The HTTP headers that the test is served with."""
    return {name.strip().lower(): value.strip() for name, value in _HEADER.findall(_head(body))}


def _head(body: bytes) -> str:
    return body.replace(b"\0", b"").decode("utf-8", "replace")


def _expected(node: ast.expr) -> Iterator[Expectation]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for part in node.values:
            yield from _expected(part)
    if not isinstance(node, ast.Compare) or not all(isinstance(each, ast.Eq) for each in node.ops):
        return
    value = _literal(node.comparators[-1])
    for side in (node.left, *node.comparators[:-1]):
        place = _place(side)
        if value is not None and place:
            yield Expectation(place[0], place[1], value, place[2])


def _literal(node: ast.expr) -> object:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        return left + right if isinstance(left, str) and isinstance(right, str) else None
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return None


def _place(node: ast.expr) -> tuple[int | None, str, str] | None:
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "len"
        and len(node.args) == 1
    ):
        return (None, "count", "entries") if _path(node.args[0]) == ("entries",) else None
    path = _path(node)
    if path in (("feed", "title"), ("feed", "title_detail", "value")):
        return None, "feed title", "title"
    if path[:1] != ("entries",) or len(path) < 3 or not isinstance(path[1], int):
        return None
    names = tuple(str(name) for name in path[2:])
    field = _FIELDS.get(names) or (len(names) == 3 and _LISTS.get((names[0], names[2])))
    return (path[1], field, names[0]) if field else None


def _path(node: ast.expr) -> tuple[object, ...]:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return (*_path(node.value), node.slice.value)
    if isinstance(node, ast.Attribute):
        return (*_path(node.value), node.attr)
    return (node.id,) if isinstance(node, ast.Name) else ("",)
