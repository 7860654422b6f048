"""docker-compose.yml, Dockerfile and .env.example, as far as they can be checked without Docker."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from aiohttp import web
from samples.places import ROOT
from servers.elasticsearch import VERSION as ELASTICSEARCH_VERSION
from servers.kafka import VERSION as KAFKA_VERSION
from waiting import PATIENCE

from ingest.http.server import Bounds, serve
from wirewatch.cli import cli
from wirewatch.config import load
from wirewatch.pipeline import ALL

COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("wirewatch:")}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
)
OPTIONAL = {name for name, one in SERVICES.items() if "profiles" in one}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[-?])?([^}]*)\}")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each with its arguments; comments are removed and continued lines joined."""
    plain = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", "")
    return [
        (name, rest) for name, _, rest in (line.strip().partition(" ") for line in plain.splitlines()) if name
    ]


def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """A command's exit code and output; it may fail."""
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE, **options)


def image_environment() -> dict[str, str]:
    """What the Dockerfile sets for every container."""
    pairs = (word.partition("=") for name, rest in instructions() if name == "ENV" for word in rest.split())
    return {name: value for name, _, value in pairs}


def filled(value: str) -> str:
    """A value with its variables replaced, as compose does it; those that are required by `x`."""
    return VARIABLE.sub(lambda found: "x" if found[2] == ":?" else found[3], value)


def test_the_file_is_a_compose_file(tmp_path: Path) -> None:
    """By the schema of the Compose specification, as check-jsonschema brings it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    file = tmp_path / "docker-compose.yml"
    file.write_text(COMPOSE_TEXT, "utf-8")
    done = run([*command, str(file)])
    assert done.returncode == 0, done.stdout + done.stderr
    file.write_text(COMPOSE_TEXT.replace("    mem_limit: 2g", "    mem_limits: 2g"), "utf-8")
    assert run([*command, str(file)]).returncode == 1


def test_each_stage_is_a_service_of_its_name() -> None:
    assert set(OURS) == {"setup", "page", *ALL}
    for name in ("setup", *ALL):
        assert OURS[name]["command"] == [name]


def test_one_service_builds_the_image_and_the_others_never_pull_it() -> None:
    assert {name for name, one in SERVICES.items() if "build" in one} == {"setup"}
    for name in (*ALL, "page"):
        assert OURS[name]["pull_policy"] == "never"
        assert "setup" in OURS[name]["depends_on"]
        assert OURS[name]["image"] == OURS["setup"]["image"]


def test_every_image_has_a_version() -> None:
    servers = {one["image"] for one in SERVICES.values()} - {"wirewatch:local"}
    bases = [rest for name, rest in instructions() if name == "ARG" and rest.startswith("PYTHON=")]
    for image in (*servers, *(one.replace("PYTHON=", "python:") for one in bases)):
        assert re.search(r":(\$\{\w+:-)?v?\d+\.\d+\.\d+", image), image
    assert len(bases) == 1


def test_the_servers_are_those_that_the_tests_run_on() -> None:
    assert EXAMPLE["STACK_VERSION"] == ELASTICSEARCH_VERSION
    assert EXAMPLE["KAFKA_VERSION"] == KAFKA_VERSION


def test_every_command_is_one_of_wirewatch() -> None:
    entry_point = json.loads(dict(instructions())["ENTRYPOINT"])
    assert entry_point == ["wirewatch"]
    for service in OURS.values():
        name, *arguments = service["command"]
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        command.make_context(name, list(arguments))


def test_every_setting_is_one_that_wirewatch_knows_and_takes() -> None:
    for name, service in OURS.items():
        settings = {**image_environment(), **service["environment"]}
        settings = {key: filled(value) for key, value in settings.items() if key.startswith("WIREWATCH_")}
        config = load(None, settings)
        assert config.kafka.bootstrap_servers.partition(":")[0] in SERVICES
        assert config.elasticsearch.hosts == ("https://elasticsearch:9200",)
        assert config.service.port > 0
        assert bool(config.kibana.url) == (name == "setup")


def test_an_unknown_setting_would_be_found() -> None:
    with pytest.raises(Exception, match="WIREWATCH_KAFKA_BOOTSTRAP"):
        load(None, {"WIREWATCH_KAFKA_BOOTSTRAP": "kafka:9092"})


def test_every_host_that_is_named_is_a_service() -> None:
    text = json.dumps([service.get("environment", {}) for service in SERVICES.values()])
    hosts = set(re.findall(r"https?://([a-z]+):\d+", text)) - {"localhost"}
    assert hosts <= set(SERVICES)


def test_dependencies_are_services_and_can_be_waited_for() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"], (name, other)
            else:
                assert how["condition"] == "service_completed_successfully"
                assert SERVICES[other]["restart"] == "no", (name, other)


def test_dependencies_have_no_circle() -> None:
    def above(name: str, seen: tuple[str, ...] = ()) -> set[str]:
        assert name not in seen, (*seen, name)
        direct = SERVICES[name].get("depends_on", {})
        return set(direct).union(*(above(one, (*seen, name)) for one in direct))

    for stage in (*ALL, "page"):
        assert above(stage) == set(SERVICES) - {*ALL, *OPTIONAL}
    assert above("grafana") == {"prometheus"}


def test_volumes_are_declared_and_used() -> None:
    used = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", ())}
    folders = {one for one in used if one.startswith("./")}
    assert used - folders == set(COMPOSE["volumes"])
    assert folders == {"./deploy/prometheus", "./deploy/grafana"}
    assert all((ROOT / one).is_dir() for one in folders)


def test_data_outlive_the_containers() -> None:
    kept = {
        "elasticsearch": "/usr/share/elasticsearch/data",
        "kafka": SERVICES["kafka"]["environment"]["KAFKA_LOG_DIRS"],
        "kibana": "/usr/share/kibana/data",
        "poll": image_environment()["WIREWATCH_DATA"],
    }
    saved = SERVICES["elasticsearch"]["environment"]["path.repo"]
    assert f"snapshots:{saved}" in SERVICES["elasticsearch"]["volumes"]
    for name, path in kept.items():
        assert path in [mount.split(":")[1] for mount in SERVICES[name]["volumes"]]


def test_ports_are_open_on_loopback_only() -> None:
    ports = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert set(ports) == {"elasticsearch", "kibana", "page", "grafana"}
    assert all(port.startswith("127.0.0.1:") for each in ports.values() for port in each)


def test_every_service_is_bounded_and_says_when_it_restarts() -> None:
    for name, service in SERVICES.items():
        assert mebibytes(service), name
        assert service["restart"] in ("no", "unless-stopped"), name
        assert service["logging"]["options"]["max-size"], name


def mebibytes(service: dict[str, Any]) -> int:
    """The memory that a service may take."""
    number, unit = re.fullmatch(r"(\d+)([mg])", service["mem_limit"]).groups()  # type: ignore[union-attr]
    return int(number) * {"m": 1, "g": 1024}[unit]


def test_the_page_says_how_much_memory_it_takes() -> None:
    """Of those that run all the time; the others are done before these start, or wait for them."""
    sizes = {name: mebibytes(one) for name, one in SERVICES.items() if one["restart"] != "no"}
    lasting = {name: size for name, size in sizes.items() if name not in OPTIONAL}
    text = (ROOT / "docs/deploy.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d+) MB \|", text, re.MULTILINE))
    assert {name: int(size) for name, size in rows.items()} == lasting
    assert f"{sum(lasting.values()) / 1024:g} GB in all" in text
    assert {"page", "prometheus", "grafana"} == OPTIONAL
    assert {sizes[name] for name in OPTIONAL} == {512}
    assert "512 MB more for each of `page`, `prometheus` and `grafana`" in text
    assert all(mebibytes(one) <= 512 for one in SERVICES.values() if one["restart"] == "no")


def test_monitoring_finds_its_files_and_the_services() -> None:
    prometheus, grafana = SERVICES["prometheus"], SERVICES["grafana"]
    scraping = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text("utf-8"))[
        "scrape_configs"
    ]
    asked = {name for job in scraping for found in job["dns_sd_configs"] for name in found["names"]}
    assert asked == {*ALL, "page"}
    assert "--config.file=/etc/prometheus/prometheus.yml" in prometheus["command"]
    assert "./deploy/prometheus:/etc/prometheus:ro" in prometheus["volumes"]
    made = {name: yaml.safe_load(one["content"]) for name, one in COMPOSE["configs"].items()}
    assert {one["source"] for one in grafana["configs"]} == set(made)
    (source,) = made["grafana-datasource"]["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = made["grafana-dashboards"]["providers"]
    assert f"./deploy/grafana:{provider['options']['path']}:ro" in grafana["volumes"]
    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (ROOT / "deploy/grafana" / home.name).is_file()


def test_elasticsearch_has_memory_beside_its_heap() -> None:
    """Its heap is half of the limit, by itself; Kafka's is set."""
    assert mebibytes(SERVICES["elasticsearch"]) >= 2 * 1024
    heap = re.search(r"-Xmx(\d+)m", SERVICES["kafka"]["environment"]["KAFKA_HEAP_OPTS"])
    assert heap
    assert 2 * int(heap[1]) <= mebibytes(SERVICES["kafka"])


def test_no_container_gains_privileges_and_one_starts_as_root() -> None:
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert {name for name, one in SERVICES.items() if one.get("user") == "0" or "cap_add" in one} == {
        "certificates"
    }


def test_the_stages_can_do_little_but_their_work() -> None:
    for service in OURS.values():
        assert service["read_only"] is True
        assert "container_name" not in service  # otherwise there could be only one of each


def test_client_containers_see_no_private_key() -> None:
    holders = {
        name for name, one in SERVICES.items() if any(v.startswith("certs:") for v in one.get("volumes", ()))
    }
    assert holders == {"certificates", "elasticsearch"}


def test_only_the_setup_is_a_superuser() -> None:
    users = {name: one["environment"]["WIREWATCH_ELASTICSEARCH_USERNAME"] for name, one in OURS.items()}
    assert {name for name, user in users.items() if user == "elastic"} == {"setup"}


def test_no_secret_is_in_the_files() -> None:
    secrets = {name for name in EXAMPLE if "PASSWORD" in name or "KEY" in name}
    assert len(secrets) == 4
    assert not any(EXAMPLE[name] for name in secrets)
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|ENCRYPTIONKEY", key):
                assert VARIABLE.fullmatch(value), key


def test_each_variable_is_in_the_example_and_required_if_it_is_a_secret() -> None:
    found = {match[1]: match[2] for match in VARIABLE.finditer(COMPOSE_TEXT)}
    assert set(found) == set(EXAMPLE)
    for name, kind in found.items():
        assert kind == (":?" if "PASSWORD" in name or "KEY" in name else ":-"), name


def test_defaults_are_those_of_the_example() -> None:
    for match in VARIABLE.finditer(COMPOSE_TEXT):
        if match[2] == ":-":
            assert match[3] == EXAMPLE[match[1]], match[0]


def test_secrets_of_alerts_reach_who_reads_them_and_no_commit() -> None:
    readers = {name for name, one in SERVICES.items() if "env_file" in one}
    assert readers == {"alert", "deliver", "page"}
    for name in readers:
        assert SERVICES[name]["env_file"] == [{"path": "alerts.env", "required": False}]
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".env", "*.env"} <= set(ignored)


@pytest.mark.parametrize("name", ["preflight", "certificates", "users", "snapshots"])
def test_scripts_are_bash(name: str) -> None:
    """`$$` is how compose writes a dollar sign."""
    (script,) = SERVICES[name]["command"]
    assert SERVICES[name]["entrypoint"] == ["/bin/bash", "-euo", "pipefail", "-c"]
    done = run(["bash", "-n", "-c", script.replace("$$", "$")])
    assert done.returncode == 0, done.stderr


GOOD = {
    "ELASTIC_PASSWORD": "secret1",
    "KIBANA_SYSTEM_PASSWORD": "secret2",
    "ARCHIVE_PASSWORD": "secret3",
    "KIBANA_ENCRYPTION_KEY": "k" * 32,
}


@pytest.mark.parametrize(
    ("maps", "wrong", "said"),
    [
        (262144, {}, ""),
        (65530, {}, "vm.max_map_count is 65530"),
        (262144, {"ARCHIVE_PASSWORD": 'a"b$c-d'}, "ARCHIVE_PASSWORD in .env: use letters and digits only"),
        (262144, {"ELASTIC_PASSWORD": "short"}, "ELASTIC_PASSWORD in .env: 6 characters"),
        (262144, {"KIBANA_ENCRYPTION_KEY": "k" * 31}, "KIBANA_ENCRYPTION_KEY in .env: 32 characters"),
    ],
)
def test_preflight_refuses_what_would_fail_later(
    tmp_path: Path, maps: int, wrong: dict[str, str], said: str
) -> None:
    kernel = tmp_path / "max_map_count"
    kernel.write_text(f"{maps}\n")
    script = SERVICES["preflight"]["command"][0].replace("$$", "$")
    script = script.replace("/proc/sys/vm/max_map_count", str(kernel))
    assert set(SERVICES["preflight"]["environment"]) == set(GOOD)
    done = run(["bash", "-euo", "pipefail", "-c", script], env={"PATH": os.environ["PATH"], **GOOD, **wrong})
    assert done.returncode == (1 if said else 0), done.stderr
    assert said in done.stderr


def sent_by(name: str, tmp_path: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What a service's script sends, by address; with a `curl` that only writes down what it was told."""
    script = SERVICES[name]["command"][0].replace("$$", "$")
    curl = tmp_path / "curl"
    curl.write_text(
        '#!/bin/sh\nfor one in "$@"; do printf "%s\\0" "$one"; done >>"$CALLS"\nprintf "\\n" >>"$CALLS"\n'
    )
    curl.chmod(0o755)
    calls = tmp_path / "calls"
    surroundings = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), **environment}
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=surroundings, check=True, timeout=PATIENCE)
    requests = {}
    for line in calls.read_text().split("\0\n"):
        words = line.split("\0")
        if "--data" in words:
            assert words[words.index("--user") + 1] == "elastic:e1"
            requests[words[-1]] = json.loads(words[words.index("--data") + 1])
    return requests


def test_the_users_script_sends_json_to_elasticsearch(tmp_path: Path) -> None:
    passwords = {"ELASTIC_PASSWORD": "e1", "KIBANA_SYSTEM_PASSWORD": "k2", "ARCHIVE_PASSWORD": "a3"}
    requests = sent_by("users", tmp_path, passwords)
    base = "https://elasticsearch:9200/_security"
    assert set(requests) == {
        f"{base}/user/kibana_system/_password",
        f"{base}/role/wirewatch",
        f"{base}/user/wirewatch",
    }
    assert requests[f"{base}/user/kibana_system/_password"] == {"password": "k2"}
    assert requests[f"{base}/user/wirewatch"] == {"password": "a3", "roles": ["wirewatch"]}
    (indices,) = requests[f"{base}/role/wirewatch"]["indices"]
    assert fnmatch("wirewatch-articles-2026.03", indices["names"][0])


def test_snapshots_are_of_our_indices_and_go_where_elasticsearch_may_write(tmp_path: Path) -> None:
    requests = sent_by("snapshots", tmp_path, {"ELASTIC_PASSWORD": "e1"})
    repository = requests["https://elasticsearch:9200/_snapshot/nightly"]
    policy = requests["https://elasticsearch:9200/_slm/policy/nightly"]
    folder = repository["settings"]["location"]
    assert folder == SERVICES["elasticsearch"]["environment"]["path.repo"]
    assert f"chown 1000:0 {folder}\n" in SERVICES["certificates"]["command"][0]
    assert policy["repository"] == "nightly"
    assert fnmatch("wirewatch-articles-2026.03", policy["config"]["indices"][0])


def test_the_image_is_slim_and_its_last_stage_runs_nothing_as_root() -> None:
    names = [name for name, _ in instructions()]
    last = instructions()[len(names) - names[::-1].index("FROM") - 1 :]
    assert all(rest.startswith("python:${PYTHON}") for name, rest in instructions() if name == "FROM")
    assert "slim" in dict(instructions()[:1])["ARG"]
    assert "RUN" not in [name for name, _ in last]  # so no build tool gets in
    assert dict(last)["USER"] == "10001:10001"
    assert "/healthz" in dict(last)["HEALTHCHECK"]
    assert "apt" not in DOCKERFILE


@pytest.mark.parametrize(
    ("status", "code"), [(200, 0), (503, 1)], ids=["a process that turns", "one that stops"]
)
async def test_the_health_check_tells_who_is_well(status: int, code: int) -> None:
    check = json.loads(dict(instructions())["HEALTHCHECK"].split("CMD", 1)[1])

    async def alive(_: web.Request) -> web.Response:
        return web.Response(status=status)

    application = web.Application()
    application.add_routes([web.get("/healthz", alive)])
    async with serve("service", application, "127.0.0.1", 0, Bounds()) as (port, _):
        surroundings = {"PATH": os.environ["PATH"], "WIREWATCH_SERVICE_PORT": str(port)}
        done = await asyncio.to_thread(run, check, env=surroundings)
    assert done.returncode == code, done.stderr
    assert (await asyncio.to_thread(run, check, env=surroundings)).returncode != 0  # where nobody answers


@pytest.mark.parametrize("name", ["kafka", "page"])
def test_a_port_that_answers_counts_as_healthy(name: str) -> None:
    kind, *check = SERVICES[name]["healthcheck"]["test"]
    assert kind == "CMD"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
        tried = [re.sub(r"(?<=/)\d+$", port, word) for word in check]
        assert run(tried).returncode == 0
    assert run(tried).returncode != 0


def test_every_path_of_the_image_is_made() -> None:
    first = [name for name, _ in instructions()].index("FROM")
    arguments = dict(rest.split("=") for name, rest in instructions()[first:] if name == "ARG")
    copied = [rest.split()[-2:] for name, rest in instructions() if name == "COPY" and "--from=build" in rest]
    assert [source for source, _ in copied] == list(arguments.values())
    assert image_environment()["WIREWATCH_DATA"] == arguments["DATA"]
    assert image_environment()["PATH"].startswith(f"{arguments['VENV']}/bin:")


def context(target: Path) -> None:
    """What `COPY . .` sees: the folders and files that .dockerignore lets through."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    for name in (line[1:] for line in lines if line.startswith("!")):
        source = ROOT / name
        assert source.exists(), name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)


def test_the_build_context_is_what_the_wheel_needs_and_no_more() -> None:
    allowed = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    locks = {"requirements.lock", "requirements-run.lock"}
    assert allowed == packages | locks | {"pyproject.toml", "README.md", "LICENSE"}


def test_the_steps_of_the_build_work(tmp_path: Path) -> None:
    """The RUN lines as they are, on the files that Docker would see, without what they install besides wirewatch itself:
    .ci/run installs that into an environment of its own. The command is then run with this environment's libraries."""
    source, venv, data = tmp_path / "src", tmp_path / "venv", tmp_path / "data"
    source.mkdir()
    context(source)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "VENV": str(venv),
        "DATA": str(data),
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to skip build isolation: hatchling is in this environment
        "WIREWATCH_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    }
    steps = [rest for name, rest in instructions() if name == "RUN"]
    libraries = [step for step in steps if "--require-hashes -r requirements-run.lock" in step]
    assert (len(steps), len(libraries)) == (4, 1)
    for step in (one for one in steps if one not in libraries):
        done = run(["/bin/sh", "-c", step], cwd=source, env=environment)
        assert done.returncode == 0, (step, done.stdout, done.stderr)
    assert data.is_dir()
    (installed,) = (venv / "lib").glob("python3.*/site-packages")
    for file in ("kibana/objects.py", "index/elasticsearch/template.json", "wirewatch/defaults/feeds.opml"):
        assert (installed / file).exists(), file
    command = [str(venv / "bin/wirewatch"), "setup", "--dry-run", "--json"]
    done = run(
        command, cwd=tmp_path, env={**environment, "PYTHONPATH": f"{installed}:{environment['PYTHONPATH']}"}
    )
    assert done.returncode == 0, done.stderr
    assert "wirewatch.entries" in done.stdout
