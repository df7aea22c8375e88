"""Schema migrations with Alembic, and the check that the schema is new enough for this code.

Alembic is imported only where a migration runs: it costs a fifth of a CPU second, and every service
makes the check when it starts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from services.contract.errors import PermanentError
from services.store.database import explain_connection_error

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def head() -> str:
    """The newest revision of this code."""
    return max(revisions())


def revisions() -> set[str]:
    """Every revision that this code knows: the number at the beginning of its file's name."""
    return {path.name[:4] for path in (_FOLDER / "versions").glob("[0-9][0-9][0-9][0-9]_*.py")}


def migrate(database_url: str, *, revision: str = "head") -> tuple[str | None, str | None]:
    """Migrates the schema up or down to `revision`, under an advisory lock;
    returns the revisions before and after.

    Raises Unavailable if Postgres does not answer.
    """
    from alembic import command
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.pool import NullPool

    before = current(database_url)
    url = "postgresql+psycopg://" + database_url.split("://", 1)[1]
    engine = create_engine(url, poolclass=NullPool)
    config = _config()
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            if revision == "base" or (before is not None and revision != "head" and revision < before):
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
    except OperationalError as error:
        raise explain_connection_error(error.orig or error) from error
    finally:
        engine.dispose()
    return before, current(database_url)


def current(database_url: str) -> str | None:
    """The schema's revision; None for an empty database. Raises Unavailable if Postgres does not answer."""
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            row = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
            if row is None or row[0] is None:
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return None if row is None else str(row[0])
    except psycopg.OperationalError as error:
        raise explain_connection_error(error) from error


def require_current(database_url: str) -> None:
    """Raises PermanentError if the schema is older than this code.

    A newer schema is accepted: each migration is compatible with the code before it.
    """
    have, need = current(database_url), head()
    if have is None:
        raise PermanentError("no_schema", "the database holds no Dateline tables yet: run `dateline migrate`")
    if have < need:
        raise PermanentError(
            "old_schema", f"the schema is at {have}, this version needs {need}: run `dateline migrate`"
        )
