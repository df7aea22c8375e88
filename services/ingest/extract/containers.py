"""Which container of a page holds its article."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from services.ingest.extract.blocks import Container, Walked

# Variables are annotated for the compiler (setup.py), which is also why some loops are written out.

Signature = tuple[str, str]


def signature_of(container: Container) -> Signature:
    return container.tag, container.name


def choose_container(page: Walked) -> Container:
    """The smallest container that holds most of the page's prose."""
    node = page.root
    total = node.prose
    if total <= 0:
        return node
    while True:
        children = [c for c in node.children if c.verdict >= 0 and c.prose > 0]
        if not children:
            return node
        best = max(children, key=lambda c: c.prose * (1.15 if c.verdict > 0 else 1.0))
        if best.tag in ("li", "td", "th", "dd", "blockquote", "p"):
            return node
        rivals = [c for c in children if c is not best and c.tag == best.tag and c.prose > 0.25 * best.prose]
        share = best.prose / node.prose
        if best.tag == "article" and share > 0.4 and rivals and all(r.tag == "article" for r in rivals):
            # Several whole articles under each other (endless scrolling): the one with the headline, else the
            # first.
            headlines = sorted([h.container.index for h in page.h1])
            node = next((c for c in children if c.tag == "article" and _has_one(headlines, c)), children[0])
            continue
        if (
            node.own_prose >= 80
            and (node.verdict > 0 or node.own_prose >= 0.1 * node.prose)
            and best.verdict <= 0
        ):
            return node  # paragraphs of its own: the article begins or ends outside its largest part
        if share >= 0.72 or (best.verdict > 0 and share >= 0.5):
            node = best
            continue
        return node


def _has_one(numbers: list[int], container: Container) -> bool:
    """Whether one of the containers of these numbers, in order, stands in this one or is it."""
    at = bisect_left(numbers, container.index)
    return at < len(numbers) and numbers[at] <= container.last


def with_its_kind(page: Walked, chosen: Container) -> Container:
    """The container, or the one around it where elements of the same name hold more of the article
    beside it."""
    node: Container
    weights: defaultdict[Signature, float] = defaultdict(float)
    for node in page.containers[chosen.index : chosen.last + 1]:
        if node.own_prose and node.name:
            weights[signature_of(node)] += node.own_prose
    own = {signature for signature, weight in weights.items() if weight >= 0.3 * chosen.prose > 0}
    beside: list[Container] = []
    for node in page.containers if own else ():
        if (
            node.own_prose >= 100
            and node.name
            and signature_of(node) in own
            and not node.within(chosen)
            and not _in_boilerplate(node)
        ):
            beside.append(node)
    if not beside:
        return chosen
    around = chosen
    while around.parent is not None and not all(node.within(around) for node in beside):
        around = around.parent
    # Other articles on the page (endless scrolling) use the same names, each under a headline of its own.
    if sum(h.container.within(around) for h in page.h1) > 1 or any(node.tag == "article" for node in beside):
        return chosen
    return around if around.prose <= 2.5 * chosen.prose else chosen


def _in_boilerplate(node: Container) -> bool:
    step: Container | None = node
    while step is not None:
        if step.verdict < 0:
            return True
        step = step.parent
    return False
