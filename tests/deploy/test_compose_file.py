"""The compose file and the Dockerfile, without an engine: who may do what, what is pinned, what can be
reached."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import repository

COMPOSE: dict[str, Any] = yaml.safe_load((repository() / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (repository() / "Dockerfile").read_text()
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (repository() / ".env.example").read_text(), re.MULTILINE))

# The data servers are named by the major version whose files they keep, and take its fixes; deploy/digests
# pins them.
BY_MAJOR = {"postgres:17", "redis:8"}
_PINNED = re.compile(r"^[\w./-]+(:v?\d+\.\d+[\w.-]*|@sha256:[0-9a-f]{64})$")


def _default(value: str) -> str:
    return re.sub(r"^\$\{[A-Z_]+:-(.*)\}$", r"\1", value)


def _images() -> dict[str, str]:
    """Every image that comes from elsewhere, by where it is named."""
    found = {
        f"docker-compose.yml, {n}": _default(s["image"]) for n, s in SERVICES.items() if "build" not in s
    }
    for name, service in SERVICES.items():
        for argument, value in service.get("build", {}).get("args", {}).items():
            if argument.endswith("_IMAGE"):
                found[f"docker-compose.yml, {name}, {argument}"] = _default(value)
    stages = set(re.findall(r"^FROM \S+ AS (\w+)", DOCKERFILE, re.MULTILINE))
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", DOCKERFILE, re.MULTILINE))
    for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE):
        if image not in stages:
            found[f"Dockerfile, {image}"] = arguments.get(image.strip("${}"), image)
    for name, value in EXAMPLE.items():
        if name.endswith("_IMAGE"):
            found[f".env.example, {name}"] = value
    kustomization = yaml.safe_load((repository() / "deploy/kubernetes/kustomization.yaml").read_text())
    for image in kustomization["images"]:
        found[f"kustomization.yaml, {image['name']}"] = f"{image['newName']}:{image['newTag']}"
    return found


def test_every_image_is_named_by_its_version() -> None:
    images = _images()
    assert len(images) > 15
    for where, image in images.items():
        assert image in BY_MAJOR or _PINNED.match(image), f"{where}: {image}"


def test_every_image_is_named_alike_wherever_it_is_named() -> None:
    named: dict[str, set[str]] = {}
    for where, image in _images().items():
        if "kustomization" not in where:
            named.setdefault(re.split("[:@]", image)[0], set()).add(image)
    assert {repository for repository, images in named.items() if len(images) > 1} == set()


@pytest.mark.parametrize(
    "image", ["redis", "redis:latest", "redis:8", "redis:8-alpine", "a/b:stable", "x@sha256:12"]
)
def test_a_name_that_moves_is_no_version(image: str) -> None:
    assert not _PINNED.match(image)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_may_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"\d+[mg]", service["deploy"]["resources"]["limits"]["memory"])
    assert not service.keys() & {
        "privileged",
        "cap_add",
        "devices",
        "pid",
        "ipc",
        "network_mode",
        "userns_mode",
    }
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    for volume in service.get("volumes", []):
        source, *_ = volume.rsplit(":", 2 if volume.endswith(":ro") else 1)
        assert source in COMPOSE["volumes"] or volume.endswith(":ro"), volume
        assert "docker.sock" not in volume


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_container_runs_as_root(name: str) -> None:
    service = SERVICES[name]
    if "build" not in service:
        assert service["user"] not in ("", "0", "root")
        return
    stage = re.search(
        rf"^FROM \S+ AS {service['build']['target']}\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.M | re.S
    )
    assert stage is not None
    assert re.findall(r"^USER (\S+)", stage[1], re.MULTILINE)[-1] == "dateline"
    assert "user" not in service


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z]+_PORT:-\d+\}:\d+", port), port


def test_every_setting_of_the_example_is_one_that_compose_reads() -> None:
    text = (repository() / "docker-compose.yml").read_text()
    read = set(re.findall(r"\$\{([A-Z_]+)", text))
    assert EXAMPLE.keys() <= read, EXAMPLE.keys() - read
    for name, value in EXAMPLE.items():
        for default in re.findall(rf"\$\{{{name}:-([^}}]*)\}}", text):
            assert default in (value, ""), (
                f"{name}: {value!r} in .env.example, {default!r} in docker-compose.yml"
            )


def test_installed_packages_are_checked_against_their_hashes() -> None:
    for line in re.findall(r"pip install[^&\n]*", DOCKERFILE):
        assert "--require-hashes" in line, line
    for lock in (repository() / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert text.count("\n    --hash=sha256:") >= len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)), lock
    for path in [repository() / "docker-compose.yml", repository() / "Dockerfile"]:
        assert "://" not in re.sub(r"\w+://[^\s\"]*(redis|postgres|127\.0\.0\.1)\S*", "", path.read_text()), (
            path
        )


def _digests(
    tmp_path: Path, docker: str, example: str = "A_IMAGE=one:1.0\nOTHER=x\nB_IMAGE=two/b:2.1\n"
) -> Any:
    program = tmp_path / "docker"
    program.write_text(f"#!/bin/sh\n{docker}\n")
    program.chmod(0o755)
    (tmp_path / "example").write_text(example)
    return subprocess.run(
        [repository() / "deploy" / "digests", tmp_path / "example"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def test_digests_prints_a_line_for_each_image(tmp_path: Path) -> None:
    digest = "a" * 64
    done = _digests(
        tmp_path, f'[ "$1" = pull ] && exit 0; for last; do :; done; echo "${{last%:*}}@sha256:{digest}"'
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"A_IMAGE=one@sha256:{digest}\nB_IMAGE=two/b@sha256:{digest}\n"
    assert all(_PINNED.match(line.split("=")[1]) for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("docker", "said"),
    [
        ("exit 1", "one:1.0 cannot be pulled"),
        ('[ "$1" = pull ] || exit 1', "has no digest"),
        ("exit 0", "has no digest"),
    ],
)
def test_digests_says_which_image_has_none(tmp_path: Path, docker: str, said: str) -> None:
    done = _digests(tmp_path, docker)
    assert done.returncode == 1
    assert done.stdout == ""
    assert said in done.stderr
