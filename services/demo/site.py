"""The demo site's HTTP server, with pages and faults. Run: `python -m services.demo.site --port 8000`."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from services.demo.pages import elsewhere, render_target, stories

_HUGE_BYTES = 50 * 1024 * 1024


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "HarbourCourier"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        base = f"http://{self.headers.get('Host', 'localhost')}"
        if status := self.server.fault(self.path):  # type: ignore[attr-defined]
            self._send(status, "text/html; charset=utf-8", b"<html><body><h1>Not now</h1></body></html>")
            return
        page = self.server.render(self.path, base)  # type: ignore[attr-defined]
        if page is not None:
            self._send(200, "text/html; charset=utf-8", page.encode())
        elif path == "/report.pdf":
            self._send(200, "application/pdf", b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n")
        elif path == "/empty":
            self._send(200, "text/html", b"")
        elif path == "/data.json":
            self._send(200, "application/json", b'{"not": "a page"}')
        elif path == "/moved":
            self.send_response(301)
            self.send_header("Location", next(iter(stories())))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/huge":
            self._huge()
        else:
            self._send(404, "text/html; charset=utf-8", b"<html><body><h1>Not found</h1></body></html>")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _huge(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        chunk = b"<p>" + b"word " * 13_000 + b"</p>\n"
        try:
            for _ in range(_HUGE_BYTES // len(chunk)):
                self.wfile.write(chunk)
        except OSError:
            pass  # expected: the client stops reading at its size limit

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _SiteServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        render: Callable[[str, str], str | None],
        fault: Callable[[str], int | None],
    ) -> None:
        super().__init__(address, _Handler)
        self.render = render
        self.fault = fault

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # expected: the client disconnected
            super().handle_error(request, client_address)


class Site:
    """The site, served from a thread of this process; a context manager.

    `render` maps a request target and the site's URL to HTML, or to None for 404. `fault` maps a request
    target to the HTTP status of an error response, or to None.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        render: Callable[[str, str], str | None] = render_target,
        fault: Callable[[str], int | None] = lambda _: None,
    ) -> None:
        self._server = _SiteServer((host, port), render, fault)
        self.host = host
        self.port = int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The site's base URL, without a final slash."""
        return f"http://{self.host}:{self.port}"

    def __enter__(self) -> Site:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="site", daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def houses(site: Site) -> Iterator[list[str]]:
    """Serves the stories of other houses on addresses of their own (127.0.0.2 …), so that each is a source;
    yields their URLs. Where only one address can be listened on, as on macOS, `site` has them."""
    with ExitStack() as running:
        urls = []
        for number, path in enumerate(elsewhere(), start=2):
            try:
                house = running.enter_context(Site(f"127.0.0.{number}", site.port))
            except OSError:
                house = site
            urls.append(house.url + path)
        yield urls


def main() -> None:
    """Serves the site until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    _SiteServer((arguments.host, arguments.port), render_target, lambda _: None).serve_forever()


if __name__ == "__main__":
    main()
