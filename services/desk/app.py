"""The desk's composition root: the ASGI application, its threads, and the server that runs it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg.errors import QueryCanceled
from starlette.middleware.gzip import GZipMiddleware

from services import __version__
from services.contract.bounds import storable_all
from services.contract.errors import DatelineError
from services.desk import pages
from services.desk.access import BEARER, RateLimitMiddleware
from services.desk.bounds import RequestLimitsMiddleware
from services.desk.columns import Columns
from services.desk.delivery import Deliverer, guarded
from services.desk.finding import Finder
from services.desk.headers import HEADERS
from services.desk.metrics import MetricsMiddleware, serve
from services.desk.models import problems
from services.desk.near_values import with_near_values
from services.desk.routes import (
    articles,
    catalogue,
    deletion,
    feed,
    hooks,
    intake,
    names,
    operations,
    session,
    stories,
)
from services.desk.serving import ConnectionLimits, server_config
from services.desk.settings import DeskSettings
from services.desk.state import Desk, Follower
from services.runtime import broker, logs
from services.runtime import settings as env
from services.runtime.queues import open_queues
from services.runtime.start_checks import cannot_listen, check_parent, listening
from services.store.database import AWAY, explain_connection_error, open_pool
from services.store.migrate import require_current

_POOL = 12
_ADDRESS = ("DATELINE_DESK_ADDRESS", "DATELINE_DESK_PORT")
_METRICS = ("DATELINE_METRICS_ADDRESS", "DATELINE_METRICS_PORT")
_ABOUT = """News articles with topics (IPTC Media Topics) and regions, every tag with its evidence.

Send a token as `Authorization: Bearer …`; `dateline tokens add NAME --scope read` makes one. Scopes: `read`,
`submit` (URLs in), `admin` (replay, webhooks, and all the others)."""


def build(settings: DeskSettings) -> FastAPI:
    """Builds the application. Its threads start and stop with its lifespan."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        pool = open_pool(settings.database_url, size=_POOL, statement_s=settings.question_s)
        columns = Columns()
        follower = Follower(pool, columns, settings.heartbeat_file)
        deliverer = Deliverer(pool, settings)
        app.state.settings, app.state.pool = settings, pool
        app.state.desk = Desk(
            settings, pool, broker.connect(settings.redis_url), open_queues(settings.broker_url), columns,
            Finder(pool, columns), follower,
        )  # fmt: skip
        follower.start()
        deliverer.start()
        yield
        follower.stop()
        deliverer.stop()
        pool.close()

    app = FastAPI(
        title="Dateline", version=__version__, description=_ABOUT, lifespan=running, docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )  # fmt: skip
    for part in (session, articles, stories, names, catalogue, feed, intake, operations, hooks, deletion):
        app.include_router(
            part.router, responses=problems(401, 403, 429, 503, 504), dependencies=[Depends(BEARER)]
        )
    pages.mount(app)
    app.add_exception_handler(RequestValidationError, _not_understood)
    for error in AWAY:
        app.add_exception_handler(error, _away)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(RequestLimitsMiddleware, hosts=settings.hosts)
    app.add_middleware(MetricsMiddleware)
    app.add_middleware(RateLimitMiddleware, rate=settings.rate, proxies=settings.trusted_proxies)
    return app


def _away(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, QueryCanceled):
        why = (
            "this query reached the statement timeout: narrow it, by date for instance, or raise "
            "DATELINE_DESK_QUESTION_S"
        )
        return JSONResponse({"detail": why}, 504)
    return JSONResponse({"detail": str(explain_connection_error(error))}, 503, {"Retry-After": "2"})


def _not_understood(request: Request, error: Exception) -> JSONResponse:
    """422 in FastAPI's format, with the nearest valid value, for input that may hold what JSON cannot: a
    lone surrogate, NaN."""
    said = with_near_values(error.errors(), request) if isinstance(error, RequestValidationError) else []
    return JSONResponse({"detail": storable_all(jsonable_encoder(said))}, 422)


def _failed(_: Request, __: Exception) -> JSONResponse:
    """500 with the security headers: this response does not pass through RateLimitMiddleware. The
    traceback is in the log."""
    return JSONResponse({"detail": "internal error: the desk's log has its cause"}, 500, HEADERS)


class _Server(uvicorn.Server):
    """Ends live streams on shutdown instead of waiting for them."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._app.state.desk.follower.signal_stop()
        super().handle_exit(sig, frame)


def main() -> None:
    """Runs the desk until SIGTERM or SIGINT; exits with status 2 if it cannot start."""
    try:
        settings = env.load(DeskSettings)
        check_parent("DATELINE_HEARTBEAT_FILE", settings.heartbeat_file)
        guarded(settings)  # before the server starts, which would report an error with a traceback
        require_current(settings.database_url)
        listener = listening(_ADDRESS, settings.address, settings.port)
        if settings.metrics_port:
            _serve_metrics(settings.metrics_address, settings.metrics_port)
    except DatelineError as error:
        print(f"dateline desk: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    logs.configure("desk", settings.log_level, settings.log_format)
    app = build(settings)
    limits = ConnectionLimits(proxies=settings.trusted_proxies)
    config = server_config(app, address=settings.address, port=settings.port, limits=limits)
    logs.get(__name__).info(
        "desk_starts", address=settings.address, port=settings.port, open=settings.is_open
    )
    _Server(config, app).run(sockets=[listener])


def _serve_metrics(address: str, port: int) -> None:
    try:
        serve(address, port)
    except OSError as error:
        raise cannot_listen(_METRICS, address, port, error) from error
