# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Hashes of words: FNV-1a over characters, in 64 bits."""

from __future__ import annotations

from services.enrich.names.alphabet import ALL, BASIS, PRIME

_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def mixed(template: int, value: int) -> int:
    """A number in 64 bits for a value of some kind, `template`: multiplied and shifted as SplitMix64 does."""
    x = ((value ^ ((template * _GOLDEN) & ALL)) * _FIRST) & ALL
    return ((x ^ (x >> 31)) * _SECOND) & ALL


def hash_of(word: str) -> int:
    """The hash of a word as written."""
    state = BASIS
    for c in word:
        state = ((state ^ ord(c)) * PRIME) & ALL
    return state
