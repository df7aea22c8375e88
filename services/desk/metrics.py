"""The desk's Prometheus metrics: requests by route and status, and their latency."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REGISTRY = CollectorRegistry()
_REQUESTS = Counter(
    "dateline_desk_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY
)
_SECONDS = Histogram(
    "dateline_desk_request_seconds", "Time from a request to the end of its answer.", ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10), registry=REGISTRY,
)  # fmt: skip

_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE"})


class MetricsMiddleware:
    """Counts requests by route template, so that the number of labels is bounded."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        started = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            _REQUESTS.labels(method, route, str(status)).inc()
            if route != "/events":  # a stream has no latency
                _SECONDS.labels(route).observe(time.perf_counter() - started)


def serve(address: str, port: int) -> None:
    """Serves /metrics from a thread of this process."""
    start_http_server(port, addr=address, registry=REGISTRY)
