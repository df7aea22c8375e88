"""Bot walls are told from a site's own refusals, and from articles about them, by the marks of their
vendors."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from services.contract.errors import DatelineError, PermanentError
from services.ingest.fetch import Fetcher, FetchPolicy
from services.ingest.fetch.bot_walls import VENDORS, WALL_BYTES, bot_wall
from services.ingest.fetch.politeness import RedisPoliteness
from services.net.guard import Gate
from services.net.hosts import HOLDS_KEY, HostLimit, HostLimits
from tests.ingest.wire import PAGE, WireSite, answer

STORY = (
    "<p>"
    + "The company's bot protection shut out the archive for a week, its editors said on Monday. " * 30
    + "</p>"
)


def page(head: str = "", body: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


WALLS: list[tuple[str, int, dict[str, str], bytes]] = [
    ("Cloudflare", 403, {"cf-mitigated": "challenge", "Server": "cloudflare"}, b""),
    ("Cloudflare", 403, {},
    page("<title>Just a moment...</title>", "<script>window._cf_chl_opt = {}</script>")),
    ("Cloudflare", 503, {},
    page("<title>Just a moment...</title>",
    '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1">')),
    ("Cloudflare", 429, {"CF-Mitigated": "challenge"}, b""),
    ("Cloudflare", 403, {"server": "cloudflare"},
    page("<title>Attention Required! | Cloudflare</title>", "Sorry, you have been blocked")),
    ("Cloudflare", 200, {},
    page("<title>Just a moment...</title>", "<script>window._cf_chl_opt={}</script>")),
    ("Akamai", 403, {"Server": "AkamaiGHost"}, b""),
    ("Akamai", 403, {},
    page("<title>Access Denied</title>",
    "You don't have permission to access this. Reference&#32;&#35;18.2d35")),
    ("Akamai", 403, {},
    page("", "Access Denied <p>Reference #18.2d351ab8</p> https://errors.edgesuite.net/18.2d35")),
    ("Akamai", 200, {},
    page("", '<div id="sec-if-cpt-container"></div><script src="/_sec/cp_challenge/ak.js"></script>')),
    ("DataDome", 403, {"X-DataDome": "protected"}, b""),
    ("DataDome", 403, {},
    page("", "<script>var dd={}</script><script src='https://ct.captcha-delivery.com/c.js'></script>")),
    ("DataDome", 200, {},
    page("", "<iframe src='https://geo.captcha-delivery.com/captcha/?initialCid=1'></iframe>")),
    ("HUMAN (PerimeterX)", 403, {}, page("", '<div id="px-captcha"></div>')),
    ("HUMAN (PerimeterX)", 403, {"set-cookie": "_pxhd=1; path=/"}, b""),
    ("HUMAN (PerimeterX)", 403, {},
    b'{"appId":"PXabc123","jsClientSrc":"/abc123/init.js","blockScript":"/abc123/captcha.js"}'),
    ("HUMAN (PerimeterX)", 429, {}, page("", "<div id='px-captcha'></div> Press &amp; Hold")),
    ("Imperva", 403, {"X-Iinfo": "9-1-0 NNNN"}, b""),
    ("Imperva", 200, {},
    page('<meta name="robots" content="noindex">',
    '<iframe src="/_Incapsula_Resource?SWUDNSAI=31&incident_id=1"></iframe>')),
    ("Imperva", 503, {}, page("", "Request unsuccessful. Incapsula incident ID: 123-456")),
    ("AWS WAF", 202, {"x-amzn-waf-action": "challenge"}, b""),
    ("AWS WAF", 405, {"x-amzn-waf-action": "captcha"}, b""),
    ("AWS WAF", 202, {}, page("", "<script>window.gokuProps = {}</script>")),
    ("Sucuri", 403, {"X-Sucuri-Block": "BOT"}, b""),
    ("Sucuri", 403, {}, page("<title>Sucuri WebSite Firewall - Access Denied</title>")),
    ("Sucuri", 200, {}, page("", "<script>var s={};sucuri_cloudproxy_js='';</script>")),
    ("F5", 200, {"set-cookie": "TS01=1"},
    page("<title>Request Rejected</title>", "The requested URL was rejected. Your support ID is: 1")),
    ("F5", 403, {},
    page("", "Please enable JavaScript to view the page content.<br/>Your support ID is: 77")),
    ("Kasada", 429, {}, page("", "<script>window.KPSDK={};</script><script src='/a/b/ips.js'></script>")),
    ("Kasada", 403, {"x-kpsdk-ct": "0a"}, b""),
    ("Fastly", 200, {},
    page("<title>Client Challenge</title>", '<script src="/_fs-ch-1T1wmsGaOgGaSxcX/script.js"></script>')),
    ("Vercel", 429, {"x-vercel-mitigated": "challenge"}, b""),
    ("Vercel", 403, {"X-Vercel-Mitigated": "deny"}, b""),
    ("Anubis", 200, {},
    page("<title>Making sure you're not a bot!</title>",
    '<script id="anubis_challenge" type="application/json">{}</script>')),
    ("DDoS-Guard", 403, {"server": "ddos-guard"}, b""),
    ("DDoS-Guard", 503, {},
    page("<title>DDoS-Guard</title>",
    '<script src="/.well-known/ddos-guard/js-challenge/index.js"></script>')),
    ("Qrator", 403, {"Server": "QRATOR"}, b""),
    ("StackPath", 403, {},
    page("", "StackPath: this site is using a security service to protect itself from online attacks")),
    ("Distil", 405, {}, page("<title>Pardon Our Interruption</title>")),
    ("Radware", 403, {}, page("<title>Radware Captcha Page</title>")),
    ("Radware", 200, {}, page("", '<script src="https://validate.perfdrive.com/x/captcha"></script>')),
    ("Reblaze", 403, {}, page("", "<script>window.rbzns = {bereshit: '1'}</script>")),
    ("Alibaba Cloud", 200, {"bxpunish": "1"}, b""),
    ("Alibaba Cloud", 200, {}, page("", "<script>var arg1='1';document.cookie='acw_sc__v2='+arg1</script>")),
    ("Tencent Cloud", 200, {}, page("", "<script>document.cookie='EO_Bot_Ssid=1;'</script>")),
    ("SiteGround", 202, {"SG-Captcha": "challenge"}, b""),
    ("Wordfence", 503, {}, page("", "<p>Generated by Wordfence</p>")),
    ("Cloudflare", 403, {"server": "cloudflare"}, b"error code: 1010"),
    ("Cloudflare", 403, {},
    page("<title>Access denied | a.example used Cloudflare to restrict access</title>", "Error 1010")),
    ("Cloudflare", 403, {},
    page("",
    "The owner of this website has banned your IP address (1006) <a href=//www.cloudflare.com>Cloudflare</a>")),  # noqa: E501
    ("AWS WAF", 403, {"server": "CloudFront"},
    page("",
    "<h2>The request could not be satisfied.</h2>Request blocked. Generated by cloudfront (CloudFront)")),
    ("Imunify360", 200, {},
    page("<title>One moment, please...</title>",
    "<h1>Please wait while your request is being verified...</h1>")),
]  # fmt: skip


@pytest.mark.parametrize(("vendor", "status", "headers", "body"), WALLS)
def test_a_wall_is_named_by_its_vendor(
    vendor: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    assert bot_wall(status, headers, body) == vendor
    assert bot_wall(status, tuple(headers.items()), body) == vendor


NO_WALLS: list[tuple[int, dict[str, str], bytes]] = [
    (403, {}, page("<title>403 Forbidden</title>", "<h1>Forbidden</h1><hr>nginx")),
    (403, {"server": "cloudflare", "cf-ray": "1"}, page("<title>403 Forbidden</title>", "nginx")),
    (403, {"server": "Apache"}, page("", "Subscribers only")),
    (401, {"x-iinfo": "1", "server": "QRATOR"}, page("", "Subscribers only")),
    (503, {}, page("<title>503 Service Unavailable</title>", "Back soon")),
    (
        503,
        {"server": "AkamaiGHost"},
        page("", "Service Unavailable. Reference #11.1 https://errors.edgesuite.net/11.1"),
    ),
    (503, {"x-iinfo": "1", "x-datadome": "protected"}, page("", "Database error")),
    (503, {"server": "cloudflare"}, page("<title>news.example | 503</title>", "Host error")),
    (429, {"server": "cloudflare"}, page("", "<h1>Error 1015</h1>You are being rate limited")),
    (404, {"server": "AkamaiGHost"}, page("", "Not found")),
    (
        200,
        {"x-datadome": "protected", "x-iinfo": "1", "server": "ddos-guard", "set-cookie": "_px3=1"},
        page("", STORY),
    ),
    (
        200,
        {"server": "cloudflare"},
        page('<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>', "Short note."),
    ),
    (200, {}, page('<script src="/_Incapsula_Resource?SWJIYLWA=1"></script>', "Short note.")),
    (200, {}, page("<script>window._pxAppId='PX1'</script>", "Short note.")),
    (200, {}, page('<script src="https://js.datadome.co/tags.js"></script>', "Short note.")),
    (
        200,
        {},
        page(
            "<title>Just a moment...</title>",
            STORY + "window._cf_chl_opt and px-captcha, geo.captcha-delivery.com",
        ),
    ),
    (
        200,
        {},
        page(
            "",
            STORY + "Request unsuccessful. Incapsula incident ID: 1. Generated by Wordfence. Vercel Security "
            "Checkpoint",
        ),
    ),
    (
        200,
        {},
        page("<title>Cloudflare was down</title>", "<p>Cloudflare, Akamai and DataDome were down.</p>"),
    ),
    (200, {}, b'{"items": [{"title": "Vercel Security Checkpoint explained"}]}'),
    (200, {}, b"<rss><channel><item><title>Inside geo.captcha-delivery.com</title></item></channel></rss>"),
    (200, {}, b""),
    (200, {}, page("", "<script>window._cf_chl_opt={}</script>" + "x" * WALL_BYTES)),
    (301, {"server": "AkamaiGHost"}, b""),
]


@pytest.mark.parametrize(("status", "headers", "body"), NO_WALLS)
def test_what_only_looks_like_a_wall_is_none(status: int, headers: dict[str, str], body: bytes) -> None:
    assert bot_wall(status, headers, body) is None


def test_marks_are_lower_case_and_names_are_unique() -> None:
    assert len({vendor.name for vendor in VENDORS}) == len(VENDORS)
    for vendor in VENDORS:
        assert all(mark == mark.lower() for mark in vendor.shows + vendor.with_denial), vendor.name
        assert all(name == name.lower() for name, _ in vendor.says + vendor.denies), vendor.name


@pytest.mark.parametrize(
    ("sent", "reason", "said"),
    [
        (answer(b"", b"cf-mitigated: challenge", status=b"403 Forbidden"), "bot_wall", "Cloudflare"),
        (
            answer(page("<title>Just a moment...</title>"), status=b"503 Unavailable"),
            "bot_wall",
            "Cloudflare",
        ),
        (answer(page("", '<div id="px-captcha">'), status=b"429 Too Many"), "bot_wall", "PerimeterX"),
        (answer(page("<title>Client Challenge</title>")), "bot_wall", "Fastly"),
        (answer(b"", b"x-amzn-waf-action: challenge", status=b"202 Accepted"), "bot_wall", "AWS WAF"),
        (answer(b"no", status=b"403 Forbidden"), "http_403", "403"),
        (answer(b"<p>wait</p>", status=b"503 Unavailable"), "http_503", "503"),
        (answer(b"\x1f\x8bbroken", b"Content-Encoding: gzip", status=b"403 No"), "http_403", "403"),
        (answer(b"short", b"Content-Length: 5000", status=b"403 No"), "http_403", "403"),
        (answer(PAGE * 200, status=b"403 No"), "http_403", "403"),
    ],
)
def test_a_fetch_says_whose_wall_it_met(sent: bytes, reason: str, said: str) -> None:
    with WireSite() as site, pytest.raises(DatelineError) as raised:
        site.routes["/"] = sent
        Fetcher(FetchPolicy(gate=Gate(allow_hosts=("127.0.0.1",)), timeout_s=3)).fetch(site.url + "/")
    assert raised.value.reason == reason
    assert said in str(raised.value)
    if reason == "bot_wall":
        assert isinstance(raised.value, PermanentError)


def test_ten_walls_in_a_row_hold_the_host_and_a_wait_that_is_asked_for_holds_it_at_once(redis: Redis) -> None:
    politeness = RedisPoliteness(redis, HostLimits(HostLimit(1000, 50)), lease_s=30)
    fetcher = Fetcher(FetchPolicy(gate=Gate(allow_hosts=("127.0.0.1",)), timeout_s=3), politeness=politeness)
    with WireSite() as site:
        site.routes["/"] = answer(b"", b"cf-mitigated: challenge", status=b"403 Forbidden")
        for n in range(10):
            assert redis.zcard(HOLDS_KEY) == 0
            with pytest.raises(DatelineError, match="Cloudflare"):
                fetcher.fetch(site.url + "/", token=str(n))
        assert redis.zcard(HOLDS_KEY) == 1
    redis.flushdb()
    with WireSite() as site:
        site.routes["/"] = answer(
            b"", b"cf-mitigated: challenge", b"Retry-After: 600", status=b"429 Too Many"
        )
        with pytest.raises(DatelineError, match="Cloudflare"):
            fetcher.fetch(site.url + "/", token="x")
        ((_, until_ms),) = redis.zrange(HOLDS_KEY, 0, -1, withscores=True)
        assert 500 < until_ms / 1000 - time.time() < 601
