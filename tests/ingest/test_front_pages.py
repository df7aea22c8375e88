"""Front pages as sources: the feeds they name, dead and alive; their stories in any script; and pages that
are no source."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract.envelopes import encode_item
from services.contract.errors import DatelineError, PermanentError, TransientError
from services.contract.messages import SourceDue, SourcePolled
from services.ingest.fetch import Fetched
from services.ingest.sources.front_page import words
from services.ingest.sources.poll import Poller
from tests.ingest.test_sitemaps import NOW, A, B, G
from tests.thinning import examples

PAGE = f"{G}/front"
STORIES = (
    '<a href="/world/dock-strike-enters-second-week">Dock strike enters its second week</a>'
    '<a href="/2026/03/02/ferry">Ferry service to the islands resumes</a>'
)
BELOW = [f"{G}/world/dock-strike-enters-second-week", f"{G}/2026/03/02/ferry"]


def rss(link: str = A) -> str:
    return f"<rss version='2.0'><channel><title>G</title><item><title>t</title><link>{link}</link></item></channel></rss>"  # noqa: E501


EMPTY = "<rss version='2.0'><channel><title>G</title></channel></rss>"


class Site:
    """Answers by path at a fixed time, in a fetcher's place."""

    def __init__(self, headers: tuple[tuple[str, str], ...] = (), **answers: str | DatelineError) -> None:
        self._answers = {f"{G}/{path}": answer for path, answer in answers.items()}
        self._headers = headers

    def get(self, url: str, **_: Any) -> Fetched:
        answer = self._answers.get(url, PermanentError("http_404", f"{url} answered 404"))
        if isinstance(answer, DatelineError):
            raise answer
        return Fetched(
            url, 200, answer.encode("utf-8", "surrogatepass"), None, NOW, 0.0, self._headers, kind="text/html"
        )


def poll(
    html: str, headers: tuple[tuple[str, str], ...] = (), **answers: str | DatelineError
) -> SourcePolled:
    site = Site(headers, front=html, **({"feed": rss(A), "comments": rss(B), "empty": EMPTY} | answers))
    due = SourceDue(source_id=1, url=PAGE, kind="auto", dispatched_at=NOW)
    return Poller(site).poll(due)  # type: ignore[arg-type]


def front(head: str = "", body: str = STORIES) -> str:
    return f"<!DOCTYPE html><html><head><title>G</title>{head}</head><body>{body}</body></html>"


def urls(polled: SourcePolled) -> list[str]:
    assert polled.reason == "", f"{polled.reason}: {polled.detail}"
    return [entry.url for entry in polled.entries]


LINK = '<link rel="alternate" type="application/rss+xml" href="/feed">'
FEEDS = [
    LINK,
    LINK.upper().replace("/FEED", "/feed"),
    LINK.replace("+xml", "+xml; charset=UTF-8"),
    LINK.replace("rss+xml", "atom+xml;charset=utf-8"),
    LINK.replace("rss+xml", "rdf+xml"),
    LINK.replace("application/rss+xml", "text/xml"),
    LINK.replace('rel="alternate"', 'rel="feed"'),
    LINK.replace('rel="alternate"', 'rel="alternate home"'),
    '<link rel="feed" href="/feed">',
    LINK.replace("/feed", " /feed\n"),
    LINK.replace("/feed", f"feed:{G}/feed"),
    LINK.replace("/feed", "feed"),
    '<base href="https://courier.example/">' + LINK.replace("/feed", "feed"),
    LINK.replace("/feed", "/gone") + LINK,
    LINK.replace("/feed", "/busy") + LINK,
    LINK.replace("/feed", "/empty") + LINK,
    LINK.replace("/feed", "") + LINK.replace("/feed", "#") + LINK.replace("/feed", "http://[x") + LINK,
    LINK.replace("/feed", "/comments").replace("rel", 'title="G » Comments Feed" rel') + LINK,
    LINK.replace("/feed", "/comments").replace("rel", 'title="Kommentare" rel') + LINK,
    '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">' + LINK,
    '<link rel="alternate" type="application/json" href="/odd.json">' + LINK,
    '<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=x">' + LINK,
    '<link rel="alternate" hreflang="de" href="/de/">' + LINK,
    LINK.replace("rss+xml", "rss xml"),
    LINK.replace("application/rss+xml", "rss"),
    LINK.replace('rel="alternate"', 'rel="rss"'),
    LINK.replace('rel="alternate"', ""),
    LINK.replace('rel="alternate"', 'rel="service.feed"'),
    '<link rel="feed" type="text/html" href="/feed">',
    '<link rel="service.post" type="application/atom+xml" href="/gone">' + LINK,
    *(
        LINK.replace("/feed", "/comments").replace("rel", f'title="{name}" rel') + LINK
        for name in (
            "Kommentit",
            "Hozzászólások",
            "Σχόλια",
            "תגובות",
            "دیدگاه‌ها",
            "टिप्पणियाँ",
            "মন্তব্য",
            "ความเห็น",
            "Bình luận",
            "迴響",
        )
    ),
    LINK.replace('rel="alternate"', 'rel="alternate stylesheet"').replace("/feed", "/gone") + LINK,
]


@pytest.mark.parametrize("head", FEEDS)
def test_the_first_feed_that_lives_is_the_source(head: str) -> None:
    polled = poll(front(head), busy=TransientError("http_503", "busy"))
    assert (urls(polled), polled.kind) == ([A], "rss")
    assert polled.moved_to == (None if "/busy" in head else f"{G}/feed")


@pytest.mark.parametrize(
    "body", ['<a href="/feed">RSS</a>', f'<a href="feed:{G}/feed">Abo</a>', f"<p>x</p>{LINK}"]
)
def test_a_feed_may_be_named_in_the_page_itself(body: str) -> None:
    assert urls(poll(front(body=body + STORIES))) == [A]


@pytest.mark.parametrize(
    "answer",
    [None, "The feed has been switched off.", "<html><body>no</body></html>", "{}", EMPTY, "", "<rss"],
)
def test_where_no_feed_lives_the_pages_own_stories_count(answer: str | None) -> None:
    more = {} if answer is None else {"odd": answer}
    polled = poll(front(LINK.replace("/feed", "/odd")), **more)
    assert (urls(polled), polled.kind, polled.moved_to) == (BELOW, "page", None)


def test_feeds_of_comments_come_after_the_pages_own_stories() -> None:
    comments = LINK.replace("/feed", "/comments")
    assert urls(poll(front(comments))) == BELOW
    polled = poll(front(comments, body=""))
    assert (urls(polled), polled.moved_to) == ([B], None)


def test_an_honest_empty_feed_is_healthy() -> None:
    polled = poll(front(LINK.replace("/feed", "/empty"), body="<p>Soon.</p>"))
    assert (urls(polled), polled.kind) == ([], "rss")


def test_what_the_dead_feeds_died_of_is_told() -> None:
    polled = poll(front(LINK.replace("/feed", "/gone"), body="<p>Nothing</p>"))
    assert (polled.reason, "http_404" in polled.detail) == ("no_entries", True)
    assert "http_404" in poll(front(LINK.replace("/feed", "/gone"))).detail


HEADLINES = [
    ("/2026/03/02/c1002-40123456.html", "轮渡工人罢工进入第二周 岛屿航线全部停运"),
    ("/article/DA3S16000001.html", "島と本土を結ぶ新しい橋、来春に開通へ"),
    ("/news/1234567", "คนงานเรือข้ามฟากหยุดงานประท้วงเป็นสัปดาห์ที่สอง"),
    ("/news/1234567", "ພະນັກງານເຮືອຂ້າມຟາກນັດຢຸດງານເປັນອາທິດທີສອງ"),
    ("/2026/03/02/123456/", "កម្មករសាឡាងធ្វើកូដកម្មចូលដល់សប្តាហ៍ទីពីរហើយ"),
    ("/news/1234567", "ကူးတို့လုပ်သားများ ဒုတိယပတ် သပိတ်မှောက်"),
    ("/news/articleView.html?idxno=12345", "여객선 노동자 파업 둘째 주 돌입"),
    (
        "/politik/hafenstreik-geht-in-die-zweite-woche-12345.html",
        "Hafenarbeiterstreik erreicht Bundeskabinett",
    ),
    ("/2026/03/02/ferry-strike-ends", "Ferry strike ends"),
    ("/?p=123", "Ferry service to the islands resumes"),
    ("/index.php?id=7&section=world", "Ferry service to the islands resumes"),
    ("/article?id=123456", "Ferry service to the islands resumes"),
    ("/story.asp?newsid=42", "Ferry service to the islands resumes"),
    ("/politics/30/11/2026/674a1b2c", "Паромщики бастуют вторую неделю подряд"),
    ("/news/articles/c4g5x9zj3ylo", "Ferry strike enters its second week"),
    ("/world/ferry.shtml", "Ferry strike enters its second week"),
    ("/STORY/FERRY.HTM", "Ferry strike enters its second week"),
    ("/View/at_pg.aspx?CNTN_CD=A0003", "여객선 노조 파업 2주째 접어들어"),
    ("/a-b-c-d?x=1&copy=2", "Ferry service to the islands resumes"),
]


@pytest.mark.parametrize("tag", ["<a href='{}'>{}</a>", "<h2><a href='{}'><span>{}</span></a></h2>"])
@pytest.mark.parametrize(("path", "headline"), HEADLINES)
def test_a_headline_at_a_storys_address_is_an_entry(path: str, headline: str, tag: str) -> None:
    polled = poll(front(body=tag.format(path, headline)))
    assert urls(polled) == [G + path]
    assert polled.entries[0].hints.title == headline


@pytest.mark.parametrize(
    "card",
    [
        '<a href="{}"><img src="x.jpg" alt="{}"></a>',
        '<a href="{}" title="{}"><img src="x.jpg"></a>',
        '<a href="{}" aria-label="{}"></a>',
        '<div><a href="{}"></a><h3>{}</h3></div>',
        '<article><a href="{}">Read more</a><div><h3>{}</h3></div></article>',
        '<a href="{0}"><img src="x.jpg" alt="A boat in the rain"></a><h2><a href="{0}">{1}</a></h2>',
    ],
)
def test_the_headline_of_a_link_may_stand_beside_it(card: str) -> None:
    headline = "Ferry strike enters its second week"
    (entry,) = poll(front(body=card.format("/2026/03/02/ferry", headline))).entries
    assert (entry.url, entry.hints.title) == (f"{G}/2026/03/02/ferry", headline)


def test_a_heading_over_many_cards_is_the_headline_of_none() -> None:
    links = "".join(f'<a href="/2026/03/02/{n}">More</a>' for n in range(3))
    assert (
        urls(
            poll(
                front(
                    body=f"<div><h2>All of the stories today</h2><h2>And of "
                    f"yesterday</h2>{links}</div>{STORIES}"
                )
            )
        )
        == BELOW
    )


NO_STORIES = [
    ("/politics/", "政治"), ("/info/about-this-site.html", "会社概要"), ("/world", "World"),
    ("/about-us", "About us and our paper today"),
    ("/info/privacy-policy-and-terms-of-use", "Terms of use"),
    ("https://other.example/a-b-c-d", "Another site has a story too"),
    ("mailto:x@courier.example", "Write to us about the harbour"),
    ("javascript:a-b-c-d()", "Open this in a new window"),
    ("#a-b-c-d", "Jump down to the very end"), ("/news?page=2", "Show the next page of stories"),
    ("/2026/03/02/x", "12"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text"), NO_STORIES)
def test_other_links_are_none(path: str, text: str) -> None:
    assert urls(poll(front(body=f"<a href='{path}'>{text}</a>{STORIES}"))) == BELOW


@pytest.mark.parametrize(
    "href",
    ["http://[bad/2026/03/02/x-y-z-w", "https://[Name]/x-y-z-w.html", "http://x.example:port/2026/03/02/x",
    "http://courier.example:99999/a-b-c-d",
     "http://courier.example%3A80/a-b-c-d", "http://127.0.0.1%3A80/a-b-c-d", "http:///a-b-c-d",
     "http://[::1/a-b-c-d", "//", "\ud83d", "http://\u2100.example/a-b-c-d"],
)  # fmt: skip
def test_an_address_that_is_none_costs_that_link_only(href: str) -> None:
    link = f"<a href='{href}'>Ferry service to the islands resumes</a>"
    assert urls(poll(front(body=STORIES + link))) == BELOW
    assert urls(poll(front(body=link + STORIES))) == BELOW


@pytest.mark.parametrize(
    ("head", "headers"),
    [
        ('<meta http-equiv="refresh" content="0; url=/feed">', ()),
        ("<META HTTP-EQUIV=Refresh CONTENT='5;URL=\"/feed\"'>", ()),
        ('<meta http-equiv="refresh" content="0, /feed">', ()),
        ("", (("Refresh", "0; url=/feed"),)),
        ("", (("refresh", f"0;URL='{G}/feed'"),)),
    ],
)
def test_a_page_that_sends_on_by_itself_is_followed_once(
    head: str, headers: tuple[tuple[str, str], ...]
) -> None:
    assert urls(poll(front(head, body="<p>moved</p>"), headers)) == [A]


def test_a_page_that_only_loads_itself_again_is_read() -> None:
    for content in ("300", "300; url=/other", "0; url=/front", "0; url=#"):
        assert urls(poll(front(f'<meta http-equiv="refresh" content="{content}">'))) == BELOW


APP = '<div id="root"></div><script src="/app.js"></script>'
NO_SOURCES = [
    (front(body=""), "no_entries"),
    (front(body="<p>We are moving.</p>"), "no_entries"),
    (front(body=APP), "empty_shell"),
    (front(body='<div id="__next"></div><noscript>You need to enable JavaScript to run this '
        'app.</noscript><script>1</script>'), "empty_shell"),
    (front(body='<form action="/login"><input name="user"><input type="password" name="p"></form>'),
    "login_page"),
    (front(body="<h1>Sign in</h1><form><input name=email><button>Next</button></form>"), "login_page"),
    (front(body="<h1>Anmelden</h1><form><input name=email></form>"), "login_page"),
    ("<html><head><title>Just a moment...</title></head><body>Checking your browser before "
        "accessing</body></html>", "bot_wall"),
    ("<html><head><title>Attention Required! | Cloudflare</title></head><body>Sorry, you have been "
        "blocked</body></html>", "bot_wall"),
    ("<html><head><title>G</title></head><body><script "
        "src='https://ct.captcha-delivery.com/c.js'></script></body></html>", "bot_wall"),
    (front(body="<p>Please verify you are a human</p><div id='px-captcha'></div>"), "bot_wall"),
    (front(body="<h1>This domain may be for sale</h1><a href='https://broker.example/buy'>Buy this domain</a>"), "parked_domain"),  # noqa: E501
    (front(body="<h1>courier.example is for sale</h1>"), "parked_domain"),
    (front(body="<p>courier.example is parked free, courtesy of a registrar.</p>"), "parked_domain"),
    (front(body="<script src='https://www.sedoparking.com/x.js'></script>"), "parked_domain"),
]  # fmt: skip


LOGINS = (
    "Se connecter|Inicia sesión|Iniciar sessão|Accedi|Inloggen|Zaloguj się|Přihlášení|Prihlásiť sa|"
    "Bejelentkezés|Autentificare|Prijava|Пријава|"
    "Вход на сайт|Увійти|Σύνδεση|Giriş yap|Logga in|Log ind|Logg inn|Kirjaudu sisään|Logi sisse|Pieslēgties|"
    "Prisijungti|התחברות|تسجيل الدخول|"
    "ورود به سایت|लॉग इन करें|เข้าสู่ระบบ|Đăng nhập|Masuk|會員登入|登录|ログインページ|로그인하기"
)
FOR_SALE = (
    "Diese Domain steht zum Verkauf|Le domaine courier.example est à vendre|Este dominio está en venta|"
    "Questo dominio è in vendita|"
    "Este domínio está à venda|Deze domeinnaam is te koop|Domena courier.example na sprzedaż|"
    "Doména je na prodej|Táto doména je na predaj|"
    "Ez a domain név eladó|Acest domeniu este de vânzare|Домен припаркован|Домен продається|"
    "Този домейн се продава|Το domain πωλείται|"
    "Bu alan adı satılıktır|Domänen är till salu|Domænet er til salg|Domenet er til salgs|"
    "Tämä verkkotunnus on myytävänä|此域名正在出售|本域名可转让|"
    "此網域出售中|このドメインは売り出し中です|이 도메인은 판매 중입니다|Tên miền này đang được bán|"
    "Domain ini dijual|โดเมนนี้ขาย|هذا النطاق معروض للبيع|"
    "این دامنه به فروش می‌رسد|הדומיין למכירה|This domain name expired on 2026-01-01"
)
ROBOTS = (
    "Bitte bestätigen Sie, dass Sie kein Roboter sind|Veuillez vérifier que vous n'êtes pas un robot|"
    "Verifica que no eres un robot|"
    "Conferma che non sei un robot|Confirme que não é um robô|Bevestig dat u geen robot bent|"
    "Potwierdź, że nie jesteś robotem|"
    "Подтвердите, что запросы отправляли вы, а не робот|Проверка браузера|Robot olmadığınızı doğrulayın|"
    "请完成安全验证|"
    "ロボットではないことを確認してください|로봇이 아닙니다|Xác minh bạn không phải là robot|"
    "Making sure you're not a bot!"
)


@pytest.mark.parametrize("text", LOGINS.split("|"))
def test_a_login_says_so_in_its_language(text: str) -> None:
    assert poll(front(body=f"<h1>{text}</h1><form><input name=e></form>")).reason == "login_page"


@pytest.mark.parametrize("text", FOR_SALE.split("|"))
def test_a_domain_for_sale_says_so_in_its_language(text: str) -> None:
    teaser = '<a href="/2026/03/02/x">Related searches for you today</a>'
    assert poll(front(body=f"<p>{text}</p>{teaser}")).reason == "parked_domain"


@pytest.mark.parametrize(
    "extra",
    [
        '<a href="/2026/03/02/3">This domain may be for sale, says the registrar</a>',
        '<a href="/2026/03/02/3">How to prove that you are not a robot</a>',
        '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>',
        '<form><div class="g-recaptcha"></div></form>',
        "<noscript>You need to enable JavaScript to run this app.</noscript>",
    ],
)
def test_a_page_of_few_stories_is_no_wall(extra: str) -> None:
    assert set(BELOW) <= set(urls(poll(front(body=STORIES + extra))))


@pytest.mark.parametrize("text", ROBOTS.split("|"))
def test_a_check_for_robots_says_so_in_its_language(text: str) -> None:
    assert poll(front(body=f"<p>{text}</p>")).reason == "bot_wall"


@pytest.mark.parametrize(("html", "reason"), NO_SOURCES)
def test_a_page_that_is_no_source_says_why_and_what_helps(html: str, reason: str) -> None:
    polled = poll(html)
    assert polled.reason == reason, polled.detail
    assert PAGE in polled.detail
    assert "feed" in polled.detail or "address" in polled.detail


@pytest.mark.parametrize(
    "text",
    [
        "Captcha farms: how robots prove you are a human",
        "This domain may be for sale, says the registrar",
        "Sign in to read on",
    ],
)
def test_a_front_page_with_stories_is_no_wall(text: str) -> None:
    many = "".join(
        f'<a href="/2026/03/02/{n}">Ferry service to the islands resumes {n}</a>' for n in range(9)
    )
    assert len(urls(poll(front(body=f"<p>{text}</p><form><input type=password></form>{many}")))) == 9


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one two three", 3),
        ("– • –", 0),
        ("轮渡工人罢工进入", 4),
        ("Ferry 轮渡", 2),
        ("Über den Fluß", 3),
    ],
)
def test_words_are_counted_in_any_script(text: str, count: float) -> None:
    assert words(text) == count


_PARTS = st.lists(
    st.sampled_from(
        [
            LINK,
            STORIES,
            *FEEDS,
            APP,
            *(html for html, _ in NO_SOURCES),
            "<base href='http://['>",
            "<a href=''>",
            "<!--",
            "]]>",
        ]
    )
    | st.text(max_size=30),
    max_size=8,
)


@settings(max_examples=examples(200), deadline=None)
@given(pieces=_PARTS, refresh=st.text(max_size=20))
def test_any_page_ends_as_a_poll_that_can_be_sent(pieces: list[str], refresh: str) -> None:
    polled = poll("<html>" + "".join(pieces), (("Refresh", refresh),))
    assert polled.reason != "source_error", polled.detail
    assert encode_item(polled)
