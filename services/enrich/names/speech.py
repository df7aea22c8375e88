"""Words of speaking in ten languages: verbs, "according to", and the pronouns that may speak."""

from __future__ import annotations

import re

VERBS = (
    "said says say saying added adds told tells asked asks wrote writes tweeted explained explains argued argues noted "
    "notes recalled recalls insisted insists announced replied replies stated states claimed claims warned warns "
    "declared remarked observed commented stressed concluded continued joked quipped acknowledged admitted conceded "
    "complained lamented urged vowed predicted posted responded answered testified pointed|out "
    "sagte sagt sagten erklärte erklärt betonte betont meinte meint teilte|mit berichtete berichtet schrieb schreibt "
    "fügte|hinzu ergänzte kritisierte forderte warnte kündigte|an fragte antwortete urteilte bekräftigte mahnte lobte "
    "zitierte erläuterte kommentierte "
    "dit disait déclaré déclare affirmé affirme expliqué explique ajouté ajoute assuré assure estimé estime indiqué "
    "indique souligné souligne rappelé rappelle confié lancé lance raconte regrette conclut précise poursuit note "
    "dijo dice afirmó afirma señaló señala aseguró asegura explicó explica declaró declara añadió añade manifestó indicó "
    "sostuvo expresó comentó apuntó subrayó agregó reconoció destacó advirtió escribió "
    "disse diz afirmou afirma declarou declara explicou explica acrescentou contou avaliou destacou completou escreveu "
    "ressaltou criticou comentou ha|detto detto dice afferma|affermato spiegato spiega aggiunto aggiunge dichiarato "
    "dichiara sottolinea sottolineato commenta commentato scrive conclude racconta "
    "zei zegt vertelde vertelt verklaarde verklaart schreef schrijft liet|weten benadrukte stelde stelt voegde|toe aldus "
    "powiedział powiedziała mówi mówił mówiła stwierdził stwierdziła dodał dodała podkreślił podkreśliła zaznaczył "
    "zaznaczyła poinformował poinformowała oświadczył ocenił oceniła przyznał tłumaczy wyjaśnił napisał napisała "
    "сказал сказала заявил заявила сообщил сообщила отметил отметила подчеркнул подчеркнула говорит рассказал "
    "рассказала добавил добавила написал написала пояснил пояснила считает заверил признался объяснил ответил"
)
BEFORE_A_NAME = "according to|laut|zufolge|nach angaben von|selon|d'après|según|secondo|segundo|volgens|według|zdaniem|по словам"
SPOKEN = re.compile(
    r"\b(?:("
    + "|".join(sorted({verb.partition("|")[0] for verb in VERBS.split()}, key=len, reverse=True))
    + rf")|({BEFORE_A_NAME}))\b",
    re.IGNORECASE,
)
"""A verb of speaking (group 1), or what stands before or after the name of a source (group 2)."""
PRONOUN = re.compile(
    r"\b(?:he|she|er|sie|il|elle|él|ella|lui|lei|ele|ela|hij|zij|ze|он|она)\b", re.IGNORECASE
)
