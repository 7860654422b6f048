"""deploy/kubernetes, as far as it can be checked without a cluster: the example overlay, rendered by kustomize."""

import base64
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from samples.places import ROOT
from unit.test_compose import SERVICES, mebibytes
from waiting import PATIENCE

from wirewatch.cli import cli
from wirewatch.config import OTHER_VARIABLES, load
from wirewatch.pipeline import ALL

FOLDER = ROOT / "deploy/kubernetes"
KUBERNETES = "1.37"
WORKLOADS = ("Deployment", "StatefulSet", "Job")
STATEFUL = {"relate", "page"}
Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, with its secrets filled in as its own files say."""
    copy = tmp_path_factory.mktemp("kubernetes") / "kubernetes"
    shutil.copytree(FOLDER, copy)
    folder = copy / "overlays/example"
    for example in folder.glob("*.env.example"):
        shutil.copy(example, example.with_suffix(""))
    return folder


@pytest.fixture(scope="module")
def manifests(overlay: Path) -> list[Manifest]:
    return rendered(overlay)


def rendered(folder: Path) -> list[Manifest]:
    """What kustomize makes of a folder; skips the test where there is no kustomize."""
    if shutil.which("kustomize"):
        command = ["kustomize", "build"]
    elif shutil.which("kubectl"):
        command = ["kubectl", "kustomize"]
    else:
        pytest.skip("needs kustomize, or kubectl, which has it")
    done = subprocess.run(
        [*command, str(folder)], check=False, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def of(manifests: list[Manifest], *kinds: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] in kinds}


def pod(workload: Manifest) -> Manifest:
    template: Manifest = workload["spec"]["template"]["spec"]
    return template


def containers(workload: Manifest) -> list[Manifest]:
    return [*pod(workload).get("initContainers", ()), *pod(workload)["containers"]]


def main(workload: Manifest) -> Manifest:
    (container,) = pod(workload)["containers"]
    return dict(container)


def data_of(manifests: list[Manifest], kind: str, name: str) -> dict[str, str]:
    """What a ConfigMap or a Secret holds; kustomize may have added a hash to its name."""
    (found,) = [one for called, one in of(manifests, kind).items() if re.fullmatch(f"{name}(-\\w+)?", called)]
    return dict(found["data"])


def test_it_fits_the_schemas_of_kubernetes(manifests: list[Manifest]) -> None:
    schemas = pytest.importorskip(
        "kubernetes_validate", reason="needs kubernetes-validate (.ci/run installs it)"
    )
    for one in manifests:
        schemas.validate(one, KUBERNETES, strict=True)
    broken = of(manifests, "Deployment")["fetch"]
    broken = {**broken, "spec": {**broken["spec"], "replica": 2}}
    with pytest.raises(schemas.ValidationError):
        schemas.validate(broken, KUBERNETES, strict=True)


def test_there_is_a_workload_for_each_stage_the_page_and_setup(manifests: list[Manifest]) -> None:
    assert set(of(manifests, *WORKLOADS)) == {*ALL, "page", "setup"}
    assert set(of(manifests, "StatefulSet")) == STATEFUL
    assert set(of(manifests, "Job")) == {"setup"}


def test_what_is_started_are_commands_of_wirewatch(manifests: list[Manifest]) -> None:
    started = {name: main(one)["args"] for name, one in of(manifests, *WORKLOADS).items()}
    for name, (called, *arguments) in started.items():
        assert called == ("serve" if name == "page" else name)
        command = cli.get_command(click.Context(cli), called)
        assert command is not None
        command.make_context(called, arguments)
    for container in (each for one in of(manifests, *WORKLOADS).values() for each in containers(one)):
        assert container["image"] == f"registry.example/wirewatch:{version()}"


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def environment(manifests: list[Manifest], workload: Manifest) -> dict[str, str]:
    """All variables of a workload's process, those of Secrets included."""
    container, found = main(workload), dict[str, str]()
    secrets = of(manifests, "Secret")
    for source in container["envFrom"]:
        held = secrets[source["secretRef"]["name"]]["data"]
        found |= {key: base64.b64decode(value).decode() for key, value in held.items()}
    return found | {one["name"]: one["value"] for one in container["env"]}


def test_every_setting_is_one_that_wirewatch_knows_and_takes(
    manifests: list[Manifest], tmp_path: Path
) -> None:
    file = tmp_path / "wirewatch.toml"
    file.write_text(data_of(manifests, "ConfigMap", "wirewatch-config")["wirewatch.toml"], "utf-8")
    for name, workload in of(manifests, *WORKLOADS).items():
        variables = environment(manifests, workload)
        ours = {key: value for key, value in variables.items() if key not in OTHER_VARIABLES}
        config = load(file, {key: value for key, value in ours.items() if key.startswith("WIREWATCH_")})
        assert config.elasticsearch.username == ("elastic" if name == "setup" else "wirewatch")
        assert config.kafka.password == "secret"
        assert config.extract.workers > 0  # otherwise one for each core of the node
        assert variables["WIREWATCH_CONFIG"] == f"{mounts(workload)['config']}/wirewatch.toml"
        for authority in (config.kafka.ca_file, config.elasticsearch.ca_file, config.kibana.ca_file):
            assert Path(authority).parent == Path(mounts(workload)["ca"])
        if name != "setup":
            assert {"name": "service", "containerPort": config.service.port} in main(workload)["ports"]
            assert config.service.host == "0.0.0.0"
        if name == "page":
            assert {"name": "page", "containerPort": config.web.port} in main(workload)["ports"]


def mounts(workload: Manifest) -> dict[str, str]:
    return {one["name"]: one["mountPath"] for one in main(workload)["volumeMounts"]}


def test_the_base_has_settings_that_can_be_read() -> None:
    load(FOLDER / "base/wirewatch.toml", {})


def test_secrets_of_alerts_reach_who_sends_them(manifests: list[Manifest]) -> None:
    assert "DESK_URL" in data_of(manifests, "Secret", "wirewatch-alerts")
    readers = {
        name
        for name, one in of(manifests, *WORKLOADS).items()
        if any("wirewatch-alerts" in source["secretRef"]["name"] for source in main(one)["envFrom"])
    }
    assert readers == {"alert", "deliver", "page"}


def test_stages_are_asked_how_they_are(manifests: list[Manifest]) -> None:
    for name in ALL:
        container = main(of(manifests, *WORKLOADS)[name])
        probes = {key: container[f"{key}Probe"]["httpGet"] for key in ("startup", "liveness", "readiness")}
        assert probes["startup"] == probes["liveness"] == {"path": "/healthz", "port": "service"}
        assert probes["readiness"] == {"path": "/readyz", "port": "service"}


def test_pods_are_restricted(manifests: list[Manifest]) -> None:
    """What the namespace demands: the Pod Security Standard `restricted`; and a root that can't be written to."""
    (namespace,) = of(manifests, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for workload in of(manifests, *WORKLOADS).values():
        spec = pod(workload)
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers(workload):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"memory"} <= set(container["resources"]["limits"])
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])


def test_they_run_as_the_user_of_the_image(manifests: list[Manifest]) -> None:
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert user
    for workload in of(manifests, *WORKLOADS).values():
        context = pod(workload)["securityContext"]
        assert (context["runAsUser"], context["runAsGroup"]) == (int(user[1]), int(user[2]))


def test_memory_is_that_of_compose(manifests: list[Manifest]) -> None:
    for name, workload in of(manifests, *WORKLOADS).items():
        assert main(workload)["resources"]["limits"]["memory"] == f"{mebibytes(SERVICES[name])}Mi", name


def test_every_volume_is_there_and_comes_from_what_is_there(manifests: list[Manifest]) -> None:
    objects = {*of(manifests, "ConfigMap"), *of(manifests, "Secret")}
    for name, workload in of(manifests, *WORKLOADS).items():
        volumes = {one["name"]: one for one in pod(workload)["volumes"]}
        claims = {one["metadata"]["name"] for one in workload["spec"].get("volumeClaimTemplates", ())}
        assert ("data" in claims) == (name in STATEFUL)
        for container in containers(workload):
            assert {one["name"] for one in container["volumeMounts"]} <= {*volumes, *claims}
        assert volumes["config"]["configMap"]["name"] in objects
        for source in main(workload)["envFrom"]:
            assert source["secretRef"]["name"] in objects
        assert volumes["ca"]["secret"]["optional"] is True


def labels_of(workload: Manifest) -> dict[str, str]:
    return dict(workload["spec"]["template"]["metadata"]["labels"])


def selects(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """As Kubernetes reads a label selector; of the expressions, `In` alone is used here."""
    expressions = selector.get("matchExpressions", ())
    assert {one["operator"] for one in expressions} <= {"In"}
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        labels.get(one["key"]) in one["values"] for one in expressions
    )


def test_a_drained_node_takes_one_copy_of_a_stage_at_a_time(manifests: list[Manifest]) -> None:
    budgets = of(manifests, "PodDisruptionBudget")
    assert set(budgets) == set(ALL)
    for name, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] == 1
        chosen = [
            stage
            for stage, one in of(manifests, *WORKLOADS).items()
            if selects(budget["spec"]["selector"], labels_of(one))
        ]
        assert chosen == [name]
        assert of(manifests, *WORKLOADS)[name]["spec"]["replicas"] >= 2


def policies(manifests: list[Manifest], workload: Manifest) -> set[str]:
    found = of(manifests, "NetworkPolicy").items()
    return {name for name, policy in found if selects(policy["spec"]["podSelector"], labels_of(workload))}


def test_each_pod_reaches_what_its_work_needs_and_no_more(manifests: list[Manifest]) -> None:
    always = {"nothing-else", "names-and-servers"}
    for name, workload in of(manifests, *WORKLOADS).items():
        expected = always | ({"internet"} if name in ("poll", "fetch", "deliver", "page") else set())
        expected |= {"kibana"} if name == "setup" else {"monitoring"}
        expected |= {"page"} if name == "page" else set()
        assert policies(manifests, workload) == expected
    closed = of(manifests, "NetworkPolicy")["nothing-else"]["spec"]
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(closed)


def test_policies_let_through_the_ports_of_the_example(manifests: list[Manifest]) -> None:
    config = tomllib.loads(data_of(manifests, "ConfigMap", "wirewatch-config")["wirewatch.toml"])
    named = [config["kafka"]["bootstrap_servers"], *config["elasticsearch"]["hosts"]]
    open_ports = set(ports(of(manifests, "NetworkPolicy")["names-and-servers"]))
    assert {int(address.rpartition(":")[2]) for address in named} <= open_ports
    assert list(ports(of(manifests, "NetworkPolicy")["kibana"])) == [
        int(config["kibana"]["url"].rpartition(":")[2])
    ]


def ports(policy: Manifest) -> Iterator[int]:
    for rule in policy["spec"]["egress"]:
        for port in rule.get("ports", ()):
            yield port["port"]


def test_a_selector_finds_the_pods_of_its_own_workload(manifests: list[Manifest]) -> None:
    workloads = of(manifests, "Deployment", "StatefulSet")
    for name, one in workloads.items():
        chosen = [
            other for other in workloads if selects(one["spec"]["selector"], labels_of(workloads[other]))
        ]
        assert chosen == [name]


def test_services_find_the_pods_of_their_name_at_their_port(manifests: list[Manifest]) -> None:
    workloads = of(manifests, "Deployment", "StatefulSet")
    for name, service in of(manifests, "Service").items():
        selector = {"matchLabels": service["spec"]["selector"]}
        assert [other for other in workloads if selects(selector, labels_of(workloads[other]))] == [name]
        offered = {port["name"]: port["containerPort"] for port in main(workloads[name])["ports"]}
        for port in service["spec"]["ports"]:
            assert offered[port["targetPort"]] == port["port"]
    for name in STATEFUL:
        assert workloads[name]["spec"]["serviceName"] in of(manifests, "Service")
    assert set(of(manifests, "Service")) == {
        *ALL,
        "page",
    }  # as deploy/prometheus/prometheus.yml looks for them


def test_the_first_user_is_added_once(manifests: list[Manifest], tmp_path: Path) -> None:
    """The init container's own script, with a `wirewatch` that only writes down what it was told."""
    (first,) = pod(of(manifests, "StatefulSet")["page"])["initContainers"]
    people = tmp_path / "people"
    people.touch()
    program = tmp_path / "wirewatch"
    program.write_text(
        '#!/bin/sh\n[ "$2" = list ] && cat "$PEOPLE" && exit\nread -r password; echo "$3 $4 $5 $password" >>"$PEOPLE"\n'
    )
    program.chmod(0o755)
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PEOPLE": str(people), "ADMIN_PASSWORD": "p$s w"}
    for _ in range(2):
        subprocess.run([*first["command"], *first["args"]], env=variables, check=True, timeout=PATIENCE)
    assert people.read_text() == "admin --role admin p$s w\n"
    (called,) = re.findall(r"wirewatch (users add .*)$", first["args"][0])
    group, name, *arguments = called.split()
    command = cli.get_command(click.Context(cli), group)
    assert isinstance(command, click.Group)
    add = command.get_command(click.Context(command), name)
    assert add is not None
    add.make_context(name, arguments)


def test_no_secret_is_in_the_repository() -> None:
    assert not list(FOLDER.rglob("*.env"))
    assert {file.name for file in FOLDER.rglob("*.env.example")} == {
        f"{name}.env.example" for name in ("alerts", "page", "servers", "setup")
    }
