"""`wirewatch setup`: its plans, messages and refusals. tests/integration/test_kibana.py has it with real servers."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from samples.documents import checked
from waiting import PATIENCE

from stream.errors import ConfigError
from wirewatch.cli import COMMANDS, cli

NOWHERE = "http://127.0.0.1:9"
ELASTICSEARCH = {"WIREWATCH_ELASTICSEARCH_HOSTS": f'["{NOWHERE}"]'}
KIBANA = {"WIREWATCH_KIBANA_URL": "http://127.0.0.1:10"}
KAFKA = {"WIREWATCH_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:11"}
TOPICS = """
[[topic]]
id = "whales"
name = "Whales & “dolphins”"
query = "whale OR whales"
"""


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but the test's own."""
    monkeypatch.chdir(tmp_path)


def run(*args: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, ["setup", *args], env={"WIREWATCH_DATA": "data", **environment})


def fault(*args: str, **environment: str) -> str:
    result = run(*args, **environment)
    assert isinstance(result.exception, ConfigError), result.output
    return str(result.exception)


def planned(environment: Mapping[str, str]) -> list[dict[str, str]]:
    result = run("--dry-run", "--json", **environment)
    assert result.exit_code == 0, result.output
    return checked(json.loads(result.output))["items"]  # type: ignore[no-any-return]


def test_it_is_a_command() -> None:
    assert "setup" in COMMANDS


def test_a_dry_run_contacts_no_server_and_names_everything() -> None:
    items = planned({**KAFKA, **ELASTICSEARCH, **KIBANA})
    assert {item["result"] for item in items} == {"planned"}
    assert list(dict.fromkeys(item["system"] for item in items)) == ["kafka", "elasticsearch", "kibana"]
    named = {(item["what"], item["name"]) for item in items}
    assert named >= {
        ("topic", "wirewatch.entries"),
        ("index template", "wirewatch-articles"),
        ("index template", "wirewatch-topic-matches"),
        ("index-pattern", "wirewatch-articles"),
        ("search", "wirewatch-topic-syria"),
        ("dashboard", "wirewatch-news"),
        ("rule", "Syria"),
    }


def test_only_what_is_configured_is_planned() -> None:
    assert {item["system"] for item in planned(ELASTICSEARCH)} == {"elasticsearch"}
    assert {item["system"] for item in planned(KAFKA)} == {"kafka"}


def test_the_prefix_is_in_every_name() -> None:
    items = planned({**ELASTICSEARCH, **KIBANA, "WIREWATCH_ELASTICSEARCH_PREFIX": "desk"})
    assert all(item["name"].startswith("desk-") for item in items if item["what"] != "rule")


def test_for_a_person_it_says_where(tmp_path: Path) -> None:
    result = run("--dry-run", **ELASTICSEARCH)
    assert result.output.splitlines()[0] == f"elasticsearch at {NOWHERE}"
    assert "planned" in result.output


def test_the_configured_topics_are_taken_and_exported(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text(TOPICS, "utf-8")
    (tmp_path / "wirewatch.toml").write_text("[topics]\nfile = 'topics.toml'\n", "utf-8")
    result = run("--export", "objects")
    assert result.exit_code == 0, result.output
    written = {Path(line) for line in result.output.splitlines()}
    assert written == {file.relative_to(tmp_path) for file in (tmp_path / "objects").iterdir()}
    lines = (tmp_path / "objects" / "saved_objects.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [
        "wirewatch-articles",
        "wirewatch-all-news",
        "wirewatch-topic-whales",
        "wirewatch-articles-by-first-seen",
        "wirewatch-arrivals",
        "wirewatch-alerts",
        "wirewatch-fired-alerts",
        "wirewatch-sources",
        "wirewatch-quarantine",
        "wirewatch-sources-not-heard",
    ]
    assert json.loads(lines[2])["attributes"]["title"] == "Whales & “dolphins”"


def test_an_export_needs_no_server() -> None:
    assert run("--export", "objects").exit_code == 0


def test_with_nothing_configured_it_says_that_nothing_is_needed() -> None:
    assert "nothing to set up" in fault()


def test_kibana_without_elasticsearch_is_a_fault() -> None:
    assert "needs elasticsearch.hosts" in fault(**KIBANA)


def test_an_elasticsearch_that_is_not_there_is_named() -> None:
    said = fault(**ELASTICSEARCH)
    assert NOWHERE in said
    assert "is elasticsearch.hosts right?" in said


def test_a_kafka_that_is_not_there_is_named() -> None:
    """In a process of its own: Kafka's client leaves a socket open when it gives up."""
    done = subprocess.run(
        [sys.executable, "-c", "from wirewatch.cli import main; main()", "setup"],
        env={**os.environ, **KAFKA, "WIREWATCH_DATA": "data", "WIREWATCH_KAFKA_TIMEOUT_SECONDS": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert "127.0.0.1:11" in done.stderr
    assert "kafka.bootstrap_servers: no broker answered" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("URL", "kibana:5601", "kibana.url: expected a URL"),
        ("URL", "https://user:word@kibana:5601", "kibana.url: expected a URL"),
        ("SPACE", "../x", "kibana.space: expected a space's id"),
        ("USERNAME", "elastic", "kibana.username and kibana.password belong together"),
        ("TIMEOUT_SECONDS", "0", "kibana.timeout_seconds"),
    ],
)
def test_a_wrong_setting_is_named(variable: str, value: str, expected: str) -> None:
    said = fault("--dry-run", **{f"WIREWATCH_KIBANA_{variable}": value})
    assert expected in said
    assert "word@" not in said


def test_a_key_and_a_password_are_one_too_many() -> None:
    said = fault(WIREWATCH_KIBANA_API_KEY="k", WIREWATCH_KIBANA_USERNAME="u", WIREWATCH_KIBANA_PASSWORD="p")
    assert "kibana.api_key: expected either a key" in said


def test_a_space_and_a_role_are_planned() -> None:
    said = run("--dry-run", "--json", "--space", "desk", "--analyst-role", **ELASTICSEARCH, **KIBANA)
    items = {(item["what"], item["name"]) for item in json.loads(said.output)["items"]}
    assert {("space", "desk"), ("role", "wirewatch-analyst")} <= items


def test_an_impossible_space_is_named() -> None:
    assert "--space: expected a space's id" in fault(
        "--dry-run", "--space", "../x", **ELASTICSEARCH, **KIBANA
    )
