"""Bot walls: answers by which a site's protection turns programs away, told from a site's own refusals by their vendor's marks.

They are named, so that one can see which sites do it and ask them; nothing here tries to get past one. The marks are what
the vendors document of their block and challenge pages, or what these pages hold and nothing else does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import requests
from requests.structures import CaseInsensitiveDict

from services.contract.errors import DatelineError, PermanentError
from services.ingest.fetch.failures import FAILURES
from services.ingest.fetch.page_text import visible_text
from services.ingest.fetch.response import retry_after

BOT_WALL = "bot_wall"
WALL_BYTES = 64 * 1024
"""As much of a body is looked at; such pages are short."""
_LITTLE_TEXT = 1_000
"""Characters that a challenge shows at most. A page that shows more is one, even if it is about bot walls."""
_FEW_PARAGRAPHS = 8
"""Paragraphs of such a page at most, which are counted quickly."""
_DENIED = frozenset((401, 403, 405, 406, 409, 412, 415, 418, 456, 493, 498, 999))
"""Statuses with which a site turns somebody away; others, such as 503, may also mean that it is broken."""
_READ = _DENIED | {202, 429, 430, 444, 499, 503, 509, 520, 530}
"""Statuses whose body is looked at."""

Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Vendor:
    """The marks of one vendor. Header marks are (name, pattern of the value); body marks are lower-case bytes.

    `says`: a header of challenges and blocks only. `denies`: one that is on other answers too, and counts where the status
    turns us away. `shows`: in the body of challenges and blocks only; parts joined by " && " must all be there. `with_denial`:
    in a body that also other pages hold.
    """

    name: str
    says: tuple[tuple[str, str], ...] = ()
    denies: tuple[tuple[str, str], ...] = ()
    shows: tuple[bytes, ...] = ()
    with_denial: tuple[bytes, ...] = ()


VENDORS = (
    Vendor(
        "Cloudflare",
        says=(("cf-mitigated", "challenge|block"),),
        shows=(
            b"_cf_chl_opt", b"/cdn-cgi/challenge-platform/h/", b"<title>just a moment...</title>", b"cf-browser-verification",
            b"cf-challenge-running", b"attention required! | cloudflare", b"cf_chl_prog", b"id=\"cf-wrapper\" && you have been blocked",
            b"checking your browser before accessing && cloudflare",
        ),
        with_denial=(b"/cdn-cgi/challenge-platform && cloudflare", b"just a moment && /cdn-cgi/", b"cf-error-code && >1020<"),
    ),
    Vendor(
        "Akamai",
        denies=(("server", r"akamaighost|akamainetstorage"),),
        shows=(b"sec-if-cpt-container", b"/_sec/cp_challenge/", b"bm-verify= && interstitial"),
        with_denial=(
            b"errors.edgesuite.net", b"access denied && reference #", b"access denied && reference&#32;&#35;", b"permission to access && reference #",
        ),
    ),
    Vendor(
        "DataDome",
        denies=(("x-datadome", ".*"), ("x-dd-b", ".*"), ("server", "datadome")),
        shows=(b"captcha-delivery.com/c.js", b"captcha-delivery.com/i.js", b"geo.captcha-delivery.com", b"captcha-delivery.com/captcha", b"captcha-delivery.com/interstitial", b"ct.captcha-delivery.com"),
        with_denial=(b"captcha-delivery.com",),
    ),
    Vendor(
        "HUMAN (PerimeterX)",
        says=(("x-px-blocked", ".*"),),
        denies=(("set-cookie", r"\b_px\w*="), ("x-px-authorization", ".*")),
        shows=(b"id=\"px-captcha\"", b"id='px-captcha'", b"px-captcha-wrapper", b"_pxblockedurl", b"captcha.px-cdn.net", b"captcha.px-cloud.net", b"/px/captcha/"),
        with_denial=(b"px-captcha", b"window._pxappid", b"_pxuuid", b"\"appid\":\"px", b"\"blockscript\" && px"),
    ),
    Vendor(
        "Imperva",
        denies=(("x-iinfo", ".*"), ("x-cdn", "imperva|incapsula")),
        shows=(b"incapsula incident id", b"_incapsula_resource && incident_id", b"_incapsula_resource && request unsuccessful", b"_incapsula_resource && <iframe", b"_incapsula_resource && noindex"),
        with_denial=(b"_incapsula_resource", b"powered by && imperva"),
    ),
    Vendor(
        "AWS WAF",
        says=(("x-amzn-waf-action", "challenge|captcha|block"),),
        shows=(b"window.gokuprops", b"awswafintegration.checkforcerefresh", b"awswafcaptcha.rendercaptcha", b"captcha-container && awswaf.com"),
        with_denial=(b".awswaf.com/", b"awswaf"),
    ),
    Vendor(
        "Sucuri",
        says=(("x-sucuri-block", ".*"),),
        denies=(("server", "sucuri"),),
        shows=(b"sucuri_cloudproxy_js", b"sucuri website firewall - access denied", b"access denied - sucuri website firewall"),
        with_denial=(b"cloudproxy@sucuri.net", b"sucuri.net/privacy-policy", b"sucuri website firewall"),
    ),
    Vendor(
        "F5",
        shows=(
            b"the requested url was rejected && support id", b"enable javascript to view the page content && support id",
            b"/tspd/ && support id", b"window[\"bobcmn\"] && support id",
        ),
        with_denial=(b"/tspd/", b"window[\"bobcmn\"]", b"your support id is"),
    ),
    Vendor(
        "Kasada",
        says=(("x-kpsdk-im", ".*"),),
        denies=(("x-kpsdk-ct", ".*"), ("x-kpsdk-st", ".*"), ("x-kpsdk-v", ".*"), ("x-kpsdk-r", ".*")),
        shows=(b"window.kpsdk={}", b"window.kpsdk = {}", b"kpsdk && /ips.js", b"/149e9513-01fa-4fb0-aad4-566afd725d1b/"),
    ),
    Vendor(
        "Fastly",
        denies=(("x-sigsci-agentresponse", "40[36]"), ("x-sigsci-tags", ".*")),
        shows=(b"/_fs-ch-", b"<title>client challenge</title>"),
    ),
    Vendor(
        "Vercel",
        says=(("x-vercel-mitigated", "challenge|deny"), ("x-vercel-challenge-token", ".*")),
        shows=(b"vercel security checkpoint", b"/.well-known/vercel/security/"),
    ),
    Vendor(
        "Anubis",
        denies=(("set-cookie", "techaro.lol-anubis|within.website-x-cmd-anubis"),),
        shows=(b"id=\"anubis_challenge\"", b"id='anubis_challenge'", b"/.within.website/x/cmd/anubis/", b"id=\"anubis_version\""),
    ),
    Vendor(
        "DDoS-Guard",
        denies=(("server", "ddos-guard"),),
        shows=(b"check.ddos-guard.net", b"/.well-known/ddos-guard/", b"ddg-captcha", b"<title>ddos-guard</title>", b"data-ddg-origin"),
    ),
    Vendor(
        "Qrator",
        denies=(("server", "qrator"), ("set-cookie", "qrator_")),
        shows=(b"/__qrator/", b"qrator && qauth.js"),
    ),
    Vendor(
        "StackPath",
        denies=(("server", "stackpath"), ("x-sp-waf", ".*"), ("set-cookie", r"\bsbtsck=|\badotr=")),
        shows=(b"stackpath && security service to protect itself", b"_sp_challenge", b"sbtsck && <script"),
        with_denial=(b"stackpath",),
    ),
    Vendor(
        "Distil",
        says=(("x-distil-cs", "block|captcha|identify"),),
        denies=(("x-distil-cs", ".*"),),
        shows=(b"distil_r_captcha", b"distil_r_blocked", b"distil_identification_block", b"<title>pardon our interruption", b"distilcaptchaform"),
    ),
    Vendor(
        "Radware",
        denies=(("set-cookie", r"\b__uzm[a-f]="), ("x-sl-compstate", ".*")),
        shows=(b"validate.perfdrive.com", b"captcha.perfdrive.com", b"radware captcha page", b"radware bot manager captcha", b"botmanager_support@radware.com", b"shieldsquare_captcha"),
    ),
    Vendor(
        "Reblaze",
        denies=(("server", "rhino-core-shield|reblaze"), ("set-cookie", r"\brbzid=")),
        shows=(b"window.rbzns", b"rbzns={", b"rbzns = {", b"window.rbzid"),
    ),
    Vendor(
        "Alibaba Cloud",
        says=(("bxpunish", "1"), ("bx-punish", ".*")),
        shows=(b"_____tmd_____/punish", b"aliyun_waf_aa", b"aliyun_waf_bb", b"x5secdata", b"acw_sc__v2 && arg1", b"errors.aliyun.com && 405", b"block_message && aliyun"),
        with_denial=(b"aliyun",),
    ),
    Vendor(
        "Tencent Cloud",
        says=(("x-tencent-waf", ".*"),),
        shows=(b"eo_bot_ssid", b"__tst_status", b"turing.captcha.qcloud.com", b"tcaptcha.js && waf"),
        with_denial=(b"waf.tencent-cloud.com", b"tencent cloud edgeone", b"tcaptcha.js"),
    ),
    Vendor("Baidu Yunjiasu", denies=(("server", "yunjiasu"),), shows=(b"/cdn-cgi/bm/cv/ && yunjiasu",)),
    Vendor("Huawei Cloud", denies=(("server", "^(?:cw|hw)waf"), ("set-cookie", "hwwafses"))),
    Vendor("SiteGround", says=(("sg-captcha", "challenge"),), shows=(b"/.well-known/sgcaptcha/", b"<title>robot challenge screen</title>")),
    Vendor("Imunify360", denies=(("server", "imunify360"),), shows=(b"imunify360 && captcha", b"webshield && one moment, please", b"imunify360 bot-protection")),
    Vendor("Wordfence", shows=(b"generated by wordfence", b"wordfence && access to this site has been limited")),
    Vendor("Azure WAF", shows=(b"afd_azwaf_jsclearance", b"azwaf && challenge", b"<title>azure waf"), denies=(("set-cookie", "afd_azwaf"),)),
    Vendor("Bunny Shield", shows=(b"/.bunny-shield/", b"bunny shield && establishing a secure connection", b"data-pow= && bunny-shield")),
    Vendor("Google", shows=(b"detected unusual traffic from your computer network", b"/sorry/index && captcha-form")),
    Vendor("Yandex", shows=(b"/showcaptcha?", b"/checkcaptcha?key=", b"smart-captcha && checkbox-captcha-form"), says=(("x-yandex-captcha", ".*"),)),
    Vendor("ThreatX", shows=(b"forbidden - id: && threatx",)),
    Vendor("Barracuda", denies=(("set-cookie", "barra_counter_session|bni__barracuda"),), shows=(b"barracuda networks && you have been blocked",)),
    Vendor("FortiWeb", denies=(("set-cookie", "fortiwafsid"),), shows=(b"fgd_icon && web page blocked", b"fortiguard && attack id")),
    Vendor("GoDaddy", shows=(b"godaddy website firewall && access denied",)),
    Vendor("Netacea", says=(("x-netacea-action", "block|captcha"),), shows=(b"netacea && captcha",)),
)  # fmt: skip


class BotWall(PermanentError):
    """A site's protection turned us away, as it does with programs."""

    def __init__(self, url: str, status: int, vendor: str, retry_after_s: float | None) -> None:
        super().__init__(
            BOT_WALL,
            f"{url} is behind a bot wall of {vendor} (status {status}): ask the site's owner to let this crawler in, or leave it out",
        )
        self.vendor = vendor
        self.retry_after_s = retry_after_s


_SAYS = tuple(
    (vendor.name, name, re.compile(value, re.IGNORECASE)) for vendor in VENDORS for name, value in vendor.says
)
_DENIES = tuple(
    (vendor.name, name, re.compile(value, re.IGNORECASE)) for vendor in VENDORS for name, value in vendor.denies
)
_SHOWS = tuple((vendor.name, tuple(mark.split(b" && "))) for vendor in VENDORS for mark in vendor.shows)
_WITH_DENIAL = tuple((vendor.name, tuple(mark.split(b" && "))) for vendor in VENDORS for mark in vendor.with_denial)
_PAGE = (b"<html", b"<head", b"<body", b"<script", b"<!doctype html", b"<iframe")


def bot_wall(status: int, headers: Headers, body: bytes) -> str | None:
    """The vendor whose wall this answer is; None for any other answer, an article about bot walls among them.

    `body` is the answer's, unpacked, or its beginning.
    """
    known = headers if isinstance(headers, CaseInsensitiveDict) else CaseInsensitiveDict(headers)
    return _by_header(status, known) or _by_body(status, body)


def check_wall(response: requests.Response, url: str, body: Callable[[], bytes]) -> None:
    """Raise BotWall where the answer is one. `body` reads its beginning; called where the status may mean a wall."""
    status = response.status_code
    vendor = _by_header(status, response.headers)
    if vendor is None and (200 <= status < 300 or status in _READ):
        try:
            beginning = body()
        except (DatelineError, *FAILURES):
            beginning = b""
        vendor = _by_body(status, beginning)
    if vendor is not None:
        raise BotWall(url, status, vendor, retry_after(response.headers.get("retry-after")))


def _by_header(status: int, headers: Mapping[str, str]) -> str | None:
    marks = _SAYS + _DENIES if status in _DENIED and status != 401 else _SAYS  # 401: who has no subscription
    for vendor, name, value in marks:
        if (found := headers.get(name)) is not None and value.search(found):
            return vendor
    return None


def _by_body(status: int, body: bytes) -> str | None:
    if not body or len(body) > WALL_BYTES:
        return None
    if 200 <= status < 300 and body.count(b"</p>") > _FEW_PARAGRAPHS:
        return None
    lower = body.lower()
    marks = _SHOWS + _WITH_DENIAL if status in _DENIED else _SHOWS
    vendor = next((name for name, parts in marks if all(part in lower for part in parts)), None)
    if vendor is None or status in _DENIED:
        return vendor
    if 200 <= status < 300 and not any(tag in lower[:2048] for tag in _PAGE):
        return None
    return vendor if len(visible_text(body)) <= _LITTLE_TEXT else None
