"""Finds the servers that a command uses: those of the environment, else those of a stack on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from services.contract.errors import PermanentError
from services.runtime.settings import (
    DATABASE_URL_HELP,
    POSTGRES,
    REDIS,
    REDIS_URL_HELP,
    load,
    own_broker_url,
    setting,
    text,
)
from services.store.database import AWAY, explain_connection_error

logging.getLogger("psycopg").addHandler(logging.NullHandler())  # its errors are raised, and reported once
_NONE = (
    "no servers: run `dateline up` to start them here, or set {variable} to yours "
    "(for the compose stack on this machine see .env.example, or `docker compose run --rm cli …`)"
)
_HALF = (
    "{variable} is not set, but {others} is: both belong to one installation. Set both, "
    "or neither, for what `dateline up` started here"
)
_NO_ARCHIVE = (
    "DATELINE_WARC_DIR is not set: this command needs ingest's WARC archive. With compose it is a volume: "
    "use `docker compose run --rm cli …`; else set the variable to the archive's folder"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CliSettings:
    """Settings of all commands. Empty: that of the stack on this machine."""

    database_url: str = setting("DATELINE_DATABASE_URL", POSTGRES, DATABASE_URL_HELP, "")
    redis_url: str = setting("DATELINE_REDIS_URL", REDIS, REDIS_URL_HELP, "")
    own_broker_url: str = own_broker_url()
    warc_dir: str = setting("DATELINE_WARC_DIR", text, "the archive's folder", "")
    topic_rules: str = setting("DATELINE_TOPIC_RULES", text, "a file or folder of topics of your own", "")
    contact: str = setting("DATELINE_CONTACT", text, "a URL or e-mail address for site owners", "")


def settings() -> CliSettings:
    """The settings, validated as a whole. Raises BadSettings with the remedy."""
    return load(CliSettings)


def _of_stack(key: str, missing: str) -> str:
    from services.runtime import installation

    for name in ("stack", "demo"):
        if state := installation.running(name):
            return str(state[key])
    raise PermanentError("no_servers", missing)


def _url(own: str, variable: str, other: str, other_variable: str, key: str) -> str:
    if own:
        return own
    if other:  # servers of two installations must not be mixed
        raise PermanentError("half_set", _HALF.format(variable=variable, others=other_variable))
    return _of_stack(key, _NONE.format(variable=variable))


def database_url() -> str:
    """The URL of Postgres."""
    said = settings()
    return _url(
        said.database_url, "DATELINE_DATABASE_URL", said.redis_url, "DATELINE_REDIS_URL", "database_url"
    )


def redis_url() -> str:
    """The URL of Redis."""
    said = settings()
    return _url(said.redis_url, "DATELINE_REDIS_URL", said.database_url, "DATELINE_DATABASE_URL", "redis_url")


def broker_url() -> str:
    """The URL of the broker: DATELINE_BROKER_URL, else Redis."""
    return settings().own_broker_url or redis_url()


def warc_dir() -> Path:
    """The folder of the WARC archive."""
    said = settings()
    if said.warc_dir:
        return Path(said.warc_dir)
    if said.database_url or said.redis_url:
        raise PermanentError("no_archive", _NO_ARCHIVE)
    return Path(_of_stack("warc_dir", _NONE.format(variable="DATELINE_WARC_DIR")))


def archive_folder() -> Path | None:
    """The folder of the WARC archive, or None if this machine has none."""
    try:
        folder = warc_dir()
    except PermanentError:
        return None
    return folder if folder.is_dir() else None


@contextmanager
def database() -> Iterator[psycopg.Connection[Any]]:
    """A connection to Postgres, as a context manager. Its errors are turned into one line with the remedy."""
    try:
        with psycopg.connect(database_url(), connect_timeout=5, options="-c timezone=UTC") as connection:
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise PermanentError(
            "no_schema", "the database holds no Dateline tables yet: run `dateline migrate`"
        ) from error
    except psycopg.errors.UndefinedColumn as error:
        raise PermanentError(
            "old_schema", "the database's tables are of another version: run `dateline migrate`"
        ) from error
    except UnicodeEncodeError as error:
        raise PermanentError("not_text", f"{ascii(error.object)[:200]} is not valid UTF-8 text") from error
    except AWAY as error:
        raise explain_connection_error(error) from error
