"""Sixty-odd ways to make a fetcher ask a private address; each is refused before a byte is sent."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from services.contract.errors import BadSettings, BadUrl, DatelineError
from services.contract.urls import parse_url
from services.ingest.app import build
from services.ingest.fetch import Fetcher, FetchPolicy, client
from services.net.guard import Gate, is_public
from services.net.special_addresses import RANGES, special
from services.runtime.worker import run
from tests.ingest.hostile import HostileSite

REFUSED = {
    "address_refused",
    "malformed_url",
    "scheme_refused",
    "dns_failure",
    "bad_redirect",
    "port_refused",
}

# Hosts as an attacker writes them; the port is that of a server which listens on loopback.
HOSTS = """
localhost LOCALHOST localhost. LocalHost.localdomain 127.0.0.1 127.1 127.0.1 127.255.255.254 127.0.0.1. 0 0.0.0.0 0.0 00.0.0.0
2130706433 017700000001 0177.0.0.1 0177.0.0.01 0x7f000001 0x7f.0.0.1 0x7f.0x0.0x0.0x1 0X7F.1 127.0.0.0x1 127.000.000.001
①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127%2E0%2E0%2E1 %31%32%37.0.0.1 127.0.0.1%00.example.org 127.0.0.1%2523@example.org
[::1] [::] [0:0:0:0:0:0:0:1] [0000::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [::7f00:1]
[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::80ff:fffe] [fe80::1%25lo] [fe80::1%25eth0]
[fc00::1] [fd00:ec2::254] [fec0::1] [ff02::1] [100::1] [2001:db8::1]
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.0.1 192.168.255.255 169.254.169.254 169.254.170.2 100.64.0.1 100.100.100.200
192.0.0.1 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
0xA9FEA9FE 2852039166 169.254.43518 0251.0376.0251.0376 [::ffff:169.254.169.254] [::ffff:a9fe:a9fe]
""".split()  # noqa: E501
USER_PARTS = [
    "example.org@",
    "example.org:80@",
    "user:secret@",
    "example.org%00@",
    "example.org#@",
    "example.org\\@",
    "a@b@",
]
NAMES = {
    "private.example": ["10.0.0.7"],
    "metadata.example": ["169.254.169.254"],
    "both.example": ["93.184.216.34", "127.0.0.1"],
    "six.example": ["2606:4700::1111", "::1"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "scoped.example": ["fe80::1%2"],
}


@pytest.fixture(scope="module")
def listening() -> Iterator[HostileSite]:
    with HostileSite() as site:
        yield site


def _fetcher(listening: HostileSite, **gate: Any) -> Fetcher:
    ports = (80, 443, listening.port)
    return Fetcher(FetchPolicy(gate=Gate(allow_ports=ports, **gate), timeout_s=3))


def test_the_table_has_the_sixty_forms_that_it_should() -> None:
    assert len(set(HOSTS)) + len(USER_PARTS) + len(NAMES) >= 80


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("how", ["checked", "unchecked"])
def test_every_way_to_write_a_private_address_is_refused(listening: HostileSite, host: str, how: str) -> None:
    """At an intake, which cleans a URL, and at the fetcher itself, as a redirect would bring it."""
    url = f"http://{host}:{listening.port}/page"
    before = len(listening.asked)
    with pytest.raises(DatelineError) as raised:
        _fetcher(listening).fetch(parse_url(url).url if how == "checked" else url)
    assert raised.value.reason in REFUSED, raised.value
    assert len(listening.asked) == before


@pytest.mark.parametrize("user", USER_PARTS)
def test_a_user_part_hides_no_host_and_is_never_told(listening: HostileSite, user: str) -> None:
    url = f"http://{user}127.0.0.1:{listening.port}/page"
    with pytest.raises(DatelineError) as raised:
        _fetcher(listening).fetch(parse_url(url).url)
    assert raised.value.reason in REFUSED
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_one_private_answer_is_refused(listening: HostileSite, name: str) -> None:
    fetcher = _fetcher(listening, lookup=lambda host, _: NAMES[host])
    with pytest.raises(DatelineError) as raised:
        fetcher.fetch(f"http://{name}/page")
    assert raised.value.reason == "address_refused"


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    listening: HostileSite, no_egress: list[Any]
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    fetcher = _fetcher(listening, lookup=lambda *_: next(answers))
    with pytest.raises(DatelineError) as raised:
        fetcher.fetch(f"http://rebinding.example:{listening.port}/page")
    assert raised.value.reason == "unreachable"
    assert no_egress == [("93.184.216.34", listening.port)]  # the address that was checked, and no other
    no_egress.clear()
    with pytest.raises(DatelineError):  # within the minute for which a checked answer is kept
        fetcher.fetch(f"http://rebinding.example:{listening.port}/page")
    assert no_egress == [("93.184.216.34", listening.port)]
    no_egress.clear()
    assert listening.asked == []


def test_every_redirect_is_checked_like_a_first_address(listening: HostileSite) -> None:
    own = Gate(allow_hosts=(f"127.0.0.1:{listening.port}",), allow_ports=(80, 443, listening.port))
    fetcher = Fetcher(FetchPolicy(gate=own, timeout_s=3))
    for target in (
        "http|~~169.254.169.254~latest",
        f"http|~~localhost|{listening.port}~page",
        "http|~~10.1.2.3~",
        "~~[||1]~",
    ):
        with pytest.raises(DatelineError) as raised:
            fetcher.fetch(f"{listening.url}/to/{target}")
        assert raised.value.reason == "address_refused"
    assert "/page" not in listening.paths


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 9200, 2375, 11211, 1])
def test_odd_ports_are_refused_unless_they_are_allowed(port: int, no_egress: list[Any]) -> None:
    policy = FetchPolicy(gate=Gate(lookup=lambda *_: ["93.184.216.34"]), timeout_s=2)
    with pytest.raises(DatelineError) as raised:
        Fetcher(policy).fetch(f"http://example.org:{port}/")
    assert raised.value.reason == "port_refused"
    assert "DATELINE_ALLOW_PORTS" in str(raised.value)
    assert no_egress == []
    allowed = FetchPolicy(gate=Gate(allow_ports=(port,), lookup=lambda *_: ["93.184.216.34"]), timeout_s=2)
    with pytest.raises(DatelineError) as raised:
        Fetcher(allowed).fetch(f"http://example.org:{port}/")
    assert no_egress == [("93.184.216.34", port)]
    no_egress.clear()


def test_nothing_public_is_asked_before_a_contact_is_named(no_egress: list[Any]) -> None:
    policy = FetchPolicy(gate=Gate(public=False, lookup=lambda *_: ["93.184.216.34"]))
    with pytest.raises(DatelineError, match="DATELINE_CONTACT is not set") as raised:
        Fetcher(policy).fetch("http://example.org/")
    assert raised.value.reason == "no_contact"
    assert no_egress == []


@pytest.mark.parametrize("scheme", "file ftp gopher dict ldap jar data javascript netdoc phar unix".split())
def test_only_http_and_https_are_urls(scheme: str) -> None:
    with pytest.raises(BadUrl):
        parse_url(f"{scheme}://127.0.0.1/x")
    with pytest.raises(DatelineError):
        Fetcher(FetchPolicy()).fetch(f"{scheme}://127.0.0.1/x")


def test_public_addresses_stay_public() -> None:
    for address in (
        "1.1.1.1",
        "93.184.216.34",
        "2606:4700::1111",
        "172.32.0.1",
        "2002:101:101::",
    ):
        assert is_public(ipaddress.ip_address(address)), address


@pytest.mark.parametrize(("network", "name"), RANGES, ids=[str(network) for network, _ in RANGES])
def test_every_special_range_is_refused_from_its_first_address_to_its_last(network: Any, name: str) -> None:
    for address in (network[0], network[-1]):
        said = special(address)
        assert said is not None
        assert not is_public(address)
    assert any(
        name in (special(address) or "")
        for address in (network[0], network[-1], network[network.num_addresses // 2])
    )


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("168.63.129.16", "platform service of Azure"),
        ("169.254.169.254", "metadata service"),
        ("100.100.100.200", "metadata service of Alibaba Cloud"),
        ("192.0.0.192", "metadata service of Oracle Cloud"),
        ("fd00:ec2::254", "metadata service of Amazon EC2"),
        ("192.88.99.1", "6to4 Relay Anycast"),
        ("255.255.255.255", "Limited Broadcast"),
        ("2001:0:101:101::1", "TEREDO"),
        ("::ffff:10.0.0.1", "carries 10.0.0.1: 10.0.0.0/8, Private-Use"),
        ("::7f00:1", "carries 127.0.0.1: 127.0.0.0/8, Loopback"),
        ("::101:101", "IPv4-compatible"),
        ("64:ff9b::a83f:8110", "carries 168.63.129.16: 168.63.129.16/32, platform service of Azure"),
        ("2002:a9fe:a9fe::1", "6to4 address that carries 169.254.169.254"),
        ("2606:4700::5efe:a00:1", "ISATAP address that carries 10.0.0.1"),
        ("2606:4700::200:5efe:7f00:1", "ISATAP address that carries 127.0.0.1"),
        ("4000::1", "outside 2000::/3"),
        ("1::1", "outside 2000::/3"),
        ("fe00::1", "outside 2000::/3"),
    ],
)
def test_a_refusal_says_what_the_address_is(address: str, why: str) -> None:
    assert why in (special(ipaddress.ip_address(address)) or "")
    fetcher = Fetcher(FetchPolicy(gate=Gate(lookup=lambda *_: [address])))
    with pytest.raises(DatelineError) as raised:
        fetcher.fetch("http://news.example/")
    assert raised.value.reason == "address_refused"
    assert address in str(raised.value)
    assert why in str(raised.value)


@pytest.mark.parametrize(
    "address",
    [
        "168.63.129.15",
        "192.88.100.1",
        "3ffe::1",
        "2001:4860:4860::8888",
        "64:ff9b::101:101",
        "2606:4700::5efe:101:101",
    ],
)
def test_neighbours_of_special_ranges_are_public(address: str) -> None:
    assert special(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize("gate", [Gate(), Gate(allow_hosts=("127.0.0.1", "site")), Gate(public=False)])
def test_a_fetcher_refuses_private_addresses_when_it_is_asked_to_show_that(
    gate: Gate, no_egress: list[Any]
) -> None:
    Fetcher(FetchPolicy(gate=gate)).check_gate()
    assert no_egress == []


@pytest.mark.parametrize("scheme", ["http://", "https://"])
def test_a_fetcher_without_the_check_of_addresses_does_not_start(scheme: str, no_egress: list[Any]) -> None:
    fetcher = Fetcher(FetchPolicy())
    fetcher._session.mount(scheme, HTTPAdapter())
    with pytest.raises(BadSettings, match="address check is not in place"):
        fetcher.check_gate()
    no_egress.clear()


def test_ingest_ends_with_one_line_where_its_fetcher_lost_the_check_of_addresses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_egress: list[Any]
) -> None:
    monkeypatch.setattr(client, "guarded_adapter", lambda *_, **__: HTTPAdapter())
    for name in [name for name in os.environ if name.startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATELINE_REDIS_URL", "redis://:own@127.0.0.1:1/0")
    with pytest.raises(SystemExit) as ended:
        run("ingest", build)
    assert ended.value.code == 2
    assert re.fullmatch(r"dateline ingest: the address check is not in place: .*\n", capsys.readouterr().err)
    no_egress.clear()
