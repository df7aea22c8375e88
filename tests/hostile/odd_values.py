"""Values that no parameter expects: of other scripts, without end, half a character, of other types."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

TEXTS = (
    "", " ", "²", "٣", "१२", "0", "-1", "-0", "+1", "1.5", "1e3", "1e400", "0x10", "1_000", "NaN", "inf",
    "-inf", "null", "true", "[]", "{}",
    "9" * 20, "9" * 5000, "2147483648", "9223372036854775807", "9223372036854775808", "4611686018427387904",
    "\x00", "a\x00b", "\x1f\x7f",
    "\ud800", "a\udfffb", "\ufeff", "\u202eabc", "\U0010ffff", "İ", "ﬃ", "'", '"', "\\", "%", "_", "%s",
    "%(id)s", "$1", "'';--", "(((((",
    "))", ":*", "a & !b | <->", '"a', "-", "or", "a" * 501, "ß" * 2000, "\n", "\r\n", "0001-01-01",
    "0001-01-01T00:00:00+05:00",
    "9999-12-31T23:59:59-12:00", "99999999w", "٧d", "-1d", "2026-02-30", "2026-03-01T24:00",
    "2026-03-01T12:00+99:99", "nan,nan,nan",
    "1e999,0,1", "90,180,20000", "٤٠,٣٠,٥", ",,", "M49:²", "M49:" + "9" * 50, "medtop:²", "rule:",
    "rule:\x00", "rule:" + "x" * 190,
    "https://[", "https://[::1", "https://exa mple/", "https://\x00/", "http://a@b:99999/", "https://xn--/",
    "https://１２７.0.0.1/",
    "https://" + "a" * 300 + ".org/", "javascript:alert(1)", "999999999999999.9999999999999999999",
    "-999999999999999.1", "²." + "1",
)  # fmt: skip
"""Each is one that some reader of numbers, moments, places, URLs or SQL has stumbled over."""

texts = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(), max_size=40),
    st.integers().map(str),
    st.floats().map(repr),
)
"""Any text, half surrogate pairs among it."""


def as_bytes(text: str) -> bytes:
    """UTF-8, and what would be UTF-8 of half a pair."""
    return text.encode("utf-8", "surrogatepass")


raw = st.one_of(texts.map(as_bytes), st.binary(max_size=40))
"""What a client may send in a URL."""


def json_values(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Any JSON, and what JSON is not (NaN, Infinity); objects have some of the `names`."""
    plain = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), texts, st.just(10**400), st.just(-(2**63) - 1)
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.one_of(st.sampled_from(names), texts), inner, max_size=4),
        ),
        max_leaves=12,
    )
