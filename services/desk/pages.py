"""Static files of the web page, served without a build step."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"
_KEPT = {"Cache-Control": "no-cache"}  # cached, and revalidated each time


def mount(app: FastAPI) -> None:
    """Serves the page at / and its parts under /static."""

    @app.get("/", include_in_schema=False)
    def index() -> FileResponse:
        """The page."""
        return FileResponse(STATIC / "index.html", headers=_KEPT)

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        """The icon."""
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml", headers=_KEPT)

    app.mount("/static", _Revalidated(directory=STATIC), name="static")


class _Revalidated(StaticFiles):
    """Static files that browsers cache and revalidate each time, so that a new version takes effect at
    once."""

    def file_response(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
