"""The Kubernetes files, without a cluster: against the published schemas, against the settings, and against
each other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from services.contract.routes import queue_of
from tests.conftest import repository

FOLDER = repository() / "deploy" / "kubernetes"
VERSIONS = ("1.30", kubernetes_validate.latest_version())
WORKERS = ("ingest", "enrich", "store", "scheduler", "stories")


def _kustomization() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    return found


def _documents(name: str) -> list[dict[str, Any]]:
    return [d for d in yaml.safe_load_all((FOLDER / name).read_text()) if d]


def _all() -> list[dict[str, Any]]:
    return [d for name in _kustomization()["resources"] for d in _documents(name)]


def _of(kind: str) -> dict[str, dict[str, Any]]:
    return {d["metadata"]["name"]: d for d in _all() if d["kind"] == kind}


def _containers() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, deployment in _of("Deployment").items():
        pod = deployment["spec"]["template"]["spec"]
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            yield name, pod, container


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_fits_the_published_schema(version: str) -> None:
    for document in [*_all(), *_documents("secret.example.yaml")]:
        kubernetes_validate.validate(document, version, strict=True)


def test_a_wrong_field_would_be_seen() -> None:
    document = _of("Deployment")["ingest"]
    document["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, VERSIONS[-1], strict=True)


def test_kustomize_puts_them_together() -> None:
    if shutil.which("kubectl") is None:
        why = "no kubectl here: apt-get install kubernetes-client (.ci/tools does)"
        pytest.fail(why) if os.environ.get("REQUIRE_TOOLS") else pytest.skip(why)
    done = subprocess.run(["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True, check=True)
    documents = [d for d in yaml.safe_load_all(done.stdout) if d]
    assert len(documents) == len(_all())
    for document in documents:
        kubernetes_validate.validate(document, VERSIONS[-1], strict=True)
        assert document["kind"] == "Namespace" or document["metadata"]["namespace"] == "dateline"
    images = set(re.findall(r"image: (\S+)", done.stdout))
    assert all(image.startswith("registry.example.org/dateline-") for image in images), images


def test_there_is_a_deployment_a_service_of_an_image_that_is_built() -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\w+)", (repository() / "Dockerfile").read_text(), re.MULTILINE))
    assert set(_of("Deployment")) == {*WORKERS, "desk", "flower"}
    for _, _, container in _containers():
        assert container["image"].removeprefix("dateline-") in targets
    assert {i["name"] for i in _kustomization()["images"]} == {c["image"] for _, _, c in _containers()}


def test_names_of_settings_are_ones_that_the_services_read() -> None:
    code = "\n".join(p.read_text() for p in (repository() / "services").rglob("*.py"))
    known = set(re.findall(r'"(DATELINE_[A-Z_]+)"', code))
    asked = set(_of("ConfigMap")["dateline"]["data"])
    (secret,) = _documents("secret.example.yaml")
    asked |= set(secret["stringData"])
    asked |= {e["name"] for _, _, c in _containers() for e in c.get("env", [])}
    assert asked <= known, asked - known
    assert not any(
        "PASSWORD" in n or n.endswith(("_URL", "_AUTH")) for n in _of("ConfigMap")["dateline"]["data"]
    )


def _settings_of(name: str) -> set[str]:
    """Names of the settings that a deployment's own container has: the map's, the secret's, its own."""
    (secret,) = _documents("secret.example.yaml")
    text = (FOLDER / "secret.example.yaml").read_text()
    named = {*secret["stringData"], *re.findall(r"^  # (DATELINE_[A-Z_]+):", text, re.MULTILINE)}
    (own,) = (c for n, _, c in _containers() if n == name and c["name"] == name)
    return named | set(_of("ConfigMap")["dateline"]["data"]) | {e["name"] for e in own["env"]}


DEVELOPMENT_ONLY = {"DATELINE_DESK_OPEN_TO"}
"""What means nothing in production, which the Kubernetes files are."""


@pytest.mark.parametrize("name", [*WORKERS, "desk", "flower"])
def test_a_service_has_every_setting_that_it_has_in_compose(name: str) -> None:
    compose = yaml.safe_load((repository() / "docker-compose.yml").read_text())["services"]
    missing = set(compose[name]["environment"]) - _settings_of(name) - DEVELOPMENT_ONLY
    assert not missing, f"deploy/kubernetes/{name}.yaml or settings.yaml: {sorted(missing)}"


def test_compose_has_every_setting_that_is_set_here() -> None:
    compose = yaml.safe_load((repository() / "docker-compose.yml").read_text())["services"]
    there = {name for service in compose.values() for name in service.get("environment", {})}
    here = {name for service in (*WORKERS, "desk", "flower") for name in _settings_of(service)}
    assert not here - there, f"docker-compose.yml: {sorted(here - there)}"


@pytest.mark.parametrize("name", ["ingest", "scheduler"])
def test_the_archive_is_on_a_volume_that_all_who_use_it_share(name: str) -> None:
    ((pod, own),) = ((p, c) for n, p, c in _containers() if n == name and c["name"] == name)
    (folder,) = (e["value"] for e in own["env"] if e["name"] == "DATELINE_WARC_DIR")
    (volume,) = (m["name"] for m in own["volumeMounts"] if m["mountPath"] == folder)
    (claim,) = (v["persistentVolumeClaim"]["claimName"] for v in pod["volumes"] if v["name"] == volume)
    assert _of("PersistentVolumeClaim")[claim]["spec"]["accessModes"] == ["ReadWriteMany"]


def _chosen(policy: dict[str, Any], labels: dict[str, str]) -> bool:
    selector = policy["spec"]["podSelector"]
    matched = selector.get("matchLabels", {}).items() <= labels.items()
    return matched and all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", []))


@pytest.mark.parametrize("name", [*WORKERS, "desk", "flower"])
def test_a_service_reaches_no_more_than_it_needs(name: str) -> None:
    labels = _of("Deployment")[name]["spec"]["template"]["metadata"]["labels"]
    policies = [p["spec"] for p in _of("NetworkPolicy").values() if _chosen(p, labels)]
    rules = [rule for spec in policies for rule in spec.get("egress", [])]
    assert any("Ingress" in spec["policyTypes"] and "ingress" not in spec for spec in policies)
    assert any("Egress" in spec["policyTypes"] for spec in policies)
    servers = {p["port"] for rule in rules if "to" not in rule for p in rule["ports"]}
    assert servers == {53, 6379, 5671, 5672} | (
        {5432} if name in ("store", "scheduler", "stories", "desk") else set()
    )
    web = [block["ipBlock"] for rule in rules for block in rule.get("to", [])]
    assert bool(web) == (name in ("ingest", "desk"))
    for private in (
        "10.1.2.3",
        "172.20.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "127.0.0.1",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
    ):
        address = ip_address(private)
        for block in web:
            network, holes = ip_network(block["cidr"]), [ip_network(hole) for hole in block["except"]]
            assert address not in network or any(address in hole for hole in holes), private


def test_every_worker_is_watched_by_its_heartbeat_and_given_time_to_drain() -> None:
    path = _of("ConfigMap")["dateline"]["data"]["DATELINE_HEARTBEAT_FILE"]
    for name, pod, container in _containers():
        if name in WORKERS and container["name"] == name:
            for probe in ("livenessProbe", "startupProbe"):
                assert container[probe]["exec"]["command"] == [
                    "python",
                    "-m",
                    "services.runtime.heartbeat",
                    path,
                ]
            assert pod["terminationGracePeriodSeconds"] >= 60
        elif container["name"] == name:
            assert {"livenessProbe", "readinessProbe", "startupProbe"} <= container.keys()


def test_nothing_runs_as_root_or_writes_beyond_its_volumes() -> None:
    for _, pod, container in _containers():
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not pod["automountServiceAccountToken"]
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"]
        assert not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        volumes = {v["name"] for v in pod["volumes"]}
        assert {m["name"] for m in container["volumeMounts"]} <= volumes


def test_each_stage_is_scaled_by_its_own_queue_and_the_figure_is_told() -> None:
    (rule,) = _documents("prometheus-adapter.yaml")[0]["rules"]["external"]
    metrics = (repository() / "services" / "scheduler" / "metrics.py").read_text()
    for name, scaler in _of("HorizontalPodAutoscaler").items():
        spec = scaler["spec"]
        assert spec["scaleTargetRef"]["name"] == name
        assert "replicas" not in _of("Deployment")[name]["spec"], "an apply would undo what was scaled"
        metric = spec["metrics"][0]["external"]["metric"]
        assert metric["selector"]["matchLabels"] == {"queue": queue_of(name)}
        assert metric["name"] == rule["name"]["as"] == rule["seriesQuery"]
        assert f'"{metric["name"]}"' in metrics
        assert spec["minReplicas"] >= 2, "one of a service may be drained while another works"


def test_disruption_budgets_and_services_select_pods_that_exist() -> None:
    labels = {n: d["spec"]["template"]["metadata"]["labels"] for n, d in _of("Deployment").items()}
    for name, budget in _of("PodDisruptionBudget").items():
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
    assert set(_of("PodDisruptionBudget")) == set(_of("Deployment")) - {"flower"}
    for name, service in _of("Service").items():
        assert service["spec"]["selector"].items() <= labels[name].items()
        ports = {p["name"] for _, _, c in _containers() for p in c.get("ports", []) if c["name"] == name}
        assert {p["targetPort"] for p in service["spec"]["ports"]} <= ports


def test_every_file_is_part_of_it_or_says_that_it_is_not() -> None:
    named = {*_kustomization()["resources"], "kustomization.yaml"}
    for path in sorted(Path(FOLDER).glob("*.yaml")):
        assert path.name in named or "Not part of the kustomization" in path.read_text()
