"""Flower with the workers' broker and settings: `python -m services.runtime.flower`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from services.contract.errors import DatelineError
from services.runtime import settings as env
from services.runtime.celery_app import make_app
from services.runtime.settings import own_broker_url, redis_url, setting, text, whole
from services.runtime.start_checks import check_parent, listening

_ADDRESS = ("DATELINE_FLOWER_ADDRESS", "DATELINE_FLOWER_PORT")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowerSettings:
    """Settings of Flower."""

    redis_url: str = redis_url()
    own_broker_url: str = own_broker_url()
    profile: str = setting(
        "DATELINE_PROFILE",
        env.one_of("development", "production"),
        "development or production",
        "development",
    )
    address: str = setting("DATELINE_FLOWER_ADDRESS", text, "the address that Flower listens on", "127.0.0.1")
    port: int = setting("DATELINE_FLOWER_PORT", whole(1, 65535), "the port that Flower listens on", 5555)
    basic_auth: str = setting("DATELINE_FLOWER_BASIC_AUTH", text, "user:password for Flower's pages", "")
    database: str = setting(
        "DATELINE_FLOWER_DATABASE", text, "the file in which Flower keeps its task list", ""
    )


def main() -> None:
    """Run Flower until a signal ends it."""
    try:
        settings = env.load(FlowerSettings)
        _check(settings)
        check_parent("DATELINE_FLOWER_DATABASE", settings.database)
        listening(_ADDRESS, settings.address, settings.port).close()
    except DatelineError as error:
        print(f"dateline flower: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    app = make_app("flower", settings.own_broker_url or settings.redis_url)
    # The broker URL holds a password: it must not appear on Flower's pages or in the process list.
    arguments = [
        "flower",
        f"--address={settings.address}",
        f"--port={settings.port}",
        "--max_tasks=20000",
        "--inspect_timeout=2000",
        "--purge_offline_workers=300",
        "--task_columns=name,uuid,state,args,received,started,runtime,worker",
    ]
    if settings.basic_auth:
        arguments.append(f"--basic_auth={settings.basic_auth}")
    else:
        os.environ.setdefault("FLOWER_UNAUTHENTICATED_API", "false")
    if settings.database:
        arguments += ["--persistent=True", f"--db={settings.database}", "--save_state_interval=10000"]
    app.start(arguments)


def _check(settings: FlowerSettings) -> None:
    from services.contract.errors import BadSettings

    pairs = [pair.partition(":") for pair in settings.basic_auth.split(",") if settings.basic_auth]
    if not all(user and password for user, _, password in pairs):
        raise BadSettings(
            "DATELINE_FLOWER_BASIC_AUTH is not user:password: set it to both, with a colon between"
        )
    if settings.address not in ("127.0.0.1", "localhost", "::1") and not settings.basic_auth:
        raise BadSettings(
            "DATELINE_FLOWER_BASIC_AUTH is not set: Flower listens beyond this machine, "
            "set it to user:password"
        )


if __name__ == "__main__":
    main()
