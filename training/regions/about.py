"""Train the models of the countries that an article is about, and report them with whole sites left out.

  python -m training.regions.about DATA                     fit on everything and write what ships
  python -m training.regions.about DATA --held-out FOLDER   also write what models say of articles of sites
  that they
                                                            never saw, as JSON lines for the scorers, and
                                                            print figures

Labels: the countries that a desk editor gave whole articles (DATA/newsroom; their texts from
DATA/extraction); the country that most marks of an article lie in (DATA/regions); wire items of 1987 with the
countries that editors gave them, of little weight; and short articles of our own, `about_made.tsv`, one kind
of story each in many languages. Three things are learned: the words that lean to articles about no country
(English, logistic), whether an article is about a country, and whether that is the first (boosted trees).
What the words lean to is told each article by a model that saw nothing of its site, so that the trees learn
how far to trust it.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import re
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from services.contract.urls import domain_of
from services.enrich import language
from services.enrich.regions import focus
from services.enrich.regions.about import before, chosen
from services.enrich.regions.parts import RegionRequest, join
from services.enrich.regions.tagger import RegionTagger
from training.regions.boosting import averaged, fit, load, save
from training.regions.build import OUT, write_manifest

NEWSROOM = ("naeb", "fundus_tests", "wcxb_dev")
MARKED = ("lgl_tune", "trnews", "gwn")
WEIGHT = {"naeb": 3.0, "fundus_tests": 3.0, "wcxb_dev": 1.0, "made": 3.0, "wire": 0.3} | dict.fromkeys(
    MARKED, 1.0
)
FOLDS = 5
SEEDS = 3
_LEAN_FOLDS = 4
_LEAST_ARTICLES, _MOST_SHARE = 12, 0.8  # of English articles that have a word whose lean is learned
_KEPT_WORDS = 2_000
_LEANING = focus.FEATURES.index("leaning")
_KNOTS = 24
SELDOM_SHARE = 0.006  # of articles; a country that fewer name is seldom in the news
_DATED = focus.FEATURES.index("dated")


@dataclass
class Article:
    """A labelled article with what the models see of it; `right` are its countries, best first."""

    set: str
    id: str
    site: str
    asked: RegionRequest
    right: list[str]
    codes: list[str]
    rows: np.ndarray
    words: frozenset[str]

    @property
    def fold(self) -> int:
        return zlib.crc32(self.site.encode()) % FOLDS


@dataclass(frozen=True)
class Known:
    """The calibration, and the countries often in the news."""

    raw: np.ndarray
    right: np.ndarray
    often: frozenset[str]


def main() -> None:
    """Train, report and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder that holds newsroom/, extraction/ and regions/")
    parser.add_argument("--held-out", type=Path, help="write what models say of sites that they never saw")
    args = parser.parse_args()
    _placeholders()
    language.load()
    articles = list(_articles(RegionTagger(), args.data))
    told = _held_out(articles)
    raw, right = _calibration(articles, told)
    often = _often(articles)
    known = Known(raw, right, frozenset(often.tolist()))
    _print_figures(articles, told, known)
    if args.held_out:
        _write(args.held_out, articles, told, known)
    leanings = _Leanings(articles)
    weights, bias = leanings.whole
    member, first = _fit(articles, [leanings.of(a) for a in articles])
    save(member, OUT / "about.npz")
    save(first, OUT / "about_first.npz")
    save({"raw": raw, "right": right, "often": often}, OUT / "about_calibration.npz")
    kept = dict(sorted(weights.items(), key=lambda item: (-abs(item[1]), item[0]))[:_KEPT_WORDS])
    _save_leaning(kept, bias)
    write_manifest()


def _placeholders() -> None:
    """The tagger asks for its models when it starts."""
    empty = fit(np.eye(64, len(focus.FEATURES), dtype=np.float32), np.arange(64) % 2 == 0)
    for name in ("about.npz", "about_first.npz"):
        save(empty, OUT / name)
    save(
        {
            "raw": np.array([-1.0, 1.0], np.float32),
            "right": np.array([0.0, 1.0], np.float32),
            "often": np.array(["US"]),
        },
        OUT / "about_calibration.npz",
    )
    _save_leaning({}, 0.0)


def _save_leaning(weights: dict[str, float], bias: float) -> None:
    told = {
        "bias": round(bias, 4),
        "weights": {word: round(weight, 3) for word, weight in sorted(weights.items())},
    }
    packed = gzip.compress(json.dumps(told, ensure_ascii=False).encode(), 9, mtime=0)
    (OUT / "leaning.json.gz").write_bytes(packed)


def _articles(tagger: RegionTagger, data: Path) -> Iterator[Article]:
    for corpus in NEWSROOM:
        labels = {row["id"]: row["about"] for row in _lines(data / "newsroom" / f"{corpus}.jsonl")}
        for row in _texts(data / "extraction" / f"{corpus}.jsonl.gz", labels):
            yield _article(tagger, corpus, row["id"], row["domain"], _asked(row), labels[row["id"]])
    for corpus in MARKED:
        for row in _lines(data / "regions" / f"{corpus}.jsonl"):
            top = Counter(m["country"] for m in row["mentions"] if m.get("country")).most_common(2)
            if not top or (len(top) > 1 and top[0][1] < 1.5 * top[1][1]):
                continue
            title = "" if row["text"].startswith(row["title"] or "\n") else row["title"] or ""
            asked = RegionRequest(title, row["text"], None, row["domain"], "en")
            yield _article(tagger, corpus, row["id"], row["domain"], asked, [top[0][0]])
    for n, line in enumerate(
        (Path(__file__).with_name("about_made.tsv")).read_text(encoding="utf-8").splitlines()
    ):
        if not line.startswith("#"):
            spoken, right, title, text = line.split("\t")
            yield _article(
                tagger,
                "made",
                f"made {n}",
                "",
                RegionRequest(title, text, _dateline(text), None, spoken),
                right.split(),
            )
    for row in _lines(data / "regions" / "reuters_places_train.jsonl"):
        asked = RegionRequest(row["title"] or "", row["text"], row.get("dateline"), None, "en")
        yield _article(tagger, "wire", row["id"], "", asked, row["countries"])


def _dateline(text: str) -> str | None:
    """The dateline that an article of our own opens with."""
    match = re.match(r"[A-ZÀ-Ü][A-ZÀ-Ü ,.]+ \((?:Reuters|AP|AFP|dpa|EFE)\)", text)
    return match[0] if match else None


def _asked(row: dict[str, Any]) -> RegionRequest:
    return RegionRequest(
        row["title"],
        row["text"],
        None,
        row["domain"] or None,
        language.identify(f"{row['title']}. {row['text']}", None),
    )


def _article(
    tagger: RegionTagger, corpus: str, row_id: str, site: str | None, asked: RegionRequest, right: list[str]
) -> Article:
    parts = join(asked.title, asked.text, asked.dateline)
    ((reading, ranks),) = tagger._read([asked], [parts])
    seen = tagger.countries.see(asked, reading, tagger._resolved(reading, ranks, parts), parts)
    words = frozenset(reading.tokens.words) if corpus in NEWSROOM or asked.language == "en" else frozenset()
    return Article(corpus, row_id, site or row_id, asked, right, list(seen.tallies), seen.rows, words)


def _texts(path: Path, labels: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The labelled pages' texts as an editor reads them: title and body of the extraction set."""
    for page in _lines(path):
        if page["id"] not in labels or not page.get("body"):
            continue
        title = page.get("title")
        if not title:
            match = re.search(r"<title[^>]*>(.*?)</title>", page["html"], re.DOTALL | re.IGNORECASE)
            title = re.split(r"\s[|–—-]\s(?=[^|–—-]*$)", html.unescape(match[1]).strip())[0] if match else ""
        url = page.get("url") or ""
        host = urllib.parse.urlsplit(url).hostname
        body = re.sub(r"(?m)^\[(.*)\]$", r"\1", page["body"])
        yield {"id": page["id"], "title": title, "text": body, "domain": domain_of(url) if host else ""}


def _lines(path: Path) -> list[Any]:
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        return [json.loads(line) for line in lines if line.strip()]


def _teaches_words(article: Article) -> bool:
    return article.set in NEWSROOM and article.asked.language == "en"


def _fit_leaning(articles: Sequence[Article]) -> tuple[dict[str, float], float]:
    """Weights of the words in small letters, and a bias: above nought where an article is about no
    country."""
    texts = [{w for w in a.words if w.islower()} for a in articles]
    times = Counter(w for words in texts for w in words)
    known = sorted(w for w, n in times.items() if _LEAST_ARTICLES <= n <= _MOST_SHARE * len(articles))
    at = {w: n for n, w in enumerate(known)}
    hits = [[at[w] for w in sorted(words) if w in at] for words in texts]
    values = [1 / sqrt(max(len(here), 20)) for here in hits for _ in here]
    ends = np.cumsum([0, *map(len, hits)])
    rows = csr_matrix((values, [n for here in hits for n in here], ends), (len(articles), len(known)))
    nowhere = np.array([not a.right for a in articles])
    weight = [0.5 if a.set == "wcxb_dev" else 1.5 for a in articles]
    model = LogisticRegression(C=1.5, max_iter=400).fit(rows, nowhere, sample_weight=weight)
    return dict(zip(known, model.coef_[0].tolist(), strict=True)), float(model.intercept_[0])


def _lean(article: Article, weights: dict[str, float], bias: float) -> float:
    hits = [weights[w] for w in sorted(article.words) if w in weights]
    return bias + sum(hits) / sqrt(max(len(hits), 20)) if hits else 0.0


class _Leanings:
    """What the words of articles lean to, by models of which none saw anything of an article's own site."""

    def __init__(self, train: Sequence[Article]) -> None:
        teachers = [a for a in train if _teaches_words(a)]
        self._part = {a.site: zlib.crc32(b"lean" + a.site.encode()) % _LEAN_FOLDS for a in teachers}
        self._models = [
            _fit_leaning([a for a in teachers if self._part[a.site] != k]) for k in range(_LEAN_FOLDS)
        ]
        self.whole = _fit_leaning(teachers)

    def of(self, article: Article) -> float:
        """For other languages than English it is no learned one, and stands in the article's rows."""
        if article.asked.language != "en":
            return float(article.rows[0, _LEANING]) if len(article.rows) else 0.0
        part = self._part.get(article.site)
        return _lean(article, *(self.whole if part is None else self._models[part]))


def _leaning_rows(article: Article, leaning: float) -> np.ndarray:
    rows = article.rows.copy()
    rows[:, _LEANING] = leaning
    return rows


def _fit(
    articles: Sequence[Article], words: Sequence[float]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The models of membership and of the first place."""
    some = [(a, w) for a, w in zip(articles, words, strict=True) if a.codes]
    rows = np.concatenate([_leaning_rows(a, w) for a, w in some])
    labels = np.array([code in a.right for a, _ in some for code in a.codes])
    leads = np.array([a.right[:1] == [code] for a, _ in some for code in a.codes])
    weights = np.array([WEIGHT[a.set] for a, _ in some for _ in a.codes])
    ordered = np.array([a.set != "wire" for a, _ in some for _ in a.codes])  # its editors put none first
    return (
        averaged([fit(rows, labels, weights, trees=180, rate=0.06, seed=n) for n in range(SEEDS)]),
        averaged([fit(rows, leads, weights * ordered, trees=120, rate=0.06, seed=n) for n in range(SEEDS)]),
    )


def _held_out(articles: Sequence[Article]) -> list[tuple[np.ndarray, np.ndarray]]:
    """By article, the log-odds of its countries and of their first place, by models that saw nothing of its
    site."""
    out: list[tuple[np.ndarray, np.ndarray]] = [(np.zeros(0), np.zeros(0))] * len(articles)
    for k in range(FOLDS):
        train = [a for a in articles if a.fold != k]
        test = [(n, a) for n, a in enumerate(articles) if a.fold == k and a.codes]
        leanings = _Leanings(train)
        member, first = (load(m) for m in _fit(train, [leanings.of(a) for a in train]))
        for n, a in test:
            rows = _leaning_rows(a, leanings.of(a))
            out[n] = member.log_odds(rows), first.log_odds(rows)
    return out


def _calibration(articles: Sequence[Article], told: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds and how often countries of them were right, on newsroom articles of sites left out
    (isotonic)."""
    rows = [
        (odds, code in a.right)
        for a, (member, _) in zip(articles, told, strict=True)
        if a.set in ("naeb", "fundus_tests")
        for code, odds in zip(a.codes, member, strict=True)
    ]
    odds, truth = np.array([r[0] for r in rows]), np.array([r[1] for r in rows], float)
    smooth = IsotonicRegression(y_min=0.002, y_max=0.995, out_of_bounds="clip").fit(odds, truth)
    knots = np.unique(np.quantile(odds[odds > np.quantile(odds, 0.5)], np.linspace(0, 1, _KNOTS)))
    knots = np.concatenate([[odds.min()], knots])
    # Means of what lies about each knot, so that equal steps of the log-odds are steps of the probability
    # too.
    right = np.array([smooth.predict(k + np.linspace(-0.4, 0.4, 9)).mean() for k in knots])
    print(json.dumps({"reliability": [
        {"score": round(float(low) + 0.1, 1), "right": round(float(truth[m].mean()), 3),
        "countries": int(m.sum())}
        for low in np.arange(0, 1, 0.2)
        if (m := (s := np.interp(odds, knots, right)) >= low).any() and (m := m & (s < low + 0.2)).any()
    ]}))  # fmt: skip
    return knots.astype(np.float32), right.astype(np.float32)


def _often(articles: Sequence[Article]) -> np.ndarray:
    """The countries that more than `SELDOM_SHARE` of the wire items and marked articles speak of."""
    counted = [a for a in articles if a.set in ("wire", *MARKED)]
    named = Counter(code for a in counted for code in a.codes)
    return np.array(sorted(code for code, n in named.items() if n > SELDOM_SHARE * len(counted)))


def _answer(article: Article, member: np.ndarray, first: np.ndarray, known: Known) -> list[str]:
    scores = np.interp(member, known.raw, known.right).tolist()
    dated = len(scores) and article.rows[0, _DATED] > 0
    seldom = [code not in known.often for code in article.codes] if dated else []
    taken = [n for n, yes in enumerate(chosen(scores, seldom)) if yes]
    order = before(member, first)
    return [article.codes[n] for n in sorted(taken, key=lambda n: -order[n])]


def _print_figures(articles: Sequence[Article], told: Sequence[Any], known: Known) -> None:
    weight = focus.FEATURES.index("weight")
    for corpus in dict.fromkeys(a.set for a in articles):
        mine = [(a, answer) for a, answer in zip(articles, told, strict=True) if a.set == corpus]
        model = [(a.right, _answer(a, *answer, known)) for a, answer in mine]
        most = [(a.right, _most_said(a, weight)) for a, _ in mine]
        for way, answers in (("model", model), ("most said", most)):
            print(json.dumps({"set": corpus, "way": way} | figures(answers)))


def _most_said(article: Article, weight: int) -> list[str]:
    said = article.rows[:, weight]
    return [article.codes[int(np.argmax(said))]] if article.codes and said.max() > 0 else []


def figures(answers: Sequence[tuple[list[str], list[str]]]) -> dict[str, float]:
    """Of right countries and answers, both best first: share with the right first country, F1, precision and
    recall of the sets, share of the articles about none that have none."""
    some = [(right, said) for right, said in answers if right]
    none = [said for right, said in answers if not right]
    hits = sum(len({*right} & {*said}) for right, said in answers)
    says, wants = sum(len(said) for _, said in answers), sum(len(right) for right, _ in answers)
    return {
        "articles": len(answers), "first": round(sum(r[:1] == s[:1] for r, s in some) / max(1, len(some)), 3),
        "f1": round(2 * hits / max(1, says + wants), 3), "precision": round(hits / max(1, says), 3),
        "recall": round(hits / max(1, wants), 3), "silent": round(sum(not s for s in none) / max(1,
        len(none)), 3),
    }  # fmt: skip


def _write(folder: Path, articles: Sequence[Article], told: Sequence[Any], known: Known) -> None:
    """What `dateline tag` would print of countries, a file a corpus; of the wire, its right countries too."""
    folder.mkdir(parents=True, exist_ok=True)
    for corpus in dict.fromkeys(a.set for a in articles):
        with (folder / f"{corpus}.jsonl").open("w", encoding="utf-8") as out:
            for a, answer in zip(articles, told, strict=True):
                if a.set == corpus:
                    said = [{"code": code, "focus": True} for code in _answer(a, *answer, known)]
                    out.write(
                        json.dumps({"id": a.id, "countries": said, "language": a.asked.language}) + "\n"
                    )


if __name__ == "__main__":
    main()
