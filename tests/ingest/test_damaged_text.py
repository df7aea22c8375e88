"""Pages whose bytes are damaged here and there: what is UTF-8 but for a few bytes stays UTF-8."""

from __future__ import annotations

import pytest

from services.ingest.extract.charset import decode_page

GERMAN = "<p>Der Hafenrat prüft die alten Pfähle, für die niemand bürgt.</p>"
GREEK = "<p>Το λιμάνι κλείνει για δύο χρόνια.</p>"
SAID = b"<meta charset=utf-8>"


def cut(text: str, times: int) -> bytes:
    """A text whose teasers are cut in the middle of a character, so many times."""
    return text.encode() + "<p>Der alte Fä".encode()[:-1] * times + b"</p>"


@pytest.mark.parametrize("times", [1, 3, 40])
def test_characters_that_were_cut_in_two_spoil_no_others(times: int) -> None:
    text = decode_page(SAID + cut(GERMAN * 8, times))
    assert text.count("Pfähle, für die niemand bürgt") == 8
    assert text.count("\ufffd") == times


def test_a_page_that_holds_marks_of_replacement_and_one_bad_byte_stays_utf_8() -> None:
    text = decode_page(SAID + GREEK.encode() + "\ufffd\ufffd".encode() + b"\xce </p>")
    assert "λιμάνι κλείνει" in text
    assert text.count("\ufffd") == 3


@pytest.mark.parametrize(
    ("text", "codec"),
    [("Für Gäste öffnet das Café über Mittag. ", "cp1252"), ("Порт закрыт на два года. ", "cp1251")],
)
def test_another_encoding_under_a_wrong_label_is_not_taken_for_damage(text: str, codec: str) -> None:
    assert "\ufffd" not in decode_page(SAID + b"<p>" + (text * 40).encode(codec))
