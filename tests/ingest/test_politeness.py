"""Eight workers, twenty hosts, one script in Redis: no host sees more than its rate, and no host waits for
another."""

from __future__ import annotations

import gzip
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from bench.politeness import HOSTS, SLOW, measure
from services.contract.errors import Deferred, Skipped, TransientError
from services.ingest.fetch import Fetcher, FetchPolicy
from services.ingest.fetch.politeness import HOST_FAILED, STATUS_FAILED, RedisPoliteness
from services.ingest.fetch.robots import MAX_BYTES, Robots, RobotsRules
from services.local.valkey import EmbeddedRedis
from services.net.guard import Gate
from services.net.hosts import BOOKED_KEY, HOLDS_KEY, HostLimit, HostLimits
from tests.conftest import eventually
from tests.ingest.hostile import PAGE, HostileSite
from tests.raw_http import whole
from tests.thinning import examples

SLOTS_KEY = "dateline:host:h.example:slots"


@pytest.mark.parametrize("workers", [4, pytest.param(8, marks=pytest.mark.long)])
def test_several_workers_and_twenty_hosts_keep_every_limit(
    redis_server: EmbeddedRedis, redis: Redis, workers: int
) -> None:
    """A short run of `python -m bench.politeness`; the figures are from the server's own log."""
    seen = {one.host: one for one in measure(6.0, redis_server.url, workers)}
    assert len(seen) == HOSTS
    assert [one for one in seen.values() if not one.within] == []
    slow = seen.pop(SLOW)
    assert slow.requests >= 3  # held back, not starved
    assert min(one.requests for one in seen.values()) > 3 * slow.requests  # and nobody waits for it


def _politeness(redis: Redis, rate: float = 1.0, concurrency: int = 2) -> RedisPoliteness:
    return RedisPoliteness(redis, HostLimits(HostLimit(rate, concurrency)), lease_s=30)


def _wait(politeness: RedisPoliteness, token: str, **more: float) -> float:
    try:
        with politeness.turn("h.example", token, **more) as turn:  # type: ignore[arg-type]
            turn.answered = True
        return 0.0
    except Deferred as error:
        assert error.retry_after_s is not None
        return error.retry_after_s


MINUTE = 1 / 60
"""The rate of a host that is asked once a minute: how long a test takes shows in no rounded wait."""


def _minutes(waits: list[float]) -> list[int]:
    return [round(wait / 60) for wait in waits]


def test_each_url_of_a_host_gets_a_slot_of_its_own(redis: Redis) -> None:
    politeness = _politeness(redis, MINUTE)
    assert _minutes([_wait(politeness, str(n)) for n in range(5)]) == [0, 1, 2, 3, 4]
    again = [_wait(politeness, str(n)) for n in range(1, 5)]
    assert _minutes(again) == [1, 2, 3, 4], "asked again, the slot is the same"


def test_a_host_whose_slots_are_given_out_for_long_is_booked(redis: Redis) -> None:
    politeness = _politeness(redis)
    for n in range(8):
        _wait(politeness, str(n))
    assert redis.zscore(BOOKED_KEY, "h.example") is None
    for n in range(8, 15):
        _wait(politeness, str(n))
    ((_, last_ms),) = redis.zrange(SLOTS_KEY, -1, -1, withscores=True)
    assert redis.zscore(BOOKED_KEY, "h.example") == last_ms + 1000 - 10_000, "ten slots of a second may stand"


def test_a_backlog_after_an_outage_is_spread_again(redis: Redis) -> None:
    politeness = _politeness(redis, MINUTE)
    for n in range(5):
        _wait(politeness, str(n))
    missed_ms = redis.time()[0] * 1000 - 20_000
    for token in redis.zrange(SLOTS_KEY, 0, -1):
        redis.zadd(SLOTS_KEY, {token: missed_ms})
    redis.delete("dateline:host:h.example")
    assert _minutes(sorted(_wait(politeness, str(n)) for n in range(1, 5))) == [0, 1, 2, 3]


def test_no_more_requests_at_once_than_the_host_allows(redis: Redis) -> None:
    politeness = _politeness(redis, rate=1000, concurrency=2)
    with politeness.turn("h.example", "a"), politeness.turn("h.example", "b"):
        assert _wait(politeness, "c") > 0
    assert _wait(politeness, "d") == 0


def test_a_worker_that_dies_does_not_hold_its_place_for_ever(redis: Redis) -> None:
    politeness = _politeness(redis, rate=1000, concurrency=1)
    dead = politeness.turn("h.example", "a")
    dead.__enter__()  # and never ends
    assert _wait(politeness, "b") > 0
    redis.zincrby("dateline:host:h.example:running", -30_001, "a")  # as if its lease had passed
    eventually("another has its place", lambda: _wait(politeness, "b") == 0)


def test_what_a_host_asks_for_is_kept_by_everybody(redis: Redis) -> None:
    with _politeness(redis).turn("h.example", "a") as turn:
        turn.failed, turn.retry_after_s = STATUS_FAILED, 120.0
    assert 100 < _wait(_politeness(redis), "b") <= 120
    assert redis.zscore(HOLDS_KEY, "h.example") is not None


def test_a_host_that_fails_again_and_again_is_left_alone_for_longer_and_longer(redis: Redis) -> None:
    politeness = _politeness(redis, rate=1000)
    for n, hold_s in enumerate((0, 0, 15, 30, 60, 120)):
        begun = time.time()
        with politeness.turn("h.example", str(n)) as turn:
            turn.failed = HOST_FAILED
        until_ms = redis.zscore(HOLDS_KEY, "h.example")
        assert bool(until_ms) == bool(hold_s)
        if until_ms:
            assert begun - 0.01 <= until_ms / 1000 - hold_s <= time.time() + 0.01
        redis.delete(HOLDS_KEY)
    with politeness.turn("h.example", "good") as turn:
        turn.answered = True
    with politeness.turn("h.example", "bad") as turn:
        turn.failed = HOST_FAILED
    assert redis.zscore(HOLDS_KEY, "h.example") is None  # an answer wipes the slate


def test_pages_that_fail_one_by_one_do_not_close_their_host(redis: Redis) -> None:
    politeness = _politeness(redis, rate=1000)
    for n in range(9):
        with politeness.turn("h.example", f"bad{n}") as turn:
            turn.failed = STATUS_FAILED
    assert redis.zscore(HOLDS_KEY, "h.example") is None
    with politeness.turn("h.example", "worse") as turn:
        turn.failed = STATUS_FAILED
    assert redis.zscore(HOLDS_KEY, "h.example") is not None


def test_a_crawl_delay_stretches_the_interval(redis: Redis) -> None:
    politeness = _politeness(redis, rate=100)
    _wait(politeness, "a", crawl_delay_s=60.0)
    assert _minutes([_wait(politeness, "b", crawl_delay_s=60.0)]) == [1]


# robots.txt


def _fetcher(redis: Redis) -> Fetcher:
    fetcher = Fetcher(
        FetchPolicy(gate=Gate(allow_hosts=("127.0.0.1",)), timeout_s=3),
        politeness=_politeness(redis, 1000, 50),
    )
    fetcher.obey(Robots(redis, fetcher.read_robots))
    return fetcher


@pytest.mark.parametrize(
    ("path", "least_s", "most_s"),
    [("/status/429/120", 100, 121), ("/status/503/120", 100, 121), ("/status/429/9999999", 86_000, 86_401)],
)
def test_a_host_that_asks_for_a_pause_is_held_for_all_workers(
    hostile: HostileSite, redis: Redis, path: str, least_s: float, most_s: float
) -> None:
    with pytest.raises(TransientError):
        _fetcher(redis).fetch(hostile.url + path)
    ((_, until_ms),) = redis.zrange(HOLDS_KEY, 0, -1, withscores=True)
    assert least_s < until_ms / 1000 - time.time() < most_s
    asked = len(hostile.asked)
    with pytest.raises(Deferred):
        _fetcher(redis).fetch(hostile.url + "/page")  # another worker's fetcher
    assert len(hostile.asked) == asked


def _site(robots: bytes | None, status: str = "200 OK", kind: str = "text/plain") -> HostileSite:
    site = HostileSite()
    if robots is not None:
        site.more["robots.txt"] = lambda c: c.sendall(whole(robots, f"Content-Type: {kind}", status=status))
    return site


@pytest.mark.parametrize(
    ("robots", "status", "kind"),
    [
        (None, "", ""),  # missing: 404
        (b"", "200 OK", "text/plain"),
        (b"User-agent: *\nAllow: /\n", "200 OK", "text/plain"),
        (b"User-agent: OtherBot\nDisallow: /\n", "200 OK", "text/plain"),
        (b"<!DOCTYPE html><html><body>Disallow: / everything</body></html>", "200 OK", "text/html"),
        (b"forbidden", "403 Forbidden", "text/html"),
        (b"\xff\xfe\x00junk\n\x00\x01Disallow", "200 OK", "application/octet-stream"),
        (
            b"#" * (MAX_BYTES + 10) + b"\nUser-agent: *\nDisallow: /\n",
            "200 OK",
            "text/plain",
        ),  # past what is read
    ],
)
def test_what_forbids_nothing_lets_everything_through(
    redis: Redis, robots: bytes | None, status: str, kind: str
) -> None:
    with _site(robots, status, kind) as site:
        assert _fetcher(redis).fetch(site.url + "/page").body == PAGE


def test_a_rule_that_forbids_is_quoted(redis: Redis) -> None:
    rules = b"User-agent: *\nDisallow: /private\nDisallow: /pag*\nAllow: /page-two\n"
    with _site(rules) as site:
        with pytest.raises(Skipped, match=r"/robots\.txt: Disallow: /pag\*") as raised:
            _fetcher(redis).fetch(site.url + "/page")
        assert raised.value.reason == "robots_forbidden"
        assert "/page" not in site.paths


def test_rules_for_us_by_name_go_before_those_for_all(redis: Redis) -> None:
    with _site(b"User-agent: *\nDisallow: /\n\nUser-agent: dateline\nDisallow: /secret\n") as site:
        assert _fetcher(redis).fetch(site.url + "/page").body == PAGE


def test_a_robots_txt_that_cannot_be_read_forbids_for_now(redis: Redis) -> None:
    with _site(b"oops", "500 Internal Server Error") as site:
        with pytest.raises(TransientError) as raised:
            _fetcher(redis).fetch(site.url + "/page")
        assert raised.value.reason == "robots_unreadable"
        assert raised.value.retry_after_s == 600
        assert "/page" not in site.paths


def test_a_robots_txt_that_drips_is_cut_and_forbids_for_now(redis: Redis) -> None:
    with HostileSite() as site:
        site.more["robots.txt"] = site.do_drip_body
        with pytest.raises(TransientError):
            _fetcher(redis).fetch(site.url + "/page")


def test_one_question_serves_all_workers_for_a_day(redis: Redis) -> None:
    with _site(b"User-agent: *\nDisallow: /private\n") as site:
        with ThreadPoolExecutor(8) as threads:
            fetchers = [_fetcher(redis) for _ in range(2)]
            list(threads.map(lambda n: fetchers[n % 2].fetch(f"{site.url}/page?{n}"), range(40)))
        assert site.paths.count("/robots.txt") <= 2  # one a process at most, when both begin at once
        ttl = redis.ttl(f"dateline:robots:{site.url}")
        assert 86_000 < ttl <= 86_400


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("/news", "/news/1"), ("/news/", "/n%65ws/1"), ("/n%65ws/", "/news/1"), ("/*.pdf$", "/a/b.pdf"),
        ("/a*z", "/a/b/z"),
        ("/caf%C3%A9", "/café"), ("/café", "/caf%C3%A9/1"), ("*/print", "/a/print"),
        ("/search?q=", "/search?q=a"), ("/", "/x"), ("/$", "/"),
    ],
)  # fmt: skip
def test_of_many_rules_the_one_that_forbids_is_quoted(rule: str, path: str) -> None:
    others = "".join(f"Disallow: /other/{number}\n" for number in range(20))
    rules = RobotsRules.of(f"User-agent: *\n{others}Disallow: {rule}\n".encode())
    assert rules.forbidding(f"https://a.example{path}") == f"Disallow: {rule}"


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ("", True),
        (
            "# Disallow is not for us\nUser-agent: *\nAllow: /\nCrawl-delay: 2\nSitemap: https://a.example/d",
            True,
        ),
        ("User-agent: *\nDisallow: /private", False),
        ("User-agent: *\n  DISALLOW : /private", False),
        ("User-agent: *\ndiasllow: /private", False),
    ],
)
def test_a_file_that_forbids_nothing_is_not_asked_about_each_page(text: str, open_: bool) -> None:
    rules = RobotsRules.of(text.encode())
    assert rules.open is open_
    assert (rules.forbidding("https://a.example/private/x") is None) is open_


@pytest.mark.parametrize(
    ("raw", "allowed"),
    [
        (b"# ours\rUser-agent: *\rDisallow: /\r", False),
        (b"User-agent: Dateline\rDisallow: /news/\r\rUser-agent: *\rDisallow:\r", False),
        (b"User-agent: *\r\r\nDisallow: /\r\r\n", False),
        (b"User-agent: Dateline/1.0\nDisallow: /\n", False),
        (b"User-agent: dateline/2 (+https://a.example)\nDisallow: /\n", False),
        (b"User-agent: Mozilla/5.0 (compatible; Dateline/1.0; +https://a.example)\nDisallow: /\n", False),
        (b'User-agent: "Dateline"\nDisallow: /\n', False),
        (b"User-agent: Googlebot, Dateline\nDisallow: /\n", False),
        (b"User agent: DATELINE # us\nDisallow: /\n", False),
        (b"User-agent: OtherBot\nUser-agent: Dateline/1\nDisallow: /\n", False),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: Dateline/1.0\nAllow: /\n", True),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: Dateline\nDisallow:\n", True),
        (b"User-agent: * \nDisallow: /\n", False),
        (b"User-agent: */*\nDisallow: /\n", False),
        (b"User-agent: date\nDisallow: /\n", True),
        (b"User-agent: line\nUser-agent: d\nDisallow: /\n", True),
        (b"User-agent: Dateline-Images\nDisallow: /\n", True),
        (b"User-agent: MyDateline\nDisallow: /\n", True),
        (b"User-agent: OtherBot/1.0\nDisallow: /\n", True),
        (b"User-agent: *bot\nDisallow: /\n", True),
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n", False),
        (b"\xef\xbb\xbf\xef\xbb\xbf\n\nUser-agent: *\nDisallow: /\n", False),
        ("\ufeffUser-agent: *\nDisallow: /\n".encode("utf-16-le"), False),
        ("\ufeffUser-agent: *\nDisallow: /\n".encode("utf-16-be"), False),
        ("User-agent: *\nDisallow: /\n".encode("utf-16-le"), False),
        ("\ufeffUser-agent: *\nDisallow: /\n".encode("utf-32"), False),
        ("User-agent: *\nDisallow: /\n".encode("utf-16-be"), False),
        ("\ufeff".encode().decode("cp1252").encode() + b"User-agent: *\nDisallow: /\n", False),
        (b"User-agent: A\n\nUser-agent: Dateline\n\nDisallow: /a\n\nDisallow: /news/\n", False),
        (b"User-agent: A\nSitemap: https://a.example/s.xml\nUser-agent: Dateline\nDisallow: /\n", False),
        (
            b"User-agent: Dateline\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: "
            b"Dateline\nDisallow: /b\n",
            True,
        ),
        (b"User-agent: *\nDisallow: # nothing\n", True),
        (b"User-agent: *\nDisallow: /\nAllow: /news/\n", True),
        (b"User-agent: *\nAllow: /\nDisallow: /*/1$ # no numbers\n", False),
        (b"User-agent: *\nDisallow: /*/1?\nDisallow: /NEWS/\nDisallow: /news%2F1\n", True),
        (b"User-agent: *\nDisallow: /%6Eews/\n", False),
        (b"User-agent: *\nDisallow: /x\x0bAllow: /\n", True),
        ("User-agent: *\nDisallow: /x\u2028Disallow: /\n".encode(), True),
        (b"  <html><body>Disallow: /", True),
        (b"\xff\xfe", True),
        (b"", True),
    ],
)
def test_a_file_is_read_as_its_site_means_it(raw: bytes, allowed: bool) -> None:
    assert (RobotsRules.of(raw).forbidding("https://a.example/news/1") is None) is allowed


def test_a_long_file_is_read_as_far_as_whole_lines_go() -> None:
    start = b"User-agent: *\nDisallow: /first\n"
    for end in (b"\n", b"\r"):
        line = b"Disallow: /long-path" + end
        raw = (
            start
            + b"# "
            + b"x" * (MAX_BYTES - len(start) - 2 - len(end) - len(b"Disallow: /"))
            + end
            + line * 9
        )
        rules = RobotsRules.of(raw)
        assert raw[:MAX_BYTES].endswith(b"Disallow: /")
        assert rules.forbidding("https://a.example/first/1")
        assert rules.forbidding("https://a.example/news/1") is None


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_of_any_length_is_read_in_part_not_refused(redis: Redis, packed: bool) -> None:
    raw = b"User-agent: *\nDisallow: /page\n" + b"# padding\n" * 1_500_000
    body, lines = (gzip.compress(raw), ["Content-Encoding: gzip"]) if packed else (raw, [])
    with HostileSite() as site:
        site.more["robots.txt"] = lambda c: c.sendall(whole(body, *lines))
        with pytest.raises(Skipped, match="Disallow: /page"):
            _fetcher(redis).fetch(site.url + "/page")


@pytest.mark.parametrize("status", ["301 Moved", "304 Not Modified", "300 Choices"])
def test_a_redirect_to_nowhere_is_a_file_that_is_missing(redis: Redis, status: str) -> None:
    with _site(b"", status) as site:
        assert _fetcher(redis).fetch(site.url + "/page").body == PAGE


@given(
    raw=st.binary(max_size=400)
    | st.text(alphabet="User-agent:* Disallow/\r\n\t#$%\ufeff0é\x85", max_size=300).map(str.encode)
)
@settings(max_examples=examples(200), deadline=None)
def test_no_file_breaks_its_reader(raw: bytes) -> None:
    rules = RobotsRules.of(raw)
    rules.forbidding("https://a.example/news/%zz?a=\xe9")
    assert 0 <= rules.crawl_delay_s <= 300


def test_robots_are_asked_on_the_way_of_a_redirect_too(redis: Redis) -> None:
    with _site(b"User-agent: *\nDisallow: /page\n") as site:
        with pytest.raises(Skipped, match="Disallow: /page"):
            _fetcher(redis).fetch(site.url + "/to/~page")
        assert "/page" not in site.paths


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Crawl-delay: 7", 7.0),
        ("Crawl-delay: 0.5", 0.5),
        ("Request-rate: 1/10", 10.0),
        ("Crawl-delay: 999999", 300.0),
        ("Crawl-delay: soon", 0.0),
        ("Crawl-delay: 10s", 10.0),
        ("crawl-delay : 1,5", 1.5),
        ("CRAWL-DELAY: 10 seconds # please", 10.0),
        ("Crawl-delay: .5", 0.5),
        ("Crawl-delay: 7.", 7.0),
        ("Crawl-delay: -3", 0.0),
        ("Crawl-delay:", 0.0),
    ],
)
def test_a_crawl_delay_is_read_and_bounded(text: str, seconds: float) -> None:
    assert RobotsRules.of(f"User-agent: *\n{text}\nDisallow: /x\n".encode()).crawl_delay_s == seconds


def test_redis_away_defers_and_costs_no_attempt() -> None:
    from services.runtime import broker

    politeness = _politeness(broker.connect("redis://127.0.0.1:1/0"))
    with pytest.raises(Deferred) as raised, politeness.turn("h.example", "a"):
        pass
    assert raised.value.reason == "broker_away"


def test_files_that_are_kept_have_one_bound_however_many_rules_they_hold() -> None:
    """A file of half a megabyte holds fifty times that once it is parsed."""
    long = b"User-agent: *\n" + b"Disallow: /a*b\n" * 30_000
    robots = Robots(None, lambda url: (200, long if "long" in url else b"User-agent: *\nDisallow: /a\n"))
    for n in range(30):
        assert robots.rules(f"https://short-{n}.example/x").text
    for n in range(5):
        assert robots.rules(f"https://long-{n}.example/x").text
    kept = [len(rules.text or "") for rules, _ in robots._known.values()]
    assert sum(kept) == robots._chars <= 2**20
    assert 0 < len(kept) < 35
    assert robots.rules("https://short-0.example/x").forbidding("https://short-0.example/a")
    assert robots.rules("https://long-0.example/x").forbidding("https://long-0.example/acb")
