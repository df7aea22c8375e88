"""Fetching from a real local server: what is read, what is refused, and under which class."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from services.contract.errors import PermanentError, Skipped, TransientError
from services.demo.pages import stories
from services.demo.site import Site
from services.ingest.fetch import Fetcher, FetchPolicy, inflate
from services.net.guard import Gate, is_public

PAGE = b"<!DOCTYPE html><html><body><p>A page.</p></body></html>"


class _Faulty(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("User-Agent", ""))
        name = self.path.partition("?")[0].strip("/")
        if name.startswith("status-"):
            self._answer(int(name[7:]), {"Retry-After": "120"}, PAGE)
        elif name == "loop":
            self._answer(302, {"Location": "/loop2"})
        elif name == "loop2":
            self._answer(302, {"Location": "/loop"})
        elif name.startswith("chain-"):
            self._answer(302, {"Location": f"/chain-{int(name[6:]) + 1}"})
        elif name == "to-file":
            self._answer(302, {"Location": "file:///etc/passwd"})
        elif name == "to-private":
            self._answer(302, {"Location": "http://169.254.169.254/latest/meta-data"})
        elif name == "asks-for-a-cookie":
            if "reader=known" in self.headers.get("Cookie", ""):
                self._answer(200, {}, PAGE + self.headers["Cookie"].encode())
            else:
                self._answer(302, {"Location": f"/{name}", "Set-Cookie": "reader=known; Path=/"})
        elif name == "gzip":
            self._answer(200, {"Content-Encoding": "gzip"}, gzip.compress(PAGE))
        elif name == "bomb":
            self._answer(200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 60_000_000))
        elif name == "declared-huge":
            self._answer(200, {"Content-Length": str(10**10)}, b"", length=False)
        elif name == "lying-json":
            self._answer(200, {"Content-Type": "application/json"}, PAGE)
        elif name == "reset":
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
            )
            self.connection.close()
            self.close_connection = True
        elif name == "drip":
            self._drip()
        else:
            self._answer(200, {}, PAGE)

    def _answer(
        self, status: int, headers: dict[str, str], body: bytes = b"", *, length: bool = True
    ) -> None:
        self.send_response(status)
        for key, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
            self.send_header(key, value)
        if length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        stop = threading.Event()
        try:
            while not stop.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that break on purpose are no news."""


@pytest.fixture(scope="module")
def faulty() -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), _Faulty)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _fetcher(timeout_s: float) -> Fetcher:
    gate = Gate(allow_hosts=("127.0.0.1",))
    return Fetcher(FetchPolicy(gate=gate, timeout_s=timeout_s, contact="mailto:desk@example.org"))


@pytest.fixture
def fetcher() -> Fetcher:
    return _fetcher(60.0)


def test_a_page_is_fetched_with_its_final_address(fetcher: Fetcher, site: Site) -> None:
    fetched = fetcher.fetch(site.url + "/moved")
    assert fetched.status == 200
    assert fetched.url == site.url + next(iter(stories()))
    assert fetched.charset == "utf-8"


def test_the_user_agent_is_honest_and_says_whom_to_ask(fetcher: Fetcher, faulty: str) -> None:
    fetcher.fetch(faulty + "/ok")
    assert _Faulty.seen[-1].startswith("Dateline/")
    assert "+mailto:desk@example.org" in _Faulty.seen[-1]


def test_a_cookie_is_given_back_on_the_way_and_forgotten_after_it(fetcher: Fetcher, faulty: str) -> None:
    for _ in range(2):
        asked = len(_Faulty.seen)
        assert fetcher.fetch(faulty + "/asks-for-a-cookie").body == PAGE + b"reader=known"
        assert len(_Faulty.seen) == asked + 2


def test_compressed_pages_are_decompressed(fetcher: Fetcher, faulty: str) -> None:
    assert fetcher.fetch(faulty + "/gzip").body == PAGE


def test_a_content_type_may_lie_about_a_page(fetcher: Fetcher, faulty: str) -> None:
    assert fetcher.fetch(faulty + "/lying-json").body == PAGE


@pytest.mark.parametrize(
    ("path", "error", "reason"),
    [
        ("/status-404", PermanentError, "http_404"),
        ("/status-403", PermanentError, "http_403"),
        ("/status-410", PermanentError, "http_410"),
        ("/status-429", TransientError, "http_429"),
        ("/status-500", TransientError, "http_500"),
        ("/status-503", TransientError, "http_503"),
        ("/loop", PermanentError, "redirect_loop"),
        ("/chain-0", PermanentError, "too_many_redirects"),
        ("/to-file", PermanentError, "bad_redirect"),
        ("/to-private", PermanentError, "address_refused"),
        ("/bomb", PermanentError, "too_large"),
        ("/declared-huge", PermanentError, "too_large"),
        ("/reset", TransientError, "connection_reset"),
        ("/drip", TransientError, "timeout"),
    ],
)
def test_faults_have_a_class_and_a_reason(faulty: str, path: str, error: type, reason: str) -> None:
    with pytest.raises(error) as caught:
        _fetcher(1.0 if reason == "timeout" else 60.0).fetch(faulty + path)
    assert caught.value.reason == reason
    assert "127.0.0.1" in str(caught.value) or "169.254" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "reason"), [("/report.pdf", "not_html"), ("/data.json", "not_html"), ("/empty", "empty_page")]
)
def test_what_is_no_page_is_skipped(fetcher: Fetcher, site: Site, path: str, reason: str) -> None:
    with pytest.raises(Skipped) as caught:
        fetcher.fetch(site.url + path)
    assert caught.value.reason == reason


def test_retry_after_is_carried(fetcher: Fetcher, faulty: str) -> None:
    with pytest.raises(TransientError) as caught:
        fetcher.fetch(faulty + "/status-429")
    assert caught.value.retry_after_s == 120.0


def test_an_endless_page_is_cut_at_the_cap(fetcher: Fetcher, site: Site) -> None:
    with pytest.raises(PermanentError, match="larger than"):
        fetcher.fetch(site.url + "/huge")


def test_a_closed_port_and_a_missing_name_may_pass(fetcher: Fetcher) -> None:
    with pytest.raises(TransientError) as caught:
        fetcher.fetch("http://127.0.0.1:1/")
    assert caught.value.reason == "connection_refused"
    with pytest.raises(TransientError) as caught:
        fetcher.fetch("http://nowhere.invalid/")
    assert caught.value.reason == "dns_failure"


def test_private_addresses_are_refused_before_anything_is_sent(faulty: str) -> None:
    before = len(_Faulty.seen)
    with pytest.raises(PermanentError) as caught:
        Fetcher(FetchPolicy()).fetch(faulty + "/ok")
    assert caught.value.reason == "port_refused"
    assert "DATELINE_ALLOW_HOSTS" in str(caught.value)
    assert len(_Faulty.seen) == before


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 127.8.8.8 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.2.1 198.18.0.1
    198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 ::1 :: fe80::1 fc00::1 fd12::1 ff02::1 fec0::1
    ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 2002:a00:1:: 2001:db8::1
    100::1""".split(),  # noqa: E501
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "172.32.0.1"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_every_way_to_write_loopback_is_refused(host: str) -> None:
    with pytest.raises((PermanentError, TransientError)) as caught:
        Fetcher(FetchPolicy(timeout_s=2.0)).fetch(f"http://{host}:9/")
    assert caught.value.reason in ("address_refused", "port_refused", "dns_failure", "malformed_url")


def test_a_host_is_asked_over_the_connection_that_is_open() -> None:
    opened: list[object] = []

    class Counting(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            opened.append(self.client_address)
            super().setup()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Counting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        fetcher = Fetcher(FetchPolicy(gate=Gate(allow_hosts=("127.0.0.1",)), timeout_s=5))
        for n in range(12):
            assert fetcher.fetch(f"http://127.0.0.1:{server.server_port}/{n}").body == PAGE
        server.shutdown()
    assert len(opened) == 1


_FIRST, _SECOND = b"first " * 20_000, b"second"
_BOTH_ALIKE = gzip.compress(_FIRST) * 2  # the length at the end is that of either, and of neither's whole


@pytest.fixture(params=["isal", "zlib"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ISA-L, and as on a processor for which there is none."""
    monkeypatch.setattr(
        inflate, "fastest", zlib if request.param == "zlib" else pytest.importorskip("isal.isal_zlib")
    )


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("packed", "whole"),
    [
        (b"", b""),
        (gzip.compress(b""), b""),
        (gzip.compress(_FIRST), _FIRST),
        (gzip.compress(_FIRST) + gzip.compress(_SECOND) + b"rubbish", _FIRST + _SECOND),
        (gzip.compress(_FIRST) + b"\0" * 512, _FIRST),
        (_BOTH_ALIKE, _FIRST * 2),
    ],
)
def test_an_answer_is_inflated_to_its_end_by_either_library(packed: bytes, whole: bytes) -> None:
    assert inflate.inflate(packed, 240_000) == whole


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("packed", "error"),
    [
        (gzip.compress(_FIRST + b"x" * 130_000), inflate.TooLarge),
        (gzip.compress(_FIRST * 3)[:-4] + (100).to_bytes(4, "little"), inflate.TooLarge),  # a bomb that lies
        (gzip.compress(_FIRST)[:-4] + (100).to_bytes(4, "little"), zlib.error),
        (gzip.compress(_FIRST)[:-9], inflate.Truncated),
        (gzip.compress(_FIRST) + gzip.compress(_SECOND)[:-9], inflate.Truncated),
        (b"no gzip at all, whatever was said", zlib.error),
        (
            gzip.compress(_FIRST)[:-8] + b"\0\0\0\0" + len(_FIRST).to_bytes(4, "little"),
            zlib.error,
        ),  # a wrong checksum
    ],
)
def test_what_is_not_whole_or_too_much_is_told_by_either_library(
    packed: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        inflate.inflate(packed, 240_000)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("lacking", range(1, 9))
@pytest.mark.parametrize("before", [b"", gzip.compress(_SECOND)], ids=["alone", "after another"])
def test_a_trailer_that_is_missing_is_not_missed(lacking: int, before: bytes) -> None:
    named = b"\x1f\x8b\x08\x1e" + bytes(6) + b"\x03\0ext" + b"name\0" + b"comment\0"
    named += (zlib.crc32(named) & 0xFFFF).to_bytes(2, "little")
    end = zlib.crc32(_FIRST).to_bytes(4, "little") + len(_FIRST).to_bytes(4, "little")
    for packed in (gzip.compress(_FIRST), named + zlib.compress(_FIRST)[2:-4] + end):
        whole = inflate.inflate(before + packed[:-lacking], 240_000)
        assert whole == (_SECOND if before else b"") + _FIRST


@pytest.mark.usefixtures("library")
def test_the_beginning_of_what_is_too_large_or_cut_short_is_handed_over() -> None:
    packed = gzip.compress(_FIRST)
    assert inflate.inflate(packed, 1000, cut=True) == _FIRST[:1000]
    start = inflate.inflate(packed[:-20], 240_000, cut=True)
    assert start
    assert _FIRST.startswith(start)


def test_thousands_of_tiny_members_cost_no_more_than_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is handed to the library in all, for twice as many members, is twice as much."""
    handed: list[int] = []

    class Counting:
        def __init__(self, bits: int) -> None:
            self.own = REAL(bits)

        def decompress(self, data: bytes, most: int) -> bytes:
            handed.append(len(data))
            return self.own.decompress(data, most)

        def __getattr__(self, name: str) -> object:
            return getattr(self.own, name)

    REAL = inflate.fastest.decompressobj
    monkeypatch.setattr(inflate.fastest, "decompressobj", Counting)
    sums = []
    for members in (2_000, 4_000):
        handed.clear()
        assert inflate.inflate(gzip.compress(b"ab") * members, 240_000) == b"ab" * members
        sums.append(sum(handed))
    assert sums[1] < 2.2 * sums[0]
