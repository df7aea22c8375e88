"""A hostile and faulty site: everything ends in its right state, within its deadline, with memory bounded."""

from __future__ import annotations

import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from services.contract.errors import DatelineError, PermanentError, Skipped, TransientError
from services.ingest.extract.charset import decode_page
from services.ingest.fetch import Fetcher, FetchPolicy
from services.net.guard import Gate
from tests.ingest.hostile import CHARSETS, PAGE, TEXT, HostileSite


def _fetcher(timeout_s: float) -> Fetcher:
    return Fetcher(FetchPolicy(gate=Gate(allow_hosts=("127.0.0.1",)), timeout_s=timeout_s))


@pytest.fixture
def fetcher() -> Fetcher:
    return _fetcher(60.0)


TRANSIENT = {
    "drip-status": "timeout", "drip-headers": "timeout", "drip-body": "timeout", "drip-chunks": "timeout",
    "silence": "timeout",
    "reset-at-once": "connection_reset", "reset-in-status": "connection_reset",
    "reset-in-headers": "connection_reset",
    "reset-in-body": "connection_reset", "truncated": "truncated", "truncated-chunks": "truncated",
    "nothing": "connection_reset",
    "truncated-gzip": "truncated",
    "not-http": "bad_answer",
    "status/500": "http_500", "status/502": "http_502", "status/503": "http_503", "status/429": "http_429",
    "status/408": "http_408",
}  # fmt: skip
PERMANENT = {
    "status/403": "http_403", "status/404": "http_404", "status/410": "http_410", "status/451": "http_451",
    "bomb": "too_large", "nested-bomb": "too_large", "deep-bomb": "too_large", "deflate-bomb": "too_large",
    "huge": "too_large",
    "declared-huge": "too_large", "many-headers": "too_large", "long-header": "too_large",
    "loop": "redirect_loop",
    "self": "redirect_loop", "chain/30": "too_many_redirects", "damaged-gzip": "bad_encoding",
    "to/file|~~~etc~passwd": "bad_redirect", "to/gopher|~~127.0.0.1|70~": "bad_redirect",
    "to/javascript|alert(1)": "bad_redirect",
    "to/http|~~169.254.169.254~latest~meta-data~": "address_refused", "to/http|~~[|||1]~": "bad_redirect",
    "to/http|~~[||1]~": "address_refused",
    "to/http|~~localhost~": "address_refused", "to/http|~~10.0.0.1~": "address_refused",
}  # fmt: skip
SKIPPED = {"empty": "empty_page", "lying-html": "not_html", "pdf-as-html": "not_html"}


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [(p, TransientError, r) for p, r in TRANSIENT.items()]
    + [(p, PermanentError, r) for p, r in PERMANENT.items()]
    + [(p, Skipped, r) for p, r in SKIPPED.items()],
)
def test_every_misbehaviour_has_its_class_and_reason(
    hostile: HostileSite, path: str, kind: type, reason: str
) -> None:
    with pytest.raises(DatelineError) as raised:
        _fetcher(1.0 if reason == "timeout" else 60.0).fetch(f"{hostile.url}/{path}")
    assert raised.value.reason == reason
    assert isinstance(raised.value, kind)


@pytest.mark.parametrize("path", ["drip-status", "drip-headers", "drip-body", "drip-chunks", "silence"])
def test_a_server_that_drips_is_cut_at_the_deadline(hostile: HostileSite, path: str) -> None:
    """Not a speed test: a byte every 50 ms would keep any socket time-out from passing, for ever."""
    fetcher = _fetcher(1.0)
    done = threading.Event()

    def fetch() -> None:
        with pytest.raises(TransientError, match="took longer than 1 s"):
            fetcher.fetch(f"{hostile.url}/{path}")
        done.set()

    threading.Thread(target=fetch, daemon=True).start()
    assert done.wait(20)


def test_a_tls_handshake_that_drips_is_cut_at_the_deadline() -> None:
    import socket

    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        try:
            while True:
                connection.sendall(b"\x16")
                time.sleep(0.05)
        except OSError:
            pass

    threading.Thread(target=drip, daemon=True).start()
    fetcher = _fetcher(1.0)
    with pytest.raises(DatelineError) as raised:
        fetcher.fetch(f"https://127.0.0.1:{listener.getsockname()[1]}/")
    assert raised.value.reason in ("timeout", "tls_error")
    listener.close()


@pytest.mark.parametrize(("asked", "seconds"), [("120", 120.0), ("0", 0.0), ("soon", None), ("", None)])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_carried_where_it_makes_sense(
    hostile: HostileSite, fetcher: Fetcher, status: int, asked: str, seconds: float | None
) -> None:
    with pytest.raises(TransientError) as raised:
        fetcher.fetch(f"{hostile.url}/status/{status}" + (f"/{asked}" if asked else ""))
    assert raised.value.retry_after_s == seconds


@pytest.mark.parametrize("path", ["lying-json", "lying-image", "chain/5", "page", "huge-redirect"])
def test_what_is_a_page_is_read_whatever_it_is_called(
    hostile: HostileSite, fetcher: Fetcher, path: str
) -> None:
    assert fetcher.fetch(f"{hostile.url}/{path}").body == PAGE


@pytest.mark.parametrize("how", ["named", "meta", "missing", "lying"])
@pytest.mark.parametrize("name", CHARSETS)
def test_wrong_and_missing_charsets_are_read_right(
    hostile: HostileSite, fetcher: Fetcher, name: str, how: str
) -> None:
    fetched = fetcher.fetch(f"{hostile.url}/charset/{name}/{how}")
    text = decode_page(fetched.body, fetched.charset)
    if how == "missing" and name in (
        "windows-1252",
        "iso-8859-2",
    ):  # only a guess can tell Latin alphabets apart
        assert "�" not in text
    else:
        assert CHARSETS[name].strip() in text


def test_a_byte_order_mark_beats_the_header(hostile: HostileSite, fetcher: Fetcher) -> None:
    fetched = fetcher.fetch(f"{hostile.url}/bom")
    assert TEXT in decode_page(fetched.body, fetched.charset)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    import http.server

    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out",
        str(certificate),
         "-days", "2", "-subj", "/CN=127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    fetcher = _fetcher(60.0)
    with pytest.raises(PermanentError) as raised:
        fetcher.fetch(f"https://127.0.0.1:{server.server_address[1]}/")
    assert raised.value.reason == "tls_error"
    server.shutdown()


_MEASURE = """
import resource, sys
from services.contract.errors import DatelineError
from services.ingest.fetch import Fetcher, FetchPolicy
from services.net.guard import Gate
fetcher = Fetcher(FetchPolicy(gate=Gate(allow_hosts=("127.0.0.1",)), timeout_s=60))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[2:]:
    try:
        fetcher.fetch(f"{sys.argv[1]}/{path}")
    except DatelineError as error:
        assert error.reason == "too_large", error
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_bombs_and_huge_pages_cost_no_more_memory_than_the_cap_allows(hostile: HostileSite) -> None:
    paths = [
        "bomb",
        "nested-bomb",
        "deep-bomb",
        "deflate-bomb",
        "huge",
        "declared-huge",
        "many-headers",
        "long-header",
        "huge-redirect",
    ]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, hostile.url, *paths],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 64, f"{done.stdout} MiB for pages of at most 10"
