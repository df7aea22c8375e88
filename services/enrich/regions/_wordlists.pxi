# Words of fixed lists in a text: what `institutions` and `leaning` ask.

def words_of(Tokens t not None, Sieve wanted not None, Sieve stems, int stem):
    """Each word that one of the sieves lets through, `stems` by its first `stem` characters: (number, start, word)."""
    cdef list found = []
    cdef int n
    for n in range(t.count):
        if wanted.lets_through(t.hashes[n] if t.upper[n] else t.hash(t.at[n], t.to[n])) or (
            stems is not None and stems.lets_through(t.hash(t.at[n], min(t.at[n] + stem, t.to[n])))
        ):
            found.append((n, t.at[n], t.word(n)))
    return found


def beside(Tokens t not None, int first, int last):
    """The two words before `first`, the two after `last`, and `last` itself; empty where there is none."""
    cdef int count = t.count
    return (
        t.word(first - 2) if first > 1 else "", t.word(first - 1) if first > 0 else "",
        t.word(last + 1) if last + 1 < count else "", t.word(last + 2) if last + 2 < count else "", t.word(last),
    )


cdef class Weights:
    """Words with a weight each."""

    cdef Numbers numbers
    cdef double[::1] weight
    cdef int count

    def __init__(self, dict weights not None):
        self.numbers = Numbers(list(weights))
        self.weight = np.array(list(weights.values()) or [0.0], np.float64)
        self.count = len(weights)

    def sum(self, Tokens t not None):
        """How many of the words a text has, and the sum of their weights, each counted once."""
        cdef char *seen = <char *>calloc(self.count + 1, 1)
        cdef int n, number, hits = 0
        cdef double total = 0.0
        if seen == NULL:
            raise MemoryError
        for n in range(t.count):
            number = self.numbers.find(t.hashes[n] if t.upper[n] else t.hash(t.at[n], t.to[n]))
            if number >= 0 and not seen[number]:
                seen[number] = 1
                hits += 1
                total += self.weight[number]
        free(seen)
        return hits, total
