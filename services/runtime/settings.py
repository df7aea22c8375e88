"""Settings: one frozen dataclass a service, built once from the environment and validated as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar
from urllib.parse import urlsplit

from services.contract.errors import BadSettings
from services.runtime.passwords import known_passwords

S = TypeVar("S")
_MISSING = object()


def setting(
    variable: str, parse: Callable[[str], Any], help: str, default: Any = _MISSING, *, former: str = ""
) -> Any:
    """A dataclass field that is parsed from the environment variable `variable`.

    `former`: its deprecated name, read if `variable` is not set.
    """
    metadata = {"variable": variable, "former": former, "parse": parse, "help": help, "default": default}
    return field(metadata=metadata)


def load(cls: type[S], environ: Mapping[str, str] | None = None) -> S:
    """Builds `cls` from the environment. Raises BadSettings, which lists all problems at once."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    by_variable: dict[str, Any] = {}
    problems: list[str] = []
    for item in fields(cls):  # type: ignore[arg-type]
        spec = item.metadata
        raw = environ.get(spec["variable"], "").strip() or environ.get(spec["former"], "").strip()
        if not raw:
            if spec["default"] is _MISSING:
                problems.append(f"{spec['variable']} is not set: set it to {spec['help']}")
            values[item.name] = spec["default"]
            continue
        try:
            values[item.name] = by_variable[spec["variable"]] = spec["parse"](raw)
        except ValueError as error:
            problems.append(
                f"{spec['variable']}={_shown(raw)!r} is not valid ({error}): set it to {spec['help']}"
            )
    if not problems:
        problems = _unsafe(by_variable, environ.get("DATELINE_PROFILE", "").strip())
    if problems:
        many = "cannot start with these settings:\n" + "\n".join(f"  - {p}" for p in problems)
        raise BadSettings(many if len(problems) > 1 else f"cannot start: {problems[0]}")
    return cls(**values)


def _shown(raw: str) -> str:
    """A value as errors may show it: without the user and password of a URL."""
    if "://" not in raw or "@" not in raw:
        return raw
    scheme, rest = raw.split("://", 1)
    return f"{scheme}://…@{rest.rsplit('@', 1)[1]}"


def _unsafe(values: Mapping[str, Any], profile: str) -> list[str]:
    """Missing and well-known passwords, which every profile but development refuses."""
    return known_passwords(values) if profile not in ("", "development") else []


def one_of(*choices: str) -> Callable[[str], str]:
    """A parser for one of `choices`."""

    def parse(raw: str) -> str:
        if raw not in choices:
            raise ValueError(f"not one of {', '.join(choices)}")
        return raw

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser for an integer from `low` to `high`."""

    def parse(raw: str) -> int:
        number = int(raw)
        if not low <= number <= high:
            raise ValueError(f"not between {low} and {high}")
        return number

    return parse


def seconds(low: float, high: float) -> Callable[[str], float]:
    """A parser for a duration in seconds from `low` to `high`."""

    def parse(raw: str) -> float:
        number = float(raw)
        if not low <= number <= high:
            raise ValueError(f"not between {low} and {high} seconds")
        return number

    return parse


def days(raw: str) -> float:
    """Parses a number of days; fractions are allowed."""
    number = float(raw)
    if not 0 < number <= 36_500:
        raise ValueError("not between 0 and 36500 days")
    return number


def words(raw: str) -> tuple[str, ...]:
    """Parses a comma-separated list."""
    return tuple(word.strip() for word in raw.split(",") if word.strip())


def flag(raw: str) -> bool:
    """Parses yes or no."""
    if raw.lower() in ("1", "true", "yes", "on"):
        return True
    if raw.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("not yes or no")


def server_url(*schemes: str) -> Callable[[str], str]:
    """A parser for a server's URL with one of `schemes`."""

    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in schemes:
            raise ValueError(f"its scheme is not {' or '.join(schemes)}")
        if not parts.hostname:
            raise ValueError("it names no host")
        _ = parts.port
        return raw

    return parse


def text(raw: str) -> str:
    """Accepts any text."""
    return raw


DATABASE_URL_HELP = "the Postgres to use, as postgresql://user:password@host:5432/database"
REDIS_URL_HELP = "the Redis to use, as redis://:password@host:6379/0"
POSTGRES = server_url("postgresql", "postgres")
REDIS = server_url("redis", "rediss")


def database_url() -> Any:
    """The Postgres setting."""
    return setting("DATELINE_DATABASE_URL", POSTGRES, DATABASE_URL_HELP)


def redis_url() -> Any:
    """The Redis setting."""
    return setting("DATELINE_REDIS_URL", REDIS, REDIS_URL_HELP)


def own_broker_url() -> Any:
    """The setting for a broker other than Redis."""
    return setting(
        "DATELINE_BROKER_URL",
        server_url("redis", "rediss", "amqp", "amqps"),
        "the broker to use in Redis' place, as amqp://user:password@host:5672//",
        "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Settings of every service."""

    redis_url: str = redis_url()
    own_broker_url: str = own_broker_url()
    profile: str = setting(
        "DATELINE_PROFILE", one_of("development", "production"), "development or production", "development"
    )
    log_format: str = setting(
        "DATELINE_LOG_FORMAT", one_of("auto", "json", "console"), "auto, json or console", "auto"
    )
    log_level: str = setting(
        "DATELINE_LOG_LEVEL",
        one_of("debug", "info", "warning", "error"),
        "debug, info, warning or error",
        "info",
    )
    heartbeat_file: str = setting(
        "DATELINE_HEARTBEAT_FILE", text, "a file whose age tells a health check that the worker moves", ""
    )

    @property
    def broker_url(self) -> str:
        """The broker's URL: DATELINE_BROKER_URL, else Redis."""
        return self.own_broker_url or self.redis_url


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings(ServiceSettings):
    """Settings of every worker."""

    visibility_timeout_s: int = setting(
        "DATELINE_VISIBILITY_TIMEOUT_S",
        whole(10, 3600),
        "seconds after which an unacknowledged message is delivered again (10 to 3600)",
        90,
    )
    worker_name: str = setting(
        "DATELINE_WORKER_NAME",
        text,
        "the worker's name in Flower, where several of a service run on one machine",
        "",
    )
    task_limit_s: float = setting(
        "DATELINE_TASK_LIMIT_S",
        seconds(5, 3600),
        "seconds after which a task counts as hung and its worker is restarted (5 to 3600)",
        120.0,
    )
