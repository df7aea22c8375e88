"""The compiled modules give the answers of the same modules in plain Python."""

from __future__ import annotations

import pytest

from services.enrich.names.tagger import NameRequest, NameTagger
from tests.compiled import need_compiled, plain

TEXTS = [
    (
        "en",
        "Ms Ann O’Neill-Lee (IBM’s J.K. Rowe) told the U.S.’s Bank of York: “We will not pay.” ANN LEE",
    ),
    (
        "de",
        "Ministerpräsidentin Anna Müller sagte, „wir zahlen das nicht mehr“. Müllers Landesverband",
    ),
    ("de", "A" * 300 + " Straßenbauverwaltungsamt 1. FC Köln & Co. «a b c d.», sagte X Y."),
    ("en", "ß İstanbul’s 日本 Ab\u0301c 𝔸 Żółć - Иван Петров, C.I.A.-backed al-Shabab in St. Louis'"),
]


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_both_forms_find_the_same(language: str, text: str) -> None:
    need_compiled()
    module = plain("services.enrich.names")["services.enrich.names.tagger"]
    ours = NameTagger().tag(NameRequest("", text, language))
    theirs = module.NameTagger().tag(module.NameRequest("", text, language))
    assert (ours.names, ours.quotes) == (theirs.names, theirs.quotes)
