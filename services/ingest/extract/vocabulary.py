"""Words by which templates name their parts, and lines that are furniture in any newspaper's language.

All lists are our own observations; look-ups are cached by the whole attribute, since a page repeats
a few dozen class names thousands of times.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from itertools import pairwise

# Parts of class names and ids that mark what is not the article. Compared word by word, never as
# substrings: "header" must not hit "subheader-text", "ad" must not hit "headline".
_BAD_WORDS = frozenset(
    """
    ad ads advert adverts advertisement advertising adslot adunit dfp taboola outbrain sponsored
    promo promos promotion promoted promobox
    nav navbar navigation menu submenu breadcrumb breadcrumbs pagination pager toolbar topbar masthead
    footer footnav colophon copyright
    sidebar rail rightrail aside complementary
    related relatedarticles relatedlinks relatedcontent relatedstories recommended recommendation recommendations
    recirc recirculation readmore readnext
    morefrom moreon seealso trending mostpopular mostviewed mostread upnext
    teaser teasers teaserlist
    newsletter newsletters subscribe subscription signup signin login register piano regwall donate donation
    share sharing sharebar sharethis shares socials socialshare addtoany followus
    tooltip popup popover overlay lightbox modal
    caption captions figcaption credit credits imagecredit photocredit
    authorbio aboutauthor authorbox
    taglist tagcloud
    byline timestamp datetime readtime readingtime publishdate pubdate postmeta entrymeta articlemeta
    noprint visuallyhidden offscreen
    disclaimer feedback survey poll quiz
    coupon
    """.split()
)
# Bad only as the whole name: as a part of one they describe how the article is shown.
_BAD_NAMES = frozenset(
    """
    widget gallery carousel slider hidden hide invisible sr skip print printonly metadata latest popular tags topics keywords
    labels video player podcast social follow whatsapp telegram partner sponsor bio infobox stock stocks ticker weather jobs
    horoscope marketplace shopping affiliate legal rating ratings cta screenreader tease picks partners dateline tag
    """.split()
)
# What is never the article, however much text it holds.
_NEVER_WORDS = frozenset(
    """
    comment comments commenting disqus livefyre coral cookie cookies consent gdpr onetrust privacy wpdiscuz usercomments
    commentlist wpdthread banner-consent
    """.split()
)
_BAD_PAIRS = frozenset(
    """
    read-more read-next read-also also-read more-from more-on more-stories more-news more-articles see-also most-read
    most-popular most-viewed top-stories latest-news you-may might-like you-might up-next author-bio author-info author-box
    about-author author-card author-details article-meta article-info article-author article-date article-tags
    article-footer article-header-meta post-meta post-tags post-info post-footer entry-meta entry-footer entry-tags
    sign-up log-in sr-only screen-reader visually-hidden social-media back-top to-top skip-link story-list article-list
    news-list card-list link-list list-item-teaser image-caption photo-caption media-caption wp-caption-text
    twitter-tweet instagram-media fb-post page-header site-header site-footer main-nav key-points-ad inline-ad call-action
    """.split()
)
# Words that name the article itself; where one stands, a bad word beside it is a mere addition.
_GOOD_WORDS = frozenset(
    "articlebody storybody postbody entrycontent articletext storytext bodytext articlecontent postcontent".split()
)
_GOOD_PAIRS = frozenset(
    """
    article-body story-body post-body entry-content article-text story-text body-text article-content post-content
    story-content content-body rich-text article-main text-content main-content caas-body article-copy body-copy body-content
    """.split()
)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_TELLING = (
    frozenset(word for pair in _BAD_PAIRS | _GOOD_PAIRS for word in pair.split("-"))
    | _BAD_WORDS
    | _NEVER_WORDS
    | _BAD_NAMES
)
_LONGEST_JOINED = max(map(len, _GOOD_WORDS | _BAD_WORDS | _BAD_NAMES))


PUBLISHED, DATE, AUTHOR, AUTHOR_NAME, BYLINE, AUTHOR_PART, TELLING = 1, 2, 4, 8, 16, 32, 64
MARKING = PUBLISHED | DATE | AUTHOR | AUTHOR_NAME | BYLINE | AUTHOR_PART
_MARKING = (
    dict.fromkeys(("published", "post-date", "entry-date", "article-date", "pubdate"), PUBLISHED)
    | {"date": DATE, "author": AUTHOR, "author-name": AUTHOR_NAME, "byline": BYLINE}
)  # fmt: skip


# `post-author`, `byline__name`: what holds the author's name, and not a portrait, a biography or a list.
_AUTHOR_PART = re.compile(r"author|byline|writer|autor|auteur")
_ABOUT_AUTHOR = re.compile(
    r"bio|about|avatar|image|img|photo|pic|thumb|icon|social|desc|role|job|position|comment|card|related|"
    r"more|list|follow"
    r"|date|time|email|twitter|box|footer|content|text|title"
)
# Parts of names of furniture that may say when and by whom the article was written, or hold its headline.
_TELLS = re.compile(r"byline|meta|author|date|time|publish|head|title|info")


# Words without one of which a name says nothing.
_ANY = (
    _TELLING
    | _GOOD_WORDS
    | _BAD_WORDS
    | _BAD_NAMES
    | frozenset(
        "published date pubdate side foot head reading authors bylines by writer writers autor auteur".split()
    )
)
# Words that say something beside another alone.
_HALVES = frozenset(word for pair in _BAD_PAIRS | _GOOD_PAIRS for word in pair.split("-")) - (
    _BAD_WORDS
    | _BAD_NAMES
    | _NEVER_WORDS
    | _GOOD_WORDS
    | frozenset("author authors byline date side foot".split())
)
_LOWER = re.compile(r"[a-z]+")
_SAYS_NOTHING = (0, 0)


@lru_cache(maxsize=50_000)
def read_class(names: str) -> tuple[int, int]:
    """What class names or an id say of an element: a verdict, and flags that mark it as a date or a byline
    (TELLING: it may hold one).

    The verdict is -2: never the article (comments, consent); -1: furniture; 1: the article's body; 0:
    nothing.
    """
    words = _LOWER.findall(names) if names.islower() else [part.lower() for part in _PARTS.findall(names)]
    said = _ANY.intersection(words)
    if "author" in names:
        said |= {"author"}
    if "byline" in names:
        said |= {"byline"}
    if not said or (len(said) == 1 and not said.isdisjoint(_HALVES)):
        return _SAYS_NOTHING  # as most do, and each page brings dozens of names never seen before
    worst = marks = 0
    good = False
    for name in names.split():
        folded = name.lower()
        for word in said:
            if word in folded:
                break
        else:
            continue
        verdict, flags = _read_name(name)
        marks |= flags
        if verdict > 0:
            good = True
        elif verdict < worst:
            worst = verdict
    return (1 if good else worst), marks


@lru_cache(maxsize=100_000)
def _read_name(name: str) -> tuple[int, int]:
    """The same for one class name. Names repeat across pages far more than their combinations do."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    joined = "".join(parts)
    if _ANY.isdisjoint(parts) and "author" not in joined and "byline" not in joined:
        return _SAYS_NOTHING
    flags = _MARKING.get(name, 0)
    if _TELLS.search(joined):
        flags |= TELLING
        if _AUTHOR_PART.search(joined) and not _ABOUT_AUTHOR.search(joined):
            flags |= AUTHOR_PART
    return _verdict(parts, joined), flags


def _verdict(parts: list[str], joined: str) -> int:
    if len(parts) > 6 or (
        _TELLING.isdisjoint(parts) and (len(joined) > _LONGEST_JOINED or joined not in _JOINED)
    ):
        return 0
    pairs = {f"{a}-{b}" for a, b in pairwise(parts)}
    if joined in _GOOD_WORDS or (pairs & _GOOD_PAIRS and parts[-1] not in ("ad", "ads", "footer", "related")):
        return 1
    ends = (parts[0], parts[-1])
    layout = _describes_layout(parts)
    if not layout and (ends[0] in _NEVER_WORDS or ends[1] in _NEVER_WORDS):
        return -2
    if joined in _BAD_WORDS or joined in _BAD_NAMES or pairs & _BAD_PAIRS:
        return -1
    return -1 if not layout and (ends[0] in _BAD_WORDS or ends[1] in _BAD_WORDS) else 0


_JOINED = _GOOD_WORDS | _BAD_WORDS | _BAD_NAMES

# "has-sidebar", "with-comments", "no-ads": how the page is laid out, not what the element is.
_LAYOUT = frozenset(
    "has with no is not js page layout template single body without enable enabled hasnt show col theme".split()
)


def _describes_layout(parts: list[str]) -> bool:
    return parts[0] in _LAYOUT and len(parts) > 1


# Headings over lists of other stories. What follows one, to the end of its container, is not the article.
_MORE_HEADINGS = """
recommended stories|recommended for you|recommended reading|recommended|related stories|related articles|related news|related content
related topics|related coverage|related posts|related links|related reading|related|more stories|more news|more headlines|more to read
more like this|you may also like|you might also like|you may like|you might be interested in|read more|read next|read also|also read
up next|next up|most read|most popular|most viewed|trending|trending now|trending stories|popular stories|popular now|top stories
latest news|latest stories|latest headlines|latest|editors' picks|editor's picks|editors picks|don't miss|in case you missed it
what to read next|keep reading|continue reading|further reading|see also|around the web|from the web|from our partners|sponsored content
promoted stories|sponsored stories|paid content|elsewhere|in other news|other stories|other news|today's top stories|more on this story
more on this topic|more on this|explore more|discover more|stay informed|share this|share this article|share this story|follow us
comments|leave a comment|leave a reply|join the conversation|view comments|about the author|about the authors|tags|topics|filed under
mehr zum thema|mehr lesen|lesen sie auch|lesen sie mehr|das könnte sie auch interessieren|das könnte dich auch interessieren
auch interessant|weitere artikel|weitere meldungen|weitere nachrichten|weitere themen|meistgelesen|meistgelesene artikel|empfohlene artikel
empfehlungen|empfehlungen der redaktion|verwandte themen|verwandte artikel|aktuelle nachrichten|neueste artikel|kommentare|schlagwörter
newsletter|themen|top-themen|mehr aus dem ressort|lesetipps|zum weiterlesen
à lire aussi|a lire aussi|lire aussi|à lire également|sur le même sujet|sur le même thème|articles liés|articles similaires|voir aussi
les plus lus|recommandé pour vous|recommandés pour vous|nos recommandations|à la une|plus d'articles|vous aimerez aussi
dans la même rubrique|commentaires|contenus sponsorisés|lire la suite|à ne pas manquer|les articles les plus lus
te puede interesar|también te puede interesar|le puede interesar|te puede gustar|noticias relacionadas|artículos relacionados
más noticias|más leídas|lo más leído|lo más visto|recomendados|recomendado para ti|te recomendamos|lea también|lee también
lea más|sigue leyendo|ver también|comentarios|más sobre este tema|otras noticias|más información|temas relacionados|últimas noticias
leia também|leia mais|veja também|notícias relacionadas|mais lidas|mais notícias|recomendadas|recomendados para você|comentários
relacionadas|últimas notícias|você pode gostar|artigos relacionados|saiba mais
leggi anche|articoli correlati|potrebbe interessarti|potrebbe interessarti anche|ti potrebbe interessare|i più letti|notizie correlate
altre notizie|consigliati per te|commenti|vedi anche|ultime notizie|raccomandati per te
lees ook|meer nieuws|meer over dit onderwerp|gerelateerde artikelen|meest gelezen|aanbevolen|reacties|lees verder
läs mer|läs också|läs även|mest läst|relaterade artiklar|rekommenderat|kommentarer|les også|mest lest|relaterte saker|læs også|mest læste
lue myös|luetuimmat|aiheeseen liittyvää|kommentit
czytaj też|czytaj także|zobacz także|zobacz też|polecane|powiązane artykuły|najczęściej czytane|komentarze|przeczytaj także|więcej na ten temat
čtěte také|související články|nejčtenější|doporučujeme|kapcsolódó cikkek|ajánlott|legolvasottabb|citește și|articole similare
прочетете още|свързани статии|читайте также|читать также|похожие новости|по теме|материалы по теме|рекомендуем|популярное
самое читаемое|новости по теме|другие новости|комментарии|ещё новости|читайте також|новини за темою|популярні новини|схожі новини
διαβάστε επίσης|σχετικά άρθρα|δημοφιλή|περισσότερα
ilgili haberler|bunlar da ilginizi çekebilir|önerilen haberler|en çok okunanlar|sıradaki haber|yorumlar|diğer haberler|benzer haberler
اقرأ أيضا|اقرأ أيضاً|اقرأ أيضًا|مواضيع ذات صلة|أخبار ذات صلة|الأكثر قراءة|قد يهمك أيضا|قد يعجبك أيضا|موضوعات متعلقة|المزيد من الأخبار|قصص مقترحة
مقالات ذات صلة|مطالب مرتبط|بیشتر بخوانید|پربازدیدترین|اخبار مرتبط|خبرهای مرتبط
קראו גם|כתבות נוספות|עוד בנושא|הנקראות ביותר|אולי יעניין אותך
相关新闻|相关阅读|相关文章|推荐阅读|延伸阅读|更多新闻|热门新闻|相關新聞|相關報導|延伸閱讀|推薦閱讀|熱門新聞|猜你喜欢|最新新闻|为您推荐
関連記事|関連ニュース|あわせて読みたい|おすすめ記事|おすすめ|人気記事|最新ニュース|こちらもおすすめ|アクセスランキング
관련기사|관련 기사|많이 본 뉴스|추천 기사|인기 기사|주요 뉴스|이 시각 주요 뉴스
baca juga|berita terkait|artikel terkait|terpopuler|berita lainnya|rekomendasi|tin liên quan|đọc thêm|xem thêm|bài viết liên quan|tin cùng chuyên mục
संबंधित खबरें|यह भी पढ़ें|ये भी पढ़ें|और पढ़ें|आपके लिए|सबसे ज्यादा पढ़ी|soma pia|habari zaidi|আরও পড়ুন|আরও খবর|மேலும் படிக்க|ข่าวที่เกี่ยวข้อง|อ่านเพิ่มเติม
"""
MORE_HEADINGS = frozenset(h.strip() for line in _MORE_HEADINGS.strip().splitlines() for h in line.split("|"))
_MORE_OPENINGS = tuple(
    opening.strip("\n")
    for line in """
more from |more on |more stories |more in |more about |more by |mehr von |mehr aus |mehr zu |mehr zum |plus de |más de |mais de |altro da |meer van
recommended stories|recommended articles|recommended videos|recommended reading|related stories|related articles|related news|related coverage
latest from |the latest from |top stories|you may also|you might also|what to read|weitere artikel|weitere themen|weitere meldungen
weitere nachrichten|noticias relacionadas|المزيد من|ещё от|ещё из|más noticias|article liés|articles liés|article similaires|articles similaires
""".splitlines()
    for opening in line.split("|")
    if opening
)


_MORE_STARTS = frozenset(heading[:2] for heading in (*MORE_HEADINGS, *_MORE_OPENINGS))


def is_more_heading(text: str) -> bool:
    """Whether a short line heads a list of other stories (or comments, tags, share buttons)."""
    if text[:1].isalnum() and text[:2].lower() not in _MORE_STARTS:
        return False
    folded = " ".join(text.lower().replace("’", "'").split()).strip(" :.…»›>-–—|•*")
    return folded in MORE_HEADINGS or (
        len(folded) < 60 and f"{folded} ".replace(":", " ").startswith(_MORE_OPENINGS)
    )


# Whole lines that are furniture wherever they stand: how they begin (plain words, one of those before each
# `|`), and how they go on to the end. What a line begins with picks the few patterns that are tried on it.
_JUNK_LINES = (
    (
        "advertisement|advertising|anzeige|werbung|publicité|publicite|publicidad|publicidade|pubblicità|"
        "pubblicita|advertentie|annons"
        "|reklam|reklama|реклам|реклама|إعلان|广告|廣告|広告|광고|iklan",
        r"\W*",
    ),
    (
        "reading time|read time|lesezeit|lesedauer|temps de lecture|tiempo de lectura|tempo de leitura|"
        "tempo di lettura"
        "|leestijd|время чтения",
        r"\W.{0,20}",
    ),
    (
        "read|see|watch|listen|more|related|also read|read also|read more|read next|read the full story|"
        "click here|sign up|subscribe"
        "|lesen sie auch|lesen sie mehr|mehr dazu|mehr zum thema|lire aussi|à lire|à lire aussi|lea también|"
        "lea más|lee también|lee más"
        "|leia também|leia mais|leggi anche|lees ook|läs mer|läs också|läs även|les også|læs også|lue myös|"
        "czytaj też|czytaj także"
        "|zobacz też|zobacz także|читайте также|читайте також|baca juga|xem thêm|ये भी पढ़ें|यह भी पढ़ें|"
        "阅读更多|閱讀更多",
        r"\s*[:：|>»→].{0,200}",
    ),
    ("اقرأ أيض", r"\w*\s*[:：|>»→].{0,200}"),
    ("more from ", r".{1,60}"),
    (
        "share|tweet|email|print|comment|comments|save|listen|copy link|link copied|link copied!|teilen|"
        "drucken|merken|partager|imprimer"
        "|compartir|compartilhar|condividi|delen|dela|del|udostępnij|поделиться|paylaş|مشاركة|شارك|分享|"
        "シェア|공유",
        r"\W*",
    ),
    ("follow us|like us|join us|find us", r" (?:on|at)\b.{0,120}"),
    (
        "sign up|sign in|log up|log in",
        r"\b.{0,120}(?:newsletter|account|inbox|comment|email|here).{0,60}",
    ),
    ("subscribe|get", r"\b.{0,100}(?:newsletter|inbox|briefing|delivered|notifications?|alerts).{0,80}"),
    ("our standards|the reuters daily briefing|register now for free", r".{0,160}"),
    ("mehr von ", r".{1,40}"),
    ("copyright|©|(c) ", r"\W*.{0,160}"),
    ("all rights reserved", r".{0,60}"),
    (
        "this material may not|this content may not|this material is protected|this content is protected",
        r".{0,240}",
    ),
    (
        "comment is closed|comment is turned off|comment is disabled|comment is moderated|"
        "comment is currently"
        "|comments are closed|comments are turned off|comments are disabled|comments are moderated|"
        "comments are currently"
        "|comment section|comments section|the comment section|the comments section"
        "|comments for this post|comments for this article|comments for this story"
        "|the comments for this post|the comments for this article|the comments for this story"
        "|commenting is|commenting on this|be the first to comment|post a comment|leave a comment|"
        "leave a reply|view comments"
        "|view all comments|please log in|please sign in|please read our",
        r".{0,200}",
    ),
    ("die kommentar", r"\w*.{0,120}"),
    (
        "kommentar sind|kommentare sind|kommentar zu|kommentare zu|les commentaires|los comentarios|"
        "os comentários|i commenti|комментарии"
        "|التعليقات",
        r".{0,120}",
    ),
    ("loading|laden|chargement|cargando", r"\W*"),
    (
        "this article was published|this article was originally published|this article originally appeared"
        "|this article has been published|this article has appeared|this story was published|"
        "this story was originally published"
        "|this story originally appeared|this story has been published|this story has appeared",
        r".{0,200}",
    ),
    ("photo|image|picture|foto|bild|photograph", r"(?: (?:by|credit))?\s*[:/].{0,120}"),
    ("skip to|back to top|zum inhalt|nach oben", r".{0,60}"),
    ("getty images|ap photo|reuters|afp|dpa|shutterstock|istock", r"\W*"),
)
_JUNK_NUMBERS = re.compile(
    r"""\W*(?:
      \d{1,3}\s*[-–]?\s*(?:min(?:ute)?s?|minuten|minutos?|minuti|мин\w*|dk|分钟?|分鐘?|분|دقائق|دقيقة)\.?\s*(?:read|to\ read|reading|lesezeit|lesedauer|de\ lecture|de\ lectura|de\ leitura|di\ lettura|leestijd|чтения|okuma|阅读|閱讀|קריאה)?
    | \d{1,2}[:.h]\d{2}\s*(?:[ap]\.?m\.?|uhr|[a-z]{2,4})?
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_RIGHTS = re.compile(r".{0,80}\ball rights reserved\b.{0,120}$", re.IGNORECASE)


_KEY = 4  # characters of a line's opening that pick the patterns to be tried


def _by_opening() -> dict[str, re.Pattern[str]]:
    """The patterns of junk lines by the first characters of what they match, in lower case."""
    patterns: dict[str, list[str]] = defaultdict(list)
    for openings, rest in _JUNK_LINES:
        for opening in openings.split("|"):
            patterns[opening[:_KEY]].append(f"{re.escape(opening)}{rest}$")
    return {start: re.compile("|".join(several), re.IGNORECASE) for start, several in patterns.items()}


_JUNK = _by_opening()
_KEYS = tuple({len(key) for key in _JUNK})
_STARTS = frozenset(key[:2] for key in _JUNK)
_SIGNS = "".join(key for key in _JUNK if len(key) == 1)


def is_junk_line(text: str) -> bool:
    """Whether a whole line is furniture: an advert's label, a share button, a reading time, a comments
    notice."""
    if len(text) >= 320 or not text:
        return False
    opening = text[:_KEY].lower()
    first = opening[0]
    if opening[:2] in _STARTS or first in _SIGNS:
        for length in _KEYS:
            if (pattern := _JUNK.get(opening[:length])) is not None and pattern.match(text):
                return True
    if not first.isalpha() and _JUNK_NUMBERS.match(text):
        return True
    return "eserved" in text and _RIGHTS.match(text) is not None
