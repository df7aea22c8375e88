"""Connections to Postgres: the pool, classes of errors, adapters, and SQL files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.json import set_json_dumps
from psycopg_pool import ConnectionPool, PoolTimeout

from services.contract.errors import DatelineError, PermanentError, Unavailable

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)
"""Errors that mean Postgres is unavailable."""

BAD_DATA = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.ProgrammingError,
    psycopg.NotSupportedError,
    psycopg.InternalError,
    # Too long for an index, too many columns or parameters: of class 54, which psycopg counts as operational.
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
    psycopg.errors.TooManyArguments,
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    RecursionError,
)
"""Errors that mean the data are invalid. Catch these before AWAY: some are subclasses of OperationalError."""

# The standard library's JSON cannot encode datetimes. Bytes are sent as they are, a string is encoded again.
set_json_dumps(msgspec.json.encode)


class _Moment(Loader):
    """Loads timestamps; one outside of Python's calendar (BC, infinity) is clamped to datetime.min or max.

    psycopg raises an error for these, so that one such row would fail every query that returns it.
    """

    plain: type[Loader]

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        self._load = self.plain(oid, context).load

    def load(self, data: Buffer) -> Any:
        try:
            return self._load(data)
        except (psycopg.DataError, ValueError, OverflowError):
            return _end(bytes(data), self.format)


def _end(data: bytes, form: Format) -> datetime:
    early = data[0] & 0x80 if form == Format.BINARY else data.startswith(b"-") or data.endswith(b"BC")
    return datetime.min.replace(tzinfo=UTC) if early else datetime.max.replace(tzinfo=UTC)


def _register() -> None:
    """Registers the loader globally: for all connections of this process."""
    oid = psycopg.adapters.types["timestamptz"].oid
    for form in (Format.TEXT, Format.BINARY):
        plain = psycopg.adapters.get_loader(oid, form)
        if plain is not None and not issubclass(plain, _Moment):
            psycopg.adapters.register_loader(
                oid, type("Moment", (_Moment,), {"format": form, "plain": plain})
            )


_register()


def open_pool(database_url: str, *, size: int, statement_s: float = 0.0) -> ConnectionPool:
    """Opens a pool of at most `size` connections, in the background; it reconnects after server restarts.

    `statement_s`: statement_timeout in seconds; 0 means none.
    """
    options = "-c timezone=UTC" + (
        f" -c statement_timeout={round(statement_s * 1000)}" if statement_s else ""
    )
    return ConnectionPool(
        database_url,
        min_size=1,
        max_size=size,
        timeout=10,
        reconnect_timeout=5,
        max_idle=120,
        check=ConnectionPool.check_connection,
        kwargs={"connect_timeout": 5, "application_name": "dateline", "options": options},
        open=True,
    )


def explain_connection_error(error: BaseException) -> DatelineError:
    """Translates a connection error to a DatelineError that names the fault and the remedy."""
    said = " ".join(str(error).split())
    lower = said.lower()
    if "password authentication failed" in lower or "no password supplied" in lower:
        return PermanentError(
            "database_password",
            f"Postgres refused the password in DATELINE_DATABASE_URL: {said}. Set the password of this "
            "database",
        )
    if "does not exist" in lower and ("database" in lower or "role" in lower):
        return PermanentError("no_database", f"{said}: create it, or correct DATELINE_DATABASE_URL")
    if "no space left" in lower or "disk full" in lower:
        return Unavailable(
            "database_disk_full",
            f"Postgres has no disk space left ({said}): free some; work resumes by itself",
        )
    return Unavailable(
        "database_away",
        f"Postgres does not answer ({said}): is it running, and is DATELINE_DATABASE_URL right?",
    )


def sql(name: str) -> str:
    """Reads a SQL statement from the folder `sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
