"""robots.txt as sites write it: which page may be fetched (RFC 9309).

Each case: a name, its kind in general words, the file or its answer, a path, and whether it may be fetched.
"""

from __future__ import annotations

import time

from tests.intakes.local_site import (
    Cases,
    DatelineError,
    Fetched,
    Robots,
    Site,
    fetcher,
    outcome,
    redirect,
    whole,
)

CASES, ANSWERS = Cases(), Cases()
case, answers = CASES.add, ANSWERS.add
FORBIDS = b"User-agent: *\nDisallow: /\n"
MAY, NOT = True, False

case(
    "cr_only_comment_first",
    "lines that end with CR alone",
    b"# ours\rUser-agent: *\rDisallow: /\r",
    "/1",
    NOT,
)
case(
    "cr_only_group_of_ours",
    "lines that end with CR alone",
    b"User-agent: Dateline\rDisallow: /news/\r\rUser-agent: *\rDisallow:\r",
    "/news/1",
    NOT,
)
case(
    "ua_with_full_string",
    "an agent named with its version",
    b"User-agent: Dateline/1.0 (news archiving; +mailto:x@y.example)\nDisallow: /\n",
    "/1",
    NOT,
)
case(
    "ua_with_version_allows",
    "an agent named with its version",
    b"User-agent: *\nDisallow: /\n\nUser-agent: dateline/2\nAllow: /\n",
    "/1",
    MAY,
)
case(
    "ua_of_another_with_version",
    "an agent named with its version",
    b"User-agent: OtherBot/1.0\nDisallow: /\n",
    "/1",
    MAY,
)
case("xml_comment_first", "a line that is none", b"<!-- robots -->\nUser-agent: *\nDisallow: /\n", "/1", NOT)
case("tab_indented", "blanks before a rule", b"User-agent: *\n\tDisallow: /x\n", "/x", NOT)
case("case_ua", "capitals", b"USER-AGENT: *\nDISALLOW: /x\n", "/x", NOT)
case("crawl_delay_big", "odd delays", b"User-agent: *\nCrawl-delay: 86400\n", "/x", MAY)
case("crawl_delay_comma", "odd delays", b"User-agent: *\nCrawl-delay: 1,5\n", "/x", MAY)
case("crawl_delay_words", "odd delays", b"User-agent: *\nCrawl-delay: 10 seconds\n", "/x", MAY)
case("crawl_delay_inf", "odd delays", b"User-agent: *\nCrawl-delay: inf\n", "/x", MAY)
case("crawl_delay_nan", "odd delays", b"User-agent: *\nCrawl-delay: nan\n", "/x", MAY)
case(
    "request_rate_per_ages", "odd delays", b"User-agent: *\nRequest-rate: 1/" + b"5" * 400 + b"s\n", "/x", MAY
)
case("request_rate_of_ages", "odd delays", b"User-agent: *\nRequest-rate: " + b"5" * 400 + b"/5\n", "/x", MAY)

# --- how the file is answered

answers("robots_plain", "how the file is answered", whole(FORBIDS, ct="text/plain"), NOT)
answers("robots_404", "how the file is answered", whole(b"x", status="404 Not Found"), MAY)
answers("robots_500", "how the file is answered", whole(b"x", status="500 Error"), NOT)
answers("robots_loop", "how the file is answered", redirect("/robots.txt"), MAY)
answers(
    "robots_600_kb_forbidding",
    "a file that is very long",
    lambda *_: whole(FORBIDS + b"# pad\n" * 100_000, ct="text/plain"),
    NOT,
)
answers("robots_silent", "how the file is answered", lambda *_: time.sleep(3), NOT)
answers(
    "robots_truncated",
    "how the file is answered",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n" + FORBIDS,
    NOT,
)


def fetched(site: Site, path: str) -> Fetched | DatelineError:
    site.routes |= {path: whole(), "/": whole(b"<html><body>home</body></html>")}
    one = fetcher(timeout_s=2.0)
    one.obey(Robots(None, one.read_robots))
    return outcome(site.url + path, one)


@CASES.each()
def test_rules(name: str, site: Site) -> None:
    _, (text, path, may), _ = CASES[name]
    site.routes["/robots.txt"] = whole(text, ct="text/plain")
    got = fetched(site, path)
    if may:
        assert isinstance(got, Fetched), repr(got)
    else:
        assert isinstance(got, DatelineError), "forbidden, and fetched"
        assert got.reason == "robots_forbidden"


@ANSWERS.each()
def test_answers(name: str, site: Site) -> None:
    _, (answer, may), _ = ANSWERS[name]
    site.routes["/robots.txt"] = answer
    got = fetched(site, "/news/1")
    assert isinstance(got, Fetched) == may, repr(got)
    assert may or "/news/1" not in [path for path, _ in site.asked], "forbidden, and fetched"
