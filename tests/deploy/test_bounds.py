"""Packages whose insides we override or read: bounded above, locked within the bound, and as we take them to
be.

What each override does is held by the tests named here; this module fails first, and says what is gone.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import repository

# Package: (what of it is overridden or read, the tests that hold what comes of it).
INSIDES: dict[str, tuple[list[str], list[str]]] = {
    "celery": (
        [
            "celery.worker.consumer:Consumer.create_task_handler",
            "celery.worker.consumer:Consumer.on_unknown_message",
            "celery.worker.consumer:Consumer.on_unknown_task",
            "celery.worker.consumer:Consumer.on_invalid_task",
            "celery.worker.consumer:Consumer.on_decode_error",
            "celery.worker.state:all_total_count",
            "celery.worker.state:active_requests",
        ],
        [
            "tests/pipeline/test_hostile_messages.py",
            "tests/runtime/test_heartbeat.py",
        ],
    ),
    "kombu": (
        [
            "kombu.transport.redis:QoS.restore_unacked_once",
            "kombu.transport.redis:QoS.ack",
            "kombu.transport.redis:QoS.reject",
            "kombu.transport.redis:Channel._connparams",
            "kombu.transport.redis:Channel._brpop_read",
            "kombu.transport.redis:Channel._receive",
            "kombu.transport.redis:Channel._receive_one",
            "kombu.transport.redis:Channel.subclient",
            "kombu.transport.redis:Transport.Channel",
            "kombu.transport.redis:loads",
            "kombu.compression:encoders",
        ],
        ["tests/runtime/test_redis_transport.py"],
    ),
    "requests": (
        [
            "requests.adapters:HTTPAdapter.init_poolmanager",
        ],
        ["tests/ingest/test_ssrf.py", "tests/ingest/test_fetch.py"],
    ),
    "urllib3": (
        [
            "urllib3.connection:HTTPConnection._new_conn",
            "urllib3.connection:HTTPConnection.host",
        ],
        ["tests/ingest/test_ssrf.py", "tests/net/test_http_answers.py"],
    ),
    "selectolax": (["selectolax.lexbor:LexborNode.mem_id"], ["tests/ingest/test_compiled.py"]),
    "pytest-xdist": (
        [
            "xdist.scheduler:LoadScopeScheduling._split_scope",
            "xdist.scheduler:LoadScopeScheduling.remove_node",
        ],
        ["tests/deploy/test_distribution.py"],
    ),
    "uvicorn": (["uvicorn:Server.handle_exit"], ["tests/demo/test_stack.py"]),
}

_PROJECT = tomllib.loads((repository() / "pyproject.toml").read_text())["project"]
_EXTRAS: dict[str, list[str]] = _PROJECT["optional-dependencies"]


def _wanted() -> dict[str, Requirement]:
    """The requirements with an upper bound, by name."""
    found = [Requirement(line) for lines in [_PROJECT["dependencies"], *_EXTRAS.values()] for line in lines]
    return {r.name: r for r in found if any(s.operator in ("<", "<=", "==", "~=") for s in r.specifier)}


def _locked(name: str) -> dict[str, Version]:
    """The versions of a package, by lock file."""
    locks = [repository() / "requirements.lock", *sorted((repository() / "requirements").glob("*.lock"))]
    found = {p.name: re.search(rf"^{re.escape(name)}==([^\s;]+)", p.read_text(), re.MULTILINE) for p in locks}
    return {lock: Version(m[1]) for lock, m in found.items() if m}


def _there(what: str) -> Any:
    module, _, path = what.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found


def test_what_is_bounded_is_what_has_its_insides_used() -> None:
    assert _wanted().keys() == INSIDES.keys()


@pytest.mark.parametrize("name", sorted(INSIDES))
def test_every_lock_lies_within_the_bound(name: str) -> None:
    locked = _locked(name)
    assert "requirements.lock" in locked
    for lock, version in locked.items():
        assert version in _wanted()[name].specifier, (
            f"{lock} has {name} {version}, pyproject.toml {_wanted()[name]}"
        )


@pytest.mark.parametrize("what", [w for used, _ in INSIDES.values() for w in used])
def test_what_is_overridden_or_read_is_there(what: str) -> None:
    _there(what)


@pytest.mark.parametrize("name", sorted(INSIDES))
def test_the_tests_of_each_override_are_there(name: str) -> None:
    for path in INSIDES[name][1]:
        assert (repository() / path).is_file(), path


def test_a_connection_names_the_host_that_is_looked_up() -> None:
    connection = _there("urllib3.connection:HTTPConnection")("site.example.", 80)
    assert connection._dns_host == "site.example."


def test_every_class_of_theirs_that_we_derive_from_is_of_a_bounded_package() -> None:
    derived = re.compile(
        r"^class \w+\((?:(\w+)\.)?[\w.]*(?:Consumer|QoS|Channel|Connection|Adapter|Pool|PoolManager|Server)\b",  # noqa: E501
        re.M,
    )
    for path in (repository() / "services").rglob("*.py"):
        if derived.search(path.read_text()) and "demo" not in path.parts:
            names = set(re.findall(r"^(?:import|from) (\w+)", path.read_text(), re.MULTILINE))
            assert names & INSIDES.keys(), path
