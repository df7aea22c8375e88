"""Reasons why a page lists nothing: bot wall, login, application shell, parked domain; each with a remedy."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from services.ingest.sources.nothing_words import LOGIN, PARKED, ROBOT

_WALL_TITLE = re.compile(
    r"^(?:just a moment|attention required|checking your browser|one moment,? please|please wait|"
    r"access denied|"
    r"access to this page has been denied|are you (?:a )?(?:human|robot)|robot check|human verification|"
    r"security check|pardon our interruption|ddos-guard|request unsuccessful|"
    r"verify(?:ing)? (?:that )?you are human|"
    r"please verify|making sure you|vercel security|site verification|bot (?:check|verification)|"
    r"you have been blocked|sucuri website firewall|403 forbidden)",
    re.IGNORECASE,
)
_WALL_SOURCE = re.compile(
    r"_cf_chl_opt|/cdn-cgi/challenge-platform|cf-browser-verification|_Incapsula_Resource|px-captcha|"
    r"captcha-delivery\.com|"
    r"ddos-guard\.net|sgcaptcha|awsWafCookieDomainList|aws-waf-token|challenge\.js\?|g-recaptcha|h-captcha|"
    r"cf-turnstile|"
    r"awswaf\.com|AwsWafIntegration|anubis_challenge|within\.website|KPSDK|friendly-challenge|frc-captcha|"
    r"window\.rbzns|/sbbi/|yandexsmartcaptcha|"
    r"kramericaindustries|_abck|perfdrive|/\.well-known/captcha",
)
_PARKED_SOURCE = re.compile(
    r"sedoparking|parkingcrew|bodis\.com|hugedomains|afternic|above\.com/marketplace|parklogic|dan\.com/buy|"
    r"uniregistry|undeveloped\.com"
    r"|window\.park\s*=|LANDER_SYSTEM|location\.href\s*=\s*[\"']/lander|/_zcs/|sav\.com/domain",
    re.IGNORECASE,
)
_FEW_STORIES, _LITTLE_TEXT, _SHORT_PAGE = 3, 400, 3000


def why_nothing(
    tree: LexborHTMLParser, url: str, title: str, headers: str, *, stories: int = 0
) -> tuple[str, str] | None:
    """Reason and message for a page without stories; None for a page that has some and looks like a front
    page."""
    if stories > _FEW_STORIES:
        return None
    source = (tree.html or "")[:200_000]
    scripts = len(tree.css("script"))
    body = tree.body
    noscript = " ".join(node.text(separator=" ") for node in tree.css("noscript"))
    if body is not None:
        # On a page with stories only its own notices count: a headline may be about walls and sales.
        for node in body.css("script, style, noscript, template" + (", a" if stories else "")):
            node.decompose()
    text = " ".join((body.text(separator=" ") if body is not None else "").split())
    short = len(text) < _SHORT_PAGE
    if "cf-mitigated" in headers or _is_wall(title, text, source, short=short, stories=stories):
        return "bot_wall", (
            f"{url} answers with a check for robots instead of its page; add the site's feed or sitemap as "
            f"the source, "
            "or ask the site to let Dateline through"
        )
    if short and (PARKED.search(f"{title} {text}") or _PARKED_SOURCE.search(source)):
        return (
            "parked_domain",
            f"{url} is a parked domain or one for sale; find the site's new address, or remove the source",
        )
    if stories:
        return None
    if _is_login(tree, title, text):
        return "login_page", (
            f"{url} asks for a login, and pages behind one are not read; add a public feed or sitemap of the "
            f"site as the source"
        )
    if len(text) < _LITTLE_TEXT and (scripts or "javascript" in (noscript + text).lower()):
        return "empty_shell", (
            f"{url} is an empty shell that a program fills in the browser, and names no feed; add the site's "
            f"feed or sitemap as the source"
        )
    return (
        "no_entries",
        f"{url} names no feed, and none of its links looks like one to a story; add its feed or sitemap as "
        f"the source",
    )


def _is_wall(title: str, text: str, source: str, *, short: bool, stories: int) -> bool:
    if not short:
        return False
    if stories:  # scripts that a content network adds to every page stand here too
        return bool(_WALL_TITLE.match(title.strip()))
    return bool(
        _WALL_TITLE.match(title.strip())
        or ROBOT.search(f"{title} {text[:2000]}")
        or (len(text) < 1000 and _WALL_SOURCE.search(source))
    )


def _is_login(tree: LexborHTMLParser, title: str, text: str) -> bool:
    if tree.css_first('input[type="password" i]'):
        return True
    form = tree.css_first("form input")
    return (
        form is not None and len(text) < _SHORT_PAGE and bool(LOGIN.search(title) or LOGIN.search(text[:500]))
    )
