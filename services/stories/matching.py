# cython: boundscheck=False, wraparound=False
"""Matching passages: runs of words that two texts have in common, in time linear in their lengths."""

from __future__ import annotations

from array import array


def runs(ours: array[int], theirs: array[int]) -> array[int]:
    """Maximal runs of equal shingles: (first in ours, first in theirs, shingles) three by three, in the
    order of ours. Of several places in the other text, the one that continues, else the first unused one."""
    a, b = ours, theirs
    n, m = len(a), len(b)
    size = 16
    while size < 2 * m:
        size *= 2
    mask = size - 1
    heads = array("i", bytes(4 * size))  # place of a shingle in theirs + 1
    after = array("i", bytes(4 * m))  # the next place of the same slot + 1
    used = bytearray(m)
    for j in range(m - 1, -1, -1):
        slot = b[j] & mask
        after[j] = heads[slot]
        heads[slot] = j + 1
    found = array("i")
    first = last = -1  # the run that is open: where it began in ours, and its last place in theirs
    for i in range(n):
        place = -1
        if first >= 0 and last + 1 < m and b[last + 1] == a[i]:
            place = last + 1
        else:
            tried = seen = 0
            j = heads[a[i] & mask] - 1
            while j >= 0 and tried < 8 and seen < 64:
                if b[j] == a[i]:
                    if not used[j]:
                        place = j
                        break
                    tried += 1
                seen += 1
                j = after[j] - 1
            if first >= 0 and (place < 0 or place != last + 1):
                found.append(first)
                found.append(last - (i - 1 - first))
                found.append(i - first)
                first = -1
        if place >= 0:
            if first < 0:
                first = i
            last = place
            used[place] = 1
    if first >= 0:
        found.append(first)
        found.append(last - (n - 1 - first))
        found.append(n - first)
    return found
