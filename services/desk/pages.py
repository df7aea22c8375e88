"""The page itself: files of ours, served as they are, without a build step."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"
_KEPT = {"Cache-Control": "no-cache"}  # kept by a browser, which asks each time whether it is still the same


def mount(app: FastAPI) -> None:
    """Serve the page at / and its parts below /static."""

    @app.get("/", include_in_schema=False)
    def index() -> FileResponse:
        """The page."""
        return FileResponse(STATIC / "index.html", headers=_KEPT)

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        """Its mark."""
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml", headers=_KEPT)

    app.mount("/static", _Revalidated(directory=STATIC), name="static")


class _Revalidated(StaticFiles):
    """Files that a browser keeps, and asks after each time: a new version of the desk is a new page at once."""

    def file_response(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
