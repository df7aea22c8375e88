"""Which Postgres and Redis a command talks to: the environment's, else those of a stack that runs here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from services.contract.errors import PermanentError
from services.runtime.passwords import known_passwords
from services.store.database import AWAY, explain_connection_error

_NONE = (
    "no servers: run `dateline up` to start them here, or set {variable} to yours "
    "(for the compose stack on this machine see .env.example)"
)


def _url(variable: str, key: str) -> str:
    if url := os.environ.get(variable):
        _refuse_known_password(variable, url)
        return url
    from services.runtime import stack

    for name in ("stack", "demo"):
        if state := stack.running(name):
            return str(state[key])
    raise PermanentError("no_servers", _NONE.format(variable=variable))


def _refuse_known_password(variable: str, url: str) -> None:
    """In production a command asks for a password of one's own, as the services do."""
    if os.environ.get("DATELINE_PROFILE", "development") not in ("", "development"):
        for problem in known_passwords({variable: url}):
            raise PermanentError("known_password", problem)


def database_url() -> str:
    """The Postgres to talk to."""
    return _url("DATELINE_DATABASE_URL", "database_url")


def redis_url() -> str:
    """The Redis to talk to."""
    return _url("DATELINE_REDIS_URL", "redis_url")


def broker_url() -> str:
    """The broker to talk to: Redis, unless another is named."""
    if url := os.environ.get("DATELINE_BROKER_URL"):
        _refuse_known_password("DATELINE_BROKER_URL", url)
        return url
    return redis_url()


def warc_dir() -> Path:
    """The folder of the archive that ingest writes and reads."""
    return Path(_url("DATELINE_WARC_DIR", "warc_dir"))


def archive_folder() -> Path | None:
    """The same where this machine has it, else None."""
    try:
        folder = warc_dir()
    except PermanentError:
        return None
    return folder if folder.is_dir() else None


@contextmanager
def database() -> Iterator[psycopg.Connection[Any]]:
    """A connection; its errors become one line that says what to do."""
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
        raise PermanentError("not_text", f"{ascii(error.object)[:200]} is no text in UTF-8") from error
    except AWAY as error:
        raise explain_connection_error(error) from error
