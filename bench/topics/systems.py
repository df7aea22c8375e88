"""Dateline's tagger and what a user would train instead, behind one call: (title, text) in, level-1 codes
with scores out, best first.

The peers are scikit-learn's, trained on the same articles as the shipped tagger; nothing that installs by
name tags news with IPTC's topics offline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Rows = Sequence[dict[str, Any]]
Tagger = Callable[[str, str], list[tuple[str, float]]]


def dateline(_: Rows) -> Tagger:
    from services.enrich.topics.tagger import TopicTagger

    tagger = TopicTagger()

    def tag(title: str, text: str) -> list[tuple[str, float]]:
        best: dict[str, float] = {}
        for topic in tagger.tag(title, text, "en"):
            best.setdefault(topic.path[0], topic.score)
        return list(best.items())

    return tag


def _sklearn(make: Callable[[], Any]) -> Callable[[Rows], Tagger]:
    def build(train: Rows) -> Tagger:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline

        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        model = make_pipeline(vectorizer, make())
        model.fit([f"{r['title']} {r['text']}" for r in train], [r["topics"][0] for r in train])
        score = model.decision_function if hasattr(model, "decision_function") else model.predict_log_proba
        labels = list(model.classes_)

        def tag(title: str, text: str) -> list[tuple[str, float]]:
            scores = score([f"{title} {text}"])[0]
            return [(labels[i], float(scores[i])) for i in scores.argsort()[::-1][:3]]

        return tag

    return build


def _svc() -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=0.7, class_weight="balanced", random_state=0)


def _logistic() -> Any:
    from sklearn.linear_model import SGDClassifier

    return SGDClassifier(loss="log_loss", alpha=1e-6, random_state=0)


def _bayes() -> Any:
    from sklearn.naive_bayes import ComplementNB

    return ComplementNB(alpha=0.3)


SYSTEMS: dict[str, Callable[[Rows], Tagger]] = {
    "dateline": dateline,
    "TF-IDF + linear SVC": _sklearn(_svc),
    "TF-IDF + logistic regression": _sklearn(_logistic),
    "TF-IDF + naive Bayes": _sklearn(_bayes),
}
