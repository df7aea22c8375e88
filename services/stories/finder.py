# cython: boundscheck=False, wraparound=False, cdivision=True
"""Index of rows by their keys: which stories have recent articles with the weightiest terms of an article.

Lists of postings, the newest first. What a search finds depends on the rows that are there alone, not on
those that were let go of, so that a state that was read again finds what the one before it found.
"""

from __future__ import annotations

from array import array
from typing import Any

Buffer = Any
"""An array of Python or numpy."""
NEWEST = 16
"""Rows of one key that count, the newest."""


class Finder:
    """Postings of rows: 16 bytes each, of which an article has 16."""

    def __init__(self) -> None:
        self.held = 0
        self.dead = 0
        self.heads = array("i", bytes(4 << 20))  # of each key's list, number of the posting + 1
        self.rows = array("i", bytes(4 * 1024))
        self.after = array("i", bytes(4 * 1024))
        self.positions = array("q", bytes(8 * 1024))
        self.position_of = array("q")  # of each row; -1 is none
        self.story_of = array("q")

    def put(self, row: int, position: int, story: int, keys: Buffer) -> None:
        """Adds a row with its story, in the order of positions. Keys are uint32."""
        k = keys
        while row >= len(self.position_of):
            self.position_of.append(-1)
            self.story_of.append(-1)
        self.position_of[row] = position
        self.story_of[row] = story
        while self.held + len(keys) > len(self.rows):
            self.rows.frombytes(bytes(4 * len(self.rows)))
            self.after.frombytes(bytes(4 * len(self.after)))
            self.positions.frombytes(bytes(8 * len(self.positions)))
        heads, rows, after, positions = self.heads, self.rows, self.after, self.positions
        for i in range(len(keys)):
            slot = k[i] & 0xFFFFF
            before, at = -1, heads[slot] - 1
            while at >= 0 and positions[at] > position:
                before, at = at, after[at] - 1
            new = self.held
            self.held += 1
            rows[new], positions[new], after[new] = row, position, at + 1
            if before < 0:
                heads[slot] = new + 1
            else:
                after[before] = new + 1

    def tell(self, row: int, story: int) -> None:
        """Makes a row another story's."""
        self.story_of[row] = story

    def take_out(self, row: int) -> None:
        """Lets go of a row; its postings are skipped, and cleared away once they are the most."""
        self.position_of[row] = -1
        self.story_of[row] = -1
        self.dead += 16
        if self.dead > 65536 and self.dead * 2 > self.held:
            self.clear_away()

    def clear_away(self) -> None:
        """Keeps the postings of rows that are there."""
        heads, rows, after, positions = self.heads, self.rows, self.after, self.positions
        there, size = self.position_of, len(self.rows)
        new_rows, new_after, new = (
            array("i", bytes(4 * size)),
            array("i", bytes(4 * size)),
            array("q", bytes(8 * size)),
        )
        kept_rows, kept_after, kept = new_rows, new_after, new
        count = 0
        for slot in range(len(heads)):
            at = heads[slot] - 1
            heads[slot] = 0
            before = -1
            while at >= 0:
                if there[rows[at]] == positions[at]:
                    kept_rows[count], kept[count], kept_after[count] = rows[at], positions[at], 0
                    if before < 0:
                        heads[slot] = count + 1
                    else:
                        kept_after[before] = count + 1
                    before = count
                    count += 1
                at = after[at] - 1
        self.rows, self.after, self.positions = new_rows, new_after, new
        self.held = count
        self.dead = 0

    def find(self, keys: Buffer, least: int, most: int) -> list[int]:
        """Up to `most` stories that have most of the keys, and at least so many; of as many the one with the
        lower number first."""
        k = keys
        heads, rows, after, positions = self.heads, self.rows, self.after, self.positions
        owners, there = self.story_of, self.position_of
        counts: dict[int, int] = {}
        for i in range(len(keys)):
            at = heads[k[i] & 0xFFFFF] - 1
            seen = 0
            while at >= 0 and seen < 16:
                row = rows[at]
                if there[row] == positions[at]:
                    seen += 1
                    story = owners[row]
                    counts[story] = counts.get(story, 0) + 1
                at = after[at] - 1
        ranked = [(-count, story) for story, count in counts.items() if count >= least]
        ranked.sort()
        return [story for _, story in ranked[:most]]
