"""Turns the error that ends a command into one line: what failed, and the remedy."""

from __future__ import annotations

import errno
import os

import psycopg

from services.contract.errors import DatelineError
from services.store.database import AWAY, explain_connection_error

INTERRUPTED, TERMINATED, CLOSED_PIPE = 130, 143, 141
"""Exit statuses for SIGINT, SIGTERM and SIGPIPE, as shells report them."""
_REMEDIES = {
    errno.ENOSPC: "free some space, or write elsewhere",
    errno.EDQUOT: "free some space, or write elsewhere",
    errno.EROFS: "write to a writable folder",
    errno.EACCES: "check the permissions of the file and its folder",
    errno.EPERM: "check the permissions of the file and its folder",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
}


class Terminated(BaseException):
    """SIGTERM was received: files are closed, incomplete ones are removed."""


def told(error: BaseException) -> str | None:
    """The line for an expected error; None for a fault of the program, which keeps its traceback."""
    if isinstance(error, DatelineError):
        return str(error)
    if isinstance(error, AWAY):
        return str(explain_connection_error(error))
    if isinstance(error, psycopg.Error):
        return f"Postgres refused this: {' '.join(str(error).split())}"
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("services."):
        return _not_installed(error.name or str(error))
    if isinstance(error, ModuleNotFoundError):
        return _not_in_image(error.name or "")
    if isinstance(error, OSError):
        return _of_system(error)
    return _of_redis(error)


def _not_installed(package: str) -> str:
    return (
        f"{package} is not installed here: pip install 'dateline[embedded]', "
        "or with compose `docker compose run --rm cli …`, which has everything"
    )


def _not_in_image(module: str) -> str:
    return (
        f"this image does not contain {module}: with compose `docker compose run --rm cli …` has everything; "
        "`demo` and `up` run outside of containers (`make demo`)"
    )


def _of_system(error: OSError) -> str:
    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    said = f"{where}: {error.strerror}" if where and error.strerror else str(error)
    if where and where.startswith(_home()):
        return f"{said}: set DATELINE_HOME to a writable folder"
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{said}: {remedy}" if remedy else said


def _home() -> str:
    from services.runtime.installation import home

    return str(home().parent)


def _of_redis(error: BaseException) -> str | None:
    from redis.exceptions import RedisError

    from services.runtime.broker import explain

    return str(explain(error)) if isinstance(error, RedisError) else None
