"""Sanitises untrusted fields to the bounds of `limits`: truncates texts and lists, drops URLs and validators.

The result can be encoded, stored and read again: no NUL, no lone surrogate, no control character except line
feed and tab, no date outside the calendar. One character replaces one character, so offsets stay valid.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from services.contract import limits
from services.contract.limits import believable
from services.contract.messages import Archived, Article, Hints, Link, Validators

S = TypeVar("S", bound=Struct)
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_CONTROLS = bytes(n for n in range(0x20) if n not in (9, 10)) + b"\x7f"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_WHOLE = (1 << 63) - 1
_TEXTS = {
    "title": limits.MAX_TITLE_CHARS,
    "section": limits.MAX_NAME_CHARS,
    "site_name": limits.MAX_NAME_CHARS,
    "provider": limits.MAX_NAME_CHARS,
    "agency": limits.MAX_NAME_CHARS,
    "dateline": limits.MAX_DATELINE_CHARS,
    "source_domain": 255,
    "content_hash": 128,
    "extractor": limits.MAX_NAME_CHARS,
    "extractor_version": limits.MAX_NAME_CHARS,
}
_HINT_TEXTS = {"title": limits.MAX_TITLE_CHARS, "section": limits.MAX_NAME_CHARS}
_LISTS = {
    "authors": (limits.MAX_AUTHORS, limits.MAX_NAME_CHARS),
    "keywords": (limits.MAX_KEYWORDS, limits.MAX_KEYWORD_CHARS),
}


def bounded(article: Article, now: datetime) -> tuple[Article, list[str]]:
    """Returns the article within the bounds, and one line for each cut or dropped field. Never raises."""
    new: dict[str, Any] = {}
    cut: list[str] = []
    _bound_texts(article, _TEXTS, new, cut)
    _bound_lists(article, new, cut)
    _bound_dates(article, ("published_at", "modified_at"), now, new, cut)
    _bound_language(article, new, cut)
    if len(article.text) > limits.MAX_TEXT_CHARS or not _is_storable(article.text):
        new["text"] = _text("text", article.text, limits.MAX_TEXT_CHARS, cut)
    if believable(article.fetched_at, now) is None:
        new["fetched_at"] = now
    if not 0 <= article.word_count <= limits.MAX_COUNT:
        new["word_count"] = min(max(article.word_count, 0), limits.MAX_COUNT)
    if article.image_url is not None and not _is_address(article.image_url):
        new["image_url"] = None
        cut.append(_dropped("image_url", article.image_url))
    for name in ("url", "canonical_url"):
        if not getattr(article, name).isprintable():
            new[name] = storable(getattr(article, name))
    if article.links and not _are_links(article.links):
        new["links"] = _links(article.links, cut)
    if article.signals and not _are_signals(article.signals):
        new["signals"] = _signals(article.signals, cut)
    if article.validators is not None and not _are_validators(article.validators):
        new["validators"] = None
        cut.append(_dropped("validators", repr(article.validators)))
    if article.archived is not None and not _is_place(article.archived):
        new["archived"] = None
        cut.append(_dropped("archived", article.archived.file))
    return (msgspec.structs.replace(article, **new) if new else article), cut


def bounded_hints(hints: Hints, now: datetime) -> tuple[Hints, list[str]]:
    """The same for hints: what a submitter, a feed or an archive says about a page."""
    new: dict[str, Any] = {}
    cut: list[str] = []
    _bound_texts(hints, _HINT_TEXTS, new, cut)
    _bound_lists(hints, new, cut)
    _bound_dates(hints, ("published_at",), now, new, cut)
    _bound_language(hints, new, cut)
    return (msgspec.structs.replace(hints, **new) if new else hints), cut


def hints_from(value: object, now: datetime) -> Hints:
    """Parses hints from JSON values, which may be hand-written; fields that do not parse are left out."""
    try:
        return bounded_hints(msgspec.convert(value, Hints), now)[0]
    except (msgspec.ValidationError, OverflowError):
        pass
    if not isinstance(value, dict) or len(value) < 2:
        return Hints()
    parts = [hints_from({name: part}, now) for name, part in value.items() if name in Hints.__struct_fields__]
    told = {n: v for part in parts for n, v in msgspec.structs.asdict(part).items() if v not in (None, [])}
    return Hints(**told)


def storable(text: str) -> str:
    """Replaces control characters by spaces, NUL and lone surrogates by U+FFFD; the length stays the same."""
    if text.isprintable():
        return text
    return _UNSTORABLE.sub(
        lambda found: " " if "\0" < found[0] < "\x80" else "\N{REPLACEMENT CHARACTER}", text
    )


def storable_all(value: Any, depth: int = 0) -> Any:
    """Applies `storable` to the strings in JSON values; NaN, infinity and levels below 50 become None."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (dict, list)) and depth > 50:
        return None
    if isinstance(value, dict):
        return {storable(str(k)): storable_all(v, depth + 1) for k, v in value.items()}
    return [storable_all(v, depth + 1) for v in value] if isinstance(value, list) else value


def _is_storable(text: str) -> bool:
    """Whether a text can be stored unchanged. Checks the bytes, which is faster than a pattern."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        return False
    return len(raw.translate(None, _CONTROLS)) == len(raw)


def _bound_texts(whole: Struct, most: dict[str, int], new: dict[str, Any], cut: list[str]) -> None:
    for name, limit in most.items():
        value = getattr(whole, name)
        if value is not None and not (len(value) <= limit and value.isprintable()):
            new[name] = _text(name, value, limit, cut)


def _text(name: str, value: str, most: int, cut: list[str]) -> str:
    """Prose, truncated to `most` characters at a word boundary."""
    if not _is_storable(value):
        value = storable(value)
        cut.append(f"{name}: characters that cannot be stored, replaced")
    if len(value) <= most:
        return value
    cut.append(f"{name}: {len(value):,} characters to {most:,}")
    return at_word(value, most)


def at_word(text: str, most: int) -> str:
    """Truncates to `most` characters, at a word boundary if there is one in the last 100 of them."""
    if len(text) <= most:
        return text
    head = text[: most + 1]
    end = next((n for n in range(most, most - min(100, most // 2), -1) if head[n].isspace()), most)
    return head[:end].rstrip()


def _bound_lists(whole: Struct, new: dict[str, Any], cut: list[str]) -> None:
    for name, (most, longest) in _LISTS.items():
        values: list[str] = getattr(whole, name)
        if values and not (
            len(values) <= most and len(max(values, key=len)) <= longest and "".join(values).isprintable()
        ):
            new[name] = _list(name, values, most, longest, cut)


def _list(name: str, values: list[str], most: int, longest: int, cut: list[str]) -> list[str]:
    if len(values) > most:
        cut.append(f"{name}: {len(values):,} to {most:,}")
    if any(len(value) > longest for value in values[:most]):
        cut.append(f"{name}: some of more than {longest:,} characters cut")
    short = (at_word(storable(value[: 2 * longest]), longest) for value in values[:most])
    return list(dict.fromkeys(value for value in short if value.strip()))


def _bound_dates(
    whole: Struct, names: Iterable[str], now: datetime, new: dict[str, Any], cut: list[str]
) -> None:
    for name in names:
        moment: datetime | None = getattr(whole, name)
        if moment is not None and believable(moment, now) is None:
            new[name] = None
            cut.append(f"{name}: {moment.isoformat()} is out of range, dropped")


def _bound_language(whole: Any, new: dict[str, Any], cut: list[str]) -> None:
    language: str | None = whole.language
    if language is None or _LANGUAGE.fullmatch(language):
        return
    new["language"] = language_code(language)
    if new["language"] is None:
        cut.append(f"language: {storable(language[:40])!r} is not a language code, dropped")


def language_code(language: str | None) -> str | None:
    """The primary subtag (two or three letters) of a language tag such as `pt_BR`; None if it is invalid."""
    code = re.split(r"[-_.@]", (language or "")[:40].strip().lower())[0]
    return code if _LANGUAGE.fullmatch(code) else None


def _dropped(name: str, value: str) -> str:
    return f"{name}: {len(value):,} characters, dropped"


def _is_address(url: str) -> bool:
    return len(url) <= limits.MAX_URL_CHARS and url.isprintable()


def _are_links(links: list[Link]) -> bool:
    urls, titles = [link.url for link in links], [link.title for link in links]
    return (
        len(links) <= limits.MAX_LINKS
        and max(map(len, urls)) <= limits.MAX_URL_CHARS
        and max(map(len, titles)) <= limits.MAX_LINK_TITLE_CHARS
        and _is_storable("".join(urls + titles))
    )


def _links(links: list[Link], cut: list[str]) -> list[Link]:
    """Links whose URL fits the bounds: a URL is never truncated."""
    kept = [
        Link(url=link.url, title=at_word(storable(link.title), limits.MAX_LINK_TITLE_CHARS), kind=link.kind)
        for link in links
        if _is_address(link.url)
    ][: limits.MAX_LINKS]
    if len(kept) < len(links):
        cut.append(f"links: {len(links):,} to {len(kept):,}")
    return kept


def _are_signals(signals: dict[str, str]) -> bool:
    return len(signals) <= limits.MAX_SIGNALS and all(
        len(name) <= 100 and len(said) <= limits.MAX_SIGNAL_CHARS and (name + said).isprintable()
        for name, said in signals.items()
    )


def _signals(signals: dict[str, str], cut: list[str]) -> dict[str, str]:
    if len(signals) > limits.MAX_SIGNALS or any(
        len(said) > limits.MAX_SIGNAL_CHARS for said in signals.values()
    ):
        cut.append(
            f"signals: {len(signals):,} to {limits.MAX_SIGNALS} of {limits.MAX_SIGNAL_CHARS} characters"
        )
    kept = list(signals.items())[: limits.MAX_SIGNALS]
    return {storable(name[:100]): storable(said[: limits.MAX_SIGNAL_CHARS]) for name, said in kept}


def _are_validators(validators: Validators) -> bool:
    return all(
        said is None or (len(said) <= limits.MAX_VALIDATOR_CHARS and said.isprintable())
        for said in (validators.etag, validators.last_modified)
    )


def _is_place(archived: Archived) -> bool:
    whole = 0 <= archived.offset <= _WHOLE and 0 <= archived.length <= _WHOLE
    return whole and len(archived.file) <= 1_024 and archived.file.isprintable()
