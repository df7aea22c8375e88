"""Copies: which earlier article a text is the same as, a part of, or built on, and who had it first.

One article after another is compared with those of the window that share samples of its shingles. Articles of
one text are a family; its root is the parent of the others.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from sys import intern

from services.stories.agencies import CREDITED, OTHER, OWN
from services.stories.comparison import Comparison, Passage, compare, passages
from services.stories.sample import OFTEN, Samples, sampled
from services.stories.shingles import Shingled, read

_DAY_S = 86_400.0
_PART_S = 2 * _DAY_S
_MOST_COMPARED = 8
_MOST_MOVED = 200  # members of a family that are compared with a new root
_FEW_KEYS = 16  # of a text with fewer samples, one in common is enough to be compared
_OF_SITE = 4  # unrelated articles of one site with a sample, after which it is the site's own
_JOINED = 0.2  # of the words: the least that comes from a second source
_WORDS_KEPT = 2_000_000  # of texts that were read: 33 bytes a word


@dataclass(frozen=True, slots=True)
class Piece:
    """An article as copies are found in it. `number` names it; `at` is when it appeared, in seconds; `rank`
    how near it is to an agency (`agencies.rank`); `seen` when it came in, if not as it appeared."""

    number: int
    text: str
    at: float
    domain: str = ""
    agency: str | None = None
    provider: str | None = None
    rank: int = OTHER
    seen: float | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """That `copy` derives from `parent`. `share`: of the copy's words, those in `passages`; `parent_share`:
    of the parent's. `also`: the second source of a text joined from two. `root`: the root of the family,
    which is the parent unless the two are alike through others only. `score`: the probability."""

    copy: int
    parent: int
    kind: str
    share: float
    parent_share: float
    reason: str
    passages: list[Passage]
    also: int | None = None
    root: int = -1
    score: float = 1.0


@dataclass(slots=True)
class _Known:
    """What is kept of an article in the window."""

    number: int
    at: float
    rank: int
    domain: str
    agency: str | None
    provider: str | None
    part: int
    root: int  # slot
    family: int  # number of the root, which may have left the window
    members: list[int] | tuple[()] = ()  # slots, of a root with copies


class Copies:
    """The window of articles. `texts` gives the texts of articles by number; those it does not have any
    more are passed over."""

    def __init__(
        self, texts: Callable[[list[int]], Mapping[int, str]], window_s: float = 14 * _DAY_S
    ) -> None:
        self._texts = texts
        self._window_s = window_s
        self._parts: OrderedDict[int, Samples] = OrderedDict()
        self._slots: dict[int, int] = {}
        self._known: dict[int, _Known] = {}
        self._in_part: dict[int, list[int]] = {}
        self._next = 0
        self._at_hand: tuple[int, str] = (-1, "")  # the article that is taken in
        self._read: OrderedDict[int, Shingled] = OrderedDict()
        self._words = 0  # of the texts in _read
        self._orphans: dict[int, list[int]] = {}
        self.posted: dict[int, array[int]] = {}
        """Samples in the index, by article, since whoever stores them last cleared this."""
        self.shown: dict[int, array[int]] = {}
        """Samples that were added to those of an article."""
        self.moved: dict[int, int] = {}
        """Roots in whose place another article has come, and which."""

    def __len__(self) -> int:
        return len(self._known)

    def add(self, piece: Piece, position: int | None = None) -> list[Relation]:
        """Takes an article in; returns its relation, if it is a copy, and those of copies whose parent it
        becomes. An article that is known already is compared anew. `position`: its place in the order of
        arrival, by default the next one."""
        self.forget(piece.number)
        self.shown.pop(piece.number, None)
        self._at_hand = piece.number, piece.text
        ours = read(piece.text)
        keys = sampled(ours.shingles)
        slot = self._take(piece, ours, position)
        candidates, common = self._candidates(keys, piece)
        compared = self._compared(ours, candidates, common)
        relations = self._related(slot, ours, compared, common) if compared else []
        self.posted[piece.number] = self._part(slot).add(self._new(keys, slot, relations), slot)
        return relations

    def restore(self, piece: Piece, keys: array[int], root: int | None, position: int | None = None) -> None:
        """Takes an article in whose relation is known; `settle` ends a row of these."""
        slot = self._take(piece, None, position)
        if root is not None:
            self._orphans.setdefault(root, []).append(slot)
        self._part(slot).add(keys, slot)

    def settle(self) -> None:
        """Puts restored articles into their families. Of a family whose root has left the window the one
        that would be next stands for it."""
        for root, slots in self._orphans.items():
            above = self._slots.get(root)
            if above is None:
                self._lead(min(slots, key=self._order), slots)
            for slot in slots:
                self._known[slot].family = root
                if above is not None:
                    self._join(slot, above)
        self._orphans.clear()

    def forget(self, number: int) -> None:
        """Lets go of an article: deleted, or changed. Its copies stay a family."""
        self._drop_read(number)
        slot = self._slots.pop(number, None)
        if slot is not None:
            self._parts[self._known[slot].part].remove(slot)
            self._leave(slot, gone=True)

    def expire(self, now: float) -> int:
        """Lets go of the articles that have left the window; returns how many."""
        gone = 0
        for part in [part for part in self._parts if (part + 1) * _PART_S < now - self._window_s]:
            del self._parts[part]
            for slot in self._in_part.pop(part):
                if (known := self._known.get(slot)) is not None:
                    self._slots.pop(known.number, None)
                    self._drop_read(known.number)
                    self._leave(slot, gone=False)
                    gone += 1
        return gone

    def expired(self, seen: float, now: float) -> bool:
        """Whether an article that came in at `seen` has left the window."""
        return (int(seen // _PART_S) + 1) * _PART_S < now - self._window_s

    def first_seen(self, now: float) -> float:
        """The earliest moment of arrival of an article that has not left the window."""
        return max(0.0, math.ceil((now - self._window_s) / _PART_S - 1) * _PART_S)

    def __contains__(self, number: int) -> bool:
        return number in self._slots

    def position(self, number: int) -> int:
        """The place of an article in the window in the order of arrival."""
        return self._slots[number]

    def root(self, number: int) -> int | None:
        """The root of an article's family, which may be itself; None of an article not in the window."""
        slot = self._slots.get(number)
        return self._known[slot].family if slot is not None else None

    def words(self, number: int) -> Shingled | None:
        """The words of an article that was read not long ago."""
        return self._read.get(number)

    def family(self, number: int) -> list[int]:
        """The numbers of the articles of one text, the root first."""
        slot = self._slots.get(number)
        if slot is None:
            return []
        root = self._known[self._known[slot].root]
        return [root.number, *(self._known[member].number for member in root.members)]

    # The window

    def _take(self, piece: Piece, ours: Shingled | None, position: int | None) -> int:
        slot = self._next if position is None else position
        self._next = max(self._next, slot + 1)
        self._slots[piece.number] = slot
        self._known[slot] = _Known(
            piece.number,
            piece.at,
            piece.rank,
            intern(piece.domain),
            intern(piece.agency) if piece.agency else None,
            intern(piece.provider) if piece.provider else None,
            int((piece.at if piece.seen is None else piece.seen) // _PART_S),
            slot,
            piece.number,
        )
        if ours is not None:
            self._keep_read(piece.number, ours)
        return slot

    def _part(self, slot: int) -> Samples:
        part = self._known[slot].part
        if part not in self._parts:
            self._parts[part] = Samples()
            self._in_part[part] = []
        self._in_part[part].append(slot)
        return self._parts[part]

    def _leave(self, slot: int, *, gone: bool) -> None:
        """An article leaves its family; in the place of a root the earliest member stands. The root stays the
        same where it has left the window only."""
        known = self._known.pop(slot)
        if known.root != slot:
            above = self._known.get(known.root)
            if above is not None and isinstance(above.members, list):
                above.members.remove(slot)
        elif known.members:
            members = list(known.members)
            root = min(members, key=self._order)
            self._lead(root, members)
            if gone:
                for member in members:
                    self._known[member].family = self._known[root].number
            self._show(root)

    def _lead(self, root: int, members: list[int]) -> None:
        for member in members:
            self._known[member].root = root
            self._known[member].members = ()
        self._known[root].members = [member for member in members if member != root]

    def _show(self, slot: int) -> None:
        """Puts all samples of an article into the index, whose parent they were found through."""
        known = self._known[slot]
        samples = self._parts.get(known.part)
        if samples is not None:
            for text in self._shingled([known.number]).values():
                self.shown[known.number] = samples.add(sampled(text.shingles), slot)

    def _domain(self, number: int) -> str | None:
        slot = self._slots.get(number)
        return self._known[slot].domain if slot is not None else None

    def _join(self, slot: int, root: int) -> None:
        above = self._known[root]
        self._known[slot].root = root
        self._known[slot].family = above.family
        if isinstance(above.members, list):
            above.members.append(slot)
        else:
            above.members = [slot]
        if above.number != above.family and self._order(slot) < self._order(root):
            self._lead(slot, [root, *above.members])  # of those that stand for the root that is gone

    def _order(self, slot: int) -> tuple[int, float, int]:
        known = self._known[slot]
        return known.rank, known.at, slot

    # Candidates

    def _candidates(self, keys: array[int], piece: Piece) -> tuple[list[int], frozenset[int]]:
        """Slots of the articles with most samples in common, and the samples that are common property."""
        found, owners = array("i"), array("i")
        for samples in self._parts.values():
            samples.find(keys, found, owners)
        if not found:
            return [], frozenset()
        common = self._common(keys, found, owners, piece.domain)
        shared = Counter(
            slot
            for slot, owner in zip(found, owners, strict=True)
            if keys[owner] not in common and self._near(slot, piece.at)
        )
        least = 1 if len(keys) < _FEW_KEYS else 2
        best = sorted(shared, key=lambda slot: (-shared[slot], slot))[:_MOST_COMPARED]
        return [slot for slot in best if shared[slot] >= least], common

    def _near(self, slot: int, at: float) -> bool:
        known = self._known.get(slot)
        return known is not None and abs(known.at - at) <= self._window_s

    def _common(self, keys: array[int], found: array[int], owners: array[int], domain: str) -> frozenset[int]:
        """Samples that many families have, or several of the article's own site."""
        counts = Counter(owners)
        often = {owner for owner, n in counts.items() if n >= OFTEN}
        some = {owner for owner, n in counts.items() if n >= _OF_SITE} - often
        if some and domain:
            of_site: Counter[int] = Counter()
            for slot, owner in zip(found, owners, strict=True):
                if owner in some and (known := self._known.get(slot)) is not None:
                    of_site[owner] += known.domain == domain
            often.update(owner for owner, n in of_site.items() if n >= _OF_SITE)
        return frozenset(keys[owner] for owner in often)

    def _new(self, keys: array[int], slot: int, relations: list[Relation]) -> array[int]:
        """Of a copy, the samples that its parent does not have: the others are found through the parent."""
        mine = next((r for r in relations if r.copy == self._known[slot].number), None)
        if mine is None:
            return keys
        if mine.kind != "verbatim" and self._known[slot].domain == self._domain(mine.parent):
            return keys  # counted, so that what a site has on every page is known to be its own
        parent = self._shingled([mine.parent]).get(mine.parent)
        theirs = set(sampled(parent.shingles)) if parent is not None else set()
        return array("I", [key for key in keys if key not in theirs])

    # Comparing

    def _shingled(self, numbers: Iterable[int]) -> dict[int, Shingled]:
        """The words of articles, read again where they are not at hand."""
        got: dict[int, Shingled] = {}
        wanted = []
        at_hand, text = self._at_hand
        for number in numbers:
            if (known := self._read.get(number)) is not None:
                self._read.move_to_end(number)
                got[number] = known
            elif number == at_hand:
                got[number] = read(text)
            else:
                wanted.append(number)
        if wanted:
            for number, text in self._texts(wanted).items():
                got[number] = read(text)
                self._keep_read(number, got[number])
        return got

    def _keep_read(self, number: int, ours: Shingled) -> None:
        self._read[number] = ours
        self._words += len(ours)
        while self._words > _WORDS_KEPT:
            self._words -= len(self._read.popitem(last=False)[1])

    def _drop_read(self, number: int) -> None:
        if (known := self._read.pop(number, None)) is not None:
            self._words -= len(known)

    def _compared(
        self, ours: Shingled, slots: Iterable[int], common: frozenset[int]
    ) -> dict[int, Comparison]:
        """The articles, by slot, of which ours is a copy or which are copies of ours."""
        by_number = {self._known[slot].number: slot for slot in slots}
        found = {}
        for number, theirs in self._shingled(by_number).items():
            comparison = compare(ours, theirs, common)
            if comparison.copy:
                found[by_number[number]] = comparison
        return found

    def _related(
        self, slot: int, ours: Shingled, compared: dict[int, Comparison], common: frozenset[int]
    ) -> list[Relation]:
        roots = {self._known[other].root for other in compared}
        compared |= self._compared(ours, roots - compared.keys(), common)
        best = max(
            compared,
            key=lambda other: (compared[other].words, other in roots, -self._known[other].at, -other),
        )
        root = self._known[best].root
        there = self._known[root].number == self._known[root].family
        if there and root in compared and self._order(slot) < self._order(root):
            return self._become_root(slot, root, ours, common)
        self._join(slot, root)
        parent = root if root in compared else best
        also = self._second(parent, ours, compared)
        return [self._relation(slot, parent, ours, compared[parent], also)]

    def _second(self, parent: int, ours: Shingled, compared: dict[int, Comparison]) -> int | None:
        """The root of another family that the rest of a text comes from."""
        here = self._known[parent].root
        covered = bytearray(len(ours))
        for first, _, words in compared[parent].runs:
            covered[first : first + words] = b"\1" * words
        best: tuple[int, int] | None = None
        for other, comparison in sorted(compared.items()):
            if self._known[other].root == here:
                continue
            rest = sum(words - sum(covered[first : first + words]) for first, _, words in comparison.runs)
            if rest >= _JOINED * len(ours) and (best is None or rest > best[0]):
                best = rest, self._known[other].root
        return best[1] if best else None

    def _become_root(self, slot: int, old: int, ours: Shingled, common: frozenset[int]) -> list[Relation]:
        """A later article takes the place of a family's root: the agency's own text, or the one that
        appeared earlier."""
        members = sorted([old, *self._known[old].members])
        self._lead(slot, [*members, slot])
        for member in members:
            self._known[member].family = self._known[slot].number
        self.moved[self._known[old].number] = self._known[slot].number
        return [
            self._relation(member, slot, theirs, comparison, None)
            for member in members[:_MOST_MOVED]
            for number in [self._known[member].number]
            for theirs in self._shingled([number]).values()
            for comparison in [compare(theirs, ours, common)]
            if comparison.copy
        ]

    def _relation(
        self, slot: int, parent: int, ours: Shingled, comparison: Comparison, also: int | None
    ) -> Relation:
        number = self._known[parent].number
        theirs = self._shingled([number]).get(number) or read("")
        return Relation(
            self._known[slot].number,
            number,
            comparison.kind if also is None else "joined",
            round(comparison.share, 4),
            round(comparison.parent_share, 4),
            self._reason(slot, parent),
            self._passages(slot, parent, ours, theirs, comparison),
            self._known[also].number if also is not None else None,
            self._known[parent].family,
            round(comparison.probability, 4),
        )

    def _passages(
        self, slot: int, parent: int, ours: Shingled, theirs: Shingled, comparison: Comparison
    ) -> list[Passage]:
        """Passages; none where one of the texts is gone meanwhile."""
        here, there = self._known[slot].number, self._known[parent].number
        texts = dict(self._texts([number for number in (here, there) if number != self._at_hand[0]]))
        texts |= {self._at_hand[0]: self._at_hand[1]} if self._at_hand[0] in (here, there) else {}
        if here not in texts or there not in texts:
            return []
        return passages(ours, texts[here], theirs, texts[there], comparison.runs)

    def _reason(self, slot: int, parent: int) -> str:
        """Why the parent is the parent."""
        copy, above = self._known[slot], self._known[parent]
        if above.rank == OWN:
            return f"{above.agency}'s own text"
        if copy.provider and above.domain and copy.provider.lower() in above.domain.lower():
            return "named as source"
        if above.rank == CREDITED and copy.agency == above.agency:
            return f"credits {above.agency}, earliest seen"
        return f"credits {above.agency}" if above.rank == CREDITED else "earliest seen"
