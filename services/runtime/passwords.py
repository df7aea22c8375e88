"""Passwords that production refuses: those in this project's files, and the ones attackers try first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

# Compared in lower case and without punctuation: CHANGE-ME, ChangeMe and change_me are the same.
KNOWN = frozenset(
    "datelinedev dateline postgres postgresql redis valkey rabbitmq guest flower grafana admin "
    "administrator root user password passwd secret changeme changeit replaceme yourpassword example "
    "test testing default letmein welcome qwerty 123456 12345678 123456789 x".split()
)

_REMEDIES = {
    "DATELINE_DATABASE_URL": "POSTGRES_PASSWORD in .env for compose, else the password within the URL",
    "DATELINE_REDIS_URL": "REDIS_PASSWORD in .env for compose, else the password within the URL",
    "DATELINE_BROKER_URL": "the password within the URL",
    "DATELINE_FLOWER_BASIC_AUTH": "FLOWER_PASSWORD in .env for compose, else what stands behind the colon",
}
"""Variable to where its password is set."""


def is_known(password: str) -> bool:
    """Whether a password is empty, well known, or in a file of this project."""
    return re.sub(r"[\W_]+", "", password).lower() in KNOWN | {""}


def known_passwords(values: Mapping[str, str]) -> list[str]:
    """One line, with the remedy, for each variable of `values` whose password is missing or known."""
    return [
        f"{variable} has no password or a well-known one: DATELINE_PROFILE=production needs one of your own "
        f"(set {remedy}; `openssl rand -hex 24` makes one)"
        for variable, remedy in _REMEDIES.items()
        if values.get(variable) and any(is_known(p) for p in _passwords(values[variable]))
    ]


def _passwords(value: str) -> list[str]:
    """The passwords in a server's URL, or in comma-separated `user:password` pairs. Never empty.

    A URL that cannot be parsed counts as having no known password: connecting with it reports what is wrong.
    """
    if "://" not in value:
        return [pair.partition(":")[2] for pair in value.split(",")]
    try:
        parts = urlsplit(value)
    except ValueError:
        return [value]
    asked = parse_qs(parts.query).get("password", [])  # which drivers of Postgres and Redis accept too
    return asked + ([unquote(parts.password)] if parts.password else []) or [""]
