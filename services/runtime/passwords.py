"""Passwords that production refuses: those that stand in a file of this project, and what is tried first anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

# Written without signs and in small letters, so that CHANGE-ME, ChangeMe and change_me are one.
KNOWN = frozenset(
    "datelinedev dateline postgres postgresql redis valkey rabbitmq guest flower grafana admin administrator root user "
    "password passwd secret changeme changeit replaceme yourpassword example test testing default letmein welcome "
    "qwerty 123456 12345678 123456789 x".split()
)

_REMEDIES = {
    "DATELINE_DATABASE_URL": "POSTGRES_PASSWORD in .env for compose, else the password within the URL",
    "DATELINE_REDIS_URL": "REDIS_PASSWORD in .env for compose, else the password within the URL",
    "DATELINE_BROKER_URL": "the password within the URL",
    "DATELINE_FLOWER_BASIC_AUTH": "FLOWER_PASSWORD in .env for compose, else what stands behind the colon",
}
"""The variables that hold a password, and where each is set."""


def is_known(password: str) -> bool:
    """Whether a password is empty, a well-known one, or one that stands in a file of this project."""
    return re.sub(r"[\W_]+", "", password).lower() in KNOWN | {""}


def known_passwords(values: Mapping[str, str]) -> list[str]:
    """A line for each variable of `values` whose password is missing or known, with its remedy."""
    return [
        f"{variable} has no password or a well-known one: DATELINE_PROFILE=production needs one of your own "
        f"(set {remedy}; `openssl rand -hex 24` makes one)"
        for variable, remedy in _REMEDIES.items()
        if values.get(variable) and any(is_known(p) for p in _passwords(values[variable]))
    ]


def _passwords(value: str) -> list[str]:
    """The passwords of a server's URL, or of `user:password` pairs with commas between. Never empty.

    What cannot be read as a URL has none that is known: whoever connects by it says what is wrong with it.
    """
    if "://" not in value:
        return [pair.partition(":")[2] for pair in value.split(",")]
    try:
        parts = urlsplit(value)
    except ValueError:
        return [value]
    asked = parse_qs(parts.query).get("password", [])  # what drivers of Postgres and Redis take in its place
    return asked + ([unquote(parts.password)] if parts.password else []) or [""]
