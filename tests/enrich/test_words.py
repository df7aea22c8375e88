"""The quick ways of cutting text give what the plain ones give, on any text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.demo.pages import stories
from services.enrich.regions.spans import _WORD, ELIDED, Tokens
from services.enrich.words import read, words
from tests.thinning import examples

# Letters, digits, marks that join words, marks that look like them, a script without spaces, and one with
# prefixes.
TEXT = st.text(
    st.sampled_from("aZbésS_'’.09²½ªİßÇ \nU-–“…€™\u200b\u0301µǅжЖ中国العبد"), max_size=40
) | st.text(max_size=40)


@given(TEXT, st.integers(0, 12))
@settings(max_examples=examples(3000))
def test_words_read_at_once_are_the_words_of_the_loop(text: str, limit: int) -> None:
    folded, spans = read(text, limit)
    plain = list(words(text))[:limit]
    assert [(w, *span) for w, span in zip(folded, spans, strict=True)] == plain


def test_stories_in_many_scripts_are_read_alike() -> None:
    for story in stories().values():
        folded, spans = read(story.text, 600)
        assert [(w, *span) for w, span in zip(folded, spans, strict=True)] == list(words(story.text))[:600]


@given(
    st.text(st.sampled_from("aZbésS_'’.09²ªİßLdl \nU-–“µǅжЖ中国العبد"), max_size=40) | st.text(max_size=40),
    st.booleans(),
)
@settings(max_examples=examples(3000))
def test_the_words_of_a_place_reader_stand_where_they_were_matched(text: str, elided: bool) -> None:
    tokens = Tokens(text, elided=elided)
    matched = [match.span() for match in (ELIDED if elided else _WORD).finditer(text)]
    assert list(zip(tokens.starts, tokens.ends, strict=True)) == matched
    assert tokens.words == [text[start:end] for start, end in matched]
